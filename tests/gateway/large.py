"""What a large tenant is made of: real sentences' vectors, each many times with a little noise."""

import ast
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from tests.architecture import modules
from tests.conftest import ROOT
from tests.gateway.stocked_shelf import Searcher, Vectors
from tests.real_embedder import MODEL, RunningEmbedder

DOCUMENTS, PASSAGES = 6_000, 10
REAL, QUERIES, FOUND, TOP, SEED = 600, 30, 50, 10, 11
NEAR, FURTHER = 0.3, 1.0
"""Lengths of what is added to a real vector of length 1: for a passage, and for a question (a cosine of 0.7)."""
BOARD = "role:board"

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Large:
    """The tenant, its passages' ids, vectors, places in a row of documents and readability, and questions."""

    search: Searcher
    dsn: str
    tenant: int
    ids: np.ndarray[Any, Any]
    vectors: Vectors
    place: np.ndarray[Any, Any]
    open: Mask
    queries: Vectors

    def exact(self, query: Vectors, where: Mask) -> set[int]:
        """The ten nearest of some passages."""
        nearest = np.argsort(-(self.vectors[where] @ query))[:TOP]
        return set(self.ids[where][nearest].tolist())


def below(share: float) -> dict[str, Any]:
    """A filter for the first documents in their row."""
    return {"and": [{"place": {"gte": 0}}, {"place": {"lt": int(share * DOCUMENTS + 0.5)}}]}


def real_texts() -> list[str]:
    """Sentences of our own: of the documentation, and what functions say of themselves."""
    lines = [line for file in sorted((ROOT / "docs").rglob("*.md")) for line in file.read_text().splitlines()]
    for module in modules("services", "cli", "dev"):
        lines += [(ast.get_docstring(function) or "").partition("\n")[0] for function in module.functions()]
    texts = [line for line in dict.fromkeys(lines) if 40 < len(line) < 160 and line.endswith(".")]
    return texts[:: len(texts) // REAL][:REAL]


def real_vectors(embedder: RunningEmbedder) -> Vectors:
    """Of the sentences."""
    texts, vectors = real_texts(), []
    assert len(texts) == REAL
    for start in range(0, len(texts), 64):
        body = {"input": texts[start : start + 64], "model": MODEL}
        reply = httpx.post(f"{embedder.url}/v1/embeddings", json=body, timeout=60).raise_for_status().json()
        vectors += [one["embedding"] for one in reply["data"]]
    return np.array(vectors, np.float32)


def noisy(vectors: Vectors, count: int, length: float, chance: np.random.Generator) -> Vectors:
    """Unit vectors near some, each as often as the others, in the precision of the index."""
    chosen = chance.permutation(np.arange(count) % len(vectors))
    moved = vectors[chosen] + chance.normal(0, length / vectors.shape[1] ** 0.5, (count, vectors.shape[1]))
    halves = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float16)
    return np.asarray(halves, np.float32)
