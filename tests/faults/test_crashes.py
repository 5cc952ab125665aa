"""`kill -9` of the worker, PostgreSQL without a checkpoint, an embedder that dies in the middle of a batch."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event

import pytest

from tests.faults.ledger import Ledger, written
from tests.faults.site import Site, open_site
from tests.real_embedder import HEAVY_PYTHON, RunningEmbedder

DOCUMENTS = 60
"""More uploads than that are new versions of these."""


@pytest.fixture
def folder(open_folder: Path, request: pytest.FixtureRequest) -> Path:
    """Where one test's PostgreSQL keeps its files."""
    return open_folder / f"faults-{request.node.name[:40]}"


@contextmanager
def watched(site: Site) -> Iterator[Ledger]:
    """A ledger that looks for half visible documents all the time; in the end everything must be there."""
    site.http.post("/v1/collections", json={"name": "crashes"}).raise_for_status()
    ledger, over = Ledger(site.http, site.database), Event()
    thread = ledger.watch(over)
    try:
        yield ledger
        ledger.settle(site.worker.start, within_s=180)
    finally:
        over.set()
        thread.join()
    ledger.check()


def storm(site: Site, ledger: Ledger, rng: Random, times: int, crash: Callable[[], None]) -> None:
    """Uploads, waits for a moment of chance, crashes something; a supervisor's place is taken by `start`."""
    for turn in range(times):
        for n in range(rng.randint(1, 3)):
            ledger.upload(f"document-{(turn * 3 + n) % DOCUMENTS}", written(rng))
        site.worker.start()
        if rng.random() < 0.8:  # else it dies while it starts
            site.worker.wait_until_ready()
            time.sleep(rng.uniform(0, 1.5))
        crash()


def test_a_worker_that_is_killed_at_any_moment_loses_doubles_and_halves_nothing(
    folder: Path, embedder: RunningEmbedder, kills: int, seed: int
) -> None:
    with open_site(folder, HEAVY_PYTHON, embedder.url) as site, watched(site) as ledger:
        storm(site, ledger, Random(seed), kills, site.worker.kill)


def test_a_postgres_that_stops_at_once_loses_doubles_and_halves_nothing(
    folder: Path, embedder: RunningEmbedder, kills: int, seed: int
) -> None:
    with open_site(folder, HEAVY_PYTHON, embedder.url) as site, watched(site) as ledger:
        storm(site, ledger, Random(seed), max(3, kills // 5), site.crash_postgres)
        site.worker.start()
        site.worker.wait_until_ready()


def test_an_embedder_that_dies_in_the_middle_of_a_batch_only_delays(folder: Path, seed: int) -> None:
    rng = Random(seed)
    with open_site(folder, HEAVY_PYTHON) as site, watched(site) as ledger:
        assert site.embedder is not None
        site.worker.start()
        for n in range(3):
            ledger.upload(f"document-{n}", written(rng) * 8)
            time.sleep(rng.uniform(0.5, 1.5))
            site.embedder.kill()
            time.sleep(1)
            site.embedder.start()
            site.embedder.wait_until_ready(120)
