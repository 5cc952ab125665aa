"""Where a sentence ends: pysbd's rules, which are asked only where they could find an end."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pysbd import Segmenter
from rag_gateway.rag.sentences import sentence_spans

LETTERS = "aeiIVx19 \t,;:-–—(\"'«»…•*#|/\\&@%=<>_[]{}"


@settings(max_examples=300)
@given(st.text(alphabet=LETTERS, min_size=1, max_size=60).filter(str.strip))
def test_words_without_a_mark_that_ends_one_are_one_sentence_to_pysbd_too(text: str) -> None:
    pieces = Segmenter(language="en", clean=False).segment(text.strip())
    assert [piece.strip() for piece in pieces] == [text.strip()]
    assert [text[start:end] for start, end in sentence_spans(text)] == [text.strip()]


def test_a_list_inside_a_line_is_cut_at_its_marks() -> None:
    text = "1) alpha beta 2) beta gamma 3) gamma delta"
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "1) alpha beta",
        "2) beta gamma",
        "3) gamma delta",
    ]
