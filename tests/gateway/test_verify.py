"""A small model's own sentences are sent only when a quoted unit bears them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rag_gateway.rag.quote import candidates_of, rank_units
from rag_gateway.rag.verify import SentenceFilter

from tests.gateway.made_passages import passages_of

UNITS = rank_units(
    "port?",
    candidates_of(
        passages_of(
            "The gateway, which is public, listens on port 8080 of the seven machines; Ada wrote it in Oslo.",
            "The embedder does not store vectors; it turned text into vectors, and PostgreSQL kept them for it.",
            "Its old page has stood at http://e.test/v?q=17, a place in Norway that no browser opens any more.",
        )
    ),
    {},
    similarity=None,
)


LISTENS = "The gateway listens on port 8080 of the seven machines"
WROTE = "Ada wrote it in Oslo"
PAGE = "Its old page has stood at http://e.test/v?q=17"


def verified(text: str, cuts: list[int] | None = None) -> SentenceFilter:
    sentences = SentenceFilter(UNITS, offset=10)
    bounds = [0, *sorted(cuts or []), len(text)]
    sent = [sentences.feed(text[a:b]) for a, b in pairwise(bounds)]
    assert "".join([*sent, sentences.finish()]) == sentences.answer
    return sentences


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"{LISTENS}.", f"\n\n{LISTENS}. [1]"),
        (f"{LISTENS} [1].", f"\n\n{LISTENS}. [1]"),
        (f"{LISTENS}. [1]\n", f"\n\n{LISTENS}. [1]"),
        (f"{PAGE}.", f"\n\n{PAGE}. [3]"),
        (f"- {LISTENS}.", f"\n\n{LISTENS}. [1]"),
        (f"The answer is: {LISTENS}.", f"\n\n{LISTENS}. [1]"),
    ],
)
def test_a_sentence_that_a_unit_bears_is_sent_with_its_marker(text: str, answer: str) -> None:
    assert verified(text).answer == answer


@pytest.mark.parametrize(
    "text",
    [
        "The gateway listens on port 9090 of the seven machines.",
        "Bob wrote it in Oslo.",
        "The gateway does not listen on port 8080 of the seven machines.",
        "The embedder does store vectors.",
        "The embedder does not turn text into vectors.",
        "The gateway and Ada listen on port 8080.",
        "The gateway listens on port 8080 of the public machines.",
        f"{LISTENS} [2].",
        "The gateway listens on port 8080 of the eight machines.",
        "Everything about clouds and weather is public.",
        "PostgreSQL kept them and answers for the embedder.",
        f"{LISTENS} ![](//e).",
        f"{PAGE}/2.",
        f"<b>{LISTENS}</b>.",
        f"{LISTENS} [public](e).",
        "The gateway listens on port 8080 of the",
        f"{LISTENS}; Ada wrote it in Oslo.",
    ],
)
def test_a_sentence_that_no_unit_bears_or_that_repeats_one_is_dropped(text: str) -> None:
    sentences = verified(text)
    assert sentences.answer == ""
    assert sentences.dropped == 1


def test_at_most_two_sentences_are_judged() -> None:
    sentences = verified(f"{LISTENS}. {WROTE}. {PAGE}. More.")
    assert sentences.answer == f"\n\n{LISTENS}. [1] {WROTE}. [1]"
    assert sentences.dropped == 0


def test_a_sentence_is_told_once() -> None:
    sentences = verified(f"{LISTENS}. {LISTENS}.")
    assert sentences.answer == f"\n\n{LISTENS}. [1]"
    assert sentences.dropped == 1


def test_a_sentence_waits_for_the_next_to_begin() -> None:
    sentences = SentenceFilter(UNITS, offset=0, lead="")
    assert sentences.feed(f"{LISTENS}. ") == ""
    assert sentences.feed("[1] ") == ""
    assert sentences.feed("A") == f"{LISTENS}. [1]"


def test_its_citation_names_the_marker_and_the_unit() -> None:
    sentences = verified(f"{LISTENS}.")
    (citation,) = sentences.citations
    assert ("x" * 10 + sentences.answer)[citation.start : citation.end] == "[1]"
    assert citation.quote is None
    assert citation.evidence == (0, len(UNITS[0].text))


PIECES = [
    LISTENS,
    WROTE,
    "Dr. Bob",
    " ",
    ". ",
    " [1]",
    ".[2]",
    "\n",
    "e.g. ",
    "! ",
    "7",
    "”",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.lists(st.integers(0, 200), max_size=8))
def test_how_the_stream_is_cut_does_not_matter(text: str, cuts: list[int]) -> None:
    whole, pieces = verified(text), verified(text, [min(cut, len(text)) for cut in cuts])
    assert (pieces.answer, pieces.citations, pieces.dropped) == (whole.answer, whole.citations, whole.dropped)
