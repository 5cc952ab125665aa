"""Documents and collections are removed whole, at once and for good, on real parts."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from rag_gateway.keys import hash_of, new_key, prefix_of

from tests.conftest import PEPPER, WEBAPP_KEY, Database
from tests.gateway.conftest import finished
from tests.gateway.test_bad_input import refused

LEFT = {
    "document_versions": "SELECT count(*) FROM document_versions WHERE document_id = %(id)s",
    "blobs": "SELECT count(*) FROM blobs WHERE document_id = %(id)s",
    "jobs": "SELECT count(*) FROM jobs WHERE document_id = %(id)s",
    "chunks": "SELECT count(*) FROM chunks WHERE document_id = %(id)s",
    "vectors": """SELECT count(*) FROM active_vectors v
                  WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.id = v.chunk_id)""",
    "postings": """SELECT count(*) FROM postings p
                   WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.id = p.chunk_id)""",
}
STATISTICS_ARE_RIGHT = """
SELECT s.chunks = (SELECT count(*) FROM chunks c WHERE c.tenant_id = s.tenant_id)
   AND s.length = (SELECT coalesce(sum(l.length), 0) FROM (SELECT DISTINCT p.chunk_id, p.length FROM postings p
                                               WHERE p.tenant_id = s.tenant_id) l)
  FROM lexical_statistics s JOIN tenants t ON t.id = s.tenant_id WHERE t.name = 'default'
