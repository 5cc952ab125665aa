"""What the documents promise is there: settings, commands, files and links."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"`((?:services|webapp|cli|dev|helm|tests|docs)/[\w./-]+)`")
MACHINE = re.compile(r"/root/|/home/|/work/|/opt/|/tmp/|pypi\.|index-url|registry\.|/simple\b")

RUN_BY = {
    "make images charts": "tests/cluster/cluster.py",
    "make run": "tests/conftest.py",
    "make up": "tests/stack/test_up_and_down.py",
    "make down": "tests/stack/test_up_and_down.py",
    "make status": "tests/test_readme.py",
    "curl": "tests/test_readme.py",
    "import os": "tests/test_readme.py",
    ".venv/bin/groundwork ingest": "tests/test_readme.py",
}
"""How each fenced block of the README begins, and the file in which it is run."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_named_files_are_there(document: Path) -> None:
    text = document.read_text()
    links = [link for link in LINK.findall(text) if "://" not in link]
    missing = [link for link in links if not (document.parent / link).exists()]
    missing += [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_machine_stands_in_a_document(document: Path) -> None:
    assert MACHINE.findall(document.read_text()) == []


def test_every_setting_is_documented_as_it_is() -> None:
    page = ROOT / "docs/settings.md"
    command = [sys.executable, "-c", "import generate_settings; print(generate_settings.page(), end='')"]
    fresh = subprocess.run(command, cwd=ROOT / "docs", check=True, capture_output=True, text=True).stdout
    assert page.read_text() == fresh, "run: .venv/bin/python docs/generate_settings.py"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
    for record in (ROOT / "docs/decisions").glob("0*.md"):
        assert len(record.read_text().splitlines()) <= 40, record.name


def test_each_command_of_the_readme_is_run_somewhere() -> None:
    blocks = [
        code for language, code in FENCE.findall((ROOT / "README.md").read_text()) if language != "mermaid"
    ]
    assert [code for code in blocks if not code.startswith(tuple(RUN_BY))] == []
    unproven = [
        begins for begins, file in RUN_BY.items() if words(begins) not in words((ROOT / file).read_text())
    ]
    assert unproven == []


def test_each_claim_about_kubernetes_names_a_test_that_is_there() -> None:
    named = re.findall(r"`((?:helm|cluster)/test_\w+\.py)::(\w+)`", (ROOT / "docs/kubernetes.md").read_text())
    assert len(named) >= 20
    for file, test in named:
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(), (file, test)


def words(text: str) -> str:
    """The words of a command or of the file that runs it, without quotes and commas."""
    return " ".join(re.findall(r"[\w./-]+", text))
