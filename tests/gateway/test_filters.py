"""Filters over HTTP: both arms keep to them, in searches and in chats, and to the caller's rights."""

from typing import Any

import httpx
import pytest

from tests.conftest import WEBAPP_KEY
from tests.gateway.test_bad_input import refused
from tests.gateway.test_document_changes import uploaded

EVE = {"authorization": f"Bearer {WEBAPP_KEY}", "x-groundwork-user": "eve"}
QUESTION = "Who mends the harbour crane?"


@pytest.fixture
def years(http: httpx.Client, collection: str) -> dict[int, str]:
    """Three documents about one thing, the last of them for the operator alone: year → path."""
    me = http.get("/v1/me").json()["subject"]
    said = {2020: {}, 2021: {"tags": ["crane", "port"]}, 2022: {"tags": ["crane"]}}
    return {
        year: uploaded(
            http,
            collection,
            f"In {year} the smith mends the harbour crane.",
            metadata={"year": year, **more},
            readers=[me] if year == 2022 else [],
        )
        for year, more in said.items()
    }


def found(http: httpx.Client, collection: str, filter: dict[str, Any], **more: Any) -> set[int]:
    """The years of what a search finds."""
    headers = more.pop("headers", {})
    body = {"query": QUESTION, "collections": [collection.split("/")[3]], "filter": filter, **more}
    hits = http.post("/v1/search", json=body, headers=headers).raise_for_status().json()["results"]
    return {hit["metadata"]["year"] for hit in hits}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_each_arm_keeps_to_the_filter(
    http: httpx.Client, collection: str, years: dict[int, str], mode: str
) -> None:
    assert found(http, collection, {"year": {"gte": 2021}}, mode=mode) == {2021, 2022}
    assert found(http, collection, {"not": {"tags": "port"}}, mode=mode) == {2020, 2022}
    assert found(http, collection, {"year": "2021"}, mode=mode) == set()


def test_a_filter_shows_nothing_that_the_caller_may_not_read(
    http: httpx.Client, collection: str, years: dict[int, str]
) -> None:
    assert found(http, collection, {"tags": "crane"}) == {2021, 2022}
    assert found(http, collection, {"tags": "crane"}, headers=EVE) == {2021}


def test_changed_metadata_count_from_the_next_search_on(
    http: httpx.Client, collection: str, years: dict[int, str]
) -> None:
    http.patch(years[2020], json={"metadata": {"year": 2023}}).raise_for_status()
    assert found(http, collection, {"year": {"gt": 2022}}) == {2023}
    assert found(http, collection, {"year": 2020}) == set()


def test_a_chat_is_answered_from_what_the_filter_lets_through(
    http: httpx.Client, collection: str, years: dict[int, str]
) -> None:
    rag = {"collections": [collection.split("/")[3]], "filter": {"year": 2021}, "answer_mode": "quote"}
    body = {"messages": [{"role": "user", "content": QUESTION}], "rag": rag}
    reply = http.post("/v1/chat/completions", json=body).raise_for_status().json()
    assert [source["metadata"]["year"] for source in reply["rag"]["sources"]] == [2021]
    assert "In 2021 the smith mends" in reply["choices"][0]["message"]["content"]


def test_a_filter_that_cannot_be_read_names_its_place(http: httpx.Client) -> None:
    bad = {"or": [{"year": 2020}, {"year": {"after": 2020}}]}
    reply = http.post("/v1/search", json={"query": "x", "filter": bad})
    refused(reply, 422, "invalid_request")
    assert reply.json()["error"]["param"] == "filter"
    assert reply.json()["error"]["message"].startswith(
        "filter: `or[1].year.after`: is no comparison; write one of"
    )
    chat = {"messages": [{"role": "user", "content": "x"}], "rag": {"filter": bad}}
    assert http.post("/v1/chat/completions", json=chat).json()["error"]["param"] == "rag.filter"
