"""An encoder for tests of batching: a token a word, a text's length as its vector, each batch remembered."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BROKEN = "broken"


class CountingEncoder:
    """Implements Encoder; a batch sets `entered`, and stays inside `encode` while `gate` is closed."""

    dimensions, window, batch_texts, batch_tokens, batches_at_once = 1, 1_000, 8, 10_000, 1

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.entered, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def enter_thread(self) -> None:
        pass

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(list(texts))
        self.entered.set()
        assert self.gate.wait(10), "the test never opened the gate"
        if BROKEN in texts:
            raise RuntimeError("out of memory")
        return np.array([[len(text)] for text in texts], np.float32)
