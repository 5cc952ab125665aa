"""`make images`: builds the container images that changed, says what each weighs, and writes their names for Helm."""

import argparse
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rag_common.product import IMAGE_PREFIX
from rich.console import Console
from rich.table import Table

from groundwork_dev.errors import RunnerError
from groundwork_dev.image_base import make_base
from groundwork_dev.image_engine import Engine, find_engine
from groundwork_dev.image_installer import write_installer
from groundwork_dev.image_push import push_all, values_of
from groundwork_dev.image_table import BASE, REGISTRY, Image, chosen, tag_of
from groundwork_dev.settings import ROOT

FOLDER = ROOT / ".groundwork" / "images"
SIZES = ROOT / "docs" / "image-sizes.md"
MB = 10**6


@dataclass
class Build:
    """One run: which engine, which torch, and the references that were built so far."""

    engine: Engine
    torch: str
    built: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def base(self, named: str) -> None:
        """The named base image, or one of our own."""
        self.built[BASE] = named or f"{REGISTRY}/{IMAGE_PREFIX}/{BASE}:bookworm"
        if named or self.engine.has(self.built[BASE]):
            return
        context = FOLDER / BASE
        with self._step(BASE):
            make_base(context / "base.tar")
            self.engine.build(
                ROOT / "images/base/Dockerfile", context, self.built[BASE], {}, {}, FOLDER / "base.log"
            )
            (context / "base.tar").unlink()

    def image(self, image: Image, installer: Path) -> None:
        """Builds one unless an image of the same inputs is there."""
        reference = f"{REGISTRY}/{image.repository}:{tag_of(image, self.torch, self.built)}"
        if not self.engine.has(reference):
            arguments = {name: self.built[parent] for name, parent in image.stands_on}
            arguments |= {"TORCH": self.torch} if image.heavy else {}
            with self._step(image.name):
                self.engine.build(
                    ROOT / image.dockerfile,
                    ROOT,
                    reference,
                    arguments,
                    {"installer": installer},
                    FOLDER / f"{image.name}.log",
                )
        self.built[image.name] = reference

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        print(f"images: {name}: building", flush=True)
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started
        print(f"images: {name}: built in {self.seconds[name]:.0f} s", flush=True)


def table_of(build: Build, images: list[Image]) -> list[tuple[str, ...]]:
    """Rows of name, what it adds to what it stands on, and its whole size, in MB."""
    sizes = {name: build.engine.size_bytes(reference) for name, reference in build.built.items()}
    rows: list[tuple[str, ...]] = [(BASE, "", f"{sizes[BASE] / MB:.0f}", "")]
    for image in images:
        parent = image.stands_on[-1][1] if image.name != "models" else BASE
        added = (sizes[image.name] - sizes[parent]) / MB
        rows.append((image.name, parent, f"{sizes[image.name] / MB:.0f}", f"{added:.0f}"))
    return rows


def write_sizes(rows: list[tuple[str, ...]], file: Path = SIZES) -> None:
    """The table of the documentation."""
    lines = ["# Image sizes", "", "Unpacked, in MB; written by `make images DOCS=1`.", ""]
    lines += ["| Image | Stands on | Whole | Adds |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def build_all(options: argparse.Namespace) -> None:
    """Everything that the command does."""
    images = chosen(options.images)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build = Build(find_engine(), options.torch)
        build.base(options.base)
        installer = write_installer(FOLDER / "installer")
        for image in images:
            build.image(image, installer)
        rows = table_of(build, images)
        released = {image.name: build.built[image.name] for image in images if image.released}
        digests: dict[str, str] = {}
        if options.push:
            released, digests = push_all(build.engine, released, options.push, options.collector)
        values = json.dumps(values_of(released, options.push or REGISTRY, digests), indent=1)
        (FOLDER / "values.yaml").write_text(
            f"# Made by `make images`; for helm -f.\n{values}\n", encoding="utf-8"
        )
    _show(rows, build)
    if options.write_docs:
        write_sizes(rows)


def _show(rows: list[tuple[str, ...]], build: Build) -> None:
    table = Table("image", "stands on", "MB", "adds MB", "built in", box=None)
    for row in rows:
        took = build.seconds.get(row[0])
        table.add_row(*row, f"{took:.0f} s" if took else "was there")
    Console().print(table)
    print(f"images: for Helm: -f {os.path.relpath(FOLDER / 'values.yaml')}")


def main(words: list[str] | None = None) -> int:
    """Status 1 and one message when an image cannot be built."""
    parser = argparse.ArgumentParser(prog="make images", description=__doc__)
    parser.add_argument("images", nargs="*", help="names of images; all by default")
    parser.add_argument("--base", default="", help="base image; by default Debian made by debootstrap")
    parser.add_argument("--torch", choices=("cpu", "cuda"), default="cpu", help="for embedder and llm")
    parser.add_argument(
        "--push", default="", metavar="REGISTRY", help="push there, and name digests in the values"
    )
    parser.add_argument(
        "--collector",
        default="",
        metavar="IMAGE",
        help="what --push sends as the collector, if not the public one",
    )
    parser.add_argument("--write-docs", action="store_true", help="write docs/image-sizes.md")
    try:
        build_all(parser.parse_args(words))
    except (RunnerError, KeyError) as error:
        print(f"groundwork: {error.args[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
