"""A model's folder is loaded only when nothing in it can run code."""

import json
from pathlib import Path

import pytest
from rag_common.model_folder import ModelRefused, check_model_folder, named_folder
from rag_common.model_manifest import Incomplete
from rag_common.models import write

REMEDY = "write another"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model as sentence-transformers and vLLM load it."""
    folder = tmp_path / "small"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "config.json").write_text('{"architectures": ["BertModel"]}')
    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Transformer"}]')
    (folder / "tokenizer.json").write_text('{"vocab": {"auto_map": 1}}')
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def test_safetensors_and_settings_are_well(folder: Path) -> None:
    check_model_folder(folder, REMEDY)


@pytest.mark.parametrize(
    "name",
    [
        "pytorch_model.bin",
        "pytorch_model-00001-of-00002.BIN",
        "training_args.bin",
        "onnx/extra.pt",
        "a.pth",
        "a.ckpt",
        "a.pkl",
        "a.pickle",
        "a.joblib",
        "flax_model.msgpack",
        "tf_model.h5",
        "model.gguf",
        ".hidden/a.pt",
    ],
)
def test_other_weights_are_refused_even_beside_safetensors(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    with pytest.raises(ModelRefused) as refused:
        check_model_folder(folder, REMEDY)
    assert f"holds {name}: only safetensors are loaded" in str(refused.value)
    assert "convert it" in str(refused.value)


def test_code_is_refused(folder: Path) -> None:
    (folder / "modeling_mine.py").write_text("")
    with pytest.raises(ModelRefused, match=r"modeling_mine\.py: code that comes with a model is not run"):
        check_model_folder(folder, REMEDY)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("config.json", {"auto_map": {"AutoModel": "modeling_mine.Mine"}}),
        ("config.json", {"text_config": [{"auto_map": {}}]}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["mine.Mine", None]}}),
        ("1_Pooling/config.json", {"auto_map": {"AutoModel": "other/repository--mine.Mine"}}),
    ],
)
def test_a_setting_that_asks_for_code_is_refused(
    folder: Path, name: str, settings: dict[str, object]
) -> None:
    (folder / name).write_text(json.dumps(settings))
    with pytest.raises(ModelRefused, match="asks for code of its own"):
        check_model_folder(folder, REMEDY)


@pytest.mark.parametrize(
    "modules", ['[{"type": "mine.Transformer"}]', '[{"path": ""}]', '{"type": "os.system"}']
)
def test_a_module_that_sentence_transformers_lacks_is_refused(folder: Path, modules: str) -> None:
    (folder / "modules.json").write_text(modules)
    with pytest.raises(ModelRefused, match="no part of sentence-transformers"):
        check_model_folder(folder, REMEDY)


def test_settings_that_cannot_be_read_are_refused(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(ModelRefused, match=r"config\.json, which is no JSON"):
        check_model_folder(folder, REMEDY)


@pytest.mark.parametrize("target", ["elsewhere.safetensors", "..", "nowhere"])
def test_a_link_out_of_the_folder_is_refused(folder: Path, target: str) -> None:
    (folder.parent / "elsewhere.safetensors").write_bytes(b"x")
    (folder / "link.safetensors").symlink_to(folder.parent / target)
    with pytest.raises(ModelRefused, match="a link that leads out of it"):
        check_model_folder(folder, REMEDY)


def test_links_within_the_folder_and_to_it_are_well(folder: Path) -> None:
    (folder / "again.safetensors").symlink_to("model.safetensors")
    (folder.parent / "link").symlink_to(folder)
    check_model_folder(folder.parent / "link", REMEDY)


def test_what_is_missing_is_said_with_the_remedy(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelRefused, match=r"has no weights \(\*\.safetensors\); write another"):
        check_model_folder(folder, REMEDY)
    with pytest.raises(ModelRefused, match="does not exist; write another"):
        check_model_folder(folder / "nowhere", REMEDY)


@pytest.mark.parametrize(
    ("name", "is_folder"), [("", False), ("owner/name", False), ("./x", True), ("/x", True), ("~/x", True)]
)
def test_a_name_is_a_folder_when_it_is_written_as_one(name: str, is_folder: bool) -> None:
    assert (named_folder(name) is not None) == is_folder


def test_a_name_is_a_folder_when_one_is_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert named_folder("small") == Path("small")


def test_a_folder_that_its_manifest_does_not_find_whole_is_refused(folder: Path) -> None:
    write(folder)
    check_model_folder(folder, REMEDY)
    (folder / "model.safetensors").write_bytes(b"wei")
    with pytest.raises(Incomplete, match="has 3 bytes; the manifest says 7 bytes"):
        check_model_folder(folder, REMEDY)
