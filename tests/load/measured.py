"""What the locust scenario measures while it runs."""

import json
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from typing import Any

from locust.env import Environment

from tests.load.report import Row
from tests.load.server_sent import Stream


class Measured:
    """Collects the streams while the load runs."""

    def __init__(self) -> None:
        self._streams: defaultdict[str, list[Stream]] = defaultdict(list)

    def add(self, name: str, stream: Stream) -> None:
        """Adds one stream that ended well."""
        self._streams[name].append(stream)

    def save(self, environment: Environment, path: str) -> None:
        """Writes one row per kind of request as JSON."""
        entries = sorted(environment.stats.entries.values(), key=lambda entry: str(entry.name))
        rows = [asdict(self._row(entry)) for entry in entries]
        Path(path).write_text(json.dumps(rows, indent=1))

    def _row(self, entry: Any) -> Row:
        streams = self._streams[entry.name]
        first = [stream.first_token_s * 1000 for stream in streams if stream.first_token_s is not None]
        speeds = [stream.tokens_per_s for stream in streams if stream.tokens_per_s is not None]
        return Row(
            name=entry.name,
            requests=entry.num_requests,
            failures=entry.num_failures,
            per_s=entry.total_rps,
            median_ms=entry.median_response_time,
            p95_ms=entry.get_response_time_percentile(0.95),
            first_token_ms=_percentile(first, 50),
            first_token_p95_ms=_percentile(first, 95),
            tokens_per_s=_percentile(speeds, 50),
        )


def _percentile(values: list[float], percent: int) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[percent - 1]
