"""Parses in a process of its own, which can be killed: what a stranger wrote never runs beside our passwords."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Mapping
from functools import lru_cache

import orjson

from rag_gateway.ingest.parsed import Block, ParsedText
from rag_gateway.ingest.unparsable import Unparsable

WITHIN_S = 30.0


async def parse_apart(data: bytes, media_type: str, within_s: float = WITHIN_S) -> ParsedText:
    """What `parse` gives, from a child that holds nothing but these bytes.

    Raises Unparsable with the child's code, too_slow when it took longer, or unreadable when it ended otherwise.
    """
    process = await _child(media_type)
    try:
        async with asyncio.timeout(within_s):
            reply, _ = await process.communicate(data)
    except TimeoutError:
        raise Unparsable(
            "too_slow",
            f"Reading the file takes longer than {within_s:g} s; split it or save it in another format.",
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise _ended(process.returncode)
    return _parsed(orjson.loads(reply))


async def missing_from_sandbox() -> str:
    """Which rights a parser keeps on this system, in words; nothing where it is confined."""
    process = await _child("--sandbox")
    said, _ = await process.communicate()
    return said.decode() if process.returncode == 0 else f"the sandbox ended with status {process.returncode}"


async def _child(argument: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rag_gateway.ingest.child", argument),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_folder().name,
        env={"TMPDIR": _folder().name, "LANG": "C.UTF-8"},  # none of the worker's passwords and addresses
    )


def _parsed(said: Mapping[str, object]) -> ParsedText:
    if "code" in said:
        raise Unparsable(str(said["code"]), str(said["message"]))
    blocks = said["blocks"]
    assert isinstance(blocks, list)
    title = said["title"]
    return ParsedText(
        str(said["text"]), tuple(Block(*each) for each in blocks), None if title is None else str(title)
    )


def _ended(status: int) -> Unparsable:
    if status == -signal.SIGXCPU:
        return Unparsable(
            "too_slow", "Reading the file takes too long; split it or save it in another format."
        )
    return Unparsable(
        "unreadable", "The file made its reader fail; open it and save it again, or in another format."
    )


@lru_cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Of this worker, and gone with it; a reader of PDFs unpacks its library there, where nobody else can put one."""
    return tempfile.TemporaryDirectory(prefix="parsers-", ignore_cleanup_errors=True)
