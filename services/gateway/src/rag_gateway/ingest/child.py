"""`python -m rag_gateway.ingest.child TYPE`: one document on standard input, what it says on standard output.

It runs in the sandbox: it opens nothing, and ends by itself when it takes too much. With `--sandbox` in place of a
type it says only which rights it could not give away. Else exit status 0 with one JSON object:
{"text", "title", "blocks": [[kind, start, end, words, level, glued, page]]} or {"code", "message"}.
"""

import sys
from dataclasses import astuple

import orjson

from rag_gateway.ingest.extract import EXTRACTED, warm_up
from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.parsed import ParsedText
from rag_gateway.ingest.sandbox import PROBE, confine
from rag_gateway.ingest.unparsable import TOO_LARGE, Unparsable


def said(data: bytes, media_type: str) -> dict[str, object]:
    """The reply, as plain values."""
    try:
        parsed = parse(data, media_type)
    except Unparsable as error:
        code, message = error.code, error.message
    except (MemoryError, RecursionError):
        code, message = TOO_LARGE
    else:
        return of_parsed(parsed)
    return {"code": code, "message": message}


def of_parsed(parsed: ParsedText) -> dict[str, object]:
    """The text with its blocks as lists."""
    return {"text": parsed.text, "title": parsed.title, "blocks": [astuple(each) for each in parsed.blocks]}


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
    sys.stdout.buffer.write(orjson.dumps(said(data, media_type)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    read_one(sys.argv[1])
