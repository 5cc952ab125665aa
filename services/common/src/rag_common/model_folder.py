"""What a model's folder may hold: safetensors and settings; nothing that runs when it is loaded.

Standard library alone. Formats and fields that run code: pickle (https://docs.python.org/3/library/pickle.html,
the warning at its top), Keras' HDF5 (lambda layers), `auto_map` of transformers and `type` of sentence-transformers'
modules.json, which name Python files or classes to import.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag_common.model_manifest import MANIFEST, ModelError, check_sizes, read_manifest

WEIGHTS = "*.safetensors"
PICKLED = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz", ".mar", ".nemo"}
OTHER_WEIGHTS = PICKLED | {".h5", ".keras", ".msgpack", ".ot", ".gguf", ".ggml"}
CODE = {".py", ".pyc", ".so"}
OWN_MODULES = "sentence_transformers."


class ModelRefused(ModelError):
    """The folder is not loaded; the message says why and what to do."""


def named_folder(name: str) -> Path | None:
    """The folder that a model's name means; None when it is empty or the name of a model on a hub."""
    folder = Path(name).expanduser()
    return folder if name and (folder.is_dir() or name.startswith((".", "/", "~"))) else None


def check_model_folder(folder: Path, remedy: str) -> None:
    """Raises ModelRefused when the folder is not there, holds no safetensors, or holds what could run code.

    `remedy` ends the message where something is missing. Raises Incomplete when the folder has a manifest and a file
    is missing or of another size; checksums are compared where the folder is filled, since that reads all of it.
    """
    if not folder.is_dir():
        raise ModelRefused(f"the model folder {folder} does not exist; {remedy}")
    refuse_unsafe(folder)
    if not any(folder.rglob(WEIGHTS)):
        raise ModelRefused(f"the model folder {folder} has no weights ({WEIGHTS}); {remedy}")
    if (folder / MANIFEST).exists():
        check_sizes(folder, read_manifest(folder))


def refuse_unsafe(folder: Path) -> None:
    """Raises ModelRefused when the folder holds what could run code, or a link that leads out of it."""
    paths = list(_contents(folder.resolve()))
    for path in paths:
        _refuse_link_out(folder, path)
        refuse_name(f"the model folder {folder}", path.relative_to(folder.resolve()).as_posix())
    for path in paths:
        _refuse_remote_code(folder, path)


def _contents(folder: Path) -> Iterator[Path]:
    """Every file, hidden ones too, and every link, whatever it leads to."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "lost+found"]
        links = (name for name in folders if Path(parent, name).is_symlink())
        yield from (Path(parent, name) for name in (*files, *links))


def refuse_name(whose: str, name: str) -> None:
    """Raises ModelRefused for weights that are no safetensors and for code; looks at the file's name alone."""
    suffix = Path(name).suffix.lower()
    if suffix in OTHER_WEIGHTS:
        raise ModelRefused(
            f"{whose} holds {name}: only safetensors are loaded, since other formats can run code; convert it "
            "(`save_pretrained(folder)` of transformers writes safetensors), or delete it if the weights "
            "are there as safetensors too"
        )
    if suffix in CODE:
        raise ModelRefused(
            f"{whose} holds {name}: code that comes with a model is not run; use a model of an architecture "
            "that vLLM or sentence-transformers has built in, or delete the file if this one is"
        )


def _refuse_link_out(folder: Path, path: Path) -> None:
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        raise ModelRefused(
            f"the model folder {folder} holds {path.name}, a link that leads out of it; "
            "copy what it leads to into the folder (`cp -rL`)"
        )


def _refuse_remote_code(folder: Path, path: Path) -> None:
    """Tokens are words of the model, not settings: files that only list them are left alone."""
    if path.name != "modules.json" and not ("config" in path.name and path.suffix == ".json"):
        return
    try:
        settings = json.loads(path.read_bytes())
    except ValueError:
        raise ModelRefused(f"the model folder {folder} holds {path.name}, which is no JSON") from None
    if path.name == "modules.json":
        types = [str(module.get("type") if isinstance(module, dict) else module) for module in settings]
        if foreign := [name for name in types if not name.startswith(OWN_MODULES)]:
            raise ModelRefused(
                f"the model folder {folder} asks for {foreign[0]} in {path.name}, which is no part of "
                "sentence-transformers; use a model without modules of its own"
            )
    if "auto_map" in _keys(settings):
        raise ModelRefused(
            f"the model folder {folder} asks for code of its own (auto_map in {path.name}), which is not run; "
            "use another model, or delete auto_map if vLLM or sentence-transformers knows the architecture"
        )


def _keys(settings: Any) -> set[str]:
    """Every key of nested objects and lists."""
    if isinstance(settings, list):
        return set().union(*map(_keys, settings))
    if isinstance(settings, dict):
        return set(settings).union(*map(_keys, settings.values()))
    return set()
