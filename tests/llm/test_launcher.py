"""The llm launcher turns settings into vLLM's arguments and refuses a bad model in one line."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from rag_common.model_manifest import ModelError
from rag_common.models import write
from rag_llm.arguments import server_arguments, server_environment
from rag_llm.model import Model, find_model
from rag_llm.settings import PACKAGED_MODEL, LlmSettings

MODEL = Model("/models/small", "small", local=True)


def value_of(flag: str, arguments: list[str]) -> str:
    return arguments[arguments.index(flag) + 1]


def model_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def launch(**variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag_llm"]
    return subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)


def test_the_server_listens_on_loopback_under_the_models_name() -> None:
    arguments = server_arguments(LlmSettings(port=8123), MODEL, "cpu")
    assert value_of("--host", arguments) == "127.0.0.1"
    assert value_of("--port", arguments) == "8123"
    assert value_of("--model", arguments) == "/models/small"
    assert value_of("--served-model-name", arguments) == "small"


def test_spans_are_sent_only_where_a_receiver_is_named() -> None:
    silent = server_arguments(LlmSettings(), MODEL, "cpu")
    traced = server_arguments(LlmSettings(otlp_grpc_endpoint="http://127.0.0.1:4317"), MODEL, "cpu")
    assert "--otlp-traces-endpoint" not in silent
    assert value_of("--otlp-traces-endpoint", traced) == "http://127.0.0.1:4317"


def test_sigterm_waits_for_running_answers_as_long_as_the_drain() -> None:
    assert value_of("--shutdown-timeout", server_arguments(LlmSettings(drain_s=40), MODEL, "cpu")) == "40"


def test_a_share_of_a_gpu_is_told_to_cuda_alone() -> None:
    settings = LlmSettings(llm_gpu_memory_utilization=0.4, llm_tensor_parallel=2, llm_max_num_seqs=16)
    on_cuda, on_cpu = (server_arguments(settings, MODEL, build) for build in ("cuda", "cpu"))
    assert value_of("--gpu-memory-utilization", on_cuda) == "0.4"
    assert value_of("--tensor-parallel-size", on_cuda) == "2"
    assert not {"--gpu-memory-utilization", "--tensor-parallel-size"} & set(on_cpu)
    assert value_of("--max-num-seqs", on_cuda) == value_of("--max-num-seqs", on_cpu) == "16"


def test_vllm_decides_what_is_not_set() -> None:
    arguments = server_arguments(LlmSettings(), MODEL, "cuda")
    assert not {"--gpu-memory-utilization", "--max-num-seqs"} & set(arguments)


@pytest.mark.parametrize(("local", "named"), [(True, False), (False, True)])
def test_a_model_from_the_hub_never_falls_back_to_pickled_weights(local: bool, named: bool) -> None:
    arguments = server_arguments(LlmSettings(), Model("owner/name", "owner/name", local), "cpu")
    assert ("--load-format" in arguments) == named


def test_only_the_cpu_build_runs_eagerly() -> None:
    assert "--enforce-eager" in server_arguments(LlmSettings(), MODEL, "cpu")
    assert "--no-enable-chunked-prefill" in server_arguments(LlmSettings(), MODEL, "cpu")
    assert not {"--enforce-eager", "--no-enable-chunked-prefill"} & set(
        server_arguments(LlmSettings(), MODEL, "cuda")
    )
    assert "VLLM_TARGET_DEVICE" not in server_environment(LlmSettings(), MODEL, "cuda", {})


def test_the_key_is_in_the_environment_and_not_among_the_arguments() -> None:
    settings = LlmSettings(llm_api_key="sk-secret")
    assert "sk-secret" not in " ".join(server_arguments(settings, MODEL, "cpu"))
    assert server_environment(settings, MODEL, "cpu", {})["VLLM_API_KEY"] == "sk-secret"


def test_a_variable_of_the_user_wins() -> None:
    environment = server_environment(LlmSettings(), MODEL, "cpu", {"OMP_NUM_THREADS": "7"})
    assert environment["OMP_NUM_THREADS"] == "7"


@pytest.mark.parametrize("home", [{}, {"HOME": ""}, {"HOME": "/nowhere"}])
def test_without_a_home_caches_go_to_the_temp_folder(home: dict[str, str], tmp_path: Path) -> None:
    inherited = home | {"VLLM_CACHE_ROOT": str(tmp_path)}
    environment = server_environment(LlmSettings(), MODEL, "cuda", inherited)
    Path(environment["HOME"]).rmdir()
    assert environment["HOME"].startswith(f"{tempfile.gettempdir()}/llm-home-")
    assert environment["TRITON_CACHE_DIR"].startswith(environment["HOME"])
    assert environment["VLLM_CACHE_ROOT"] == str(tmp_path)


def test_a_home_stays_as_it_is(tmp_path: Path) -> None:
    environment = server_environment(LlmSettings(), MODEL, "cuda", {"HOME": str(tmp_path)})
    assert (environment["HOME"], environment.get("VLLM_CACHE_ROOT")) == (str(tmp_path), None)


@pytest.mark.parametrize(("local", "offline"), [(True, "1"), (False, None)])
def test_a_local_model_asks_no_hub(local: bool, offline: str | None) -> None:
    model = Model("owner/name", "owner/name", local)
    assert server_environment(LlmSettings(), model, "cpu", {}).get("HF_HUB_OFFLINE") == offline


def test_without_a_name_the_packaged_model_is_served(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / PACKAGED_MODEL)
    assert find_model(LlmSettings(llm_models_dir=tmp_path)) == Model(str(folder), PACKAGED_MODEL, local=True)


def test_a_folder_is_served_under_its_own_name(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "my-model")
    assert find_model(LlmSettings(llm_model=str(folder))).served_name == "my-model"


def test_a_packaged_model_that_is_not_prepared_says_how_to(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"python -m rag_llm\.prepare"):
        find_model(LlmSettings(llm_models_dir=tmp_path))


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_folder_with_a_file_missing_ends_with_one_line_and_status_78(tmp_path: Path, missing: str) -> None:
    folder = model_folder(tmp_path / "broken")
    (folder / missing).unlink()
    ended = launch(LLM_MODEL=str(folder))
    assert ended.returncode == 78
    assert ended.stderr.startswith(f"llm: the model folder {folder} has no ")
    assert ended.stderr.count("\n") == 1


def test_a_folder_with_pickled_weights_ends_with_one_line_and_status_78(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "pickled")
    (folder / "training_args.bin").write_bytes(b"pickle")
    ended = launch(LLM_MODEL=str(folder))
    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1)
    assert f"llm: the model folder {folder} holds training_args.bin: only safetensors" in ended.stderr


def test_a_folder_that_its_manifest_does_not_find_whole_is_not_served(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "half")
    write(folder)
    (folder / "model.safetensors").write_bytes(b"wei")
    with pytest.raises(ModelError, match="has 3 bytes; the manifest says 7 bytes"):
        find_model(LlmSettings(llm_model=str(folder)))


def test_a_folder_that_is_not_there_ends_with_status_78(tmp_path: Path) -> None:
    ended = launch(LLM_MODEL=str(tmp_path / "nowhere"))
    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1)
    assert "does not exist" in ended.stderr
