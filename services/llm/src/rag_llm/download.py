"""`python -m rag_llm.download hf://owner/name[@revision] DIR`: a model from the hub, safetensors alone, into a folder.

The manifest is written last: who waits for it (`python -m rag_common.models wait DIR`) sees a whole model or none.
"""

import argparse
import errno
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from rag_common.model_folder import WEIGHTS, ModelRefused, check_model_folder, refuse_name, refuse_unsafe
from rag_common.model_manifest import (
    Damaged,
    Incomplete,
    Manifest,
    ModelError,
    check_sizes,
    make_manifest,
    read_manifest,
    summary,
    write_manifest,
)
from rag_common.models import SAY_EVERY_S, say
from rag_common.settings import load_settings

from rag_llm.hub import Hub, HubFile, HubUnavailable, Listing
from rag_llm.settings import DownloadSettings

WANTED = {".safetensors", ".json", ".txt", ".jinja", ".model", ".tiktoken"}
"""Weights, settings, tokenizers and chat templates."""

OTHER_COPIES = re.compile(r"^(original|onnx|openvino)/|^\.")
"""The same weights once more, for other programs."""

FILES_AT_ONCE = 4
SOURCE = ".source"
"""File beside the model that holds the name by which it was asked for."""


def download(source: str, folder: Path, hub: Hub) -> None:
    """Fills the folder; what an earlier run has fetched is kept, and a folder that is whole is left alone.

    Raises ModelError with what to do: HubUnavailable when trying again may help.
    """
    name, revision = parse_source(source)
    if _is_there(source, folder):
        say(f"{folder}: already there: {source}; to fetch it anew, empty the folder")
        return
    listing = hub.list_files(name, revision)
    files = wanted_files(name, listing)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SOURCE).write_text(source, encoding="utf-8")
    _check_space(name, listing.commit, folder, sum(file.size or 0 for file in files.values()))
    weights = [file for file in files if Path(file).match(WEIGHTS)]
    _fetch(hub, name, listing.commit, [file for file in files if file not in weights], folder)
    refuse_unsafe(folder)  # before the weights, which take long
    _fetch(hub, name, listing.commit, weights, folder)
    check_model_folder(folder, f"use another model than {source}")
    manifest = make_manifest(folder)
    _compare(folder, manifest, files)
    write_manifest(folder, manifest)
    say(f"{folder}: complete: {summary(manifest)}")


def parse_source(source: str) -> tuple[str, str]:
    """Name and revision of `hf://owner/name[@revision]`; the revision is `main` unless it is given."""
    found = re.fullmatch(r"hf://([^/@\s]+/[^/@\s]+)(?:@(\S+))?", source)
    if not found:
        raise ModelError(f"{source} names no model; write hf://owner/name or hf://owner/name@revision")
    return found[1], found[2] or "main"


def wanted_files(name: str, listing: Listing) -> Mapping[str, HubFile]:
    """The files to fetch. Raises ModelRefused when the repository has no safetensors or code of its own."""
    offered = {file: what for file, what in listing.files.items() if not OTHER_COPIES.match(file)}
    wanted = {file: what for file, what in offered.items() if Path(file).suffix in WANTED}
    if not any(Path(file).match(WEIGHTS) for file in wanted):
        for file in offered:
            refuse_name(name, file)
        raise ModelRefused(f"{name} has no weights ({WEIGHTS}); use a model that has them")
    # Mistral's repositories hold the same weights twice; vLLM reads those that the index names.
    if "config.json" in wanted and any(Path(file).match("model*.safetensors") for file in wanted):
        wanted = {file: what for file, what in wanted.items() if not file.startswith("consolidated")}
    return wanted


def _is_there(source: str, folder: Path) -> bool:
    """Whether the folder is whole. Raises ModelError when what it holds was asked for by another name."""
    if (folder / SOURCE).is_file() and (held := (folder / SOURCE).read_text(encoding="utf-8")) != source:
        raise ModelError(f"{folder} is for {held}, not for {source}; use another folder, or empty it")
    try:
        check_sizes(folder, read_manifest(folder))
    except Incomplete:
        return False
    return True


def _check_space(name: str, commit: str, folder: Path, size_bytes: int) -> None:
    held_bytes, free_bytes = _held_bytes(folder), shutil.disk_usage(folder).free
    say(f"{name} at {commit[:12]}: {size_bytes / 1e6:.1f} MB, of which {held_bytes / 1e6:.1f} MB are there")
    if size_bytes - held_bytes > free_bytes:
        raise ModelError(
            f"{folder} has room for {free_bytes / 1e9:.1f} GB more, {name} needs {size_bytes / 1e9:.1f} GB; "
            "use a larger volume"
        )


def _held_bytes(folder: Path) -> int:
    """What lies in the folder, unfinished files too."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _fetch(hub: Hub, name: str, commit: str, files: Sequence[str], folder: Path) -> None:
    """Several at once; after a failure none is begun any more."""
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        running = {pool.submit(hub.fetch, name, commit, file, folder): file for file in files}
        try:
            _follow(running, folder)
        finally:
            pool.shutdown(cancel_futures=True)


def _follow(running: dict[Future[None], str], folder: Path) -> None:
    """Says which files are done and, every few seconds, how much lies there. Raises the first failure."""
    while running:
        done, _ = wait(running, SAY_EVERY_S, FIRST_COMPLETED)
        for fetched in done:
            fetched.result()
            say(f"{running.pop(fetched)} is there")
        if not done:
            say(f"{_held_bytes(folder) / 1e6:.1f} MB are there")


def _compare(folder: Path, manifest: Manifest, files: Mapping[str, HubFile]) -> None:
    """Raises Damaged for a file that is not the hub's; the next run fetches it anew."""
    for name, wanted in files.items():
        found = manifest[name]
        if wanted.size not in (None, found.size) or wanted.sha256 not in (None, found.sha256):
            (folder / name).unlink()
            raise Damaged(f"{folder / name} is not what the hub has; it was removed, run this again")


def main(words: list[str] | None = None) -> int:
    """Exit status 69 for a hub or a disk that fails, 78 for what stays wrong."""
    parser = argparse.ArgumentParser(prog="python -m rag_llm.download", description=download.__doc__)
    parser.add_argument("source", metavar="hf://owner/name[@revision]")
    parser.add_argument("folder", type=Path, metavar="DIR")
    options, settings = parser.parse_args(words), load_settings(DownloadSettings)
    try:
        hub = Hub(settings.hf_endpoint, settings.hf_token.get_secret_value())
        download(options.source, options.folder, hub)
    except (HubUnavailable, Damaged, OSError) as error:
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        print(f"models: {error}{'; use a larger volume' if full else ''}", file=sys.stderr)
        return os.EX_UNAVAILABLE
    except ModelError as error:
        print(f"models: {error}", file=sys.stderr)
        return os.EX_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
