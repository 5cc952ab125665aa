"""The reranker over sentence-transformers' CrossEncoder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from rag_common.model_folder import named_folder

from rag_embedder.adapters.place import BATCH_TEXTS, BATCH_TOKENS, open_place, without_truncation
from rag_embedder.model import Pair, Rows

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from rag_embedder.settings import Device, DType


class CrossEncoderReranker:
    """One model on one device; computed in the encoder's threads."""

    def __init__(self, model: "CrossEncoder") -> None:
        self._model = model
        self._counter = without_truncation(model.tokenizer)

    @property
    def step(self) -> Literal["score"]:
        return "score"

    @property
    def dimensions(self) -> int:
        return 1

    @property
    def window(self) -> int:
        return int(self._model.max_seq_length or self._model.tokenizer.model_max_length)

    @property
    def batch_texts(self) -> int:
        return BATCH_TEXTS[str(self._model.device.type)]

    @property
    def batch_tokens(self) -> int:
        return BATCH_TOKENS[str(self._model.device.type)]

    def count_tokens(self, items: Sequence[Pair]) -> list[int]:
        return [len(encoding) for encoding in self._counter.encode_batch_fast(list(items))]

    def encode(self, items: Sequence[Pair]) -> Rows:
        scores = self._model.predict(list(items), batch_size=len(items), show_progress_bar=False)
        return np.array(scores, np.float32).reshape(-1, 1)


def load_reranker(model: str, device: "Device", dtype: "DType") -> CrossEncoderReranker:
    """Loads a folder's or a Hugging Face name's cross-encoder with one label, whose scores become 0 to 1.

    As `load_encoder` does. Raises RuntimeError, OSError or ValueError with the reason.
    """
    place = open_place(device, dtype)
    import torch
    from sentence_transformers import CrossEncoder

    folder = named_folder(model)
    loaded = CrossEncoder(
        str(folder or model),
        device=place.name,
        local_files_only=folder is not None,
        trust_remote_code=False,
        model_kwargs=place.model_kwargs,
        activation_fn=torch.nn.Sigmoid(),  # many models ask for none; a threshold would be another for each
    )
    if loaded.num_labels != 1:
        raise ValueError(f"it has {loaded.num_labels} labels; a reranker has one, the relevance")
    return CrossEncoderReranker(loaded)
