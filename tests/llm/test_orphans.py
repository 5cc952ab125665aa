"""An engine whose server is killed ends too; here with processes that do nothing else."""

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points

import psutil
from rag_llm.orphans import end_with_parent

SERVER = """
import multiprocessing, sys, time
from rag_llm.orphans import end_with_parent

def engine(knows_its_parent):
    if knows_its_parent:
        end_with_parent()
    print(multiprocessing.current_process().pid, flush=True)
    time.sleep(60)

if __name__ == "__main__":
    end_with_parent()  # vLLM calls it in the server too, which has no parent
    multiprocessing.get_context("fork").Process(target=engine, args=(sys.argv[1] == "yes",)).start()
    time.sleep(60)
"""


def engine_after_its_server_was_killed(knows_its_parent: str) -> psutil.Process | None:
    """The engine two seconds later, if it is still there."""
    words = [sys.executable, "-c", SERVER, knows_its_parent]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        engine = psutil.Process(int(server.stdout.readline()))
        os.kill(server.pid, signal.SIGKILL)
        server.wait(5)
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and _lives(engine):
            time.sleep(0.05)
        return engine if _lives(engine) else None


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_an_engine_ends_with_its_server() -> None:
    assert engine_after_its_server_was_killed("yes") is None


def test_without_it_an_engine_would_stay() -> None:
    left = engine_after_its_server_was_killed("no")
    assert left is not None
    left.kill()


def test_vllm_finds_it() -> None:
    (found,) = entry_points(group="vllm.general_plugins", name="end_with_parent")
    assert found.load() is end_with_parent
