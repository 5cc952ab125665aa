"""The table of edges is the one that the code lives by."""

from pathlib import Path

import pytest

from tests.edges import edges


def test_every_edge_stands_once() -> None:
    pairs = [(edge.source, edge.target, edge.port) for edge in edges()]
    assert len(pairs) == len(set(pairs))


def test_only_the_gateway_reaches_the_model() -> None:
    assert [e.source for e in edges() if e.target == "llm" and e.network is True] == ["gateway"]


def test_the_web_app_speaks_only_to_the_gateway_and_the_collector() -> None:
    assert {e.target for e in edges() if e.source == "webapp" and e.network is True} == {
        "gateway",
        "collector",
    }


def test_a_file_without_the_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.tpl").write_text("")
    with pytest.raises(ValueError, match=r"defines no groundwork\.edges"):
        edges(tmp_path / "empty.tpl")
