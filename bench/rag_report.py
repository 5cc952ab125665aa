"""The result of `bench.rag` as a table and as JSON."""

from collections.abc import Callable, Mapping, Sequence

from bench.report import machine, quantile, save, words_of

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
    count = len(next(iter(lanes.values())))
    page = f"{words_of(on)}; {count} pairs each, in turns; goal ≤ {GOAL_MS} ms.\n\n" + "\n".join(lines) + "\n"
    return save("rag", {"machine": on, "pairs_s": lanes}, page)
