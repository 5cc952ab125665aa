"""New bytes of a document that is known: what is said with them, who may read them, what could not be read."""

import httpx

from tests.gateway.conftest import finished
from tests.gateway.office import pdf
from tests.gateway.test_document_changes import EVE, LEGEND, found, uploaded


def test_what_is_said_with_new_bytes_holds_once_they_are_published(
    http: httpx.Client, collection: str
) -> None:
    me = http.get("/v1/me").json()["subject"]
    path = uploaded(http, collection, LEGEND, external_id="legend", title="Secret", readers=[me])
    open_ = {"external_id": "legend", "title": "Public", "readers": "[]", "metadata": '{"lang": "en"}'}
    broken = http.post(
        collection, files={"file": ("new.pdf", b"%PDF- broken", "application/pdf")}, data=open_
    )
    assert finished(http, broken.json()["job_id"])["status"] == "failed"
    assert http.get(path, headers=EVE).status_code == 404
    assert found(http, collection) == ["Secret"] and found(http, collection, headers=EVE) == []
    uploaded(http, collection, f"A newer {LEGEND}", external_id="legend")
    document = http.get(path, headers=EVE).json()
    said = {
        "title": "Public",
        "readers": [],
        "metadata": {"lang": "en"},
        "version": 3,
        "file_name": "new.pdf",
    }
    assert {name: document[name] for name in said} == said


def test_new_bytes_are_for_those_who_may_read_old_and_new(http: httpx.Client, collection: str) -> None:
    me = http.get("/v1/me").json()["subject"]
    path = uploaded(http, collection, LEGEND, external_id="legend")
    secret = {"external_id": "legend", "readers": f'["{me}"]'}
    broken = http.post(collection, files={"file": ("x.pdf", b"%PDF- secret", "application/pdf")}, data=secret)
    assert finished(http, broken.json()["job_id"])["status"] == "failed"
    assert http.get(f"{path}/file").content == b"%PDF- secret"
    assert http.get(f"{path}/file", headers=EVE).content == LEGEND.encode()
    assert http.get(f"{path}/file", params={"version": 2}, headers=EVE).status_code == 404


def test_a_change_by_itself_is_not_undone_by_a_version_that_waits(
    http: httpx.Client, collection: str
) -> None:
    path = uploaded(http, collection, LEGEND, external_id="legend", title="First")
    broken = http.post(
        collection,
        files={"file": ("x.pdf", b"%PDF- broken", "application/pdf")},
        data={"external_id": "legend", "title": "Second", "uri": "https://lamp"},
    )
    assert finished(http, broken.json()["job_id"])["status"] == "failed"
    http.patch(path, json={"title": "Changed"}).raise_for_status()
    uploaded(http, collection, f"A newer {LEGEND}", external_id="legend")
    assert [http.get(path).json()[name] for name in ("title", "uri")] == ["Changed", "https://lamp"]


def test_bytes_that_failed_are_tried_again_as_the_same_version(http: httpx.Client, collection: str) -> None:
    sent = {"file": ("x.pdf", b"%PDF- broken", "application/pdf")}
    first = http.post(collection, files=sent, data={"external_id": "x"}).json()
    assert finished(http, first["job_id"])["status"] == "failed"
    again = http.post(collection, files=sent, data={"external_id": "x"})
    assert (again.status_code, again.json()) == (202, first)
    assert finished(http, first["job_id"])["status"] == "failed"


def test_what_could_not_be_read_is_told_with_what_could(http: httpx.Client, collection: str) -> None:
    sent = {"file": ("scan.pdf", pdf([[LEGEND], []]), "application/pdf")}
    accepted = http.post(collection, files=sent).json()
    job = finished(http, accepted["job_id"])
    document = http.get(f"/v1/documents/{accepted['document_id']}").json()
    (version,) = http.get(f"/v1/documents/{accepted['document_id']}/versions").json()["data"]
    for told in (job, document, version):
        assert [notice["code"] for notice in told["notices"]] == ["no_text"]
        assert "page 2 of 2" in told["notices"][0]["message"]
