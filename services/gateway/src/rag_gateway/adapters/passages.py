"""Passages in PostgreSQL: pgvector's HNSW for meaning, our postings for words."""

from typing import Any

from rag_common.errors import NotFound
from rag_common.postgres import Pool, run, transaction

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.keys import Caller
from rag_gateway.rag.passage import Passage, Scores, Unit
from rag_gateway.rag.search import Found, Search
from rag_gateway.rag.terms import term_id, terms_of
from rag_gateway.sql import SCHEMA_VERSION

_SQL = queries("passages.sql")
HNSW = {"hnsw.iterative_scan": "strict_order", "hnsw.ef_search": "100"}
"""Keep scanning until enough rows pass the caller's rights (pgvector ≥ 0.8)."""
EXACT_UP_TO = 10_000
"""Chunks of a tenant whose vectors are compared one by one, without the index (ADR 0012)."""


class PostgresPassageStore:
    """Searches as `rag_app`, so that row-level security decides what can be found."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def search(self, search: Search, caller: Caller) -> Found:
        ids = {term_id(stem): stem for stem in terms_of(search.query)}
        parameters = {
            "vector": None if search.vector is None else _literal(search.vector),
            "terms": list(ids),
            "lexical": search.mode != "dense",
            "collections": None if search.collections is None else list(search.collections),
            "candidates": search.candidates,
            "exact_up_to": EXACT_UP_TO,
        }
        async with as_caller(self._pool, caller, **HNSW) as connection:
            if search.collections is not None:
                unknown = await run(
                    connection, "unknown_collections", _SQL["unknown_collections"], parameters
                )
                if unknown:
                    raise NotFound(
                        f"There is no collection `{unknown[0]['name']}`.", code="collection_not_found"
                    )
            rows = await run(connection, "search_passages", _SQL["search_passages"], parameters)
        idf = {ids[int(term)]: weight for term, weight in (rows[0]["idf"] or {}).items()} if rows else {}
        return Found([_passage(row) for row in rows], idf)

    async def check(self, embedding_model: str) -> None:
        """Raises unless the schema is new enough and its vectors are of this model."""
        async with transaction(self._pool, {}) as connection:
            state = (await run(connection, "schema_state", _SQL["schema_state"], {}))[0]
        if state["version_num"] < SCHEMA_VERSION:
            raise ValueError(
                f"the schema is at {state['version_num']}, not {SCHEMA_VERSION}; run the migration"
            )
        if state["embedding_model"] != embedding_model:
            stored = state["embedding_model"]
            raise ValueError(
                f"the stored vectors are of model {stored}, not {embedding_model}; run the migration"
            )


def _literal(vector: Any) -> str:
    return f"[{','.join(map(str, vector))}]"


def _passage(row: dict[str, Any]) -> Passage:
    return Passage(
        chunk_id=row["chunk_id"],
        document_id=row["document_id"],
        version=row["version"],
        title=row["title"],
        uri=row["uri"],
        page=row["page"],
        start=row["start_char"],
        end=row["end_char"],
        text=row["text"],
        heading=row["heading"],
        units=tuple(Unit(*unit) for unit in row["units"]),
        metadata=row["metadata"],
        scores=Scores(dense=row["dense"], lexical=row["lexical"]),
    )
