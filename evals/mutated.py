"""Sentences of a set's own documents, each with one thing in it made wrong: how often the rules of citations see it.

Nobody has to judge them: what is taken word for word from a source is true, and what is changed is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rag_gateway.rag.entailment import bears
from rag_gateway.rag.facts import states
from rag_gateway.rag.support import Sources

from evals.answers import supported
from evals.changes import CHANGES, Said
from evals.dataset import Dataset
from evals.judged import passages_of
from evals.scorecard import table

MOST, WORDS = 200, (8, 40)
"""Sentences for each change, and words of one: shorter ones have little to change, longer ones are lists."""


@dataclass(frozen=True)
class Taken:
    """How many sentences were changed, and the share of them that each rule takes for true."""

    sentences: int
    cited_by_model: float
    """A marker that the model set is left standing."""
    cited_by_us: float
    """A sentence that the model did not cite gets a marker."""
    sent_by_both: float
    judged_right: float
    """The evaluation's own judgement of a citation (`citation precision`)."""


def report(dataset: Dataset) -> str:
    """A table of what the rules take for true."""
    names = (dataset.name, "sentences", "cited by the model", "cited by us", "sent by `both`", "judged right")
    rows = [
        (change, str(taken.sentences), *(f"{share:.2f}" for share in list(vars(taken).values())[1:]))
        for change, taken in measure(dataset).items()
    ]
    return table(names, rows)


def measure(dataset: Dataset, seed: int = 7) -> dict[str, Taken]:
    """By change; those that no sentence of the set allows are left out."""
    said = sentences_of(dataset, seed)
    changed = {
        name: [(each, text) for each in said if (text := change(each)) != each.sentence][:MOST]
        for name, change in CHANGES.items()
    }
    return {name: _taken(sentences) for name, sentences in changed.items() if sentences}


def _taken(changed: Sequence[tuple[Said, str]]) -> Taken:
    sources = [Sources([each.passage]) for each, _ in changed]
    texts = [text for _, text in changed]
    return Taken(
        len(texts),
        _share(source.support(text, 1) for source, text in zip(sources, texts, strict=True)),
        _share(source.best_support(text) for source, text in zip(sources, texts, strict=True)),
        _share(bears(each.sentence, text) for each, text in changed),
        _share(
            supported(text, f"{p.title} {p.heading}", p.text)
            for p, text in ((e.passage, t) for e, t in changed)
        ),
    )


def sentences_of(dataset: Dataset, seed: int) -> list[Said]:
    """Statements in an order drawn by chance, each with a document that is not its own."""
    chance = np.random.default_rng(seed)
    readable = (document for document in dataset.documents if document.text.strip())
    passages = [passage for document in readable for passage in passages_of(document)]
    said = [
        Said(text, passage, passages[chance.integers(len(passages))].text)
        for passage in passages
        for text in (passage.text_of(unit) for unit in passage.units)
        if WORDS[0] <= len(text.split()) <= WORDS[1] and states(text)
    ]
    return [said[at] for at in chance.permutation(len(said)) if said[at].foreign != said[at].passage.text]


def _share(verdicts: Iterable[object]) -> float:
    accepted = [bool(verdict) for verdict in verdicts]
    return sum(accepted) / len(accepted)
