"""The base image where no registry is reachable: Debian with Python, made by debootstrap once."""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from groundwork_dev.errors import RunnerError
from groundwork_dev.image_engine import install_debian

SUITE = "bookworm"
"""Its Python is 3.11, for which the wheels are."""

UNWANTED = (
    "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/i18n",
    "var/lib/apt/lists", "var/cache", "var/log", "usr/share/lintian",
)  # fmt: skip


def make_base(archive: Path) -> None:
    """Writes the root file system as a tar archive. Raises RunnerError."""
    if os.geteuid() != 0:
        raise RunnerError(
            f"images: debootstrap needs root; name a base image: make images BASE=python:3.11-slim-{SUITE}"
        )
    if not shutil.which("debootstrap"):
        print("images: installing Debian's debootstrap", flush=True)
        install_debian("debootstrap")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        root = Path(folder) / "root"
        log = archive.with_suffix(".log")
        words = [
            "debootstrap",
            "--variant=minbase",
            "--include=python3,ca-certificates",
            SUITE,
            str(root),
            mirror(),
        ]
        with log.open("w", encoding="utf-8") as output:
            done = subprocess.run(words, stdout=output, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise RunnerError(f"images: debootstrap failed; its log is {log}")
        _strip(root)
        _pack(root, archive)


def mirror(sources: Path = Path("/etc/apt")) -> str:
    """The first Debian mirror that apt's own settings name. Raises RunnerError where they name none."""
    files = [sources / "sources.list", *sorted((sources / "sources.list.d").glob("*"))]
    for file in files:
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if found := re.search(r"\bhttps?://\S*/debian/?(?=\s|$)", text, re.MULTILINE):
            return found[0].rstrip("/")
    raise RunnerError(
        f"images: apt names no Debian mirror; name a base image: make images BASE=python:3.11-slim-{SUITE}"
    )


def _strip(root: Path) -> None:
    for path in UNWANTED:
        shutil.rmtree(root / path, ignore_errors=True)
        (root / path).mkdir(parents=True, exist_ok=True)
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")


def _pack(root: Path, archive: Path) -> None:
    partial = archive.with_suffix(".partial")
    with tarfile.open(partial, "w") as tar:
        tar.add(root, ".", filter=_plain)
    partial.rename(archive)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """No devices: the container's runtime brings its own."""
    return None if entry.isdev() else entry
