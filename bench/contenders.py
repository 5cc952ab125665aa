"""Who is measured: our embedder and infinity as servers, sentence-transformers inside a process."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from groundwork_dev.environments import Environment, install

ROOT = Path(__file__).parents[1]
HEAVY = ROOT / ".venv-heavy/bin/python"
INFINITY = Environment("bench", ROOT / ".venv-bench", ROOT / "constraints-bench.txt", torch="cpu")
MODEL = "minilm"
LOADED_WITHIN_S = 180

THREADS = os.cpu_count() or 1
# The same for all. Passive: threads that spin while they wait for each other slow all down on a busy machine.
ALIKE = {"OMP_NUM_THREADS": str(THREADS), "OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True)
class Server:
    """A server at work."""

    name: str
    url: str
    pid: int

    def cpu_s(self) -> float:
        """Seconds of processor time used so far, all threads together (proc(5)); noise from outside is not in it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def vectors(self, texts: list[str]) -> list[list[float]]:
        """What it makes of the texts."""
        reply = httpx.post(self.url, json={"model": MODEL, "input": texts}, timeout=LOADED_WITHIN_S)
        return [item["embedding"] for item in reply.raise_for_status().json()["data"]]


@contextmanager
def embedder(name: str, dtype: str, model_folder: str) -> Iterator[Server]:
    """Ours, as `make run` starts it."""
    port = _free_port()
    variables = {"PORT": str(port), "EMBEDDER_MODEL": model_folder, "EMBEDDING_MODEL": MODEL}
    variables |= {"EMBEDDER_DEVICE": "cpu", "EMBEDDER_DTYPE": dtype}
    with _served(
        name, [str(HEAVY), "-m", "rag_embedder"], variables, f"http://127.0.0.1:{port}/readyz"
    ) as pid:
        yield Server(name, f"http://127.0.0.1:{port}/v1/embeddings", pid)


@contextmanager
def infinity(name: str, model_folder: str, batch_texts: int) -> Iterator[Server]:
    """infinity with its torch engine, in an environment of its own."""
    install(INFINITY)
    port = _free_port()
    command = [str(INFINITY.folder / "bin/infinity_emb"), "v2", "--engine", "torch", "--device", "cpu"]
    command += ["--model-id", model_folder, "--served-model-name", MODEL, "--no-bettertransformer"]
    command += ["--batch-size", str(batch_texts), "--host", "127.0.0.1", "--port", str(port)]
    variables = {"DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
    with _served(name, command, variables, f"http://127.0.0.1:{port}/health") as pid:
        yield Server(name, f"http://127.0.0.1:{port}/embeddings", pid)


@dataclass(frozen=True)
class Encoded:
    """The vectors, and how long encoding alone took, on the clock and on all processors together."""

    vectors: list[list[float]]
    seconds: float
    cpu_s: float


class InProcess:
    """sentence-transformers' own `encode`, asked over a pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.model_folder = str(self._answer()["model"])

    def encode(self, texts: list[str], batch_texts: int) -> Encoded:
        """One call of `encode`."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"texts": texts, "batch_texts": batch_texts}) + "\n")
        self._process.stdin.flush()
        return Encoded(**self._answer())

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            sys.exit("bench: the process with sentence-transformers ended; its error stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def in_process() -> Iterator[InProcess]:
    """A process with the model loaded, until the block ends."""
    command = [str(HEAVY), "-m", "bench.in_process"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=os.environ | ALIKE, cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    ) as process:
        yield InProcess(process)
        assert process.stdin
        process.stdin.close()


@contextmanager
def _served(name: str, command: list[str], variables: dict[str, str], ready: str) -> Iterator[int]:
    log = ROOT / ".groundwork/bench" / f"{name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, env=os.environ | ALIKE | variables, stdout=output, stderr=output)
    try:
        give_up = time.monotonic() + LOADED_WITHIN_S
        while not _answers(ready):
            if process.poll() is not None or time.monotonic() > give_up:
                sys.exit(f"bench: {name} did not become ready; see {log}")
            time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # infinity waits for clients that have gone
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
