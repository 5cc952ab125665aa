"""Words as the lexical index sees them."""

from hypothesis import given
from hypothesis import strategies as st
from rag_gateway.rag.terms import term_id, terms_of, words_of


def test_stopwords_go_and_stems_are_counted() -> None:
    assert terms_of("How do the gateways gateway the gateway's Führer?") == {"gateway": 3, "fuhrer": 1}


def test_a_name_with_underscores_is_several_words() -> None:
    assert words_of("EMBEDDING_DIM=384") == ["embedding", "dim", "384"]


def test_a_term_keeps_its_id() -> None:
    assert term_id("gateway") == -9110094292038788138
    assert term_id("gateway") != term_id("gateways")


@given(st.text())
def test_a_term_id_fits_a_bigint(term: str) -> None:
    assert -(2**63) <= term_id(term) < 2**63
