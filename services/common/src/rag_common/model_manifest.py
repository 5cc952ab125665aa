"""A model folder's manifest: the size and the checksum of every file, written when all of them are there.

Standard library alone, since the smallest image runs it too.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

MANIFEST = "manifest.json"
PARTIAL = ".partial"
"""Ending of a file that is not whole yet."""

BLOCK_BYTES = 1 << 20
SUMS_AT_ONCE = 4


class ModelError(Exception):
    """A model cannot be used as it is; the message says what to do."""


class Incomplete(ModelError):
    """Something is not there yet; it may come."""


class Damaged(ModelError):
    """A file is not what the manifest says; waiting does not mend it."""


@dataclass(frozen=True)
class Entry:
    """What one file has to be."""

    sha256: str
    size: int


Manifest = Mapping[str, Entry]
"""Entries by the file's path below the folder, with `/` between its parts."""


def read_manifest(folder: Path) -> Manifest:
    """The folder's manifest. Raises Incomplete without one and Damaged when it cannot be understood."""
    path = folder / MANIFEST
    try:
        files = json.loads(path.read_bytes())["files"]
        manifest = {str(name): Entry(str(file["sha256"]), int(file["size"])) for name, file in files.items()}
    except FileNotFoundError:
        raise Incomplete(f"{folder} has no {MANIFEST}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Damaged(f"{path} is no manifest; fill the folder anew") from None
    for name in manifest:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise Damaged(f"{path} names {name}, which is outside the folder; fill the folder anew")
    return manifest


def make_manifest(folder: Path) -> Manifest:
    """Reads every file of the folder. Raises Incomplete when there is none."""
    names = [path.relative_to(folder).as_posix() for path in _files(folder)]
    if not names:
        raise Incomplete(f"{folder} holds no files")
    with ThreadPoolExecutor(SUMS_AT_ONCE) as pool:
        return dict(zip(names, pool.map(lambda name: entry_of(folder / name), names), strict=True))


def _files(folder: Path) -> Iterator[Path]:
    """All but hidden ones (a download's bookkeeping), `lost+found` (a volume's own) and what we write ourselves."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "lost+found")
        for name in sorted(names):
            ours = name == MANIFEST and Path(parent) == folder
            if not name.startswith(".") and not name.endswith(PARTIAL) and not ours:
                yield Path(parent, name)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Appears whole or not at all: whoever sees it may rely on the files that it names."""
    files = {name: asdict(entry) for name, entry in sorted(manifest.items())}
    partial = folder / f"{MANIFEST}{PARTIAL}"
    with partial.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"files": files}, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / MANIFEST)


def entry_of(path: Path) -> Entry:
    """Size and checksum of a file as it is."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return Entry(digest.hexdigest(), size)


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Quick. Raises Incomplete when a file is missing or of another size."""
    for name, entry in manifest.items():
        path = folder / name
        size = path.stat().st_size if path.is_file() else None
        if size != entry.size:
            found = "is missing" if size is None else f"has {size} bytes"
            raise Incomplete(f"{path} {found}; the manifest says {entry.size} bytes")


def check_sums(folder: Path, manifest: Manifest) -> None:
    """Reads all. Raises Incomplete as `check_sizes` does, and Damaged when a checksum differs."""
    check_sizes(folder, manifest)
    with ThreadPoolExecutor(SUMS_AT_ONCE) as pool:
        found = pool.map(lambda name: entry_of(folder / name), manifest)
    for name, entry in zip(manifest, found, strict=True):
        if entry != manifest[name]:
            raise damaged(folder / name, manifest[name], entry)


def damaged(path: Path, wanted: Entry, found: Entry) -> Damaged:
    """The words for a file whose checksum differs."""
    sums = f"its sha256 is {found.sha256[:12]}…, the manifest says {wanted.sha256[:12]}…"
    return Damaged(f"{path} is damaged: {sums}; fill the folder anew")


def summary(manifest: Manifest) -> str:
    """How much a manifest names, for people."""
    return f"{len(manifest)} files, {sum(entry.size for entry in manifest.values()) / 1e6:.1f} MB"
