"""Reads and splits in a process of its own, which can be killed: a stranger's text never runs beside our passwords."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import orjson
from rag_common.errors import Unavailable

from rag_gateway.ingest.reading import READ, Reading, unpacked
from rag_gateway.ingest.sandbox import PROBE, SPLIT_CPU_S
from rag_gateway.ingest.unparsable import TOO_LARGE, Unparsable

WITHIN_S = 30.0
READERS = 2
"""Children at once, each with up to half a gigabyte; other documents meanwhile wait, or for their vectors."""
LONGEST_STATUS = 16
WhenRead = Callable[[], Awaitable[None]]
MOST_REPLY = 256_000_000
"""Bytes of text and blocks; the child's own memory bounds an honest reply far below."""


class ParserLost(Unavailable):
    """The process that starts the readers of files has ended; the document is tried again."""

    code = "parser_lost"


@dataclass(frozen=True)
class _Zygote:
    """A process that forks a reader for one document at a time (zygote.py)."""

    process: asyncio.subprocess.Process
    control: socket.socket

    async def read(self, media_type: str, data: bytes, when_read: WhenRead) -> tuple[int, bytes]:
        """What a new child said of a document, and its exit status."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [media_type.encode()], [theirs.fileno()])
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        reply = b""
        try:
            writer.write(data)
            writer.write_eof()
            with suppress(OSError):  # the child ended before it had read everything; its status says why
                if (reply := await reader.read(1)) == READ:
                    await when_read()
                    reply = b""
                reply += await _all_of(reader)
        finally:
            writer.close()
        status = await asyncio.get_running_loop().sock_recv(self.control, LONGEST_STATUS)
        return int(status or b"missing"), reply

    async def kill(self) -> None:
        """Ends it with the child that it may have; the sandbox lets no child leave the process group."""
        self.control.close()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()


class Parsers:
    """As many zygotes as documents were ever read at once, `READERS` at most; made by `open_parsers`."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._room = asyncio.Semaphore(READERS)
        self._idle: list[_Zygote] = []

    async def read(
        self, data: bytes, media_type: str, when_read: WhenRead, within_s: float = WITHIN_S
    ) -> Reading:
        """What a child makes of a file that holds nothing but these bytes; `when_read` is called before it splits.

        Raises Unparsable with the child's code, too_slow when it took longer, too_large when it says too much,
        unreadable when it ended otherwise; ParserLost.
        """
        status, reply = await self._read(media_type, data, within_s, when_read)
        if status:
            raise _ended(status)
        return _reading(reply)

    async def missing_from_sandbox(self) -> str:
        """Which rights a parser keeps on this system, in words; nothing where it is confined."""
        status, said = await self._read(PROBE, b"", WITHIN_S, _nothing)
        return said.decode() if status == 0 else f"the sandbox ended with status {status}"

    async def close(self) -> None:
        """Ends the zygotes; none is in use any more."""
        while self._idle:
            await self._idle.pop().kill()

    async def _read(
        self, media_type: str, data: bytes, within_s: float, when_read: WhenRead
    ) -> tuple[int, bytes]:
        most_s = within_s

        async def once_read() -> None:
            nonlocal most_s
            most_s = SPLIT_CPU_S
            limit.reschedule(asyncio.get_running_loop().time() + SPLIT_CPU_S)
            await when_read()

        try:
            async with self._zygote() as zygote, asyncio.timeout(within_s) as limit:
                return await zygote.read(media_type, data, once_read)
        except TimeoutError:
            raise Unparsable(
                "too_slow",
                f"Reading the file takes longer than {most_s:g} s; split it or save it in another format.",
            ) from None
        except (OSError, ValueError) as error:
            raise ParserLost from error

    @asynccontextmanager
    async def _zygote(self) -> AsyncIterator[_Zygote]:
        """One that waits, or a new one; it is kept unless it failed or had to be stopped."""
        async with self._room:
            zygote = self._idle.pop() if self._idle else await self._start()
            try:
                yield zygote
            except BaseException:
                await zygote.kill()
                raise
            self._idle.append(zygote)

    async def _start(self) -> _Zygote:
        control, theirs = socket.socketpair()
        control.setblocking(False)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "rag_gateway.ingest.zygote"),
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=self._folder,
                env={
                    "TMPDIR": self._folder,
                    "LANG": "C.UTF-8",
                },  # none of the worker's passwords and addresses
                start_new_session=True,
            )
        return _Zygote(process, control)


@asynccontextmanager
async def open_parsers() -> AsyncIterator[Parsers]:
    """Parsers with a folder of their own, in which a reader of PDFs unpacks its library and nobody else one."""
    with tempfile.TemporaryDirectory(prefix="parsers-", ignore_cleanup_errors=True) as folder:
        parsers = Parsers(folder)
        try:
            yield parsers
        finally:
            await parsers.close()


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    """Until the child closes its side; raises Unparsable for a reply that a memory like ours should not hold."""
    try:
        await reader.readexactly(MOST_REPLY + 1)
    except asyncio.IncompleteReadError as error:
        return error.partial
    raise Unparsable(*TOO_LARGE)


def _reading(reply: bytes) -> Reading:
    with suppress(KeyError):
        return unpacked(reply)
    said = orjson.loads(reply)
    raise Unparsable(str(said["code"]), str(said["message"]))


async def _nothing() -> None:
    pass


def _ended(status: int) -> Unparsable:
    if status == -signal.SIGXCPU:
        return Unparsable(
            "too_slow", "Reading the file takes too long; split it or save it in another format."
        )
    if status == -signal.SIGABRT:  # how a library ends that gets no more memory
        return Unparsable(*TOO_LARGE)
    return Unparsable(
        "unreadable", "The file made its reader fail; open it and save it again, or in another format."
    )
