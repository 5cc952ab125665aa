"""Sentences of a set's own documents, each with one thing in it made wrong: how often the rules of citations see it.

Nobody has to judge them: what is taken word for word from a source is true, and what is changed is not.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from rag_gateway.rag.entailment import bears
from rag_gateway.rag.facts import numbers_of, states
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.support import Sources
from rag_gateway.rag.terms import STOPWORDS, words_of

from evals.answers import supported
from evals.dataset import Dataset
from evals.judged import passages_of
from evals.scorecard import table

MOST, WORDS = 200, (8, 40)
"""Sentences for each change, and words of one: shorter ones have little to change, longer ones are lists."""
_NUMBER = re.compile(r"\b\d+\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
_FIRST = re.compile(r"^[A-Z][a-z]{3,}\b")
_PLAIN = re.compile(r"\b[a-z]{5,}\b")
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|had|can|could|will|would)\b")
_PAIRS = """
above below, before after, more less, increased decreased, higher lower, highest lowest, largest smallest, first last,
north south, northern southern, east west, eastern western, over under, rise fall, rose fell, won lost, up down
"""
_CONTRARY = dict(pair.split() for pair in _PAIRS.replace("\n", " ").split(","))
_CONTRARY |= {b: a for a, b in _CONTRARY.items()}
_DIRECTION = re.compile(rf"\b(?:{'|'.join(_CONTRARY)})\b")


@dataclass(frozen=True)
class Said:
    """A sentence of a passage, and another document's words to put in."""

    sentence: str
    passage: Passage
    foreign: str


Change = Callable[[Said], str]
"""The sentence made wrong; itself where it has nothing to change."""


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


def as_it_is(said: Said) -> str:
    """Two spaces after its first word alone."""
    return said.sentence.replace(" ", "  ", 1)


def another_number(said: Said) -> str:
    """Its first number is one that the passage does not have."""
    known = numbers_of(said.passage.text)
    return _NUMBER.sub(
        lambda found: next(n for n in map(str, count(int(found[0]) + 1)) if n not in known), said.sentence, 1
    )


def another_name(said: Said) -> str:
    """A name behind the first word is another document's."""
    return _replaced(_NAME, said.sentence, _strangers(_NAME, said))


def another_subject(said: Said) -> str:
    """The name at its beginning is another document's."""
    opener = said.sentence.split(maxsplit=1)[0].casefold() in STOPWORDS
    return said.sentence if opener else _replaced(_FIRST, said.sentence, _strangers(_NAME, said))


def denied(said: Said) -> str:
    """What is said is denied."""
    already = re.search(r"\bnot\b|n't", said.sentence)
    return (
        said.sentence if already else _AUXILIARY.sub(lambda found: f"{found[0]} not", said.sentence, count=1)
    )


def contrary(said: Said) -> str:
    """A direction or a bound is its contrary."""
    return _DIRECTION.sub(lambda found: _CONTRARY[found[0]], said.sentence, count=1)


def names_exchanged(said: Said) -> str:
    """The first name and the last one have changed places."""
    found = list(_NAME.finditer(said.sentence))
    if len(found) < 2 or found[0][0] == found[-1][0]:
        return said.sentence
    (a, b), (c, d) = found[0].span(), found[-1].span()
    text = said.sentence
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def another_word(said: Said) -> str:
    """One plain word in the middle is another document's."""
    found = list(_PLAIN.finditer(said.sentence))
    strangers = _strangers(_PLAIN, said)
    if not found or not strangers:
        return said.sentence
    start, end = found[len(found) // 2].span()
    return said.sentence[:start] + strangers[0] + said.sentence[end:]


CHANGES: dict[str, Change] = {
    "as it is": as_it_is,
    "another number": another_number,
    "another name": another_name,
    "another subject": another_subject,
    "denied": denied,
    "the contrary direction or bound": contrary,
    "two names exchanged": names_exchanged,
    "one word of another document": another_word,
}


def _replaced(pattern: re.Pattern[str], text: str, instead: Sequence[str]) -> str:
    return pattern.sub(instead[0], text, count=1) if instead else text


def _strangers(pattern: re.Pattern[str], said: Said) -> list[str]:
    """The other document's words of that form that the passage does not have."""
    known = set(words_of(f"{said.passage.title} {said.passage.heading} {said.passage.text}"))
    return [word for word in pattern.findall(said.foreign) if word.casefold() not in known | STOPWORDS]


def _share(verdicts: Iterable[object]) -> float:
    accepted = [bool(verdict) for verdict in verdicts]
    return sum(accepted) / len(accepted)
