"""Numbers of half the size that a CPU may compute with, on this repository's own documents."""

from pathlib import Path

import httpx
import numpy as np

from tests.real_embedder import MODEL, RunningEmbedder, running_embedder

DOCS = Path(__file__).parents[2] / "docs"


def _vectors(embedder: RunningEmbedder, texts: list[str]) -> np.ndarray:
    reply = httpx.post(f"{embedder.url}/v1/embeddings", json={"model": MODEL, "input": texts}, timeout=120)
    return np.array([item["embedding"] for item in reply.raise_for_status().json()["data"]], np.float32)


def test_vectors_of_bfloat16_are_those_of_float32(embedder: RunningEmbedder) -> None:
    paragraphs = [text for page in sorted(DOCS.glob("*.md")) for text in page.read_text().split("\n\n")]
    texts = [text for text in paragraphs if len(text) > 40][:64]
    assert len(texts) == 64
    with running_embedder({"EMBEDDER_DTYPE": "bfloat16"}) as half:
        likeness = (_vectors(embedder, texts) * _vectors(half, texts)).sum(axis=1)
    assert likeness.min() >= 0.99
    assert likeness.max() < 1 - 1e-6, "it computed with float32"
