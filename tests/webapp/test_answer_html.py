"""An answer's HTML: quotations as plain text under their sources, words below, notices around them."""

from dataclasses import replace

import pytest

from answers import Answer, Citation, Failed, Finished, Retrieved, Source, Span, Token
from views.answer_html import answer_html
from views.notices import NO_EMBEDDER, NO_MODEL, NO_RERANKER, NOTHING_FOUND, STOPPED, UNCITED
from views.source_panel import passage_html
from views.timings import timings_html

SOURCE = Source(1, "d1", 1, "READ<b>ME", "Quick › start", None, Span(0, 100), "…")
QUOTE = "It costs $5, :red[not] :smile: <b>6</b> **so**."
TEXT = f"“{QUOTE}” [1]\n\nIt costs **five** [1]."
AT = TEXT.index("[1]")
CITATIONS = (
    Citation(1, Span(AT, AT + 3), Span(1, 1 + len(QUOTE)), Span(10, 20)),
    Citation(1, Span(len(TEXT) - 4, len(TEXT) - 1), None, Span(10, 20)),
)
RETRIEVED = Retrieved("a1", "t1", "both", "model", (SOURCE,), ())
FINISHED = Finished(True, CITATIONS, 0, (), {"total": 5}, "what is searched")


def answer(
    retrieved: Retrieved = RETRIEVED, text: str = TEXT, finished: Finished | None = FINISHED
) -> Answer:
    begun = Answer().after(retrieved).after(Token(text))
    return begun.after(finished) if finished else begun


def test_a_quotation_is_plain_text_under_its_title_and_heading() -> None:
    html = answer_html(answer(), "q")
    assert "From your documents" in html
    assert (
        "<blockquote><p>It costs $5, :red[not] :smile: &lt;b&gt;6&lt;/b&gt; **so**.</p></blockquote>" in html
    )
    assert '<span class="title">READ&lt;b&gt;ME</span>' in html
    assert '<span class="heading">Quick › start</span>' in html


def test_the_models_words_stand_below_the_quotations() -> None:
    html = answer_html(answer(), "q")
    assert (
        html.index("From your documents")
        < html.index("In the model’s words")
        < html.index("<strong>five</strong>")
    )


def test_words_alone_have_no_label_and_name_their_sources() -> None:
    html = answer_html(answer(replace(RETRIEVED, mode="write"), "It costs five [1]."), "q")
    assert "In the model’s words" not in html
    assert '<nav class="sources"' in html


def test_what_was_searched_for_shows_only_when_it_is_not_the_question() -> None:
    assert "searched for: <q>what is searched</q>" in answer_html(answer(), "and then?")
    assert "searched for" not in answer_html(answer(), "what is searched ")


def test_an_absent_model_is_announced_above_the_quotations() -> None:
    html = answer_html(answer(finished=replace(FINISHED, degraded=("no_llm",))), "q")
    assert html.index(NO_MODEL) < html.index("<blockquote>")


def test_an_absent_model_in_write_leaves_the_sources() -> None:
    gone = replace(RETRIEVED, mode="write", degraded=("no_llm",))
    html = answer_html(answer(gone, "No model.", replace(FINISHED, grounded=False, citations=())), "q")
    assert NO_MODEL in html
    assert "No model." not in html
    assert 'data-click="1"' in html


def test_an_absent_embedder_is_announced() -> None:
    assert NO_EMBEDDER in answer_html(answer(replace(RETRIEVED, degraded=("no_embedder",))), "q")


def test_an_absent_reranker_is_announced_unless_the_embedder_is_away_too() -> None:
    assert NO_RERANKER in answer_html(answer(replace(RETRIEVED, degraded=("no_reranker",))), "q")
    both = answer_html(answer(replace(RETRIEVED, degraded=("no_embedder", "no_reranker"))), "q")
    assert NO_EMBEDDER in both and NO_RERANKER not in both


def test_an_answer_without_ground_says_what_to_do() -> None:
    nothing = replace(RETRIEVED, sources=(), mode="write")
    html = answer_html(answer(nothing, "Nothing.", replace(FINISHED, grounded=False, citations=())), "q")
    assert NOTHING_FOUND in html


@pytest.mark.parametrize(
    ("so_far", "said"),
    [
        (Answer(), "Searching"),
        (Answer().after(RETRIEVED), "Reading the passages"),
        (Answer().after(RETRIEVED).after(Token("It")), "Writing"),
    ],
)
def test_a_running_answer_says_what_is_being_done(so_far: Answer, said: str) -> None:
    assert said in answer_html(so_far, "q")


def test_a_failed_answer_keeps_what_it_had_and_says_why() -> None:
    html = answer_html(answer(finished=None).after(Failed("The gateway <left>.")), "q")
    assert "<blockquote>" in html
    assert "The gateway &lt;left&gt;." in html


def test_words_that_nothing_bears_out_are_called_so() -> None:
    unsupported = answer(replace(RETRIEVED, mode="write"), "It costs five.", replace(FINISHED, citations=()))
    assert UNCITED in answer_html(unsupported, "q")


def test_a_stopped_answer_says_so() -> None:
    assert STOPPED in answer_html(answer(finished=None).ended(stopped=True), "q")


def test_evidence_is_marked_in_its_passage_and_the_rest_escaped() -> None:
    html = passage_html("a <b> fact. And more.", 0, [Span(2, 5), Span(12, 15)])
    assert html == '<div class="passage">a <mark>&lt;b&gt;</mark> fact. <mark>And</mark> more.</div>'


def test_evidence_outside_the_text_or_overlapping_is_left_unmarked() -> None:
    html = passage_html("abcdef", 10, [Span(0, 12), Span(11, 13), Span(12, 14), Span(15, 99)])
    assert html == '<div class="passage">… a<mark>bc</mark>def</div>'


def test_a_passage_that_begins_inside_a_word_begins_with_the_next_one() -> None:
    assert passage_html("tence. It is so.", 10, [Span(17, 19)]) == (
        '<div class="passage">… <mark>It</mark> is so.</div>'
    )


def test_the_longest_step_fills_its_row() -> None:
    html = timings_html({"embed": 5, "generate": 2300})
    assert '<span style="width:100%"></span></td><td class="took">2.3 s</td>' in html
    assert '<td class="took">5 ms</td>' in html


def test_sources_that_are_too_weak_are_listed_below_the_words_that_say_so() -> None:
    weak = replace(FINISHED, grounded=False, citations=(), enough=False)
    html = answer_html(answer(replace(RETRIEVED, mode="write"), "Your documents do not say.", weak), "q")
    assert NOTHING_FOUND in html
    assert "Your documents do not say." not in html
    assert 'data-click="1"' in html


def test_what_the_model_wrote_without_support_is_shown_with_a_warning() -> None:
    html = answer_html(
        answer(
            replace(RETRIEVED, mode="write"), "It rains.", replace(FINISHED, grounded=False, citations=())
        ),
        "q",
    )
    assert UNCITED in html
    assert "It rains." in html
