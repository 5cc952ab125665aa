"""Models for tests of batching: a token a word, a text's length as its row, each batch remembered."""

import threading
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rag_embedder.model import Pair

BROKEN = "broken"


class CountingEncoder:
    """Implements Encoder; a batch sets `entered`, and stays inside `encode` while `gate` is closed."""

    dimensions, window, batch_texts, batch_tokens, batches_at_once = 1, 1_000, 8, 10_000, 1

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.entered, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    @property
    def step(self) -> Literal["encode"]:
        return "encode"

    def enter_thread(self) -> None:
        pass

    def count_tokens(self, items: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in items]

    def encode(self, items: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(list(items))
        self.entered.set()
        assert self.gate.wait(10), "the test never opened the gate"
        if BROKEN in items:
            raise RuntimeError("out of memory")
        return np.array([[len(text)] for text in items], np.float32)


class CountingReranker:
    """Implements Model[Pair]; writes its batches down beside the encoder's, so that the order of both shows."""

    dimensions, window, batch_texts, batch_tokens = 1, 1_000, 4, 10_000

    def __init__(self, encoder: CountingEncoder) -> None:
        self._batches = encoder.batches

    @property
    def step(self) -> Literal["score"]:
        return "score"

    def count_tokens(self, items: Sequence[Pair]) -> list[int]:
        return [len(f"{query} {document}".split()) for query, document in items]

    def encode(self, items: Sequence[Pair]) -> NDArray[np.float32]:
        self._batches.append([document for _, document in items])
        return np.array([[len(document)] for _, document in items], np.float32)
