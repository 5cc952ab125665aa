"""60,000 passages: a filter of any width finds what an exact search finds, and never too few; plans as `rag_app`."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import psycopg
import pytest
from rag_gateway.adapters.database import queries
from rag_gateway.adapters.passages import EXACT_UP_TO, HNSW, PLANNED_ANEW, IndexSettingsIgnored, parameters_of
from rag_gateway.rag.search import Search
from rag_gateway.rag.terms import term_id, terms_of
from rag_gateway.schemas.filter import read_filter

from tests.conftest import Database
from tests.gateway.large import (
    BOARD,
    DOCUMENTS,
    FOUND,
    FURTHER,
    NEAR,
    PASSAGES,
    QUERIES,
    SEED,
    TOP,
    Large,
    Mask,
    below,
    noisy,
    real_vectors,
)
from tests.gateway.stocked_shelf import searcher, shelf
from tests.real_embedder import RunningEmbedder

HASTY = HNSW | {"hnsw.ef_search": "20", "hnsw.max_scan_tuples": "1"}
"""With these the index gives up long before it has found 200 of a fifth."""
MANY = 200
HASTIEST = HASTY | {"hnsw.ef_search": "1"}
SHARES = (0.5, 0.1, 0.01, 0.001, 0.0003)
COMMON, NEEDLE = "lantern", "zeppelin"
"""Words: of every second document's passages, and of the passages that are nearest to the questions."""
POSTINGS = """
INSERT INTO postings SELECT %s, %s, p.*, 10 FROM unnest(%s::bigint[], %s::smallint[]) AS p
"""


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
    asked = noisy(real, QUERIES, FURTHER, chance)
    with searcher(database) as search:
        made = Large(
            search, database.dsn("app"), filled.tenant, np.array(ids), vectors, place, place % 20 != 1, asked
        )
        with psycopg.connect(database.dsn("owner")) as owner:
            write(owner, made, COMMON, made.ids[place % 2 == 0])
            write(owner, made, NEEDLE, np.array([made.ids[np.argmax(vectors @ query)] for query in asked]))
        yield made
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("DROP DATABASE large WITH (FORCE)")


def write(owner: psycopg.Connection, large: Large, word: str, ids: np.ndarray[Any, Any]) -> None:
    """Passages hold a word once, twice or thrice, by their ids."""
    (term,) = map(term_id, terms_of(word))
    unique = sorted(set(ids.tolist()))
    owner.execute(POSTINGS, (large.tenant, term, unique, [1 + id % 3 for id in unique]))


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


@pytest.mark.parametrize("share", [1, 0.5, 0.01])
def test_words_are_looked_for_in_what_the_filter_lets_through(large: Large, share: float) -> None:
    allowed = large.ids[(large.place < share * DOCUMENTS) & large.open & (large.place % 2 == 0)]
    search = Search(COMMON, None, "lexical", filter=read_filter(below(share)), candidates=FOUND)
    hits = sorted(
        large.search(search, large.tenant), key=lambda hit: (-(hit.scores.lexical or 0), hit.chunk_id)
    )
    best = sorted(allowed.tolist(), key=lambda id: (-(id % 3), id))
    assert [hit.chunk_id for hit in hits] == best[:FOUND]


def test_the_nearest_passage_is_near_when_words_find_it_and_the_index_does_not(large: Large) -> None:
    missed = 0
    for query in large.queries:
        nearest = large.ids[np.argmax(large.vectors @ query)]
        by_vector, by_both = (
            large.search(
                Search(NEEDLE, query.tolist(), mode, candidates=QUERIES), large.tenant, BOARD, index=HASTIEST
            )
            for mode in ("dense", "hybrid")
        )
        missed += by_vector[0].chunk_id != nearest
        assert by_both[0].chunk_id == nearest
    assert missed


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
