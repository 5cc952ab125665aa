"""What is quoted is told from what the model wrote."""

from answers import Answer, Citation, Finished, Retrieved, Span, Token
from quotations import Part, Quotation, arrange

TEXT = "“It takes three minutes.” [2]\n\nTo start it:\n```\nmake run\n```\n[1]\n\nRun it and wait. [2]"
CODE = "To start it:\n```\nmake run\n```"


def of(mode: str, text: str, *citations: Citation) -> Answer:
    answer = Answer().after(Retrieved("a", "t", mode, "m", (), ())).after(Token(text))  # type: ignore[arg-type]
    return answer.after(Finished(True, citations, 0, (), {}, "")) if citations else answer


def citation(n: int, marker: int, quote: str | None) -> Citation:
    start = TEXT.index(quote) if quote else 0
    return Citation(n, Span(marker, marker + 3), Span(start, start + len(quote)) if quote else None, None)


def test_quotations_are_cut_out_by_their_spans() -> None:
    sentence = "It takes three minutes."
    first, last = TEXT.index("[2]"), TEXT.rindex("[2]")
    answer = of(
        "both",
        TEXT,
        citation(2, first, sentence),
        citation(1, TEXT.index("[1]"), CODE),
        citation(2, last, None),
    )
    arranged = arrange(answer)
    assert arranged.quotations == (Quotation(2, sentence), Quotation(1, CODE))
    assert arranged.words == "Run it and wait. [2]"


def test_before_the_spans_are_known_the_way_of_writing_tells() -> None:
    arranged = arrange(of("both", TEXT))
    assert [quotation.n for quotation in arranged.quotations] == [2, 1]
    assert arranged.words == "Run it and wait. [2]"


def test_a_quotation_that_is_still_being_written_is_not_taken_for_words() -> None:
    assert arrange(of("quote", "“It takes")).words == ""


def test_words_that_quote_stay_words_in_write() -> None:
    text = "“It takes three minutes.” [2]"
    answer = of("write", text, Citation(2, Span(26, 29), Span(0, 25), Span(0, 24)))
    assert arrange(answer).quotations == ()
    assert arrange(answer).words == text


def test_code_in_a_quotation_loses_its_fences_and_keeps_its_lead_in() -> None:
    assert Quotation(1, CODE).parts() == [Part("To start it:", False), Part("make run", True)]


def test_a_quotation_without_code_is_one_part() -> None:
    assert Quotation(1, "a `b` <i>c</i>").parts() == [Part("a `b` <i>c</i>", False)]
