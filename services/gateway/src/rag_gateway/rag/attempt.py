"""A follow-up is searched for together with the question before, and alone; the sources say which is meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag_gateway.rag.condense import points, refers
from rag_gateway.rag.facts import names_of
from rag_gateway.rag.grounding import grounding, has_topic
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.search import Found
from rag_gateway.rag.terms import terms_of

FEW_TERMS = 5
"""A question of more stems says itself what it is about, whatever it points to."""


@dataclass(frozen=True)
class Attempt:
    """What a query finds: each arm's passages, and all of them fused, best first."""

    query: str
    found: Found
    passages: Sequence[Passage]


def better(attempts: Sequence[Attempt], top_k: int) -> Attempt:
    """The only one; of a joined one and the question alone the latter if its sources answer it.

    Unless it refers to the question before, and both together are answered better, or it points to somebody or goes on
    (`And where was he born?`) in few words and names nobody. `top_k` passages of each are looked at.
    """
    joined, alone = attempts[0], attempts[-1]
    if joined is alone:
        return alone
    itself = grounding(alone.query, alone.passages[:top_k], alone.found.idf)
    few = len(terms_of(alone.query)) <= FEW_TERMS
    nameless = few and points(alone.query) and not names_of(alone.query)
    if nameless or not itself.enough or not has_topic(alone.query):
        return joined
    together = grounding(joined.query, joined.passages[:top_k], joined.found.idf, follow_up=alone.query)
    both = together.enough and together.likelihood >= itself.likelihood
    return joined if refers(alone.query) and both else alone
