"""Units are ranked, chosen and written into an answer byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rag_gateway.rag.pack import Room, pack_sentences, pack_within
from rag_gateway.rag.quote import RankedUnit, candidates_of, choose, rank_units, shortlist
from rag_gateway.rag.render import may_be_quoted, render

from tests.gateway.made_passages import passages_of

README = """# Stack

It starts on a laptop. vLLM starts in a minute.

## Start it

Start everything with:

```sh
make run
```

## The parts

| Part | Port |
|---|---|
| gateway | 8080 |
| embedder | 8081 |
"""
RARITY = {"start": 1.0, "port": 2.0, "gateway": 2.0, "embedd": 3.0}


def ranked(question: str, *documents: str) -> list[RankedUnit]:
    return rank_units(question, candidates_of(passages_of(*documents)), RARITY, similarity=None)


def quoted(question: str, *documents: str) -> list[str]:
    return [unit.text for unit in choose(ranked(question, *documents))]


def test_a_command_answers_how_to_start() -> None:
    assert quoted("How do I start it?", README)[0] == "Start everything with:\n```sh\nmake run\n```"


def test_a_row_answers_for_its_part() -> None:
    assert quoted("Which port has the embedder?", README)[0] == "Part: embedder; Port: 8081"


def test_a_rare_term_weighs_more_than_a_common_one() -> None:
    documents = ["The start of the race is at noon.", "The gateway is public."]
    assert quoted("Does the gateway start?", *documents)[0] == "The gateway is public."


def test_similarity_decides_between_equal_words() -> None:
    candidates = candidates_of(passages_of("The gateway is public. The gateway is small."))
    best = rank_units("What about the gateway?", candidates, RARITY, similarity=[0.2, 0.6])
    assert best[0].text == "The gateway is small."


def test_a_sentence_with_a_pronoun_is_ranked_with_the_one_that_it_points_to() -> None:
    museum = (
        "The Harrow Museum opened in 1907. It was founded by Edith Pell.\n\n## Shop\n\nIt was founded later."
    )
    candidates = plain, pointing, other = candidates_of(passages_of(museum, title="harrow.md"))
    rarity = {"harrow": 2.0, "museum": 1.0, "found": 2.0}
    best, *_ = rank_units("Who founded the Harrow Museum?", candidates, rarity, similarity=None)
    assert best.text == "It was founded by Edith Pell."
    assert pointing.in_context == f"harrow.md\n{plain.text} {pointing.text}"
    assert (plain.before, other.before) == ("", "")


def test_a_second_source_is_quoted_for_what_the_first_does_not_cover() -> None:
    documents = ["The gateway listens on a port.", "The embedder listens on a port.", "A port is a number."]
    assert quoted("Which port do the gateway and the embedder use?", *documents) == [
        "The gateway listens on a port.",
        "The embedder listens on a port.",
    ]


def test_nothing_is_said_twice() -> None:
    assert quoted("What is the gateway?", "The gateway is public.", "The gateway is public!") == [
        "The gateway is public."
    ]


def test_a_unit_that_only_repeats_the_question_comes_after_one_that_answers() -> None:
    assert quoted("What are the gateway's ports?", "The gateway's ports. The gateway has port 8080.")[0] == (
        "The gateway has port 8080."
    )


def test_of_a_very_long_sentence_the_best_clauses_are_quoted() -> None:
    filler = "it has many parts that nobody has ever counted, "
    sentence = f"Of the stack {filler * 9}and the gateway listens on port 8080, {filler * 5}so it is."
    (first, *_) = ranked("Which port has the gateway?", sentence)
    assert first.cut
    assert "the gateway listens on port 8080" in first.text
    assert len(first.text) <= 400
    assert first.quotation().text == f"“{first.text}…” [1]"


def test_the_shortlist_keeps_what_covers_the_question() -> None:
    candidates = candidates_of(passages_of(README))
    (kept,) = shortlist("Which port has the embedder?", candidates, RARITY, at_most=1)
    assert kept.text == "Part: embedder; Port: 8081"


def test_prose_is_quoted_in_marks_and_code_in_its_fence() -> None:
    assert render("Words.", "sentence", n=2, start=7).text == "“Words.” [2]"
    assert render("```\nx\n```", "code", n=2, start=7).text == "```\nx\n```\n[2]"


def test_a_bracketed_number_in_prose_is_written_in_parentheses() -> None:
    assert render("As [1] and [2, 3] show, [x] is.", "sentence", n=1, start=0).text == (
        "“As (1) and (2, 3) show, [x] is.” [1]"
    )


def test_code_that_holds_a_bracketed_number_is_not_offered() -> None:
    assert not may_be_quoted("```\nwords[0]\n```", "code")
    assert may_be_quoted("words[0]", "sentence")
    assert candidates_of(passages_of("Take the first:\n\n```\nwords[0]\n```")) == []


@pytest.mark.parametrize("kind", ["sentence", "code"])
@given(text=st.text(min_size=1), n=st.integers(1, 20), start=st.integers(0, 99), offset=st.integers(0, 99))
def test_the_spans_of_a_quotation_are_exact(kind: str, text: str, n: int, start: int, offset: int) -> None:
    quotation = render(text, "code" if kind == "code" else "sentence", n, start)
    answer = "x" * offset + quotation.text
    citation = quotation.at(offset)
    assert answer[citation.start : citation.end] == f"[{n}]"
    assert citation.quote
    assert citation.evidence
    assert answer[slice(*citation.quote)].translate(str.maketrans("()", "[]")) == text.translate(
        str.maketrans("()", "[]")
    )
    assert citation.evidence == (start, start + len(text))


def test_sources_that_fit_are_packed_whole() -> None:
    passages = passages_of("One. Two.", "Three.")
    assert [(s.n, s.text) for s in pack_sentences("What?", passages, {}, Room(100))] == [
        (1, "One. Two."),
        (2, "Three."),
    ]


def test_of_sources_that_do_not_fit_the_best_sentences_are_packed_in_reading_order() -> None:
    passages = passages_of(
        "Ports matter. Nothing here. The gateway has a port.", "Nothing there.", "A gateway is public."
    )
    packed = pack_sentences("Which port has the gateway?", passages, RARITY, Room(15))
    assert [(s.n, s.text) for s in packed] == [
        (1, "Ports matter.\nThe gateway has a port."),
        (3, "A gateway is public."),
    ]


def test_a_small_model_reads_the_best_source_alone() -> None:
    passages = passages_of("A gateway. It is small.", "The gateway has a port. It listens.", "Ports matter.")
    packed = pack_sentences("Which port has the gateway?", passages, RARITY, Room(100, sources=1))
    assert [(s.n, s.text) for s in packed] == [(2, "The gateway has a port. It listens.")]


def test_a_listing_that_may_not_be_quoted_is_packed_by_its_first_lines() -> None:
    script = "```sh\n" + "\n".join(f"make step-{n}" for n in range(14)) + "\n```"
    passages = passages_of(script)
    assert not candidates_of(passages)
    (whole,) = pack_sentences("Which steps?", passages, {}, Room(1_000, sources=1))
    assert whole.text == passages[0].text
    (cut,) = pack_sentences("Which steps?", passages, {}, Room(10, sources=1))
    assert cut.text == "```sh\nmake step-0"
    assert pack_sentences("Which steps?", [], {}, Room(10)) == []


async def test_the_budget_is_in_tokens_of_the_model() -> None:
    passages = passages_of(
        "Ports matter. Nothing here. The gateway has a port.", "Nothing there.", "A gateway is public."
    )
    counted = []

    async def letters(text: str) -> int:
        counted.append(len(text))
        return len(text)

    packed = await pack_within("Which port has the gateway?", passages, RARITY, Room(50), letters)
    assert [(s.n, s.text) for s in packed] == [(1, "Ports matter.\nThe gateway has a port.")]
    assert counted == [89, 37]
    assert await pack_within("Which port has the gateway?", [], RARITY, Room(50), letters) == []
    assert await pack_within("Which port has the gateway?", passages, RARITY, Room(1), letters), (
        "the best unit stays"
    )


def test_the_best_sentence_is_packed_even_over_the_budget() -> None:
    (packed,) = pack_sentences("Which port has the gateway?", passages_of(README), RARITY, Room(1))
    assert packed.text == "Part: gateway; Port: 8080"
