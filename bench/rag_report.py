"""The result of `bench.rag` as a table and as JSON."""

import json
from collections.abc import Callable, Mapping, Sequence

from bench.report import RESULTS, machine, quantile

GOAL_MS = 25


def write(lanes: Mapping[str, Sequence[tuple[float, float]]], median: Callable[[list[float]], float]) -> str:
    """Writes `results/rag.json` and `.md`; returns the table."""
    on = machine()
    lines = [
        "| App | added before the first token, p50 | p90 | through the app, p50 | straight, p50 |",
        "|---|---|---|---|---|",
    ]
    for name, pairs in lanes.items():
        added = [through - straight for through, straight in pairs]
        cells = [
            median(added),
            quantile(added, 0.9),
            median([a for a, _ in pairs]),
            median([b for _, b in pairs]),
        ]
        lines.append(f"| {name} | {' | '.join(f'{seconds * 1000:.0f} ms' for seconds in cells)} |")
    words = ", ".join(f"{key} {value}" for key, value in on.items())
    count = len(next(iter(lanes.values())))
    page = f"{words}; {count} pairs each, in turns; goal ≤ {GOAL_MS} ms.\n\n" + "\n".join(lines) + "\n"
    raw = {
        "machine": on,
        "pairs_s": {name: [[round(s, 4) for s in pair] for pair in pairs] for name, pairs in lanes.items()},
    }
    (RESULTS / "rag.json").write_text(json.dumps(raw) + "\n", encoding="utf-8")
    (RESULTS / "rag.md").write_text(page, encoding="utf-8")
    return page
