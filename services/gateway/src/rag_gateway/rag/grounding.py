"""Whether what was found is strong enough to answer from; if not, the answer says so instead of guessing."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from math import exp, log

from rag_gateway.rag.facts import names_of
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.quote import question_shares
from rag_gateway.rag.terms import stem, terms_of

WEIGHTS = {"lexical": 6.53, "coverage": 6.21, "held": 0.4, "names": 3.32, "dense": 2.96, "ln_terms": 2.21}
BIAS = -14.18
"""A logistic regression, fitted by `python -m evals calibrate` on one half of the questions, each asked once as it is
and once with the passages that answer it left out; what it does to the other half stands in ADR 0014."""
ENOUGH = 0.58
"""Below this likelihood an answer is refused: 8 to 10 of 100 that could have been given, 9 of 10 that could not."""
MEDIAN_DENSE = 0.52
"""Stands in for the cosine when the embedder is away."""
MOST_TERMS = 20
"""Longer questions than were measured count as the longest that were."""
FOLLOWED = 0.4
"""Share of what a follow-up asks itself that the sources must hold: what they hold of the question before says nothing
of the next one. `evals/conversations.jsonl` has what it was chosen by."""


_ASKING = """
anybody anyone anything based big briefly call called come consider considered describe detail details different do
elaborate everybody everyone everything exactly example exist explain find first get give go happen kind know known
large list long look made main make many mean much name need nothing often one part place please precisely refer
refers said say see show somebody someone something sort take tell term thank thanks thing things two type use used
using usually want way work works
"""
ASKING = frozenset(map(stem, _ASKING.split()))
"""Stems that say how something is asked for rather than what: sources need not hold them."""
_POINTING = """
again answer brief bit clear clearer else example fifth former fourth further info information instead last later
latter next ok okay one ones point previous rather really same second short shorter simple simpler simply step
summarise summarize summary sure third understand word words
"""
POINTING = ASKING | frozenset(map(stem, _POINTING.split()))
"""Stems by which a follow-up points to what was said, or asks for it in another way, as well."""


@dataclass(frozen=True)
class Grounding:
    """What says that the sources answer the question; each figure is taken at its best over the sources."""

    lexical: float
    """BM25 as a share of the most that these terms could give, 0–1."""
    coverage: float
    """Share of the question's rarity that one unit holds in its own words, 0–1."""
    held: float
    """Share of the question's rarity that all sources together hold, with their titles and headings, 0–1."""
    names: float
    """Share of the question's names that they hold, 0–1; 1 for a question without names."""
    dense: float | None
    """Cosine of a passage to the question; None when the embedder was away."""
    terms: int
    """Different stems of the question that say what it is about."""
    follow_up: float = 1.0
    """Share of a follow-up's own rarity that the sources about the question before it hold, 0–1; 1 for one that stands
    alone."""

    @property
    def likelihood(self) -> float:
        """That the sources hold the answer, 0–1; a question of stopwords alone cannot be judged and gets 1."""
        if not self.terms:
            return 1.0
        signals = {
            "lexical": self.lexical,
            "coverage": self.coverage,
            "held": self.held,
            "names": self.names,
            "dense": MEDIAN_DENSE if self.dense is None else self.dense,
            "ln_terms": log(min(self.terms, MOST_TERMS)),
        }
        return 1 / (1 + exp(-sum(WEIGHTS[name] * value for name, value in signals.items()) - BIAS))

    @property
    def enough(self) -> bool:
        """Whether to answer."""
        return self.likelihood >= ENOUGH and self.follow_up >= FOLLOWED


def grounding(
    question: str, sources: Sequence[Passage], idf: Mapping[str, float], follow_up: str = ""
) -> Grounding:
    """The signals of these sources; `idf` is by stem, for the question's stems that the index knows.

    `follow_up` is the last part of a question that was joined from two.
    """
    shares = _topic(question_shares(question, idf))
    most = sum(rarity for term, rarity in idf.items() if term in shares)
    units = [passage.text_of(unit) for passage in sources for unit in passage.units]
    in_units = [sum(shares.get(term, 0.0) for term in terms_of(text)) for text in units]
    told = [terms_of(f"{p.title}\n{p.heading}\n{p.text}").keys() for p in sources]
    known = set().union(*told)
    names = {term for name in names_of(question) for term in terms_of(name)}
    dense = [passage.scores.dense for passage in sources if passage.scores.dense is not None]
    return Grounding(
        lexical=min(max((p.scores.lexical or 0.0 for p in sources), default=0.0) / most, 1.0)
        if most > 0
        else 0.0,
        coverage=max(in_units, default=0.0),
        held=sum(share for term, share in shares.items() if term in known),
        names=len(names & known) / len(names) if names else 1.0,
        dense=max(dense, default=None),
        terms=len(shares),
        follow_up=_followed(question_shares(follow_up, idf), shares, told),
    )


def has_topic(question: str) -> bool:
    """Whether a question says what it is about, instead of only pointing to what was said (`And the second one?`)."""
    return bool(terms_of(question).keys() - POINTING)


def _followed(shares: Mapping[str, float], joined: Mapping[str, float], told: Sequence[Set[str]]) -> float:
    """The share of what a follow-up asks about that those sources hold which are about the question before it, too.

    These hold at least half as much of it as the best does. 1 for a follow-up of nothing but pointing (`And then?`).
    """
    topic = {term: share for term, share in shares.items() if term not in POINTING}
    total = sum(topic.values())
    before = [sum(s for term, s in joined.items() if term in each and term not in shares) for each in told]
    near = [each for each, held in zip(told, before, strict=True) if 2 * held >= max(before)]
    return (
        sum(share for term, share in topic.items() if any(term in each for each in near)) / total
        if total
        else 1.0
    )


def _topic(shares: Mapping[str, float]) -> dict[str, float]:
    """The shares of what is asked about, adding up to 1; a question of nothing but asking is taken as it is."""
    topic = {term: share for term, share in shares.items() if term not in ASKING} or dict(shares)
    total = sum(topic.values()) or 1.0
    return {term: share / total for term, share in topic.items()}