"""
EVE = {"authorization": f"Bearer {WEBAPP_KEY}", "x-groundwork-user": "eve"}


@pytest.fixture
def collection(http: httpx.Client) -> Iterator[str]:
    """A collection of one test, gone afterwards."""
    name = f"removals-{uuid4().hex[:8]}"
    http.post("/v1/collections", json={"name": name}).raise_for_status()
    yield name
    http.delete(f"/v1/collections/{name}")


def upload(http: httpx.Client, collection: str, text: str, **more: Any) -> dict[str, Any]:
    """An accepted text."""
    reply = http.post(f"/v1/collections/{collection}/documents", json={"text": text, **more})
    assert reply.status_code == 202, reply.text
    return dict(reply.json())


def uploaded(http: httpx.Client, collection: str, text: str, **more: Any) -> dict[str, Any]:
    """An accepted and ingested text."""
    accepted = upload(http, collection, text, **more)
    assert finished(http, accepted["job_id"])["status"] == "succeeded"
    return accepted


def found(http: httpx.Client, collection: str, query: str) -> list[str]:
    """The texts that a search in the collection finds."""
    reply = http.post("/v1/search", json={"query": query, "collections": [collection]})
    return [hit["text"] for hit in reply.json()["results"]]


def left(database: Database, document_id: str) -> dict[str, int]:
    """Rows that still belong to a document, by table; and that the statistics fit what is there."""
    with psycopg.connect(database.dsn("owner")) as owner:
        (right,) = owner.execute(STATISTICS_ARE_RIGHT).fetchone() or (False,)
        assert right, "the statistics count what is not there"
        counts = {}
        for table, query in LEFT.items():
            (counts[table],) = owner.execute(query, {"id": document_id}).fetchone() or (0,)
    return {table: count for table, count in counts.items() if count}


def test_a_removed_document_is_gone_from_the_next_request_on(
    http: httpx.Client, collection: str, database: Database
) -> None:
    text = "The bell of Lindholm weighs 412 kilograms."
    document = uploaded(http, collection, text, external_id="bell")
    uploaded(http, collection, f"{text} It was cast in Riga.", external_id="bell")
    assert len(found(http, collection, "bell")) == 1
    reply = http.delete(f"/v1/documents/{document['document_id']}")
    assert (reply.status_code, reply.content) == (204, b"")
    assert found(http, collection, "bell") == []
    assert left(database, document["document_id"]) == {}
    for path in (f"documents/{document['document_id']}", f"jobs/{document['job_id']}"):
        refused(http.get(f"/v1/{path}"), 404, "not_found")
    refused(http.delete(f"/v1/documents/{document['document_id']}"), 404, "not_found")
    again = uploaded(http, collection, text, external_id="bell")
    assert again["document_id"] != document["document_id"]


def test_an_answer_that_quotes_a_removed_document_says_so(http: httpx.Client, collection: str) -> None:
    document = uploaded(http, collection, "The ferry to Lindholm leaves at nine in the morning.")
    question = [{"role": "user", "content": "When does the ferry to Lindholm leave?"}]
    rag = {"collections": [collection], "answer_mode": "quote"}
    asked = http.post("/v1/chat/completions", json={"messages": question, "rag": rag}).json()
    assert "nine in the morning" in asked["choices"][0]["message"]["content"]
    assert http.delete(f"/v1/documents/{document['document_id']}").status_code == 204
    answer = http.get(f"/v1/answers/{asked['rag']['answer_id']}").json()
    assert answer["answer"] == "[removed] [1]"
    assert [(source["removed"], source["text"]) for source in answer["sources"]] == [(True, None)]


def test_what_is_removed_while_it_is_read_does_not_come_back(
    http: httpx.Client, collection: str, database: Database
) -> None:
    lines = (f"## Part {n}\n\nThe barrel number {n} holds {n % 97} litres of oil." for n in range(600))
    document = upload(http, collection, "\n\n".join(lines))
    job = f"/v1/jobs/{document['job_id']}"
    until = time.monotonic() + 30
    while http.get(job).json()["stage"] != "embed":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert http.delete(f"/v1/documents/{document['document_id']}").status_code == 204
    after = "This is read only once the worker is done with the barrels."
    uploaded(http, collection, after)
    assert left(database, document["document_id"]) == {}
    assert found(http, collection, "barrel of oil") == [after]


def test_a_removed_collection_takes_its_documents_along(
    http: httpx.Client, collection: str, database: Database
) -> None:
    documents = [uploaded(http, collection, f"Buoy {n} is painted red.") for n in range(3)]
    assert http.delete(f"/v1/collections/{collection}").status_code == 204
    refused(http.get(f"/v1/collections/{collection}"), 404, "collection_not_found")
    refused(http.delete(f"/v1/collections/{collection}"), 404, "collection_not_found")
    asked = http.post("/v1/search", json={"query": "buoy", "collections": [collection]})
    refused(asked, 404, "collection_not_found")
    assert [left(database, document["document_id"]) for document in documents] == [{}] * 3


def test_what_a_caller_cannot_see_it_cannot_remove(http: httpx.Client, collection: str) -> None:
    me = http.get("/v1/me").json()["subject"]
    hidden = uploaded(http, collection, "The vault's number is 5512.", readers=[me])
    seen = uploaded(http, collection, "The vault stands in the cellar.")
    path = f"/v1/documents/{hidden['document_id']}"
    refused(http.delete(path, headers=EVE), 404, "not_found")
    refused(http.delete(f"/v1/collections/{collection}", headers=EVE), 409, "collection_not_empty")
    for document in (hidden, seen):
        assert http.get(f"/v1/documents/{document['document_id']}").status_code == 200


def test_a_key_that_may_not_write_may_not_remove(
    http: httpx.Client, collection: str, database: Database
) -> None:
    document = uploaded(http, collection, "The rope is forty fathoms long.")
    key = new_key()
    with psycopg.connect(database.dsn("owner")) as owner:
        owner.execute(
            """INSERT INTO api_keys (tenant_id, prefix, hash, name, scopes)
               SELECT id, %s, %s, 'reads', '{chat}' FROM tenants WHERE name = 'default'""",
            (prefix_of(key), hash_of(key, PEPPER)),
        )
    reader = {"authorization": f"Bearer {key}"}
    for path in (f"/v1/documents/{document['document_id']}", f"/v1/collections/{collection}"):
        refused(http.delete(path, headers=reader), 403, "missing_scope")
