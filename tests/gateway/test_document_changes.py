"""What is said about a document changes alone; its versions and its file can be read, on real parts."""

from typing import Any

import httpx
import psycopg
import pytest

from tests.conftest import WEBAPP_KEY, Database
from tests.gateway.conftest import finished
from tests.gateway.office import pdf
from tests.gateway.test_bad_input import refused

EVE = {"authorization": f"Bearer {WEBAPP_KEY}", "x-groundwork-user": "eve"}
LEGEND = "The legend of the lamp keeper is told in winter."


def uploaded(http: httpx.Client, collection: str, text: str, **more: Any) -> str:
    """The path of an ingested text's document."""
    accepted = http.post(collection, json={"text": text, **more}).json()
    assert finished(http, accepted["job_id"])["status"] == "succeeded"
    return f"/v1/documents/{accepted['document_id']}"


def found(http: httpx.Client, collection: str, **more: Any) -> list[str]:
    """The titles of what a search in the collection finds."""
    body = {"query": "legend of the lamp keeper", "collections": [collection.split("/")[3]]}
    return [hit["title"] for hit in http.post("/v1/search", json=body, **more).json()["results"]]


def test_what_is_said_of_a_document_changes_at_once_and_without_another_job(
    http: httpx.Client, collection: str
) -> None:
    path = uploaded(http, collection, LEGEND, title="Old", metadata={"lang": "en"})
    before = http.get(path).json()
    after = http.patch(path, json={"title": "New", "metadata": {"lang": "de"}, "uri": "https://lamp"}).json()
    assert (after["title"], after["metadata"], after["uri"]) == ("New", {"lang": "de"}, "https://lamp")
    assert (after["job_id"], after["version"]) == (before["job_id"], 1)
    assert found(http, collection) == ["New"]
    cleared = http.patch(path, json={"uri": None, "metadata": None}).json()
    assert (cleared["title"], cleared["metadata"], cleared["uri"]) == ("New", {}, None)


def test_a_title_that_nobody_gave_changes_with_the_version(http: httpx.Client, collection: str) -> None:
    page = {"external_id": "page"}
    path = uploaded(http, collection, f"# First\n\n{LEGEND}", **page)
    assert uploaded(http, collection, f"# Second\n\n{LEGEND}", **page) == path
    assert found(http, collection) == ["Second"] == [http.get(path).json()["title"]]
    http.patch(path, json={"title": "Given"}).raise_for_status()
    uploaded(http, collection, f"# Third\n\n{LEGEND}", **page)
    assert found(http, collection) == ["Given"]
    http.patch(path, json={"title": None}).raise_for_status()
    uploaded(http, collection, f"# Fourth\n\n{LEGEND}", **page)
    assert found(http, collection) == ["Fourth"]


def test_new_readers_hold_from_the_next_request_on(http: httpx.Client, collection: str) -> None:
    me = http.get("/v1/me").json()["subject"]
    path = uploaded(http, collection, LEGEND, title="Legend")
    assert found(http, collection, headers=EVE) == ["Legend"]
    refused(http.patch(path, json={"readers": ["group:hr"]}), 422, "invalid_request")
    assert http.patch(path, json={"readers": [me]}).json()["readers"] == [me]
    assert found(http, collection, headers=EVE) == []
    refused(http.patch(path, json={"title": "Mine"}, headers=EVE), 404, "not_found")
    for kind in ("versions", "file", "content"):
        refused(http.get(f"{path}/{kind}", headers=EVE), 404, "not_found")
    assert http.patch(path, json={"readers": None}).json()["readers"] == []
    assert found(http, collection, headers=EVE) == ["Legend"]


def test_a_new_address_is_what_the_document_is_known_by(http: httpx.Client, collection: str) -> None:
    path = uploaded(http, collection, LEGEND, uri="https://lamp/1")
    other = uploaded(http, collection, "Another legend.", uri="https://lamp/2")
    refused(http.patch(other, json={"uri": "https://lamp/1"}), 409, "uri_taken")
    assert http.patch(path, json={"uri": "https://lamp/3"}).status_code == 200
    assert uploaded(http, collection, f"{LEGEND} Twice.", uri="https://lamp/3") == path
    assert http.get(path).json()["version"] == 2
    assert uploaded(http, collection, LEGEND, uri="https://lamp/1") not in (path, other)


