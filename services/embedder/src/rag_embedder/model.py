"""What a loaded model is to the batcher: an encoder of texts, or a reranker of pairs of question and document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Item_contra = TypeVar("Item_contra", contravariant=True)
Pair = tuple[str, str]
"""A question and a document, which a cross-encoder reads as one text."""
Rows = NDArray[np.float32]


class Model(Protocol[Item_contra]):
    """A loaded model; its methods are slow and run outside the event loop, `encode` in threads of its own."""

    @property
    def step(self) -> Literal["encode", "score"]:
        """What it does, as the telemetry calls it."""

    @property
    def dimensions(self) -> int:
        """Numbers that it gives for an item."""

    @property
    def window(self) -> int:
        """Tokens of an item that the model reads; it cuts off the rest."""

    @property
    def batch_texts(self) -> int:
        """The most items that its device computes efficiently at once."""

    @property
    def batch_tokens(self) -> int:
        """The most tokens at once, padding counted: it bounds memory, and how long a question waits for a batch."""

    def count_tokens(self, items: Sequence[Item_contra]) -> list[int]:
        """Tokens of each whole item."""

    def encode(self, items: Sequence[Item_contra]) -> Rows:
        """A row of `dimensions` numbers for each item, in its order."""


class Encoder(Model[str], Protocol):
    """Gives vectors of length one; says for both models how their device is used."""

    @property
    def batches_at_once(self) -> int:
        """Batches that its device computes side by side."""

    def enter_thread(self) -> None:
        """Called first in each thread that will encode."""


@dataclass(frozen=True)
class Models:
    """What one embedder serves. A reranker gives one number for each pair: how relevant it is, from 0 to 1."""

    encoder: Encoder
    reranker: Model[Pair] | None = None

    def warm_up(self) -> None:
        """Lets each model compute a batch: the first is slow, and says whether it can at all."""
        _try(self.encoder, "warm up")
        if self.reranker:
            _try(self.reranker, ("warm", "up"))


def _try(model: Model[Any], item: Any) -> None:
    items = [item] * model.batch_texts
    model.count_tokens(items)
    model.encode(items)
