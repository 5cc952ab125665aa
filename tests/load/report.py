"""The report of a load run: one row per kind of request, and the table that shows them."""

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path

HEADINGS = {
    "name": "Request",
    "requests": "Requests",
    "failures": "Failed",
    "per_s": "Requests/s",
    "median_ms": "Median (ms)",
    "p95_ms": "95 % (ms)",
    "first_token_ms": "First token, median (ms)",
    "first_token_p95_ms": "First token, 95 % (ms)",
    "tokens_per_s": "Tokens/s of one stream, median",
}
STYLE = ".load{font:15px sans-serif;padding:24px}.load td,.load th{padding:4px 12px;text-align:left}"


@dataclass(frozen=True)
class Row:
    """One kind of request; what only a stream of a model has is None elsewhere."""

    name: str
    requests: int
    failures: int
    per_s: float
    median_ms: float
    p95_ms: float
    first_token_ms: float | None
    first_token_p95_ms: float | None
    tokens_per_s: float | None

    def __str__(self) -> str:
        line = f"{self.name}: {self.requests} requests, {self.failures} failed, {self.per_s:.1f}/s"
        line += f", median {self.median_ms:.0f} ms"
        if self.first_token_ms is not None:
            line += f", first token {self.first_token_ms:.0f} ms"
        return line if self.tokens_per_s is None else f"{line}, {self.tokens_per_s:.0f} tokens/s"

    def cells(self) -> list[str]:
        """The row as words, in the order of the headings."""
        return [_words(getattr(self, field)) for field in HEADINGS]


def read_rows(path: Path) -> list[Row]:
    """The rows that a run has written."""
    return [Row(**row) for row in json.loads(path.read_text())]


def add_table(report: Path, rows: list[Row], title: str) -> None:
    """Puts the rows above locust's own charts in its HTML report."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS.values())
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row.cells())}</tr>" for row in rows)
    section = f'<section class="load"><h1>{escape(title)}</h1><table>{head}{body}</table></section>'
    report.write_text(report.read_text().replace("<body>", f"<body><style>{STYLE}</style>{section}", 1))


def _words(value: str | float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)
