"""`python -m rag_gateway.ingest.zygote`: loads the parsers once and is forked for each document.

Loading them takes 0.12 s of a processor, a fork and what it then touches 0.01 s. A message on standard input, a
socket, is a media type with the document's own channel; the answer is the exit status of the child that read it.
The zygote itself sees no document, so each child begins as clean as the first one.
"""

import os
import socket
import sys

from rag_gateway.ingest import child
from rag_gateway.ingest.extract import HTML, warm_up
from rag_gateway.ingest.plain import parse_plain
from rag_gateway.ingest.split import split

LONGEST_MESSAGE = 256
_PROSE = """Cf. Dr. No (p. 5 of vol. 2, Jan. 3), e.g. at 5 p.m., vs. St. Paul, i.e. Mr. X of Co. Inc., No. 7. Is it 1.5?
It is! See fig. 3 etc. in ch. 4."""
"""Split once before the forks: else each child compiles the expressions that end sentences, a fifth of its time."""


def main() -> None:
    """One document after another, until the worker closes the socket or kills the process group."""
    warm_up(HTML)
    split(parse_plain(_PROSE))
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as control:
        while True:
            media_type, channels, _, _ = socket.recv_fds(control, LONGEST_MESSAGE, 1)
            if not channels:
                return
            control.send(str(_read_in_a_child(channels[0], media_type.decode(), control)).encode())


def _read_in_a_child(channel: int, media_type: str, control: socket.socket) -> int:
    """The exit status of the child, or the negative number of the signal that ended it."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            control.close()
            os.dup2(channel, 0)
            os.dup2(channel, 1)
            os.close(channel)
            child.read_one(media_type)
            status = 0
        finally:
            os._exit(status)
    os.close(channel)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
