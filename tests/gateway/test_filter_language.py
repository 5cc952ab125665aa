"""The language of metadata filters: what it means, against a plain oracle, and what it refuses in which words."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb
from rag_gateway.rag.search import Search
from rag_gateway.schemas.filter import read_filter

from tests.conftest import Database
from tests.gateway.stocked_shelf import DIMENSIONS, Searcher, searcher, shelf

ALIKE = np.ones((6, DIMENSIONS), np.float32)
SAY = """
UPDATE documents SET metadata = new.said
  FROM unnest(%s::uuid[], %s::jsonb[]) AS new (id, said) WHERE documents.id = new.id
"""
KEYS = st.sampled_from(["a", "b", "lang_7"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=3) | st.sampled_from(
    ["en", "1"]
)
NUMBERS = st.integers(-2, 3) | st.sampled_from([0.0, 1.0, 0.1, 2.5, -1e300, 10**40, 1e-300, 2**63])
VALUES = st.none() | st.booleans() | NUMBERS | TEXTS
HELD = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=4
)
METADATA = st.lists(st.dictionaries(KEYS, HELD, max_size=4), min_size=6, max_size=6)
BOUNDS = st.dictionaries(st.sampled_from(["gte", "gt", "lte", "lt"]), NUMBERS | TEXTS, min_size=1, max_size=2)
LISTS = st.fixed_dictionaries({"in": st.lists(VALUES, min_size=1, max_size=3)})
LEAVES = st.dictionaries(KEYS, VALUES | BOUNDS | LISTS, min_size=1, max_size=2)


@st.composite
def filters(draw: st.DrawFn, depth: int = 5) -> dict[str, Any]:
    """Filters of at most this depth."""
    found: dict[str, Any] = draw(LEAVES)
    for word in draw(st.sets(st.sampled_from(["and", "or", "not"]), max_size=2)) if depth > 1 else ():
        inner = filters(depth - 1)
        found[word] = draw(inner if word == "not" else st.lists(inner, min_size=1, max_size=2))
    for key in draw(st.sets(st.sampled_from(sorted(found)), max_size=len(found) - 1)):
        del found[key]
    return found


def matches(filter: dict[str, Any], metadata: dict[str, Any]) -> bool:
    """The oracle: what the documentation says of the language, in Python."""
    return all(_part(word, value, metadata) for word, value in filter.items())


def _part(word: str, value: Any, metadata: dict[str, Any]) -> bool:
    if word == "and":
        return all(matches(part, metadata) for part in value)
    if word == "or":
        return any(matches(part, metadata) for part in value)
    if word == "not":
        return not matches(value, metadata)
    if word not in metadata:
        return False
    comparisons = value if isinstance(value, dict) else {"in": [value]}
    held = metadata[word] if isinstance(metadata[word], list) else [metadata[word]]
    return any(all(_holds(one, name, given) for name, given in comparisons.items()) for one in held)


def _holds(held: Any, operator: str, given: Any) -> bool:
    if operator == "in":
        return any(_order(held, one) == 0 for one in given)
    order = _order(held, given)
    if order is None or isinstance(held, bool) or held is None:
        return False
    return {"gte": order >= 0, "gt": order > 0, "lte": order <= 0, "lt": order < 0}[operator]


def _order(held: Any, given: Any) -> int | None:
    """-1, 0 or 1, or None for what cannot be compared."""
    kinds = (_kind(held), _kind(given))
    if kinds[0] != kinds[1] or kinds[0] is None:
        return None
    if kinds[0] == "number":
        held, given = Decimal(str(held)), Decimal(str(given))
    return 0 if held == given else -1 if kinds[0] in ("number", "text") and held < given else 1


def _kind(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "truth"
    return "number" if isinstance(value, int | float) else "text" if isinstance(value, str) else None


def _comparisons(filter: dict[str, Any]) -> int:
    lists = {"not": lambda part: [part], "and": list, "or": list}
    return sum(
        sum(map(_comparisons, lists[word](value)))
        if word in lists
        else len(value)
        if isinstance(value, dict)
        else 1
        for word, value in filter.items()
    )


@pytest.fixture(scope="module")
def search(database: Database) -> Iterator[Searcher]:
    """Searches of the tests' database."""
    with searcher(database) as searching:
        yield searching


@pytest.fixture(scope="module")
def documents(database: Database) -> Iterator[tuple[psycopg.Connection, int, list[UUID]]]:
    """The owner's connection, the tenant, and six of its documents."""
    with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
        filled = shelf(owner, "filters")
        yield owner, filled.tenant, filled.fill([{}] * 6, ALIKE)[0]


