"""What was measured as a table for people and as JSON, without a machine's name or paths."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).parent / "results"
OURS, PEER, CEILING = "embedder", "infinity", "in-process"


@dataclass
class Result:
    """What one contender did: a number a round, for questions one a question; cosine is to in-process float32."""

    texts_per_s: list[float] = field(default_factory=list)
    cpu_ms_per_text: list[float] = field(default_factory=list)
    question_s: list[float] = field(default_factory=list)
    cosine: float = 1.0


def write(name: str, results: Mapping[str, Result]) -> str:
    """Writes `results/<name>.json` and `.md`; returns the table."""
    on, rounds = machine(), len(results[OURS].texts_per_s)
    page = f"{words_of(on)}; {rounds} rounds.\n\n{table(results)}\n{goals(results)}"
    raw = {"machine": on, "results": {key: asdict(result) for key, result in results.items()}}
    return save(name, raw, page)


def save(name: str, raw: Mapping[str, Any], page: str) -> str:
    """Writes `results/<name>.json` with four digits a number, and `.md`; returns the page."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(raw, default=float)
    text = re.sub(r"\d+\.\d{4,}", lambda number: f"{float(number[0]):.4g}", text)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    (RESULTS / f"{name}.md").write_text(page, encoding="utf-8")
    return page


def table(results: Mapping[str, Result]) -> str:
    """A row a contender."""
    lines = [
        "| Contender | texts/s (least–most) | CPU ms a text | question p50 | question p99 | least cosine |",
        "|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        speed = (
            f"{median(result.texts_per_s):.1f} ({min(result.texts_per_s):.1f}–{max(result.texts_per_s):.1f})"
        )
        asked = [f"{quantile(result.question_s, share) * 1000:.0f} ms" for share in (0.5, 0.99)]
        cells = [name, speed, f"{median(result.cpu_ms_per_text):.1f}"]
        cells += asked if result.question_s else ["–", "–"]
        lines.append(f"| {' | '.join(cells)} | {result.cosine:.4f} |")
    return "\n".join(lines) + "\n"


def goals(results: Mapping[str, Result]) -> str:
    """The ratios; a peer that runs in two ways counts as the better one."""
    ours, peers = results[OURS], [result for name, result in results.items() if name.startswith(PEER)]
    [ceiling] = [result for name, result in results.items() if name.startswith(CEILING)]
    [default] = [result for name, result in results.items() if name.endswith("(default)")]
    peer_p99 = min(quantile(peer.question_s, 0.99) for peer in peers)
    rows = [
        ("texts/s to infinity's better", min(ratio(ours, peer) for peer in peers), "≥ 1.5"),
        ("texts/s to infinity as it comes", ratio(ours, default), "≥ 1.5"),
        ("texts/s to in-process", ratio(ours, ceiling), "≥ 0.9"),
        ("CPU a text to infinity's least", _cpu(ours) / min(map(_cpu, peers)), "–"),
        ("CPU a text to in-process", _cpu(ours) / _cpu(ceiling), "–"),
        ("question p99 beside bulk to infinity's", quantile(ours.question_s, 0.99) / peer_p99, "≤ 0.3"),
        ("texts/s of bfloat16 to float32", ratio(results[f"{OURS}, bfloat16"], ours), "–"),
    ]
    lines = ["| Ratio (median of the rounds) | measured | goal |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value:.2f} | {goal} |" for name, value, goal in rows)]) + "\n"


def ratio(one: Result, other: Result) -> float:
    """Of two speeds, round by round, since only what ran side by side is comparable."""
    return median(a / b for a, b in zip(one.texts_per_s, other.texts_per_s, strict=True))


def _cpu(result: Result) -> float:
    return median(result.cpu_ms_per_text)


def quantile(numbers: Sequence[float], share: float) -> float:
    """The number below which that share lies; NaN of none."""
    ordered = sorted(numbers)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def machine() -> dict[str, Any]:
    """What may be said of the machine; a load far above its cores says that others worked on it."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    load = round(os.getloadavg()[1], 1)
    return {"processor": found[1] if found else "unknown", "cores": os.cpu_count(), "load": load}


def words_of(on: Mapping[str, Any]) -> str:
    """The machine for a page."""
    return ", ".join(f"{key} {value}" for key, value in on.items())
