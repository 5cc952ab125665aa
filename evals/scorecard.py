"""A run as a page for people: tables by set, each number with its 95 % interval."""

from collections.abc import Mapping
from typing import Any

Summary = Mapping[str, Any]
PREFERRED = ("write", "both", "quote")
PRECISE = 0.95
ENOUGH_QUESTIONS = 50
OFTEN = 0.1
"""Sentences of the model's own that are sent for each question, for which `both` is worth its time."""
_RETRIEVAL = ("nDCG@10", "nDCG@10, other half", "recall@100", "hit@1", "hit@5")
PEERS = ("bm25s, whole documents", "dense")


def scorecard(config: Summary, summaries: Mapping[str, Summary]) -> str:
    """The page in Markdown; pictures lie beside it."""
    parts = [f"# Scorecard: {config['name']}\n", _versions(config, summaries)]
    for name, summary in summaries.items():
        parts += [
            f"## {name}\n",
            f"![nDCG@10 by way of searching]({name}.svg)\n",
            _retrieval(summary["retrieval"]),
        ]
        if "answers" in summary:
            parts.append(_answers(summary["answers"]))
        if "conversations" in summary:
            parts.append(_conversations(summary["conversations"]))
    return "\n".join(parts)


def number(value: Any) -> str:
    """A mean with its interval, or a plain number; a dash for what was not measured."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return f"{value['mean']:.3f} ({value['low']:.3f}–{value['high']:.3f})"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _versions(config: Summary, summaries: Mapping[str, Summary]) -> str:
    versions: Summary = next((s["versions"] for s in summaries.values() if "versions" in s), {})
    prompts = ", ".join(dict.fromkeys(versions.get("prompts", {}).values())) or "–"
    rows = {
        "Date": config["date"],
        "Commit": config.get("commit", "–"),
        "Model": versions.get("model", "–"),
        "Prompts": prompts,
        "Index": versions.get("index", "–"),
        "Questions answered by the model": config["model_questions"],
    }
    return table(("", ""), [(name, str(value)) for name, value in rows.items()])


def _retrieval(ways: Summary) -> str:
    columns = {name: name for name in _RETRIEVAL} | {"median_seconds": "s"}
    rows = [(way, *(number(measured.get(name)) for name in columns)) for way, measured in ways.items()]
    return table(("Search", *columns.values()), rows) + _gain(ways)


def _gain(ways: Summary) -> str:
    peers = {way: ways[way]["nDCG@10"]["mean"] for way in PEERS if way in ways}
    if "hybrid" not in ways or not any(peers.values()):
        return ""
    best = max(peers, key=peers.__getitem__)
    ratio = ways["hybrid"]["nDCG@10"]["mean"] / peers[best]
    return f"\nBy nDCG@10 hybrid search reaches {ratio:.3f} of the better of bm25s and dense search (`{best}`).\n"


def _answers(ways: Summary) -> str:
    columns = {
        "questions": "questions",
        "containment": "containment",
        "token_f1": "token F1",
        "median_words": "words",
        "refused": "refused",
        "refused, other half": "refused, other half",
        "unsupported": "unsupported",
        "citation_precision": "citation precision",
        "citation_recall": "citation recall",
        "own_sentences": "own sentences cited",
        "dropped": "dropped",
        "median_seconds": "s",
    }
    rows = [(way, *(number(measured.get(name)) for name in columns)) for way, measured in ways.items()]
    return table(("Answers", *columns.values()), rows) + _recommendation(ways)


def _recommendation(ways: Summary) -> str:
    """Which of the three ways `auto` should be: the model's own words only where they are as good and are borne out."""
    contained = {way: ways[way]["containment"] for way in PREFERRED if "containment" in ways.get(way, {})}
    if len(contained) < len(PREFERRED):
        return ""
    best = max(measured["mean"] for measured in contained.values())
    fit = [
        way
        for way, measured in contained.items()
        if measured["high"] >= best
        and (ways[way]["citation_precision"] or 0) >= PRECISE
        and (way != "both" or ways[way]["own_sentences"] >= OFTEN * ways[way]["questions"])
    ]
    asked = min(ways[way]["questions"] for way in PREFERRED)
    caution = "" if asked >= ENOUGH_QUESTIONS else f" {asked} questions are few to tell: take it as a hint."
    return (
        f"\nFor this model `auto` (`ANSWER_MODE`) should be **`{(fit or ['quote'])[0]}`**: the first of `write`, `both`"
        f" and `quote` whose interval reaches the best containment, with a citation precision of {PRECISE} or more;"
        f" `both` only with a sentence of the model's own for {OFTEN:.0%} of the questions, since it takes"
        f" longer.{caution}\n"
    )


def _conversations(ways: Summary) -> str:
    names = ("conversations", "hit@1", "containment", "refused")
    rows = [(way, *(number(measured.get(name)) for name in names)) for way, measured in ways.items()]
    return table(("Follow-ups", *names), rows)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"
