"""What strangers send: each file gets a typed answer, soon, and its reader takes little and may do nothing."""

import asyncio
import os
import subprocess
import sys
import time

import pytest
from rag_gateway.ingest.apart import open_parsers
from rag_gateway.ingest.unparsable import Unparsable

from tests.gateway.apart import parsed_apart
from tests.gateway.hostile import Case, cases
from tests.gateway.office import PDF, pdf

WITHIN_S = 30
MOST_MIB = 512
CASES = list(cases())


def answer(data: bytes, media_type: str) -> str:
    """`text`, or the code."""
    try:
        asyncio.run(parsed_apart(data, media_type))
    except Unparsable as error:
        return error.code if error.message.endswith(".") else f"no sentence: {error.message}"
    return "text"


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_hostile_file_gets_a_typed_answer_soon(case: Case) -> None:
    _, make, media_type, codes = case
    started = time.monotonic()
    assert answer(make(), media_type) in codes.split()
    assert time.monotonic() - started < WITHIN_S + 5


def test_there_are_many_of_them() -> None:
    assert len({name for name, *_ in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("name", ["ten thousand pages", "a line of ten megabytes", "deep tags in a page"])
def test_the_reader_of_a_large_file_stays_small(name: str) -> None:
    _, make, media_type, _ = next(case for case in CASES if case[0] == name)
    words = [sys.executable, "-m", "rag_gateway.ingest.child", media_type]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdin
        child.stdin.write(make())
        child.stdin.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert usage.ru_maxrss / 1024 < MOST_MIB


def test_a_reader_that_takes_too_long_is_killed() -> None:
    with pytest.raises(Unparsable, match=r"longer than 0\.01 s") as refused:
        asyncio.run(parsed_apart(pdf([["x"]]), PDF, within_s=0.01))
    assert refused.value.code == "too_slow"


async def test_after_a_reader_was_killed_the_next_document_is_read() -> None:
    async with open_parsers() as parsers:
        with pytest.raises(Unparsable):
            await parsers.parse(pdf([["x"]]), PDF, within_s=0.01)
        assert (await parsers.parse(b"The quay is long.", "text/plain")).text == "The quay is long."


async def test_documents_are_read_at_once_and_none_gets_anothers_text() -> None:
    async with open_parsers() as parsers:
        texts = [f"Quay number {n}. " * 10_000 for n in range(8)]
        read = await asyncio.gather(*(parsers.parse(text.encode(), "text/plain") for text in texts))
    assert [parsed.text for parsed in read] == [text.strip() for text in texts]


async def test_this_system_confines_its_parsers() -> None:
    async with open_parsers() as parsers:
        assert await parsers.missing_from_sandbox() == ""


TRIES = """
import os, socket, sys, threading
from rag_gateway.ingest.sandbox import confine

def refused(act):
    try:
        act()
    except (PermissionError, MemoryError, OSError) as error:
        return type(error).__name__
    return "allowed"

confine()
thread = threading.Thread(target=lambda: None)
print(
    refused(lambda: socket.socket(socket.AF_INET)),
    refused(lambda: socket.socket(socket.AF_INET6)),
    refused(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    refused(lambda: open("/etc/passwd")),
    refused(lambda: open("/tmp/x", "w")),
    refused(os.fork),
    refused(lambda: os.execv("/bin/true", ["true"])),
    refused(lambda: os.kill(os.getppid(), 0)),
    refused(os.setsid),
    refused(lambda: os.setpgid(0, 0)),
    refused(lambda: bytearray(2 << 30)),
    refused(lambda: (thread.start(), thread.join())),
    refused(lambda: socket.socket(socket.AF_UNIX)),
)
"""


def test_the_sandbox_leaves_nothing_but_computing() -> None:
    said = subprocess.run(
        [sys.executable, "-c", TRIES], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said == ["PermissionError"] * 10 + ["MemoryError", "allowed", "allowed"]
