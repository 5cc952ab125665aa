"""Documents with passages and vectors put straight into PostgreSQL, and searches of them as the gateway's role."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg.types.json import Jsonb
from rag_common.postgres import Pool, open_pool
from rag_gateway.adapters.passages import HNSW, PostgresPassageStore
from rag_gateway.keys import Caller
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.search import Search

from tests.conftest import Database

DIMENSIONS = 384
DOCUMENTS = """
INSERT INTO documents (tenant_id, collection_id, identity, file_name, created_by, current_version, metadata, readers)
SELECT %(tenant)s, %(collection)s, d.n, '', 'test', 1, d.metadata, ARRAY(SELECT jsonb_array_elements_text(d.readers))
  FROM unnest(%(metadata)s::jsonb[], %(readers)s::jsonb[]) WITH ORDINALITY AS d (metadata, readers, n) ORDER BY d.n
RETURNING id
"""
VERSIONS = """
INSERT INTO document_versions (tenant_id, document_id, version, sha256, media_type, size_bytes)
SELECT %(tenant)s, id, 1, '', 'text/plain', 1 FROM unnest(%(ids)s::uuid[]) AS id
"""
CHUNKS = """
INSERT INTO chunks (tenant_id, document_id, version, collection_id, start_char, end_char, heading, text, units)
SELECT %(tenant)s, d.id, 1, %(collection)s, 0, 1, '', 'x', '[]'
  FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS d (id, n), generate_series(1, %(passages)s) AS c ORDER BY d.n, c
RETURNING id
"""
VECTORS = """
INSERT INTO active_vectors (tenant_id, chunk_id, embedding)
SELECT %(tenant)s, v.* FROM unnest(%(ids)s::bigint[], %(vectors)b::halfvec[]) AS v
"""
STATISTICS = """
INSERT INTO lexical_statistics AS s VALUES (%(tenant)s, %(chunks)s, %(chunks)s)
ON CONFLICT (tenant_id) DO UPDATE SET chunks = s.chunks + excluded.chunks
"""
PART = 5_000
Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True)
class Shelf:
    """A tenant's collection, filled by the database's owner."""

    owner: psycopg.Connection
    tenant: int
    collection: int

    def fill(
        self,
        metadata: Sequence[Mapping[str, Any]],
        vectors: Vectors,
        readers: Sequence[Sequence[str]] | None = None,
    ) -> tuple[list[UUID], list[int]]:
        """A document for each metadata, each with an equal share of the vectors; ids of documents and passages."""
        where: dict[str, Any] = {"tenant": self.tenant, "collection": self.collection}
        said = {"metadata": [Jsonb(one) for one in metadata]}
        said["readers"] = [Jsonb(list(one)) for one in readers or [()] * len(metadata)]
        documents = [row[0] for row in self.owner.execute(DOCUMENTS, where | said)]
        where |= {"ids": documents, "passages": len(vectors) // len(metadata)}
        self.owner.execute(VERSIONS, where)
        passages = [row[0] for row in self.owner.execute(CHUNKS, where)]
        register_vector(self.owner)
        for start in range(0, len(passages), PART):
            part = slice(start, start + PART)
            halves = [HalfVector(vector) for vector in vectors[part]]
            self.owner.execute(VECTORS, where | {"ids": passages[part], "vectors": halves})
        self.owner.execute(STATISTICS, where | {"chunks": len(passages)})
        return documents, passages


def shelf(owner: psycopg.Connection, tenant: str, collection: str = "shelf") -> Shelf:
    """An empty collection of a tenant, which may be there already."""
    owner.execute("INSERT INTO tenants (name) VALUES (%s) ON CONFLICT DO NOTHING", (tenant,))
    (tenant_id,) = owner.execute("SELECT id FROM tenants WHERE name = %s", (tenant,)).fetchone() or (0,)
    new = "INSERT INTO collections (tenant_id, name) VALUES (%s, %s) RETURNING id"
    (collection_id,) = owner.execute(new, (tenant_id, collection)).fetchone() or (0,)
    return Shelf(owner, tenant_id, collection_id)


@dataclass(frozen=True)
class Searcher:
    """Searches through the gateway's own store, as `rag_app`."""

    runner: asyncio.Runner
    pool: Pool

    def __call__(
        self, search: Search, tenant: int, *principals: str, index: Mapping[str, str] = HNSW
    ) -> list[Passage]:
        """What is found, the nearest first."""
        caller = Caller(tenant, "", "nobody", frozenset({"chat"}), principals)
        found = self.runner.run(PostgresPassageStore(self.pool, index).search(search, caller))
        return sorted(found.passages, key=lambda passage: -(passage.scores.dense or 0))


@contextmanager
def searcher(database: Database) -> Iterator[Searcher]:
    """A searcher with a pool of its own."""
    with asyncio.Runner() as runner:
        opened = open_pool(database.dsn("app"))
        yield Searcher(runner, runner.run(opened.__aenter__()))
        runner.run(opened.__aexit__(None, None, None))
