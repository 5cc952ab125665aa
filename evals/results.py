"""A run's folder: what was run, what came of it, and each question's details for those who want to look closer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from evals.answers import Answered
from evals.dataset import half_of
from evals.measures import interval

RESULTS = Path(__file__).parent / "results"
Summary = dict[str, Any]


def new_folder(name: str) -> Path:
    """`<date>-<name>`, made if need be; a second run of the same day and name replaces the first."""
    folder = RESULTS / f"{date.today().isoformat()}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_json(path: Path, value: Any) -> None:
    """JSON for people to read, numbers to four digits."""
    path.write_text(json.dumps(_rounded(value), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_details(folder: Path, name: str, answered: Mapping[str, Sequence[Answered]]) -> None:
    """One line an answer; git ignores them, since they hold the set's words."""
    with (folder / f"{name}.details.jsonl").open("w", encoding="utf-8") as lines:
        for way, answers in answered.items():
            for answer in answers:
                row = {"set": name, "way": way, **asdict(answer)}
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_details(folder: Path) -> list[dict[str, Any]]:
    """All answers of a run."""
    files = sorted(folder.glob("*.details.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def mean(values: Sequence[float]) -> dict[str, float] | None:
    """The mean with its 95 % interval; None of nothing."""
    if not values:
        return None
    low, high = interval(values)
    return {"mean": sum(values) / len(values), "low": low, "high": high}


def answer_summary(answers: Sequence[Answered]) -> Summary:
    """What a way of answering is worth, all questions counted and a refusal counted as a miss.

    An answer that says that it could not be traced to a passage is `unsupported`; its sentences count for the recall of
    citations, and it has none.
    """
    given = [answer for answer in answers if not answer.refused]
    citations = sum(answer.citations for answer in given)
    sentences = sum(answer.sentences for answer in given)
    quotations = sum(answer.quotations for answer in given)
    summary: Summary = {
        "questions": len(answers),
        "refused": mean([float(answer.refused) for answer in answers]),
        "refused, other half": mean(
            [float(answer.refused) for answer in answers if half_of(answer.question) == 1]
        ),
        "unsupported": mean([float(answer.unsupported) for answer in answers]),
        "median_words": _median([answer.words for answer in given]),
        "median_seconds": _median([answer.seconds for answer in answers]),
        "citation_precision": _share(sum(answer.supported for answer in given), citations),
        "citation_recall": _share(sum(answer.cited_sentences for answer in given), sentences),
        "cites_a_relevant_document": mean(
            [float(answer.relevant) for answer in given if not answer.unsupported]
        ),
        "exact_quotations": _share(sum(answer.exact for answer in given), quotations),
        "own_sentences": citations - quotations,
        "dropped": sum(answer.dropped for answer in given),
    }
    judged = [answer for answer in answers if answer.contained is not None]
    if judged:
        summary["containment"] = mean([float(answer.contained or False) for answer in judged])
        summary["token_f1"] = mean([answer.f1 or 0.0 for answer in judged])
    return summary


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _median(values: Sequence[float]) -> float | None:
    ordered = sorted(values)
    return float(ordered[len(ordered) // 2]) if ordered else None


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {str(key): _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
