"""Some fifty questions on this repository's own documentation, for machines that have no evaluation data."""

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = "own"
PAGES = ("README.md", "docs/*.md", "docs/decisions/*.md")


def write_own_set(folder: Path) -> Path:
    """The set in BEIR's form below the folder: the pages as they are now, and the questions kept in `evals/own`."""
    target = folder / NAME
    target.mkdir(parents=True, exist_ok=True)
    for name in ("queries.jsonl", "qrels.tsv"):
        shutil.copy(ROOT / "evals" / NAME / name, target / name)
    pages = sorted(page for pattern in PAGES for page in ROOT.glob(pattern))
    with (target / "corpus.jsonl").open("w", encoding="utf-8") as corpus:
        for page in pages:
            text = page.read_text(encoding="utf-8")
            title = text.partition("\n")[0].removeprefix("# ").strip()
            row = {"_id": page.relative_to(ROOT).as_posix(), "title": title, "text": text}
            corpus.write(json.dumps(row, ensure_ascii=False) + "\n")
    return target
