"""What `make bench-ingest` measured, as tables for people and as JSON, without a machine's name or paths."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median

from bench.report import machine, quantile, save, words_of

CONDITIONS = """Pages of Debian's postgresql-doc-15, {chunks} chunks in {rounds} rounds, each with pages of its own.
All write the same chunks, cut by our splitter; ours also parses and splits. LangChain and LlamaIndex keep an HNSW index
and a full-text index while they write, as ours does. `http` and `ours` embed through the same server; `in-process` is
each peer's own default with the same model; `given` writes vectors that are there. Questions are one user's, one after
another, in answer mode `quote`, which calls no model. Requests at their best size on a sample: {best}."""


@dataclass
class Lane:
    """A number a round: speed, and milliseconds of all processors, of every process that works for the lane."""

    chunks_per_s: list[float] = field(default_factory=list)
    cpu_ms_per_chunk: list[float] = field(default_factory=list)


def write(
    measured: Mapping[str, Lane],
    idle: Sequence[float],
    busy: Sequence[float],
    chunks: int,
    best: Mapping[str, int],
) -> str:
    """Writes `results/ingest.json` and `.md`; returns the page."""
    on, rounds = machine(), len(measured["ours"].chunks_per_s)
    sizes = ", ".join(f"{name} {size}" for name, size in best.items())
    conditions = CONDITIONS.format(chunks=chunks, rounds=rounds, best=sizes)
    page = f"{words_of(on)}.\n\n{conditions}\n\n{_speeds(measured)}\n{_ratios(measured, idle, busy)}"
    raw = {
        "machine": on,
        "chunks": chunks,
        "best": dict(best),
        "lanes": {name: asdict(lane) for name, lane in measured.items()},
    }
    raw |= {"question_s": {"idle": idle, "while_ingesting": busy}}
    return save("ingest", raw, page)


def _speeds(measured: Mapping[str, Lane]) -> str:
    lines = ["| Lane | chunks/s, median (least–most) | processor ms a chunk, median |", "|---|---|---|"]
    for name, lane in measured.items():
        speeds, used = lane.chunks_per_s, median(lane.cpu_ms_per_chunk)
        lines.append(f"| {name} | {median(speeds):.1f} ({min(speeds):.1f}–{max(speeds):.1f}) | {used:.1f} |")
    return "\n".join(lines) + "\n"


def _ratios(measured: Mapping[str, Lane], idle: Sequence[float], busy: Sequence[float]) -> str:
    pairs = [("ours", "embedder alone", "≥ 0.85")]
    for ours, lane, goal in (
        ("ours", "http", "≥ 1.0"),
        ("ours", "in-process", "≥ 1.5"),
        ("ours, given", "given", "≥ 1.5"),
    ):
        pairs += [(ours, f"{peer}, {lane}", goal) for peer in ("langchain", "llamaindex")]
    lines = [
        "| Ratio, median of the rounds' | speed | processor time saved | goal for speed |",
        "|---|---|---|---|",
    ]
    for ours, other, goal in pairs:
        one, two = measured[ours], measured[other]
        speed, saved = (
            _ratio(one.chunks_per_s, two.chunks_per_s),
            _ratio(two.cpu_ms_per_chunk, one.cpu_ms_per_chunk),
        )
        lines.append(f"| {ours} to {other} | {speed:.2f} | {saved:.2f} | {goal} |")
    lines += [
        "",
        f"| One question while ingesting ({len(busy)} asked) to idle ({len(idle)}) | ratio | goal |",
        "|---|---|---|",
    ]
    for share, goal in ((0.5, "–"), (0.99, "≤ 1.5")):
        during, alone = (quantile(asked, share) * 1000 for asked in (busy, idle))
        lines.append(
            f"| p{share * 100:.0f}: {during:.0f} ms to {alone:.0f} ms | {during / alone:.2f} | {goal} |"
        )
    return "\n".join(lines) + "\n"


def _ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Round by round, since only what ran side by side is comparable."""
    return median(a / b for a, b in zip(one, other, strict=True))
