"""Where models compute: on a CPU or on CUDA, with which numbers, in batches of which size."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from rag_embedder.settings import Device, DType

BATCH_TEXTS = {"cpu": 32, "cuda": 512}
BATCH_TOKENS = {"cpu": 320, "cuda": 16_384}
"""On a CPU two chunks of 150 tokens, or 22 questions: more of them are hardly faster a text, and a question that waits
for a batch waits longer. A GPU wants to be full."""


@dataclass(frozen=True)
class Place:
    """A device by torch's name, and the type of the models' numbers there."""

    name: str
    dtype: str

    @property
    def model_kwargs(self) -> dict[str, Any]:
        """How weights are loaded: from safetensors alone."""
        import torch

        return {"dtype": getattr(torch, self.dtype), "use_safetensors": True}

    def keep_to_share(self, share: float) -> None:
        """Takes at most that share (0 to 1) of a card's memory, in the whole process."""
        import torch

        if self.name == "cuda":
            torch.cuda.set_per_process_memory_fraction(share)


def open_place(device: "Device", dtype: "DType") -> Place:
    """The device that is asked for; `auto` takes CUDA when it is there. Raises RuntimeError when it is not."""
    # OpenMP reads it when torch is imported. By default its threads spin while they wait for each other:
    # beside two busy processes on two cores a question then takes 0.57 s instead of 0.02 s (measured).
    os.putenv("OMP_WAIT_POLICY", "PASSIVE")
    import torch
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # it would stand between the JSON lines of the log
    cuda = torch.cuda.is_available()
    if device == "cuda" and not cuda:
        raise RuntimeError("EMBEDDER_DEVICE is cuda, but torch sees no CUDA device; set it to cpu or auto")
    name = "cuda" if cuda and device != "cpu" else "cpu"
    return Place(name, {"cpu": "float32", "cuda": "float16"}[name] if dtype == "auto" else dtype)


def without_truncation(tokenizer: Any) -> "Tokenizer":
    """A copy that counts: the model's own cuts texts off, and is used by another thread at the same time."""
    from tokenizers import Tokenizer

    counter = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    counter.no_truncation()
    counter.no_padding()
    return counter
