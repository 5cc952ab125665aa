"""Where the product's name stands in code: a fork changes these places, and a new one fails here first."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = re.compile(r"groundwork", re.IGNORECASE)
OWN_IMPORT = re.compile(r"^\s*(?:from|import) groundwork[\w.]*|\bgroundwork_dev\b", re.MULTILINE)
KINDS = {".py", ".sql", ".toml", ".tpl", ".txt", ".yaml", ".js", ".css", ".svg"}
RENAMED_WHOLE = ("cli", "dev")
"""Folders whose package carries the name: counted as one, imports of the package left out."""

PLACES = {
    "Makefile": 1,
    "cli": 17,
    "dev": 26,
    "helm/Chart.yaml": 1,
    "helm/charts/common/templates/_edges.tpl": 1,
    "helm/charts/common/templates/_global.tpl": 2,
    "helm/charts/common/templates/_names.tpl": 1,
    "helm/charts/common/templates/_policy.tpl": 1,
    "helm/charts/embedder/values.yaml": 2,
    "helm/charts/feedback/values.yaml": 1,
    "helm/charts/gateway/values.yaml": 2,
    "helm/charts/llm/values.yaml": 1,
    "helm/charts/postgres/values.yaml": 2,
    "helm/charts/webapp/values.yaml": 1,
    "helm/generate.py": 1,
    "helm/profiles/airgap.yaml": 2,
    "helm/values.yaml": 2,
    "services/common/pyproject.toml": 1,
    "services/common/src/rag_common/__init__.py": 1,
    "services/common/src/rag_common/product.py": 1,
    "services/embedder/pyproject.toml": 1,
    "services/feedback/pyproject.toml": 1,
    "services/feedback/src/rag_feedback/settings.py": 1,
    "services/gateway/pyproject.toml": 1,
    "services/gateway/src/rag_gateway/__init__.py": 1,
    "services/gateway/src/rag_gateway/settings.py": 1,
    "services/llm/pyproject.toml": 1,
    "services/llm/src/rag_llm/settings.py": 1,
    "webapp/branding.toml": 1,
}


def counted() -> Counter[str]:
    """How often the name stands in each file of the code, or in a folder that is renamed as a whole."""
    places: Counter[str] = Counter()
    files = [
        ROOT / "Makefile",
        *(file for room in ("services", "webapp", "helm", "cli", "dev") for file in _code(room)),
    ]
    for file in files:
        path = file.relative_to(ROOT)
        place = path.parts[0] if path.parts[0] in RENAMED_WHOLE else path.as_posix()
        places[place] += len(NAME.findall(OWN_IMPORT.sub("", file.read_text())))
    return +places


def _code(room: str) -> list[Path]:
    files = (file for file in (ROOT / room).rglob("*") if file.suffix in KINDS)
    return [file for file in files if ".egg-info" not in file.as_posix()]


def test_the_name_stands_nowhere_new() -> None:
    assert counted() - Counter(PLACES) == Counter()


def test_no_place_is_listed_that_is_gone() -> None:
    assert set(PLACES) - set(counted()) == set()
