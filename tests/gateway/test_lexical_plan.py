"""Words among 100,000 passages: what is read of the postings, as `rag_app`, and what is found all the same."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from rag_gateway.adapters.passages import RANKED_UP_TO, READ_UP_TO

from tests.conftest import Database
from tests.gateway.wordy import BOOKS, EXHAUSTIVE, QUESTIONS, Wordy, fill, lexical_search, reading_as_app

Node = dict[str, Any]
PLAN = {
    ("Index Only Scan", "postings", "postings_pkey", "tenant_id, term"),
    ("Index Only Scan", "postings", "postings_pkey", "tenant_id, term, chunk_id"),
    ("Index Scan", "chunks", "chunks_pkey", "tenant_id, id"),
}
"""How passages and their postings are come by, once those that may be read are counted (ADR 0012)."""


@pytest.fixture(scope="module")
def wordy(postgres: str) -> Iterator[tuple[Wordy, psycopg.Connection]]:
    """The tenant in a database of its own, and a connection of the gateway's role."""
    database = Database(postgres, "wordy")
    database.migrate()
    with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
        filled = fill(owner)
    with reading_as_app(database, filled.tenant) as app:
        yield filled, app
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("DROP DATABASE wordy WITH (FORCE)")


def ran(app: psycopg.Connection, question: str, filter: object = None) -> Iterator[tuple[str, Node]]:
    """What was executed, each with the CTE that it is of; but not the count of what may be read."""
    statement, given = lexical_search(question, filter)
    (plan,) = app.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}".encode(), given).fetchone() or ([],)
    yield from (one for one in _under(plan[0]["Plan"], "") if one[0] not in ("CTE allowed", "CTE meant"))


def _under(node: Node, of: str) -> Iterator[tuple[str, Node]]:
    if node["Actual Loops"]:
        name = node.get("Subplan Name", "")
        within = name if name.startswith("CTE ") else of
        yield within, node
        for inner in node.get("Plans", []):
            yield from _under(inner, within)


def found(app: psycopg.Connection, question: str, filter: object = None) -> list[tuple[int, float]]:
    """Passages and their scores, the best first."""
    rows = app.execute(*lexical_search(question, filter)).fetchall()
    names = [column.name for column in app.execute(*lexical_search("zeppelin")).description or ()]
    chunk, score = names.index("chunk_id"), names.index("lexical")
    hits = [(row[chunk], row[score]) for row in rows if row[chunk] is not None]
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def exhaustive(app: psycopg.Connection, question: str) -> list[tuple[int, float]]:
    """The same by a sum over every posting of every word."""
    return [(row[0], row[1]) for row in app.execute(EXHAUSTIVE, lexical_search(question)[1])]


def columns(node: Node) -> str:
    """What an index is asked for."""
    names = ("tenant_id", "term", "chunk_id", "id")
    return ", ".join(name for name in names if f"({name} = " in node.get("Index Cond", ""))


@pytest.mark.parametrize("filter", [None, {"place": {"lt": BOOKS // 2}}])
def test_postings_and_passages_are_come_by_through_an_index_alone(
    wordy: tuple[Wordy, psycopg.Connection], filter: object
) -> None:
    nodes = [node for _, node in ran(wordy[1], "the storage of the system", filter)]
    read = [node for node in nodes if node.get("Relation Name") in ("chunks", "postings")]
    plan = {(n["Node Type"], n["Relation Name"], n.get("Index Name"), columns(n)) for n in read}
    assert plan == PLAN


@pytest.mark.parametrize("question", QUESTIONS[:-2])
def test_a_common_word_is_counted_and_adds_to_the_score_of_what_rarer_ones_find(
    wordy: tuple[Wordy, psycopg.Connection], question: str
) -> None:
    read = [(of, n) for of, n in ran(wordy[1], question) if n.get("Relation Name") == "postings"]
    rows = {
        part: sum(n["Actual Rows"] * n["Actual Loops"] for of, n in read if of == f"CTE {part}")
        for part in ("led", "ranked", "lexical")
    }
    assert rows["led"] <= READ_UP_TO and rows["lexical"] == 0
    words = len(lexical_search(question)[1]["terms"])  # type: ignore[arg-type]
    assert rows["ranked"] <= RANKED_UP_TO * words


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_best_are_those_of_a_search_that_reads_all(
    wordy: tuple[Wordy, psycopg.Connection], question: str
) -> None:
    ours, all_of_it = found(wordy[1], question), exhaustive(wordy[1], question)
    print(f"{len(set(ours) & set(all_of_it))} of {len(all_of_it)}: {question}")
    assert ours[:10] == all_of_it[:10]


def test_where_rare_words_find_too_few_the_common_ones_fill_up(
    wordy: tuple[Wordy, psycopg.Connection],
) -> None:
    filled, app = wordy
    assert filled.held["zeppelin"] < 50
    assert found(app, "the zeppelin of the system") == exhaustive(app, "the zeppelin of the system")
    narrow = {"place": {"lt": BOOKS // 8}}
    rare = found(app, "a lantern", narrow)
    assert 0 < len(rare) < filled.held["lantern"]
    both = found(app, "the backup of the storage of a system", narrow)
    assert len(both) == 50
