"""Real documentation as material: the HTML pages of Debian's package postgresql-doc-15."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "postgresql-doc-15"
CACHE = ROOT / ".groundwork" / "bench"
PAGES = CACHE / PACKAGE / "usr/share/doc" / PACKAGE / "html"
INSTALLED = Path("/usr/share/doc") / PACKAGE / "html"
PASSAGE_WORDS = 100


def documents() -> list[Path]:
    """The HTML files in the order of their names, fetched first where they are not here yet."""
    if not INSTALLED.is_dir() and not PAGES.is_dir():
        download()
    return sorted((INSTALLED if INSTALLED.is_dir() else PAGES).glob("*.html"))


def download() -> None:
    """Fetches the package with apt and unpacks it under `.groundwork/bench`; needs no root, installs nothing."""
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        _run("apt-get", "download", "-qq", PACKAGE)
        [*_, newest] = sorted(CACHE.glob(f"{PACKAGE}_*.deb"))
        _run("dpkg-deb", "-x", newest.name, PACKAGE)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "") or error
        sys.exit(
            f"bench: the texts are Debian's package {PACKAGE}, and it cannot be fetched: {reason}\n"
            f"Where there is apt, run `apt-get update`; elsewhere unpack the package into {CACHE / PACKAGE}."
        )


def _run(*command: str) -> None:
    subprocess.run(command, cwd=CACHE, check=True, capture_output=True, text=True)


def passages(count: int) -> list[str]:
    """That many texts of 100 words, taken evenly from all pages."""
    whole = [passage for page in documents() for passage in _passages_of(page)]
    step = max(len(whole) // count, 1)
    return whole[::step][:count]


def _passages_of(page: Path) -> list[str]:
    reader = _Words()
    reader.feed(page.read_text(encoding="utf-8", errors="replace"))
    words = reader.words
    full = len(words) - len(words) % PASSAGE_WORDS
    return [" ".join(words[start : start + PASSAGE_WORDS]) for start in range(0, full, PASSAGE_WORDS)]


class _Words(HTMLParser):
    """Collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = self._hidden or tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = self._hidden and tag not in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()