@settings(deadline=None, max_examples=200)
@given(METADATA, filters())
@example([{"a": value} for value in (None, True, 1, "1", [[1]], {"a": 1})], {"not": {"a": {"lt": 2}}})
@example([{"a": value} for value in (None, True, 1.0, [0, 1], [], {"a": 1})], {"a": 1})
@example([{"a": value} for value in ([1, 9], [5], 5, "5", [[5]], {"a": 5})], {"a": {"gte": 5, "lt": 6}})
@example([{"a": value} for value in (4, 5, 5.5, 6, "5", True)], {"a": {"gte": 5, "lt": 6}})
@example([{"a": value} for value in (4, 5, 5.5, 6, "5", True)], {"a": {"gt": 5, "lte": 6}})
@example([{"a": value} for value in ("", "a", "é", "z", "\U0001f600", "Z")], {"a": {"gte": "a", "lt": "é"}})
@example([{"a": 1, "b": 1}, {"a": 1}, {"b": 1}, {}, {"a": 2}, {"b": 2}], {"or": [{"a": 1}, {"b": 2}], "b": 1})
def test_a_filter_finds_what_the_oracle_says(
    search: Searcher,
    documents: tuple[psycopg.Connection, int, list[UUID]],
    metadata: list[dict[str, Any]],
    filter: dict[str, Any],
) -> None:
    assume(_comparisons(filter) <= 32)
    owner, tenant, ids = documents
    owner.execute(SAY, (ids, [Jsonb(one) for one in metadata]))
    asked = Search("", list(ALIKE[0]), "dense", filter=read_filter(filter))
    expected = {id for id, said in zip(ids, metadata, strict=True) if matches(filter, said)}
    assert {hit.document_id for hit in search(asked, tenant)} == expected


@pytest.mark.parametrize(
    ("filter", "words"),
    [
        ([], 'write an object that names a key, such as {"lang": "en"}'),
        ("lang = 'en'", "write an object that names a key"),
        ({}, "write an object that names a key"),
        ({"Lang": "en"}, "`Lang`: a key has 1 to 64 of the characters a-z, 0-9 and _"),
        ({"lang\n": "en"}, "a key has 1 to 64"),
        ({'a" ? (1==1)': 1}, "a key has 1 to 64"),
        ({"a" * 65: 1}, "a key has 1 to 64"),
        (
            {"lang": ["en", "de"]},
            '`lang`: write a text, a number, true, false or null; several values are {"in"',
        ),
        ({"lang": {}}, "`lang`: write a value, or a comparison with one of in, gte, gt, lte, lt"),
        ({"lang": {"eq": "en"}}, "`lang.eq`: is no comparison; write one of in, gte, gt, lte, lt"),
        ({"lang": {"in": []}}, "`lang.in`: write a list of 1 to 100 values"),
        ({"lang": {"in": "en"}}, "`lang.in`: write a list of 1 to 100 values"),
        ({"lang": {"in": list(range(101))}}, "`lang.in`: write a list of 1 to 100 values"),
        ({"lang": {"in": ["en", {}]}}, "`lang.in[1]`: write a text, a number, true, false or null"),
        ({"year": {"gte": None}}, "`year.gte`: write a number or a text to compare with"),
        ({"year": {"lt": True}}, "`year.lt`: write a number or a text"),
        ({"and": {"lang": "en"}}, '`and`: write a list of filters, such as [{"lang": "en"}]'),
        ({"or": []}, "`or`: write a list of filters"),
        ({"or": [{"lang": "en"}, {"and": [{"x": {"ne": 1}}]}]}, "`or[1].and[0].x.ne`: is no comparison"),
        ({"not": [{"lang": "en"}]}, "`not`: write an object that names a key"),
        ({"not": {"not": {"not": {"not": {"not": {"a": 1}}}}}}, "lies deeper than 5 objects; flatten"),
        (
            {"or": [{"a": n} for n in range(33)]},
            "has 33 comparisons and may have 32; write lists of values with `in`",
        ),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_at_its_place(filter: Any, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_filter(filter)


def test_five_objects_and_32_comparisons_are_allowed() -> None:
    assert read_filter({"not": {"not": {"not": {"not": {"a": 1}}}}})
    assert read_filter({"or": [{"a": {"gte": n, "lt": n + 1}} for n in range(16)]})
    assert read_filter({"a": {"in": list(range(100))}})
    assert read_filter(None) is None
