"""Markers and sentences are verified while they stream; what was sent, joined, is the answer."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rag_gateway.rag.cite import MarkerFilter, last_sentence
from rag_gateway.rag.generate import Message
from rag_gateway.rag.history import plain_history, plain_turn

from safe_markdown import safe_html
from tests.gateway.made_passages import passages_of

SOURCES = passages_of(
    "The gateway listens on port 8080. It is the public part.",
    "The embedder turns text into vectors. Start it:\n\n```sh\nmake embedder\n```",
)


def filtered(text: str, cuts: list[int] | None = None) -> MarkerFilter:
    markers = MarkerFilter(SOURCES)
    bounds = [0, *sorted(cuts or []), len(text)]
    sent = [markers.feed(text[a:b]) for a, b in pairwise(bounds)]
    assert "".join([*sent, markers.finish()]) == markers.answer
    return markers


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The gateway listens on port 8080 [1].", "The gateway listens on port 8080 [1]."),
        ("The gateway listens on port 8080. [1] Yes.", "The gateway listens on port 8080. [1] Yes."),
        ("Port 8080 is the gateway's [1, 2].", "Port 8080 is the gateway's [1]."),
        ("Port 8080 is the gateway's [2][1].", "Port 8080 is the gateway's [1]."),
        ("The gateway listens on port 8080 [9] [1].", "The gateway listens on port 8080 [1]."),
        ("The gateway listens on port 9999 [1].", "The gateway listens on port 9999."),
        ("It is in 9999 http://e.test/?gateway.port [1].", "It is in 9999 http://e.test/?gateway.port."),
        ("It was because of the pandemic [1]. So", "It was because of the pandemic. So"),
        ("The gateway listens on port 8080 [1] and the embedder turns text into vectors [2].",) * 2,
        (
            "Port 8080 is public and the gateway listens to Bob [1].",
            "Port 8080 is public and the gateway listens to Bob.",
        ),
        ("The gateway does not listen on port 8080 [1].", "The gateway does not listen on port 8080."),
        ("Run\n```sh\nmake embedder\n```\n[2]",) * 2,
        ("Nobody knows [citation needed] it [x] [", "Nobody knows [citation needed] it [x] ["),
        ("Take `a[1]` or\n```\nb[2]\n```\nnow", "Take `a[1]` or\n```\nb[2]\n```\nnow"),
        ("Nobody `knows [9] it.\nNor [9] me.", "Nobody `knows it.\nNor me."),
        ("Nobody ``knows [9] it\n` [9]`.\n\n`a[9]`", "Nobody ``knows it\n` `.\n\n`a[9]`"),
        ("Nobody knows ```\nit [9].", "Nobody knows ```\nit."),
        ("``` `x` [9]\nNobody [9] knows it.", "``` `x`\nNobody knows it."),
        ("```\na[9] ```\n```\nNobody [9] knows it.", "```\na[9] ```\n```\nNobody knows it."),
        ("````\na[9]\n```\nb[9]\n````\nNobody [9].", "````\na[9]\n```\nb[9]\n````\nNobody."),
        ("- So\n  ```\n  a[9]\nNobody [9] knows it.", "- So\n  ```\n  a[9]\nNobody knows it."),
        ("Nobody knows it.\n\n[9]\n\nNor me.  ", "Nobody knows it.\n\n\n\nNor me."),
        ("[9] Nobody knows it. [9]Nor me.", "Nobody knows it. Nor me."),
        ("Bananas are yellow [[9]1].", "Bananas are yellow [ 1]."),
        ("Bananas are yellow [10, 11, 12, 13, 14].", "Bananas are yellow."),
        ("The embedder [1] listens on port 8080 [1].", "The embedder listens on port 8080."),
        (
            "The gateway listens on port 8080 [1](http://e.test).",
            "The gateway listens on port 8080 [1] (http://e.test).",
        ),
    ],
)
def test_only_markers_that_their_source_supports_are_sent(text: str, answer: str) -> None:
    assert filtered(text).answer == answer


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("The lamp needs 5 bar at 20 degrees.", "The lamp needs 20 bar at 5 degrees."),
        ("It costs 100 dollars in Ostby and 200 in Lund.", "It costs 200 dollars in Ostby and 100 in Lund."),
        ("Last year Anne sued Bert over land.", "Last year Bert sued Anne over land."),
        ("Last year Anne sued Bert over land.", "Last year Anne was sued by Bert over land."),
        ("The quay is above the town of Lund.", "The quay is below the town of Lund."),
        ("The vaccine was tested in children with autism.", "The vaccine causes autism in children."),
        ("The town said that the harbour is open.", "The harbour is open in town."),
        (
            "| Lamp | Price | Tank |\n|---|---|---|\n| Pro | 799 | 2.5 litres |\n| Mini | 99 | 1.2 litres |",
            "The Pro lamp has the price 799 and a tank of 1.2 litres.",
        ),
    ],
)
def test_what_turns_its_source_round_gets_no_marker(source: str, sentence: str) -> None:
    for text in (sentence, f"{sentence} [1]"):
        markers = MarkerFilter(passages_of(source))
        assert f"{markers.feed(text)}{markers.finish()}" == sentence


def test_numerals_of_a_list_get_no_marker() -> None:
    markers = MarkerFilter(passages_of("Port 1 of 1 is open."))
    assert f"{markers.feed('1. 1. [1]')}{markers.finish()}" == "1. 1."


def test_who_did_it_may_be_told_without_the_passive() -> None:
    markers = MarkerFilter(passages_of("The lighthouse was built in 1832 by the engineer Ada Quarrie."))
    told = "The engineer Ada Quarrie built the lighthouse. [1]"
    assert f"{markers.feed(told)}{markers.finish()}" == told


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("Napoleon's brother ruled Spain for years.", "Napoleon ruled Spain for years."),
        ("The brother of Napoleon ruled Spain for years.", "Napoleon ruled Spain for years."),
        ("Three of the five engines failed at noon.", "Five engines failed at noon."),
        ("Most of the old engines failed at noon.", "The old engines failed at noon."),
        ("Every tenth patient died at noon.", "Every patient died at noon."),
        ("The city near the river flooded at noon.", "The river flooded at noon."),
        ("A big dog bit the man.", "The man bit a big dog."),
        ("The population of Pons Aelius was large then.", "Pons Aelius was large then."),
    ],
)
def test_our_own_marker_stands_behind_no_sentence_that_leaves_out_what_a_word_hangs_on(
    source: str, sentence: str
) -> None:
    markers = MarkerFilter(passages_of(source))
    assert f"{markers.feed(sentence)}{markers.finish()}" == sentence


def test_a_citation_names_its_marker_its_sentence_and_its_evidence() -> None:
    markers = filtered("Well. The gateway listens on port 8080. [1] It is the public part [1].")
    first, second = markers.citations
    assert markers.answer[first.start : first.end] == "[1]"
    assert first.quote
    assert first.evidence
    assert second.quote
    assert second.evidence
    assert markers.answer[slice(*first.quote)] == "The gateway listens on port 8080."
    assert SOURCES[0].text[slice(*first.evidence)] == "The gateway listens on port 8080."
    assert markers.answer[slice(*second.quote)] == "It is the public part"
    assert SOURCES[0].text[slice(*second.evidence)] == "It is the public part."


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "The gateway listens on port 8080. The embedder turns text into vectors.",
            "The gateway listens on port 8080. [1] The embedder turns text into vectors. [2]",
        ),
        ("The gateway listens on port 8080. [2] Yes.", "The gateway listens on port 8080. [1] Yes."),
        (
            "- The gateway listens on port 8080.\n- Nobody knows.\n",
            "- The gateway listens on port 8080. [1]\n- Nobody knows.",
        ),
        ("The gateway doesn't listen on port 8080. Does the gateway listen on port 8080?",) * 2,
        ("Yes. Port 8080.", "Yes. Port 8080."),
        ("`The gateway listens on port 8080.` Yes [1].", "`The gateway listens on port 8080.` Yes."),
        ("```\nThe gateway listens on port 8080.\nx\n```\nIt is the only public part.",) * 2,
        (
            "The gateway listens on port 8080\nThe moon is made of cheese.",
            "The gateway listens on port 8080 [1]\nThe moon is made of cheese.",
        ),
        ("The gateway listens on port 8080:\n- Bananas are yellow.",) * 2,
        ("# Gateway port 8080\nBananas are yellow.",) * 2,
        ("The embedder listens on port 8080. The gateway listens on port 80",) * 2,
    ],
)
def test_each_sentence_that_a_source_supports_gets_a_marker(text: str, answer: str) -> None:
    assert filtered(text).answer == answer


def test_dropped_markers_are_counted() -> None:
    assert filtered("Port 8080 is the gateway's [1, 2] [7].").dropped == 2


def test_an_answer_without_a_valid_marker_gets_the_best_one() -> None:
    markers = filtered("Sure. The gateway listens on port 8080.")
    assert markers.answer == "Sure. The gateway listens on port 8080. [1]"
    assert markers.answer[slice(*markers.citations[0].quote or ())] == "The gateway listens on port 8080."


def test_an_answer_that_no_source_supports_gets_no_marker() -> None:
    markers = filtered("Bananas are yellow [1].")
    assert markers.answer == "Bananas are yellow."
    assert markers.citations == []


def test_text_is_held_back_only_from_a_bracket_on() -> None:
    markers = MarkerFilter(SOURCES)
    assert markers.feed("The gateway listens on port 8080 [") == "The gateway listens on port 8080"
    assert markers.feed("1") == ""
    assert markers.feed("]") == " [1]"
    assert markers.feed(" and [" + "1" * 22) == " and"
    assert markers.feed("1") == " [" + "1" * 23


def test_the_last_sentence_is_found_without_its_markers() -> None:
    answer = "One.\n- Two is [1] here. [2] [3]"
    assert answer[slice(*last_sentence(answer))] == "Two is [1] here."


PIECES = [
    "The gateway listens on port 8080",
    "The embedder turns text into vectors",
    " ",
    ".",
    "\n",
    "`",
    "```",
    "````",
    "- ",
    "   ",
]
MARKERS = [" [1]", "1]", "[2]", " [1, 2]", "[9]", "[", "]", "[x]"]


@given(
    st.lists(st.sampled_from(PIECES + MARKERS), max_size=12).map("".join),
    st.lists(st.integers(0, 200), max_size=8),
)
def test_how_the_stream_is_cut_does_not_matter(text: str, cuts: list[int]) -> None:
    whole, pieces = filtered(text), filtered(text, [min(cut, len(text)) for cut in cuts])
    assert pieces.answer == whole.answer
    assert pieces.citations == whole.citations
    for citation in whole.citations:
        assert whole.answer[citation.start : citation.end] == f"[{citation.n}]"
    assert safe_html(whole.answer, {1, 2, 9}).count('class="marker"') <= len(whole.citations)


@pytest.mark.parametrize(
    ("turn", "plain"),
    [
        ("“The gateway listens.” [1]\n\n“So it “is”.” [2]", "The gateway listens.\n\nSo it “is”."),
        ("“It needs:\n- one” [1]", "It needs:\n- one"),
        ("Start:\n```\nmake run\n```\n[1]", "Start:\n```\nmake run\n```"),
        ("He said “no” to it [1, 2] and [3].", "He said “no” to it and."),
    ],
)
def test_history_holds_no_marks_to_imitate(turn: str, plain: str) -> None:
    assert plain_history(turn) == plain


def test_a_users_brackets_stay() -> None:
    assert plain_turn(Message("user", "Why is Array[0] empty?")) == "Why is Array[0] empty?"
    assert plain_turn(Message("assistant", "It is new [1].")) == "It is new."


def test_white_space_costs_no_time() -> None:
    assert plain_history("a" + " " * 200_000 + "b").startswith("a ")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("Alice Smith founded the company in June 1999.", "Microsoft founded the company in June 1999."),
        ("Alice Smith founded the company in June 1999.", "Alice Smith founded the company in May 1999."),
        ("The server must be kept below 30 degrees.", "The server must be kept above 30 degrees."),
        ("The loan lasts under 5 years.", "The loan lasts over 5 years."),
        ("Revenue fell by 12 percent in 2020.", "Revenue rose by 12 percent in 2020."),
        ("The gateway is not reachable from outside.", "The gateway is not reachable http://e.test outside."),
    ],
)
def test_a_sentence_that_differs_in_what_matters_gets_no_marker(source: str, sentence: str) -> None:
    markers = MarkerFilter(passages_of(source))
    assert markers.feed(f"{sentence} [1]") + markers.finish() == sentence
