"""What strangers send: each file gets a typed answer, soon, and its reader takes little and may do nothing."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time

import pytest
from rag_gateway.ingest.apart import open_parsers
from rag_gateway.ingest.reading import READ
from rag_gateway.ingest.unparsable import Unparsable

from tests.gateway.apart import nothing, parsed_apart
from tests.gateway.hostile import Case, cases
from tests.gateway.office import PDF, pdf

WITHIN_S = 30
MOST_MIB = 512
CASES = list(cases())


def answer(data: bytes, media_type: str) -> str:
    """`text`, which holds no file of ours, or the code."""
    try:
        assert "root:" not in asyncio.run(parsed_apart(data, media_type)).text
    except Unparsable as error:
        return error.code if error.message.endswith(".") else f"no sentence: {error.message}"
    return "text"


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_hostile_file_gets_a_typed_answer_soon(case: Case) -> None:
    _, make, media_type, code = case
    started = time.monotonic()
    assert answer(make(), media_type) == code
    assert time.monotonic() - started < WITHIN_S + 5


def test_there_are_many_of_them() -> None:
    assert len({name for name, *_ in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("name", ["ten thousand pages", "a line of ten megabytes", "deep tags in a page"])
def test_the_reader_of_a_large_file_stays_small(name: str) -> None:
    _, make, media_type, _ = next(case for case in CASES if case[0] == name)
    words = [sys.executable, "-m", "rag_gateway.ingest.child", media_type]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=said) as child,
    ):
        assert child.stdin
        child.stdin.write(make())
        child.stdin.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        assert child.returncode == 0 and said.read(1) in (READ, b"{")
    assert usage.ru_maxrss / 1024 < MOST_MIB


def test_a_reader_that_takes_too_long_is_killed() -> None:
    with pytest.raises(Unparsable, match=r"longer than 0\.01 s") as refused:
        asyncio.run(parsed_apart(pdf([["x"]]), PDF, within_s=0.01))
    assert refused.value.code == "too_slow"


async def test_after_a_reader_was_killed_the_next_document_is_read() -> None:
    async with open_parsers() as parsers:
        with pytest.raises(Unparsable):
            await parsers.read(pdf([["x"]]), PDF, nothing, within_s=0.01)
        assert (await parsers.read(b"The quay is long.", "text/plain", nothing)).text == "The quay is long."


async def test_documents_are_read_at_once_and_none_gets_anothers_text() -> None:
    async with open_parsers() as parsers:
        texts = [f"Quay number {n}. " * 10_000 for n in range(8)]
        read = await asyncio.gather(*(parsers.read(text.encode(), "text/plain", nothing) for text in texts))
    assert [parsed.text for parsed in read] == [text.strip() for text in texts]


async def test_this_system_confines_its_parsers() -> None:
    async with open_parsers() as parsers:
        assert await parsers.missing_from_sandbox() == ""


TRIES = """
import ctypes, os, queue, signal, socket, sys, threading
from rag_gateway.ingest.sandbox import confine

def refused(act):
    try:
        act()
    except (PermissionError, MemoryError, OSError) as error:
        return type(error).__name__
    return "allowed"

libc = ctypes.CDLL(None, use_errno=True)
def call(number, *more):
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, more)) == -1:
        raise OSError(ctypes.get_errno(), "")

parent, (tgkill, pidfd_getfd) = os.getppid(), {"x86_64": (234, 438), "aarch64": (131, 438)}[os.uname().machine]
acts = [
    lambda: socket.socket(socket.AF_INET),
    lambda: socket.socket(socket.AF_INET6),
    lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    lambda: socket.socket(socket.AF_UNIX).connect("/run/postgresql"),
    lambda: open("/etc/passwd"),
    lambda: open("/tmp/x", "w"),
    os.fork,
    lambda: os.execv("/bin/true", ["true"]),
    lambda: os.kill(parent, 0),
    lambda: call(tgkill, parent, parent, 0),
    lambda: os.pidfd_open(parent),
    lambda: call(pidfd_getfd, 0, 0, 0),
    os.setsid,
]
asked, said = queue.Queue(), queue.Queue()
def elder():
    asked.get()
    said.put([refused(act) for act in acts])
before = threading.Thread(target=elder)
before.start()
thread = threading.Thread(target=lambda: None)
assert confine() == ""
asked.put(None)
print(
    *[refused(act) for act in acts],
    *said.get(),
    refused(lambda: bytearray(2 << 30)),
    refused(lambda: (thread.start(), thread.join())),
    refused(lambda: socket.socket(socket.AF_UNIX)),
    refused(lambda: call(tgkill, os.getpid(), os.getpid(), 0)),
)
"""


def test_the_sandbox_leaves_nothing_but_computing_to_any_thread() -> None:
    said = subprocess.run(
        [sys.executable, "-c", TRIES], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said == ["PermissionError"] * 26 + ["MemoryError", "allowed", "allowed", "allowed"]
