"""Pictures of a run, where people would rather look than read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

COLOUR = "#2f6f8f"


def draw_retrieval(path: Path, ways: Mapping[str, Any], measure: str = "nDCG@10") -> None:
    """A bar a way of searching with its 95 % interval."""
    figure = Figure(figsize=(7, 0.5 * len(ways) + 1.1), layout="constrained")
    axes = figure.subplots()
    names = list(ways)[::-1]
    means = [ways[name][measure]["mean"] for name in names]
    low = [ways[name][measure]["mean"] - ways[name][measure]["low"] for name in names]
    high = [ways[name][measure]["high"] - ways[name][measure]["mean"] for name in names]
    axes.barh(names, means, color=COLOUR, height=0.6, xerr=[low, high], ecolor="#333333", capsize=3)
    for at, mean in enumerate(means):
        axes.text(0.01, at, f"{mean:.3f}", va="center", color="white", fontsize=9)
    axes.set_xlim(0, 1)
    axes.set_xlabel(measure)
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def draw_refusals(path: Path, answerable: Sequence[float], removed: Sequence[float], chosen: float) -> None:
    """Which share is refused at each threshold of the likelihood, of both kinds of questions."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    steps = [step / 100 for step in range(101)]
    for values, words, colour in (
        (removed, "evidence left out", COLOUR),
        (answerable, "answerable", "#c2703d"),
    ):
        axes.plot(
            steps, [sum(v < step for v in values) / len(values) for step in steps], color=colour, label=words
        )
    axes.axvline(chosen, color="#333333", linestyle=":", label=f"refused below {chosen:.2f}")
    axes.set_xlabel("likelihood that the sources hold the answer")
    axes.set_ylabel("share of questions refused")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    """The same numbers give the same file."""
    with mpl.rc_context({"svg.hashsalt": "groundwork", "font.family": "DejaVu Sans"}):
        figure.savefig(path, metadata={"Date": None})
