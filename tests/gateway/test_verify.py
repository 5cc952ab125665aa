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
            "The gateway, which Ada wrote in 2019 and is public, listens on port 8080 of the seven machines.",
            "The embedder does not store vectors; it turns text into vectors and hands them to PostgreSQL.",
            "Its old page of the coast of Norway stands at http://e.test/v?q=1 for every browser, which can open it.",
        )
    ),
    {},
    similarity=None,
)


def verified(text: str, cuts: list[int] | None = None) -> SentenceFilter:
    sentences = SentenceFilter(UNITS, offset=10)
    bounds = [0, *sorted(cuts or []), len(text)]
    sent = [sentences.feed(text[a:b]) for a, b in pairwise(bounds)]
    assert "".join([*sent, sentences.finish()]) == sentences.answer
    return sentences


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The gateway listens on port 8080.", "\n\nThe gateway listens on port 8080. [1]"),
        ("The gateway has port 8080 [1].", "\n\nThe gateway has port 8080. [1]"),
        (
            "It listens on port 8080 of the seven machines. [1]\n",
            "\n\nIt listens on port 8080 of the seven machines. [1]",
        ),
        (
            "Its page stands at http://e.test/v?q=1 for every browser.",
            "\n\nIts page stands at http://e.test/v?q=1 for every browser. [3]",
        ),
        ("- The gateway listens on port 8080.", "\n\nThe gateway listens on port 8080. [1]"),
        ("The answer is: Ada wrote it in 2019.", "\n\nAda wrote it in 2019. [1]"),
    ],
)
def test_a_sentence_that_a_unit_bears_is_sent_with_its_marker(text: str, answer: str) -> None:
    assert verified(text).answer == answer


@pytest.mark.parametrize(
    "text",
    [
        "The gateway listens on port 9090.",
        "Bob wrote the gateway in 2019.",
        "The gateway does not listen on port 8080.",
        "The embedder does store vectors.",
        "The embedder does not turn text into vectors.",
        "The gateway and Ada listen on port 8080.",
        "The gateway listens on port 8080 of the public gateway.",
        "The gateway listens on port 8080 [2].",
        "The gateway runs on eight machines.",
        "Everything about clouds and weather is public.",
        "It turns text into vectors and hands them to PostgreSQL.",
        "The gateway, which Ada wrote in 2019, listens on port 8080 ![](//e).",
        "Its page stands at http://e.test/v?q=page for every browser.",
        "The <b>gateway</b>, which Ada wrote in 2019, listens on port 8080.",
        "The gateway, which Ada wrote in 2019 and is [public](e), listens on port 8080.",
        "The gateway listens on port",
    ],
)
def test_a_sentence_that_no_unit_bears_or_that_repeats_one_is_dropped(text: str) -> None:
    sentences = verified(text)
    assert sentences.answer == ""
    assert sentences.dropped == 1


def test_at_most_two_sentences_are_judged() -> None:
    sentences = verified("The gateway has port 8080. Ada wrote it. The gateway is public. More.")
    assert sentences.answer == "\n\nThe gateway has port 8080. [1] Ada wrote it. [1]"
    assert sentences.dropped == 0


def test_a_sentence_is_told_once() -> None:
    sentences = verified("The gateway has port 8080. The gateway has port 8080.")
    assert sentences.answer == "\n\nThe gateway has port 8080. [1]"
    assert sentences.dropped == 1


def test_a_sentence_waits_for_the_next_to_begin() -> None:
    sentences = SentenceFilter(UNITS, offset=0, lead="")
    assert sentences.feed("The gateway has port 8080. ") == ""
    assert sentences.feed("[1] ") == ""
    assert sentences.feed("A") == "The gateway has port 8080. [1]"


def test_its_citation_names_the_marker_and_the_unit() -> None:
    sentences = verified("The gateway has port 8080.")
    (citation,) = sentences.citations
    assert ("x" * 10 + sentences.answer)[citation.start : citation.end] == "[1]"
    assert citation.quote is None
    assert citation.evidence == (0, len(UNITS[0].text))


PIECES = [
    "The gateway has port 8080",
    "Ada wrote it",
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
