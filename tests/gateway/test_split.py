"""Documents are cut into passages by structure first, then by length."""

from hypothesis import given
from hypothesis import strategies as st
from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.split import MOST_TOKENS, Chunk, split
from rag_gateway.ingest.unparsable import Unparsable
from rag_gateway.rag.tokens import estimate_tokens

SENTENCE = "The gateway answers questions from the documents that its caller may read. "


def split_markdown(document: str) -> list[Chunk]:
    return split(parse(document.encode(), "text/markdown"))


def test_sections_of_one_level_are_passages_of_their_own() -> None:
    chunks = split_markdown(f"# A\n\n## B\n\n{SENTENCE * 4}\n\n## C\n\n{SENTENCE * 4}")
    assert [chunk.heading for chunk in chunks] == ["A › B", "A › C"]
    assert [chunk.text.split("\n")[0] for chunk in chunks] == ["A", "C"]


def test_a_tiny_section_goes_on_into_the_next() -> None:
    (chunk,) = split_markdown(f"# A\n\n## B\n\nShort.\n\n## C\n\n{SENTENCE}")
    assert chunk.heading == "A"
    assert {unit.heading for unit in chunk.units} == {"A › B", "A › C"}


def test_a_section_goes_on_from_its_parents_own_words() -> None:
    (chunk,) = split_markdown(f"# A\n\n{SENTENCE * 3}\n\n## B\n\n{SENTENCE * 3}")
    assert chunk.heading == "A"


def test_a_long_section_is_cut_into_passages_of_about_one_length() -> None:
    chunks = split_markdown("# A\n\n" + f"{SENTENCE * 2}\n\n" * 10)
    lengths = [estimate_tokens(chunk.text) for chunk in chunks]
    assert len(chunks) == 2
    assert max(lengths) <= MOST_TOKENS
    assert max(lengths) - min(lengths) <= estimate_tokens(SENTENCE * 2)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    chunks = split_markdown(SENTENCE * 40)
    assert len(chunks) > 1
    assert all(chunk.text.startswith("The") and chunk.text.endswith("read.") for chunk in chunks)


def test_code_stays_with_the_sentence_before_it() -> None:
    chunks = split_markdown(f"{SENTENCE * 12}Then run:\n\n```sh\nmake run\n```\n\n{SENTENCE * 12}")
    assert any("Then run:\n```sh\nmake run\n```" in chunk.text for chunk in chunks)


def test_long_code_is_cut_between_lines() -> None:
    lines = [f"value_{n} = compute({n})" for n in range(100)]
    chunks = split_markdown("\n".join(["```python", *lines, "```"]))
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == ["```python", *lines, "```"]
    assert max(estimate_tokens(chunk.text) for chunk in chunks) <= MOST_TOKENS


def test_a_heading_at_the_end_is_kept() -> None:
    assert split_markdown(f"{SENTENCE}\n\n# Nothing below")[-1].text.endswith("Nothing below")


def test_a_line_without_white_space_is_cut_all_the_same() -> None:
    chunks = split_markdown("```\n" + "x" * 5_000 + "\n```")
    assert max(len(chunk.text) for chunk in chunks) <= 1_100


blocks = st.lists(
    st.one_of(
        st.integers(1, 30).map(lambda n: SENTENCE * n),
        st.integers(1, 4).map(lambda n: f"{'#' * n} Heading {n}"),
        st.integers(1, 30).map(lambda n: "It needs:\n\n" + "- one more thing\n" * n),
        st.integers(1, 80).map(lambda n: "Run:\n\n```sh\n" + "make everything\n" * n + "```"),
        st.integers(1, 9).map(lambda n: "| Part | Port |\n|---|---|\n" + "| gateway | 8080 |\n" * n),
        st.text(alphabet="ab #*-`|>\n:.", max_size=60),
    ),
    max_size=8,
)


@given(blocks)
def test_passages_are_slices_that_hold_all_words_and_whole_units(parts: list[str]) -> None:
    try:
        parsed = parse("\n\n".join(parts).encode(), "text/markdown")
    except Unparsable:
        return
    chunks = split(parsed)
    assert "".join("".join(c.text for c in chunks).split()) == "".join(parsed.text.split())
    for chunk in chunks:
        assert chunk.text == parsed.text[chunk.start : chunk.end] == chunk.text.strip()
        assert all(chunk.start <= u.start < u.end <= chunk.end for u in chunk.units)
