"""60,000 passages: a filter of any width finds what an exact search finds, and never too few; plans as `rag_app`."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from rag_gateway.adapters.database import queries
from rag_gateway.adapters.passages import EXACT_UP_TO, HNSW, PLANNED_ANEW, IndexSettingsIgnored, parameters_of
from rag_gateway.rag.search import Search
from rag_gateway.schemas.filter import read_filter

from tests.architecture import modules
from tests.conftest import ROOT, Database
from tests.gateway.stocked_shelf import Searcher, Vectors, searcher, shelf
from tests.real_embedder import MODEL, RunningEmbedder

DOCUMENTS, PASSAGES = 6_000, 10
REAL, QUERIES, FOUND, TOP, SEED = 600, 30, 50, 10, 11
NEAR, FURTHER = 0.3, 1.0
"""Lengths of what is added to a real vector of length 1: for a passage, and for a question (a cosine of 0.7)."""
HASTY = HNSW | {"hnsw.ef_search": "20", "hnsw.max_scan_tuples": "1"}
"""With these the index gives up long before it has found 200 of a fifth."""
MANY = 200
BOARD = "role:board"
SHARES = (0.5, 0.1, 0.01, 0.001, 0.0003)

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


@pytest.fixture(scope="module")
def large(postgres: str, embedder: RunningEmbedder) -> Iterator[Large]:
    """A database of its own, whose index is made after its rows."""
    database, chance = Database(postgres, "large"), np.random.default_rng(SEED)
    database.migrate()
    real = real_vectors(embedder)
    vectors = noisy(real, DOCUMENTS * PASSAGES, NEAR, chance)
    places = chance.permutation(DOCUMENTS)
    metadata = [{"place": int(place), "lang": "en"} for place in places]
    readers = [[BOARD] if place % 20 == 1 else [] for place in places]
    with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
        index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'chunk_vectors_1_hnsw'"
        (definition,) = owner.execute(index).fetchone() or ("",)
        owner.execute("DROP INDEX chunk_vectors_1_hnsw")
        filled, other = shelf(owner, "large"), shelf(owner, "other")
        ids = filled.fill(metadata, vectors, readers)[1]
        other.fill([{"place": 0}] * 10, vectors[: 10 * PASSAGES])  # as near, and another's
        owner.execute("SET maintenance_work_mem = '256MB'")
        owner.execute(definition)
        owner.execute("VACUUM ANALYZE documents, chunks, chunk_vectors_1")
    place = np.repeat(places, PASSAGES)
    with searcher(database) as search:
        yield Large(
            search,
            database.dsn("app"),
            filled.tenant,
            np.array(ids),
            vectors,
            place,
            place % 20 != 1,
            noisy(real, QUERIES, FURTHER, chance),
        )
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("DROP DATABASE large WITH (FORCE)")


def recalled(
    large: Large,
    where: Mask,
    filter: Any,
    *principals: str,
    index: Mapping[str, str] = HNSW,
    wanted: int = FOUND,
) -> float:
    """The share of the ten nearest that are found; no row is missing, and none is of what may not be found."""
    allowed, shares = set(large.ids[where].tolist()), []
    for query in large.queries:
        search = Search("", query.tolist(), "dense", filter=read_filter(filter), candidates=wanted)
        found = large.search(search, large.tenant, *principals, index=index)
        hits = [hit.chunk_id for hit in found]
        assert len(set(hits)) == len(hits) == min(wanted, len(allowed))
        assert set(hits) <= allowed
        shares.append(len(large.exact(query, where) & set(hits[:TOP])) / min(TOP, len(allowed)))
    return float(np.mean(shares))


@pytest.mark.parametrize("share", SHARES)
def test_a_filter_finds_the_nearest_of_what_it_lets_through(large: Large, share: float) -> None:
    where = (large.place < share * DOCUMENTS) & large.open
    recall = recalled(large, where, below(share))
    print(f"share {share}: {where.sum()} passages, recall {recall:.3f}")
    assert recall >= 0.95


@pytest.mark.parametrize("principals", [(), (BOARD,)])
def test_without_a_filter_the_nearest_are_found_within_the_callers_rights(
    large: Large, principals: tuple[str, ...]
) -> None:
    where = large.open | bool(principals)
    recall = recalled(large, where, None, *principals)
    print(f"no filter: {where.sum()} passages, recall {recall:.3f}")
    assert recall >= 0.95


def test_when_the_index_gives_too_few_all_are_compared(large: Large) -> None:
    where = (large.place < 0.2 * DOCUMENTS) & large.open
    assert where.sum() > EXACT_UP_TO
    assert recalled(large, where, below(0.2), index=HASTY, wanted=MANY) >= 0.99


def indexes(large: Large, filter: Any, index: Mapping[str, str] = HNSW, wanted: int = FOUND) -> set[str]:
    """How a search comes to vectors, as the gateway's role."""
    search = Search("", large.queries[0].tolist(), "dense", filter=read_filter(filter), candidates=wanted)
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + queries("passages.sql")["search_passages"]
    settings = {"app.tenant": str(large.tenant), **index, **PLANNED_ANEW}
    with psycopg.connect(large.dsn) as app:
        for name, value in settings.items():
            app.execute("SELECT set_config(%s, %s, true)", (name, value))
        (plan,) = app.execute(explain, parameters_of(search) | {"terms": [], "settings": []}).fetchone() or (
            [],
        )
    return {name for name in _used(plan[0]["Plan"]) if "chunk_vectors" in name}


def _used(node: dict[str, Any]) -> Iterator[str]:
    if node["Actual Loops"]:
        yield node.get("Index Name", node["Node Type"] + " " + node.get("Relation Name", ""))
        for inner in node.get("Plans", []):
            yield from _used(inner)


def test_the_index_is_asked_where_much_is_allowed_and_only_there(large: Large) -> None:
    index, by_key = "chunk_vectors_1_hnsw", "chunk_vectors_1_pkey"
    assert indexes(large, None) == {index}
    assert indexes(large, below(0.5)) == {index}
    for share in (0.1, 0.01, 0.001, 0.0003):
        assert indexes(large, below(share)) == {by_key}
    assert indexes(large, below(0.2), HASTY, MANY) > {index}


def test_settings_that_pgvector_does_not_take_are_an_error(database: Database) -> None:
    with searcher(database) as search, pytest.raises(IndexSettingsIgnored):
        search(Search("", [1.0] * 384, "dense"), 1, index=HNSW | {"hnsw.ef_search": "5000"})
