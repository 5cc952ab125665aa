"""Passages in PostgreSQL: pgvector's HNSW for meaning, our postings for words."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb
from rag_common.errors import NotFound, ServiceError
from rag_common.postgres import Pool, run, transaction

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.adapters.filter import json_path
from rag_gateway.keys import Caller
from rag_gateway.rag.passage import Passage, Scores, Unit
from rag_gateway.rag.search import Found, Search
from rag_gateway.rag.terms import term_id, terms_of
from rag_gateway.sql import SCHEMA_VERSION

_SQL = queries("passages.sql")
HNSW = {
    "hnsw.iterative_scan": "strict_order",
    "hnsw.ef_search": "1000",
    "hnsw.max_scan_tuples": "20000",
}
"""Keep scanning until enough rows pass the caller's rights and filter (pgvector ≥ 0.8)."""
PLANNED_ANEW = {"plan_cache_mode": "force_custom_plan"}
"""A plan that fits every search would not know how few rows are wanted, and leave the index out."""
EXACT_UP_TO = 10_000
"""Passages that a search may find whose vectors are compared one by one, without the index (ADR 0012)."""
READ_UP_TO, RANKED_UP_TO = 30_000, 2_000
"""Postings of a question's rarest terms that are summed (or a fifth of the tenant's passages, if that is more), and
passages whose score the other terms complete, where more may be found than are compared one by one (ADR 0015)."""


class IndexSettingsIgnored(ServiceError):
    """PostgreSQL searches with other settings than the gateway asked for; check that pgvector is 0.8.4 or newer."""

    code = "index_settings_ignored"


class PostgresPassageStore:
    """Searches as `rag_app`, so that row-level security decides what can be found."""

    def __init__(self, pool: Pool, index: Mapping[str, str] = HNSW) -> None:
        self._pool, self._index = pool, index

    async def search(self, search: Search, caller: Caller) -> Found:
        """Both arms in one round trip; raises NotFound for a collection that the caller cannot see."""
        ids = {term_id(stem): stem for stem in terms_of(search.query)}
        parameters = parameters_of(search) | {"terms": list(ids), "settings": list(self._index)}
        async with as_caller(self._pool, caller, **self._index, **PLANNED_ANEW) as connection:
            rows = await run(connection, "search_passages", _SQL["search_passages"], parameters)
        about = rows[0]
        if about["settings"] != self._index:
            raise IndexSettingsIgnored
        if about["unknown"]:
            raise NotFound(f"There is no collection `{about['unknown'][0]}`.", code="collection_not_found")
        idf = {ids[int(term)]: weight for term, weight in (about["idf"] or {}).items()}
        return Found([_passage(row) for row in rows if row["chunk_id"] is not None], idf)

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


def parameters_of(search: Search) -> dict[str, Any]:
    """What the statement `search_passages` takes."""
    path = None if search.filter is None else json_path(search.filter)
    return {
        "vector": None if search.vector is None else f"[{','.join(map(str, search.vector))}]",
        "lexical": search.mode != "dense",
        "collections": None if search.collections is None else list(search.collections),
        "filter": path and path.text,
        "variables": Jsonb(path.variables if path else {}),
        "narrowed": search.collections is not None or path is not None,
        "candidates": search.candidates,
        "exact_up_to": EXACT_UP_TO,
        "read_up_to": READ_UP_TO,
        "ranked_up_to": RANKED_UP_TO,
    }


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
