"""Tables and records as text: each row of CSV, each record of JSON reads alone."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from rag_gateway.ingest.parsed import ParsedText, TextWriter
from rag_gateway.ingest.structure import rows_alone
from rag_gateway.ingest.unparsable import Unparsable

_SAMPLE = 65_536
_DELIMITERS = ",;\t|"
_LONGEST_FIELD = 10_000_000


def parse_csv(text: str) -> ParsedText:
    """Rows under the names of the first line; the delimiter is found out."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:_SAMPLE], _DELIMITERS)
    except csv.Error:
        dialect = csv.excel
    writer = TextWriter()
    try:
        cells = [
            [" ".join(cell.split()) for cell in row] for row in csv.reader(io.StringIO(text), dialect) if row
        ]
    except csv.Error as error:
        raise Unparsable("malformed", f"The file is no CSV ({error}); save it again as CSV.") from error
    for at, row in enumerate(rows_alone(cells)):
        writer.add("row", row, glued=at > 0)
    return writer.finish()


def parse_json(text: str) -> ParsedText:
    """A list's elements are records; any other value is one."""
    value = _loaded(text, 1)
    return _written(value if isinstance(value, list) else [value])


def parse_json_lines(text: str) -> ParsedText:
    """A record a line."""
    lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    return _written([_loaded(line, number) for number, line in lines])


def _loaded(text: str, line: int) -> Any:
    try:
        return json.loads(text, parse_int=str, parse_float=str)  # as they are written
    except json.JSONDecodeError as error:
        at = line + error.lineno - 1
        raise Unparsable("malformed", f"Line {at} is no JSON ({error.msg}); correct it there.") from error
    except RecursionError as error:
        raise Unparsable("too_deep", "The JSON is nested too deeply; flatten it.") from error


def _written(records: list[Any]) -> ParsedText:
    writer = TextWriter()
    for at, record in enumerate(records):
        words = "; ".join(f"{name}: {value}" if name else value for name, value in _leaves(record))
        writer.add("row", words, glued=at > 0)
    return writer.finish()


def _leaves(record: Any) -> Iterator[tuple[str, str]]:
    """Every value that is neither empty nor a container, with its path (`a.b`), in order."""
    open_values = [("", record)]
    while open_values:
        path, value = open_values.pop()
        if isinstance(value, dict):
            inner = [(f"{path}.{name}" if path else str(name), each) for name, each in value.items()]
            open_values += reversed(inner)
        elif isinstance(value, list):
            open_values += [(path, each) for each in reversed(value)]
        elif value not in ("", None):
            yield path, " ".join(str(value).split())
