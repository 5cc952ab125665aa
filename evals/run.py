"""One run over some sets: load, retrieval, answers in each mode, and what happens without the evidence."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.answers import Answered, ask_all, ask_with_evidence_alone, ask_without_evidence
from evals.conversations import conversations_of, measure_conversations
from evals.dataset import Dataset, half_of
from evals.gateway import Gateway, Index
from evals.results import Summary, answer_summary, mean, write_details
from evals.retrieval import Measured, measure_retrieval

CALLS_MODEL = ("both", "write")
MODEL_ASKERS = 4
"""Answers that the model writes side by side: together they take a third of their time one by one."""


@dataclass(frozen=True)
class Plan:
    """What a run measures."""

    questions: int | None = None
    """Of each set; None: all."""
    model_questions: int = 100
    """Of them, those that the modes which call the model answer."""
    modes: Sequence[str] = ("quote", "both", "write")


def evaluate(gateway: Gateway, dataset: Dataset, plan: Plan, folder: Path) -> Summary:
    """All that can be measured of a set; progress goes to stderr, details into the folder."""
    started = time.perf_counter()
    say(f"{dataset.name}: {len(dataset.documents)} documents are loaded")
    index = gateway.load(dataset)
    say(f"{dataset.name}: {len(dataset.questions)} questions are searched in each way")
    measured = measure_retrieval(gateway, dataset, index)
    summary: Summary = {"retrieval": retrieval_summary(measured)}
    if any(asked.answers for asked in dataset.questions):
        answered = answer(gateway, dataset, index, plan)
        if talks := conversations_of(dataset.name):
            summary["conversations"] = measure_conversations(gateway, index, talks)
        write_details(folder, dataset.name, answered)
        summary["answers"] = {way: answer_summary(answers) for way, answers in answered.items()}
        summary["versions"] = versions_of(answered)
    else:
        answered = {"quote": ask_all(gateway, dataset, index, "quote")}
        write_details(folder, dataset.name, answered)
        summary["answers"] = {"quote": answer_summary(answered["quote"])}
    return summary | {"seconds": round(time.perf_counter() - started)}


def answer(gateway: Gateway, dataset: Dataset, index: Index, plan: Plan) -> dict[str, list[Answered]]:
    """Every way of answering: as it comes, without abstention, without the evidence, with the evidence alone."""
    answered: dict[str, list[Answered]] = {}
    for mode in plan.modes:
        calls_model = mode in CALLS_MODEL
        asked = dataset.sample(plan.model_questions) if calls_model else dataset
        at_once = MODEL_ASKERS if calls_model else 2
        say(f"{dataset.name}: {len(asked.questions)} questions are answered by `{mode}`")
        answered[mode] = ask_all(gateway, asked, index, mode, at_once)
        if calls_model and "quote" in answered:
            same = {question.id for question in asked.questions}
            answered["quote, the questions of the model"] = [
                a for a in answered["quote"] if a.question in same
            ]
        answered[f"{mode}, always answering"] = without_refusals(
            gateway, asked, index, mode, answered[mode], at_once
        )
        if mode == "write":
            say(f"{dataset.name}: the same from the relevant documents alone")
            alone = ask_with_evidence_alone(gateway, asked, index, mode, at_once)
            answered["write, relevant documents alone"] = alone
    say(f"{dataset.name}: all questions once more with their relevant documents left out")
    answered["quote, evidence left out"] = ask_without_evidence(gateway, dataset, index, "quote")
    return answered


def without_refusals(
    gateway: Gateway, dataset: Dataset, index: Index, mode: str, answers: Sequence[Answered], at_once: int
) -> list[Answered]:
    """The same answers, and for those that were refused one that was not."""
    refused = {answer.question for answer in answers if answer.refused}
    again = Dataset(
        dataset.name,
        dataset.documents,
        [asked for asked in dataset.questions if asked.id in refused],
        dataset.relevant,
    )
    forced = ask_all(gateway, again, index, mode, at_once, abstain=False)
    by_question = {answer.question: answer for answer in forced}
    return [by_question.get(answer.question, answer) for answer in answers]


def retrieval_summary(measured: Mapping[str, Measured]) -> Summary:
    """Each measure's mean with its interval and the median search's seconds, by way of searching."""
    return {
        way: {name: mean(list(values.values())) for name, values in found.by_question.items()}
        | {"nDCG@10, other half": _other_half(found.by_question["nDCG@10"])}
        | {"median_seconds": found.seconds}
        for way, found in measured.items()
    }


def _other_half(by_question: Mapping[str, float]) -> dict[str, float] | None:
    """The mean over the questions that nothing was fitted on."""
    return mean([value for question, value in by_question.items() if half_of(question) == 1])


def versions_of(answered: Mapping[str, Sequence[Answered]]) -> dict[str, Any]:
    """Model and index, and the prompt of each mode that has one."""
    first = next(iter(answered.values()))[0].versions
    prompts = {
        way: next((a.versions["prompt_version"] for a in answers if a.versions["prompt_version"]), "")
        for way, answers in answered.items()
    }
    return {
        "model": first["model"],
        "index": first["index_version"],
        "prompts": {way: version for way, version in prompts.items() if version and "," not in way},
    }


def say(words: str) -> None:
    """Progress."""
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)
