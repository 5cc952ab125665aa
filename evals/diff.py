"""Two runs side by side: what rose, what fell, and whether the intervals still touch."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evals.results import RESULTS
from evals.scorecard import number, table


class NoRun(Exception):
    """There is no run of that name."""


def diff(a: str, b: str) -> str:
    """A table of every number that both runs have, and of what was run; raises NoRun."""
    (config_a, old), (config_b, new) = read_run(a), read_run(b)
    changed = [(name, str(config_a.get(name)), str(config_b.get(name))) for name in config_a | config_b]
    rows = list(_rows(old, new))
    return "\n".join(
        [
            table(("Run", a, b), [row for row in changed if row[1] != row[2]]),
            table(("Measure", a, b, "change", "intervals"), rows),
        ]
    )


def read_run(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A run's config and summary, by the name of its folder, with or without the date."""
    found = sorted(
        path for path in RESULTS.glob("*") if path.name in (name, f"{path.name[:11]}{name}") and path.is_dir()
    )
    if not found:
        known = ", ".join(sorted(path.name for path in RESULTS.glob("*") if path.is_dir())) or "none yet"
        raise NoRun(f"there is no run {name!r} in evals/results; there are: {known}")
    return _read(found[-1] / "config.json"), _read(found[-1] / "summary.json")


def _rows(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, ...]]:
    for name in old:
        if name not in new or name in ("versions", "seconds"):
            continue
        before, after, where = old[name], new[name], f"{path}{name}"
        if isinstance(before, Mapping) and "mean" in before:
            apart = before["high"] < after["low"] or after["high"] < before["low"]
            words = "apart" if apart else "overlap"
            yield where, number(before), number(after), f"{after['mean'] - before['mean']:+.3f}", words
        elif isinstance(before, Mapping):
            yield from _rows(before, after, f"{where} · ")
        elif isinstance(before, int | float) and isinstance(after, int | float):
            yield where, number(before), number(after), f"{after - before:+.3f}", "–"


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