@pytest.mark.parametrize(
    "change", [{"title": ""}, {"color": "red"}, {"metadata": {"A b": 1}}, {"readers": ["no good"]}, [], "x"]
)
def test_a_change_that_is_none_is_refused_and_nothing_changes(
    http: httpx.Client, collection: str, change: Any
) -> None:
    path = uploaded(http, collection, LEGEND)
    before = http.get(path).json()
    assert http.patch(path, json=change).status_code == 422
    assert http.get(path).json() == before


def test_versions_are_listed_with_what_became_of_them(http: httpx.Client, collection: str) -> None:
    path = uploaded(http, collection, "First words.", external_id="v")
    uploaded(http, collection, "Second words.", external_id="v")
    bad = http.post(
        collection, files={"file": ("v.pdf", b"%PDF-1.4 broken")}, data={"external_id": "v"}
    ).json()
    assert finished(http, bad["job_id"])["status"] == "failed"
    versions = http.get(f"{path}/versions").json()["data"]
    assert [(v["version"], v["status"], v["current"], v["text"]) for v in versions] == [
        (3, "failed", False, False),
        (2, "succeeded", True, True),
        (1, "succeeded", False, True),
    ]
    assert versions[0]["error"]["code"] and versions[1]["error"] is None
    page = http.get(f"{path}/versions", params={"limit": 2}).json()
    rest = http.get(f"{path}/versions", params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert [v["version"] for v in page["data"] + rest["data"]] == [3, 2, 1]
    document = http.get(path).json()
    assert (document["version"], document["latest_version"], document["status"]) == (2, 3, "failed")
    assert document["error"] == versions[0]["error"] and document["file_name"] == ""


def test_a_file_comes_back_byte_for_byte_as_an_attachment(http: httpx.Client, collection: str) -> None:
    data = pdf([[f"Line {n} of the log of the lamp." for n in range(30)]] * 900)
    assert len(data) > 1_000_000
    name = 'logs/rém "x"\u202efdp.pdf'
    accepted = http.post(collection, files={"file": (name, data)}).json()
    document = http.get(f"/v1/documents/{accepted['document_id']}").json()
    assert (document["size_bytes"], document["media_type"]) == (len(data), "application/pdf")
    reply = http.get(f"/v1/documents/{accepted['document_id']}/file")
    assert reply.content == data
    assert reply.headers["content-disposition"].startswith("attachment; filename*=UTF-8''r%C3%A9m")
    assert reply.headers["x-content-type-options"] == "nosniff"
    refused(http.get(f"/v1/documents/{accepted['document_id']}/file?version=2"), 404, "not_found")
    http.delete(f"/v1/documents/{accepted['document_id']}")


def test_bytes_that_a_caller_cannot_see_are_new_to_it(http: httpx.Client, collection: str) -> None:
    me = http.get("/v1/me").json()["subject"]
    for said in ({}, {"external_id": "hidden"}, {"uri": "https://hidden"}):
        mine = http.post(collection, json={"text": LEGEND, "readers": [me], **said})
        hers = http.post(collection, json={"text": LEGEND, **said}, headers=EVE)
        assert (mine.status_code, hers.status_code) == (202, 202)
        assert mine.json()["document_id"] != hers.json()["document_id"]
        assert hers.json()["version"] == 1


def test_text_and_file_of_a_replaced_version_are_kept_for_a_while_and_then_forgotten(
    http: httpx.Client, collection: str, database: Database
) -> None:
    path = uploaded(http, collection, "The old words.", external_id="words")
    uploaded(http, collection, "The new words.", external_id="words")
    old = {"version": 1}
    assert http.get(f"{path}/content", params=old).json()["text"] == "The old words."
    with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
        owner.execute("UPDATE document_versions SET superseded_at = superseded_at - interval '31 days'")
    with psycopg.connect(database.dsn("worker"), autocommit=True) as worker:
        worker.execute("SELECT forget_superseded(30, 1000)")
    refused(http.get(f"{path}/content", params=old), 404, "not_found")
    refused(http.get(f"{path}/file", params=old), 404, "not_found")
    assert http.get(f"{path}/content").json()["text"] == "The new words."
    assert http.get(f"{path}/file").content == b"The new words."
    assert [v["text"] for v in http.get(f"{path}/versions").json()["data"]] == [True, False]
