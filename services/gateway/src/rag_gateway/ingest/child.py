"""`python -m rag_gateway.ingest.child TYPE`: one document on standard input, what it says on standard output.

It runs in the sandbox: it opens nothing, and ends by itself when it takes too much. With `--sandbox` in place of a
type it says only which rights it could not give away. Else exit status 0 with {"code", "message"}, or READ as soon as
the file is read and, once it is split, what `reading.packed` makes of it.
"""

import sys
from typing import BinaryIO

import orjson

from rag_gateway.ingest.extract import EXTRACTED, warm_up
from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.reading import READ, packed
from rag_gateway.ingest.sandbox import PROBE, allow_more_time, confine
from rag_gateway.ingest.split import split
from rag_gateway.ingest.unparsable import TOO_LARGE, Unparsable


def say(data: bytes, media_type: str, out: BinaryIO) -> None:
    """Reads, splits and writes the reply."""
    try:
        parsed = parse(data, media_type)
        out.write(READ)
        out.flush()
        allow_more_time()
        out.write(packed(parsed, split(parsed)))
        return
    except Unparsable as error:
        code, message = error.code, error.message
    except (MemoryError, RecursionError):
        code, message = TOO_LARGE
    out.write(orjson.dumps({"code": code, "message": message}))


def read_one(media_type: str) -> None:
    """Reads everything, gives its rights away, then looks at what it has read."""
    if media_type == PROBE:
        sys.stdout.write(confine())
        sys.stdout.flush()
        return
    if media_type in EXTRACTED:
        warm_up(media_type)
    data = sys.stdin.buffer.read()
    confine()
    say(data, media_type, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    read_one(sys.argv[1])
