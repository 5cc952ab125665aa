"""Real documentation as material: the HTML pages of Debian's package postgresql-doc-15."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "postgresql-doc-15"
CACHE = ROOT / ".groundwork" / "bench"
PAGES = CACHE / PACKAGE / "usr/share/doc" / PACKAGE / "html"
INSTALLED = Path("/usr/share/doc") / PACKAGE / "html"


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
