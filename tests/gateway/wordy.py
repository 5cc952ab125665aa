"""A tenant of 100,000 passages of words that stand in Zipf's shares of them, put into PostgreSQL in seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg.types.json import Jsonb
from rag_gateway.adapters.database import queries
from rag_gateway.adapters.passages import HNSW, PLANNED_ANEW, parameters_of
from rag_gateway.rag.search import Search
from rag_gateway.rag.terms import term_id, terms_of
from rag_gateway.schemas.filter import read_filter

from tests.conftest import Database
from tests.gateway.stocked_shelf import CHUNKS, DOCUMENTS, VERSIONS, shelf

BOOKS, PASSAGES = 10_000, 10
_WORDS = """
system use time data set value file query user server table error index memory report client module network cache
backup storage timeout replica ledger snapshot quorum checksum lantern harbour compass meridian zeppelin
"""
WORDS = _WORDS.split()
"""The commonest first; the 32 are spread evenly, in logarithms, over the first 10,000 ranks of a language."""
QUESTIONS = (
    "How does the system use a quorum of replicas?",
    "Which timeout does the server set for a client that is away?",
    "What is the checksum of a snapshot for?",
    "How much memory may a query use before the system reports an error?",
    "Where does the backup of the ledger go?",
    "Can a user set the storage of a table over time?",
    "What does the module do with data that is not in the cache?",
    "Is there a lantern in the harbour?",
    "Which value of the index file tells the time of the last snapshot?",
    "How is the network of the compass and the meridian set?",
    "system",
    "Use of the system",
)
"""The last two have no rare word."""
POSTINGS = """
INSERT INTO postings
SELECT %(tenant)s, t.term, c.id, 1 + (hashint8(c.id # t.term) & 3), 40 + (hashint8(c.id) & 127)
  FROM unnest(%(terms)s::bigint[], %(shares)s::float[]) AS t (term, share)
 CROSS JOIN generate_series(0, %(chunks)s - 1) AS n
 CROSS JOIN LATERAL (SELECT %(first)s + (n * (10 * (t.term & 8191) + 3) + (t.term & 65535)) %% %(chunks)s AS id) c
 WHERE n < t.share * %(chunks)s
 ORDER BY 2, 3
"""
"""A word steps through the passages by a stride of its own, which has no divisor in common with their number."""
STATISTICS = "INSERT INTO lexical_statistics VALUES (%(tenant)s, %(chunks)s, %(chunks)s * 100)"
EXHAUSTIVE = """
WITH idf AS MATERIALIZED (
    SELECT p.term, ln(1 + (s.chunks - count(*) + 0.5) / (count(*) + 0.5))::float AS idf
      FROM postings p CROSS JOIN lexical_statistics s
     WHERE p.term = ANY (%(terms)s::bigint[])
     GROUP BY p.term, s.chunks
)
SELECT p.chunk_id, round(1e9 * sum(i.idf * p.frequency / (p.frequency + 0.9::float * (0.6::float + 0.4::float * p.length
                                                          * s.chunks / s.length)))) / 1e9 AS score
  FROM postings p
  JOIN idf i USING (term)
 CROSS JOIN lexical_statistics s
 WHERE p.term = ANY (%(terms)s::bigint[])
 GROUP BY p.chunk_id
 ORDER BY score DESC, p.chunk_id
 LIMIT %(candidates)s
"""
"""BM25 of every passage that holds any of the words, without a look at who may read it."""


@dataclass(frozen=True)
class Wordy:
    """The tenant, and how many passages hold each word."""

    tenant: int
    held: dict[str, int]


@contextmanager
def reading_as_app(database: Database, tenant: int) -> Iterator[psycopg.Connection]:
    """A connection that reads as the gateway does for somebody of the tenant."""
    with psycopg.connect(database.dsn("app"), autocommit=True) as app:
        for name, value in {"app.tenant": str(tenant), **HNSW, **PLANNED_ANEW}.items():
            app.execute("SELECT set_config(%s, %s, false)", (name, value))
        yield app


def lexical_search(
    question: str, filter: object = None, **bounds: int
) -> tuple[LiteralString, dict[str, object]]:
    """The gateway's statement and its parameters, which `EXHAUSTIVE` takes as well."""
    search = Search(question, None, "lexical", filter=read_filter(filter) if filter else None)
    terms = [term_id(stem) for stem in terms_of(question)]
    given = parameters_of(search) | {"terms": terms, "settings": []} | bounds
    return queries("passages.sql")["search_passages"], given


def share(rank: int) -> float:
    """Of passages with the word of this place in `WORDS`: seven tenths with the commonest, few with the last."""
    return float(0.7 * 10 ** (-4 * rank / (len(WORDS) - 1)))


def fill(owner: psycopg.Connection) -> Wordy:
    """Documents, passages and postings; the tables are vacuumed, as autovacuum does it in time."""
    made = shelf(owner, "wordy")
    metadata = [Jsonb({"place": place}) for place in range(BOOKS)]
    where: dict[str, object] = {"tenant": made.tenant, "collection": made.collection, "passages": PASSAGES}
    books = where | {"metadata": metadata, "readers": [Jsonb([])] * BOOKS}
    where |= {"ids": [row[0] for row in owner.execute(DOCUMENTS, books)]}
    owner.execute(VERSIONS, where)
    ids = [row[0] for row in owner.execute(CHUNKS, where)]
    terms = [term_id(stem) for word in WORDS for stem in terms_of(word)]
    shares = [share(rank) for rank in range(len(WORDS))]
    given: dict[str, object] = {"tenant": made.tenant, "chunks": len(ids), "first": min(ids)}
    owner.execute(POSTINGS, given | {"terms": terms, "shares": shares})
    owner.execute(STATISTICS, given)
    owner.execute("VACUUM ANALYZE documents, chunks, postings")
    counted = "SELECT term, count(*) FROM postings WHERE tenant_id = %s GROUP BY term"
    held = {int(term): int(number) for term, number in owner.execute(counted, (made.tenant,))}
    return Wordy(made.tenant, {word: held[term] for word, term in zip(WORDS, terms, strict=True)})
