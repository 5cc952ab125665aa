"""Every image as a row: its Dockerfile, what goes in, and what it stands on; a tag is the hash of all that."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag_common.product import IMAGE_PREFIX

from groundwork_dev.settings import ROOT

REGISTRY = "localhost"
BASE = "base"
NOT_SOURCES = {"__pycache__", "build"}
TAG_LENGTH = 12


@dataclass(frozen=True)
class Image:
    """One image; `stands_on` maps a build argument to the image that it names."""

    name: str
    dockerfile: str
    sources: tuple[str, ...]
    stands_on: tuple[tuple[str, str], ...] = (("BASE", BASE),)
    heavy: bool = False
    released: bool = True

    @property
    def repository(self) -> str:
        """Its name without registry and tag."""
        return f"{IMAGE_PREFIX}/{self.name}"


INSTALL = "images/install.sh"
WHEELS = "images/wheels.sh"
COMMON = "services/common"
HEAVY = (("BASE", BASE), ("TORCH_IMAGE", "torch"))
IMAGES = (
    Image(
        "gateway",
        "services/gateway/Dockerfile",
        (COMMON, "services/gateway", "cli", "constraints.txt", INSTALL, WHEELS),
    ),
    Image(
        "worker",
        "services/gateway/worker.Dockerfile",
        ("constraints.txt", INSTALL),
        (("GATEWAY_IMAGE", "gateway"),),
    ),
    Image(
        "feedback",
        "services/feedback/Dockerfile",
        (COMMON, "services/feedback", "constraints.txt", INSTALL, WHEELS),
    ),
    Image("webapp", "webapp/Dockerfile", (COMMON, "webapp", "constraints.txt", INSTALL, WHEELS)),
    Image("postgres", "images/postgres/Dockerfile", ("images/postgres", "constraints.txt", INSTALL)),
    Image(
        "torch", "images/torch/Dockerfile", ("constraints-{torch}.txt", INSTALL), heavy=True, released=False
    ),
    Image(
        "embedder",
        "services/embedder/Dockerfile",
        (COMMON, "services/embedder", INSTALL, WHEELS),
        HEAVY,
        heavy=True,
    ),
    Image(
        "llm",
        "services/llm/Dockerfile",
        (COMMON, "services/llm", "constraints-{torch}.txt", INSTALL, WHEELS),
        HEAVY,
        True,
    ),
    Image(
        "models",
        "images/models/Dockerfile",
        ("services/common/src/rag_common/models.py", "services/common/src/rag_common/model_manifest.py"),
        (("BASE", BASE), ("LLM_IMAGE", "llm")),
    ),
)
"""In the order in which they are built: whatever another stands on comes first."""


def chosen(names: Iterable[str]) -> list[Image]:
    """The named images and all that they stand on; all of them when none is named. Raises KeyError."""
    table = {image.name: image for image in IMAGES}
    wanted = set(names) or set(table)
    if unknown := wanted - set(table):
        raise KeyError(f"no image {', '.join(sorted(unknown))}; there are {', '.join(table)}")
    for image in reversed(IMAGES):
        if image.name in wanted:
            wanted |= {parent for _, parent in image.stands_on}
    return [image for image in IMAGES if image.name in wanted]


def tag_of(image: Image, torch: str, parents: Mapping[str, str], root: Path = ROOT) -> str:
    """Changes with the Dockerfile, the sources, the pins, the parents and the kind of torch; `-cuda` where it is."""
    digest = hashlib.sha256()
    sources = (source.format(torch=torch) for source in image.sources)
    for path in sorted(_files(root, (image.dockerfile, *sources))):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    for _, parent in image.stands_on:
        digest.update(f"{parent}={parents[parent]}\0".encode())
    suffix = "-cuda" if image.heavy and torch == "cuda" else ""
    return digest.hexdigest()[:TAG_LENGTH] + suffix


def _files(root: Path, paths: Iterable[str]) -> set[Path]:
    found: set[Path] = set()
    for path in paths:
        here = root / path
        found |= {here} if here.is_file() else {file for file in here.rglob("*") if _is_source(file)}
    return found


def _is_source(file: Path) -> bool:
    unwanted = any(part in NOT_SOURCES or part.endswith(".egg-info") for part in file.parts)
    return file.is_file() and not unwanted and not file.name.endswith(("Dockerfile", "README.md"))
