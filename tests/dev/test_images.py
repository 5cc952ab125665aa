"""Which images are built, and when one is built again."""

from pathlib import Path

import pytest
from groundwork_dev.image_push import values_of
from groundwork_dev.image_table import IMAGES, Image, chosen, tag_of

IMAGE = Image("part", "Dockerfile", ("src", "constraints-{torch}.txt"), heavy=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/code.py").write_text("1")
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    for torch in ("cpu", "cuda"):
        (tmp_path / f"constraints-{torch}.txt").write_text(torch)
    return tmp_path


def tag(tree: Path, torch: str = "cpu", base: str = "base:1") -> str:
    return tag_of(IMAGE, torch, {"base": base}, tree)


def test_the_same_inputs_have_the_same_tag(tree: Path) -> None:
    before = tag(tree)
    (tree / "src/__pycache__").mkdir()
    (tree / "src/__pycache__/code.pyc").write_text("compiled")
    assert tag(tree) == before


@pytest.mark.parametrize("changed", ["src/code.py", "Dockerfile", "constraints-cpu.txt", "src/new.py"])
def test_another_input_has_another_tag(tree: Path, changed: str) -> None:
    before = tag(tree)
    (tree / changed).write_text("other")
    assert tag(tree) != before


def test_another_base_has_another_tag(tree: Path) -> None:
    assert tag(tree) != tag(tree, base="base:2")


def test_a_cuda_image_says_so(tree: Path) -> None:
    assert tag(tree, "cuda").endswith("-cuda")


def test_what_an_image_stands_on_is_built_before_it() -> None:
    assert [image.name for image in chosen(["models"])] == ["torch", "llm", "models"]
    for number, image in enumerate(IMAGES):
        earlier = {"base", *(each.name for each in IMAGES[:number])}
        assert {parent for _, parent in image.stands_on} <= earlier


def test_an_unknown_image_is_named() -> None:
    with pytest.raises(KeyError, match="no image nosuch; there are gateway"):
        chosen(["nosuch"])


def test_every_image_has_its_dockerfile() -> None:
    assert all((Path(__file__).parents[2] / image.dockerfile).is_file() for image in IMAGES)


def test_values_name_the_images_for_every_chart() -> None:
    built = {name: f"localhost/groundwork/{name}:1" for name in ("gateway", "embedder", "llm", "models")}
    values = values_of(built, "localhost", {})
    image = {"registry": "localhost", "repository": "groundwork/llm", "tag": "1", "digest": ""}
    assert values["llm"] == {"image": image}
    assert values["embedder"]["loaderImage"] == image  # type: ignore[index]
    assert set(values) == {"gateway", "embedder", "llm", "global"}


def test_pushed_images_are_named_by_their_registry_and_digest() -> None:
    registry, digest = "harbor.internal/team", "sha256:1"
    built = {"gateway": f"{registry}/groundwork/gateway:1", "worker": f"{registry}/groundwork/worker:1"}
    values = values_of(built, registry, dict.fromkeys(built, digest))
    image = {"registry": registry, "repository": "groundwork/gateway", "tag": "1", "digest": digest}
    assert values["global"] == {"imageRegistry": registry}
    assert values["gateway"]["image"] == image  # type: ignore[index]
    worker = values["gateway"]["worker"]["image"]  # type: ignore[index]
    assert worker["repository"] == "groundwork/worker"
