"""What may be quoted: spans that read alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.units import units_of
from rag_gateway.ingest.unparsable import Unparsable


def units_in(document: str) -> list[tuple[str, str]]:
    parsed = parse(document.encode(), "text/markdown")
    return [(u.kind, parsed.text[u.start : u.end]) for u in units_of(parsed.blocks, parsed.text)]


def test_sentences_end_where_a_reader_ends_them() -> None:
    document = 'Dr. Smith paid $3.5 million, e.g. for Python 3.11. "Is it?" he asked. Same. Same.'
    assert [text for _, text in units_in(document)] == [
        "Dr. Smith paid $3.5 million, e.g. for Python 3.11.",
        '"Is it?" he asked.',
        "Same.",
        "Same.",
    ]


def test_a_short_list_is_one_unit_with_the_sentence_that_announces_it() -> None:
    assert units_in("It is small. It needs:\n\n- one\n- two") == [
        ("sentence", "It is small."),
        ("list", "It needs:\n- one\n- two"),
    ]


def test_of_a_long_list_each_item_is_a_unit() -> None:
    item = "this item says something about a part of the stack."
    assert units_in(f"The parts:\n\n- First, {item}\n" + f"- {item}\n" * 6)[0] == (
        "sentence",
        f"First, {item}",
    )


def test_of_a_long_item_each_sentence_is_a_unit() -> None:
    sentence = "The gateway answers questions from documents that its caller may read."
    assert units_in(f"- {' '.join([sentence] * 7)}") == [("sentence", sentence)] * 7


def test_a_table_row_is_a_unit() -> None:
    assert units_in("| Part | Port |\n|-|-|\n| gateway | 8080 |") == [("row", "Part: gateway; Port: 8080")]


def test_code_is_a_unit_with_the_sentence_before_it() -> None:
    assert units_in("It is easy. Start it with:\n\n```sh\nmake run\n```") == [
        ("sentence", "It is easy."),
        ("code", "Start it with:\n```sh\nmake run\n```"),
    ]


@pytest.mark.parametrize(("lines", "quotable"), [(10, True), (11, False)])
def test_code_of_up_to_ten_lines_may_be_quoted(lines: int, quotable: bool) -> None:
    kinds = [kind for kind, _ in units_in("```\n" + "x\n" * lines + "```")]
    assert kinds == (["code"] if quotable else [])


def test_code_in_a_step_belongs_to_the_step() -> None:
    assert units_in("1. Install:\n   ```\n   make install\n   ```\n2. Start.") == [
        ("code", "Install:\n```\nmake install\n```"),
        ("sentence", "Start."),
    ]


def test_a_heading_is_no_unit_but_stands_over_its_units() -> None:
    parsed = parse(b"# Stack\n\nOne.\n\n## Start it\n\nTwo.\n\n## Stop it\n\nThree.", "text/markdown")
    headings = [unit.heading for unit in units_of(parsed.blocks, parsed.text)]
    assert headings == ["Stack", "Stack › Start it", "Stack › Stop it"]


@given(st.text(alphabet="ab 1.!?\n-:#`|", max_size=300))
def test_units_are_in_order_and_hold_no_white_space_around_them(document: str) -> None:
    try:
        parsed = parse(document.encode(), "text/markdown")
    except Unparsable:
        return
    units = units_of(parsed.blocks, parsed.text)
    assert [u.start for u in units] == sorted(u.start for u in units)
    for unit in units:
        words = parsed.text[unit.start : unit.end]
        assert words
        assert words == words.strip()
