"""Which files a command line names, and what each is called in its collection."""

from collections.abc import Iterable, Iterator
from pathlib import Path

ENDINGS = set(".md .markdown .txt .csv .json .jsonl .html .htm .eml .pdf .docx .pptx .xlsx .epub".split())  # noqa: SIM905
"""Of the files that the gateway reads; it takes their kind from the name."""


def find_files(paths: Iterable[Path]) -> dict[str, Path]:
    """Files by external id: the path relative to here, or to the named folder where that is elsewhere.

    Of a folder, the files that can be read, without hidden ones; a file that is named itself is always taken.
    """
    return {_external_id(file, root): file for root in paths for file in _below(root)}


def _below(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for file in sorted(root.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
        if file.is_file() and not hidden and file.suffix.lower() in ENDINGS:
            yield file


def _external_id(file: Path, root: Path) -> str:
    here = Path.cwd()
    if file.resolve().is_relative_to(here):
        return file.resolve().relative_to(here).as_posix()
    return file.relative_to(root).as_posix() if root.is_dir() else file.name
