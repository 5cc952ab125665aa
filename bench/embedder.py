"""`make bench-embedder`: documents per second over HTTP beside infinity and in-process encoding, in turns.

32 clients with one text each; then questions while two clients send bulk. Each contender has its turn in each round
on the same texts, the order turned by one from round to round; what counts is the median of the rounds.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial

from bench.contenders import MODEL, ROOT, InProcess, Server, embedder, in_process, infinity
from bench.corpus import passages
from bench.load import Measured, Plan
from bench.report import OURS, PEER, Result, write

ROUNDS, TEXTS_A_ROUND, CLIENTS = 8, 128, 32
BULK_CLIENTS, BULK_TEXTS, QUESTIONS = 2, 32, 25
BATCHES = (4, 8, 16, 32)
AT_MOST_S = 540
"""No round begins that would end later: a busy machine gets fewer rounds instead of a bench without end."""


def load(plan: Plan) -> Measured:
    """Carries a plan out in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        sys.exit(f"bench: the load broke off: {done.stderr.strip().splitlines()[-1]}")
    return Measured(**json.loads(done.stdout))


def single_texts(server: Server, result: Result, texts: list[str]) -> None:
    """32 clients with one text each."""
    before = server.cpu_s()
    measured = load(Plan(server.url, MODEL, texts, CLIENTS))
    result.texts_per_s.append(measured.texts / measured.seconds)
    result.cpu_ms_per_text.append((server.cpu_s() - before) * 1000 / measured.texts)


def questions_beside_bulk(server: Server, result: Result, texts: list[str]) -> None:
    """Questions of eight words at a steady rate, while bulk keeps coming."""
    questions = tuple(" ".join(text.split()[:8]) for text in texts[:QUESTIONS])
    measured = load(Plan(server.url, MODEL, texts, BULK_CLIENTS, BULK_TEXTS, questions))
    result.question_s += measured.question_s


def encoding(process: InProcess, result: Result, texts: list[str], batch_texts: int) -> None:
    """The same texts without HTTP."""
    encoded = process.encode(texts, batch_texts)
    result.texts_per_s.append(len(texts) / encoded.seconds)
    result.cpu_ms_per_text.append(encoded.cpu_s * 1000 / len(texts))


def best_batch(process: InProcess, texts: list[str]) -> int:
    """The batch size at which in-process encoding is fastest here."""
    process.encode(texts[:8], 8)  # the first is slower
    return min(BATCHES, key=lambda size: process.encode(texts, size).seconds)


def measure(process: InProcess, servers: list[Server], texts: list[str]) -> dict[str, Result]:
    """Every contender's numbers, by name."""
    began, sample = time.monotonic(), texts[:64]
    batch_texts = best_batch(process, sample)
    ceiling = f"in-process, batches of {batch_texts}"
    results = {ceiling: Result()} | {server.name: Result() for server in servers}
    expected = process.encode(sample, batch_texts).vectors
    for server in servers:  # the warm-up too
        results[server.name].cosine = least_cosine(server.vectors(sample), expected)
    turns: list[Callable[[list[str]], None]] = [
        lambda part: encoding(process, results[ceiling], part, batch_texts),
        *(partial(_server_turn, server, results[server.name]) for server in servers),
    ]
    for number in range(ROUNDS):
        if (time.monotonic() - began) * (number + 1) > AT_MOST_S * max(number, 1):
            break
        part = texts[number * TEXTS_A_ROUND :][:TEXTS_A_ROUND]
        for turn in turns[number % len(turns) :] + turns[: number % len(turns)]:
            turn(part)
        print(f"round {number + 1} of {ROUNDS}: {time.monotonic() - began:.0f} s", flush=True)
    return results


def _server_turn(server: Server, result: Result, texts: list[str]) -> None:
    single_texts(server, result, texts)
    questions_beside_bulk(server, result, texts)
    print(
        f"{server.name}: {result.texts_per_s[-1]:.1f} texts/s, {result.cpu_ms_per_text[-1]:.1f} ms",
        flush=True,
    )


def least_cosine(vectors: list[list[float]], expected: list[list[float]]) -> float:
    """Of each text's two vectors, the least alike pair's; the vectors have length one."""
    return min(sum(a * b for a, b in zip(*pair, strict=True)) for pair in zip(vectors, expected, strict=True))


def main() -> None:
    """Starts the contenders, measures and writes `bench/results/embedder.*`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended before its results"))
    texts = passages(ROUNDS * TEXTS_A_ROUND)
    with ExitStack() as stack:
        process = stack.enter_context(in_process())
        folder = process.model_folder
        servers = [
            stack.enter_context(embedder(OURS, "float32", folder)),
            stack.enter_context(embedder(f"{OURS}, bfloat16", "bfloat16", folder)),
            stack.enter_context(infinity(f"{PEER}, batches of 32 (default)", folder, 32)),
            stack.enter_context(infinity(f"{PEER}, batches of 8", folder, 8)),
        ]
        results = measure(process, servers, texts)
    print(write("embedder", results))


if __name__ == "__main__":
    main()
