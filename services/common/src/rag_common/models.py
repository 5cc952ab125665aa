"""Model folders by hand or in a container: `python -m rag_common.models write|verify|copy|wait`.

Standard library alone, since the image that carries the models runs it.
"""

import argparse
import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rag_common.model_manifest import (
    BLOCK_BYTES,
    MANIFEST,
    PARTIAL,
    Damaged,
    Entry,
    Incomplete,
    Manifest,
    ModelError,
    check_sizes,
    check_sums,
    damaged,
    entry_of,
    make_manifest,
    read_manifest,
    summary,
    write_manifest,
)

CARRIED = Path("/models")
"""Where the models image has its models."""

LOOK_EVERY_S = 1.0
SAY_EVERY_S = 10.0


def write(folder: Path) -> None:
    """Writes the manifest of a folder that is whole."""
    manifest = make_manifest(folder)
    write_manifest(folder, manifest)
    say(f"{folder}: {MANIFEST} written: {summary(manifest)}")


def verify(folder: Path) -> None:
    """Raises ModelError unless every file that the manifest names is as it says."""
    started, manifest = time.monotonic(), read_manifest(folder)
    check_sums(folder, manifest)
    say(f"{folder}: verified: {summary(manifest)} in {time.monotonic() - started:.1f} s")


def copy(name: str, target: Path, carried: Path = CARRIED) -> None:
    """Copies `carried/name` to `target/name`; what an earlier run has copied whole is kept.

    Raises ModelError when there is no such model or when it is damaged.
    """
    source, folder = _carried_folder(name, target, carried), target / name
    manifest, started = read_manifest(source), time.monotonic()
    if _is_there(folder, manifest):
        say(f"{folder}: already there: {summary(manifest)}")
        return
    folder.mkdir(parents=True, exist_ok=True)
    _remove_outdated(folder, manifest)
    for file, entry in manifest.items():
        _copy_file(source / file, folder / file, entry)
    write_manifest(folder, manifest)
    say(f"{folder}: copied and verified: {summary(manifest)} in {time.monotonic() - started:.1f} s")


def _carried_folder(name: str, target: Path, carried: Path) -> Path:
    if target.resolve() == carried.resolve():
        raise ModelError(f"{target} is where the image has its models; mount the volume somewhere else")
    known = sorted(path.parent.name for path in carried.glob(f"*/{MANIFEST}"))
    if name not in known:
        raise ModelError(f"{carried} has no model {name}; it has {', '.join(known) or 'none'}")
    return carried / name


def _is_there(folder: Path, manifest: Manifest) -> bool:
    try:
        check_sizes(folder, manifest)
        return read_manifest(folder) == manifest
    except ModelError:
        return False


def _remove_outdated(folder: Path, manifest: Manifest) -> None:
    """The files of another version, which the server would load too; then its manifest, before anything changes."""
    try:
        for name in read_manifest(folder).keys() - manifest.keys():
            (folder / name).unlink(missing_ok=True)
    except ModelError:
        pass
    (folder / MANIFEST).unlink(missing_ok=True)


def _copy_file(source: Path, target: Path, entry: Entry) -> None:
    if target.is_file() and target.stat().st_size == entry.size and entry_of(target) == entry:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + PARTIAL)
    digest, size = hashlib.sha256(), 0
    with source.open("rb", buffering=0) as reading, partial.open("wb", buffering=0) as writing:
        while block := reading.read(BLOCK_BYTES):
            digest.update(block)
            size += writing.write(block)
    if (found := Entry(digest.hexdigest(), size)) != entry:
        partial.unlink()
        raise damaged(source, entry, found)
    partial.replace(target)


def wait(folder: Path, limit_s: float = 3_600) -> None:
    """Returns once the folder has a manifest and every file is as it says.

    Raises Damaged when a checksum differs, and Incomplete when `limit_s` have passed.
    """
    started, said = time.monotonic(), -SAY_EVERY_S
    while (missing := _lacks(folder)) is not None:
        waited_s = time.monotonic() - started
        if waited_s >= limit_s:
            raise Incomplete(f"gave up after {limit_s:.0f} s: {missing}")
        if waited_s - said >= SAY_EVERY_S:
            say(f"waiting ({waited_s:.0f} of {limit_s:.0f} s): {missing}")
            said = waited_s
        time.sleep(min(LOOK_EVERY_S, limit_s - waited_s))


def _lacks(folder: Path) -> str | None:
    """What is still missing, in words; a folder that changed while it was read is looked at again."""
    try:
        manifest = read_manifest(folder)
        check_sizes(folder, manifest)
    except Incomplete as error:
        return str(error)
    say(f"{folder}: verifying {summary(manifest)}")
    try:
        check_sums(folder, manifest)
    except (Damaged, Incomplete, FileNotFoundError) as error:
        if isinstance(error, Damaged) and _same_manifest(folder, manifest):
            raise
        return str(error)
    say(f"{folder}: verified")
    return None


def _same_manifest(folder: Path, manifest: Manifest) -> bool:
    try:
        return read_manifest(folder) == manifest
    except ModelError:
        return False


def say(words: str) -> None:
    """One line for whoever reads the container's log."""
    sys.stdout.write(f"models: {words}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rag_common.models", description="Model folders.")
    commands = parser.add_subparsers(required=True)
    for function in (write, verify):
        command = commands.add_parser(function.__name__, help=function.__doc__)
        command.add_argument("folder", type=Path, metavar="DIR")
        command.set_defaults(run=function)
    command = commands.add_parser("copy", help="Copies a model that this image carries to TARGET/NAME.")
    command.add_argument("name", metavar="NAME")
    command.add_argument("target", type=Path, metavar="TARGET")
    command.add_argument("--from", dest="carried", type=Path, default=CARRIED, metavar="DIR")
    command.set_defaults(run=copy)
    command = commands.add_parser("wait", help="Waits until DIR holds a model that its manifest verifies.")
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--limit-s", type=float, default=3_600, metavar="SECONDS")
    command.set_defaults(run=wait)
    return parser


def main(words: list[str] | None = None) -> int:
    """Exit status 69 for what may still come or a disk that fails, 78 for what stays wrong."""
    # The first process of a container ends on a signal only when it says so.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    options = vars(_parser().parse_args(words))
    run: Callable[..., None] = options.pop("run")
    try:
        run(**options)
    except (Incomplete, OSError) as error:
        sys.stderr.write(f"models: {error}\n")
        return os.EX_UNAVAILABLE
    except ModelError as error:
        sys.stderr.write(f"models: {error}\n")
        return os.EX_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
