"""Documents from upload to passages, on real parts."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conftest import WEBAPP_KEY
from tests.gateway.conftest import finished
from tests.gateway.office import pdf
from tests.gateway.test_bad_input import refused

UPLOAD = "/v1/collections/uploads/documents"


@pytest.fixture(autouse=True)
def uploads(http: httpx.Client) -> None:
    """An own collection."""
    http.post("/v1/collections", json={"name": "uploads"})


def uploaded(http: httpx.Client, text: str, **more: Any) -> dict[str, Any]:
    """An accepted and ingested text."""
    reply = http.post(UPLOAD, json={"text": text, **more})
    assert reply.status_code == 202, reply.text
    assert finished(http, reply.json()["job_id"])["status"] == "succeeded"
    return dict(reply.json())


def hits(http: httpx.Client, query: str) -> list[str]:
    """The texts that a search in the collection finds."""
    found = http.post("/v1/search", json={"query": query, "collections": ["uploads"]}).json()["results"]
    return [hit["text"] for hit in found]


def test_a_document_is_found_once_its_job_has_succeeded(http: httpx.Client, handbook: dict[str, Any]) -> None:
    job = handbook["job"]
    assert (job["status"], job["stage"], job["error"]) == ("succeeded", "publish", None)
    assert job["done"] == job["total"] > 0
    document = http.get(f"/v1/documents/{handbook['document_id']}").json()
    assert (document["version"], document["title"]) == (1, "Handbook of the Lighthouse")
    content = http.get(f"/v1/documents/{handbook['document_id']}/content").json()
    assert "See the storm rules for more." in content["text"]
    assert content["length"] == content["end"] == len(content["text"])


def test_a_passage_of_a_pdf_is_found_with_its_page_and_its_place(http: httpx.Client) -> None:
    filler = [f"Line {n} of the first page is about ropes and nothing else." for n in range(40)]
    pages = pdf([filler, ["The bell of Ostrava weighs eleven tonnes and rings at noon."]])
    accepted = http.post(UPLOAD, files={"file": ("bell.pdf", pages)}).json()
    assert finished(http, accepted["job_id"])["status"] == "succeeded"
    query = {"query": "How heavy is the bell of Ostrava?", "collections": ["uploads"]}
    hit = http.post("/v1/search", json=query).json()["results"][0]
    assert "eleven tonnes" in hit["text"] and hit["page"] == 2
    at = {"start": hit["start"], "end": hit["end"]}
    content = http.get(f"/v1/documents/{accepted['document_id']}/content", params=at).json()
    assert content["text"] == hit["text"]


def test_a_file_that_is_not_what_its_name_says_fails_in_words(http: httpx.Client) -> None:
    accepted = http.post(UPLOAD, files={"file": ("words.pdf", b"only words")}).json()
    job = finished(http, accepted["job_id"])
    assert (job["status"], job["error"]["code"]) == ("failed", "wrong_format")
    assert "send the PDF itself" in job["error"]["message"]


def test_the_same_bytes_again_give_the_same_ids_without_another_job(http: httpx.Client) -> None:
    first = uploaded(http, "Gulls nest on the north cliff.")
    again = http.post(UPLOAD, json={"text": "Gulls nest on the north cliff."})
    assert again.status_code == 200
    assert (again.json()["document_id"], again.json()["job_id"]) == (first["document_id"], first["job_id"])


def test_the_same_bytes_with_another_title_change_the_title_alone(http: httpx.Client) -> None:
    first = uploaded(http, "Seals sleep on the south beach.", external_id="seals")
    again = http.post(
        UPLOAD, json={"text": "Seals sleep on the south beach.", "external_id": "seals", "title": "Seals"}
    )
    assert again.status_code == 200
    document = http.get(f"/v1/documents/{first['document_id']}").json()
    assert (document["title"], document["version"]) == ("Seals", 1)


def test_other_bytes_of_the_same_external_id_replace_the_old_ones_in_search(http: httpx.Client) -> None:
    first = uploaded(http, "The ferry leaves at seven.", external_id="ferry")
    second = uploaded(http, "The ferry leaves at nine.", external_id="ferry")
    assert (second["document_id"], second["version"]) == (first["document_id"], 2)
    found = hits(http, "When does the ferry leave?")
    assert "The ferry leaves at nine." in found and "The ferry leaves at seven." not in found
    old = http.get(f"/v1/documents/{first['document_id']}/content", params={"version": 1}).json()
    assert old["text"] == "The ferry leaves at seven."


def test_fifty_uploads_of_one_document_at_once_make_one_set_of_passages(http: httpx.Client) -> None:
    http.post("/v1/collections", json={"name": "fifty"}).raise_for_status()
    text = "\n\n".join(f"## Part {n}\n\n{f'Buoy {n} is painted red and rings. ' * 20}" for n in range(12))
    with ThreadPoolExecutor(50) as threads:
        upload = "/v1/collections/fifty/documents"
        replies = list(threads.map(lambda _: http.post(upload, json={"text": text}), range(50)))
    assert sorted({reply.status_code for reply in replies}) == [200, 202]
    assert len({(r.json()["document_id"], r.json()["job_id"]) for r in replies}) == 1
    job = finished(http, replies[0].json()["job_id"])
    there = http.get("/v1/collections/fifty").json()
    assert (there["documents"], there["chunks"]) == (1, job["total"]) and job["total"] >= 12


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("photo.png", b"\x89PNG", 415, "unsupported_media_type"),
        ("program.md.exe", b"words", 415, "unsupported_media_type"),
        ("empty.md", b"", 422, "empty_document"),
        ("blank.txt", b" \n\t ", 422, "empty_document"),
        ("bom.txt", b"\xef\xbb\xbf", 422, "empty_document"),
        ("latin.txt", b"caf\xe9", 422, "invalid_utf8"),
        ("nul.txt", b"a\x00b", 422, "nul_bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_stored(
    http: httpx.Client, name: str, data: bytes, status: int, code: str
) -> None:
    before = http.get(UPLOAD, params={"limit": 100}).json()["data"]
    refused(http.post(UPLOAD, files={"file": (name, data)}), status, code)
    assert http.get(UPLOAD, params={"limit": 100}).json()["data"] == before


def test_no_words_of_programmers_are_said_of_a_file_that_is_no_text(http: httpx.Client) -> None:
    for name in ("letter.txt", "notes.md", "table.csv"):
        said = http.post(UPLOAD, files={"file": (name, b"\xff\xfeL\x00")}).json()["error"]["message"]
        assert said.startswith("This is not a text file") and "Save it as plain text (UTF-8)" in said


def test_an_error_says_whether_trying_again_may_help(http: httpx.Client) -> None:
    job = http.post(UPLOAD, files={"file": ("no.pdf", b"no pdf")}).json()["job_id"]
    error = finished(http, job)["error"]
    assert (error["code"], error["retryable"]) == ("wrong_format", False)
    document = http.get(UPLOAD).json()["data"][0]
    assert document["error"] == error


def test_uploads_that_are_no_upload_say_what_to_send(http: httpx.Client) -> None:
    refused(
        http.post(UPLOAD, content=b"x", headers={"content-type": "text/plain"}), 415, "unsupported_media_type"
    )
    refused(http.post(UPLOAD, files={"other": ("a.md", b"x")}), 422, "invalid_request")
    refused(http.post(UPLOAD, json={"text": "x", "color": "red"}), 422, "unsupported_parameter")
    refused(http.post(UPLOAD, json={"text": "x\x00"}), 422, "invalid_request")
    refused(http.post("/v1/collections/nowhere/documents", json={"text": "x"}), 404, "collection_not_found")
    refused(http.post("/v1/collections", json={"name": "No Good"}), 422, "invalid_request")
    refused(http.post("/v1/collections", json={"name": "uploads"}), 409, "collection_exists")


@pytest.mark.parametrize(
    "metadata", ['{"a": NaN}', '{"a": 1e999}', '{"a": ' + "[" * 600 + "]" * 600 + "}", '{"A b": 1}', "[1]"]
)
def test_metadata_that_cannot_be_kept_is_refused(http: httpx.Client, metadata: str) -> None:
    reply = http.post(UPLOAD, files={"file": ("a.md", b"words")}, data={"metadata": metadata})
    refused(reply, 422, "invalid_request")


def test_names_and_fields_that_are_no_text_are_refused(http: httpx.Client) -> None:
    refused(http.get("/v1/collections/a%00b"), 422, "invalid_request")
    refused(http.post("/v1/collections/a%00b/documents", json={"text": "x"}), 422, "invalid_request")
    for field, code in ((b"\xff\xfe", "invalid_utf8"), (b"a\x00b", "nul_bytes")):
        form = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + field + b"\r\n--b--\r\n"
        headers = {"content-type": "multipart/form-data; boundary=b"}
        refused(http.post(UPLOAD, content=form, headers=headers), 422, code)


def test_readers_hide_a_document_and_may_not_leave_its_owner_out(http: httpx.Client) -> None:
    me = http.get("/v1/me").json()["subject"]
    text = {"text": "The spare key hangs behind the clock.", "external_id": "spare-key"}
    refused(http.post(UPLOAD, json=text | {"readers": ["group:hr"]}), 422, "invalid_request")
    refused(
        http.post("/v1/collections", json={"name": "hr", "readers": ["group:hr"]}), 422, "invalid_request"
    )
    first = uploaded(http, **text)
    again = http.post(UPLOAD, json=text | {"readers": ["group:hr", me]})
    assert again.status_code == 200
    eve = {"authorization": f"Bearer {WEBAPP_KEY}", "x-groundwork-user": "eve"}
    refused(http.get(f"/v1/documents/{first['document_id']}", headers=eve), 404, "not_found")
    found = http.post(
        "/v1/search", json={"query": "spare key", "collections": ["uploads"]}, headers=eve
    ).json()
    assert text["text"] not in [hit["text"] for hit in found["results"]]
    assert text["text"] in hits(http, "spare key")


def test_a_document_of_more_passages_than_one_statement_writes_is_published(http: httpx.Client) -> None:
    lines = (
        f"## Part {n}\n\nThe lamp number {n} burns {n % 97} hours with oil of kind {n % 89}."
        for n in range(1800)
    )
    job = http.post(UPLOAD, json={"text": "\n\n".join(lines), "external_id": "large"}).json()["job_id"]
    done = finished(http, job, within_s=240)
    assert (done["status"], done["done"]) == ("succeeded", done["total"])
    assert done["total"] > 500


def test_an_endless_upload_ends_at_the_limit(http: httpx.Client) -> None:
    def endless() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        while True:
            yield b"x" * 1_000_000

    headers = {"content-type": "multipart/form-data; boundary=b"}
    try:
        reply = http.post(UPLOAD, content=endless(), headers=headers)
    except httpx.WriteError:  # the server has answered and closed while we still sent
        return
    refused(reply, 413, "too_large")


def test_lists_go_on_where_they_ended(http: httpx.Client) -> None:
    for n in range(3):
        http.post(UPLOAD, json={"text": f"Page {n}", "external_id": f"page-{n}"})
    seen, cursor = [], None
    while True:
        page = http.get(UPLOAD, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [document["id"] for document in page["data"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) >= 3
