"""What quotes a removed document goes with it: in answers at once, in feedback through the outbox."""

import json
import sys
import time
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.conftest import PEPPER, WEBAPP_KEY, Database
from tests.fakes.knobs import Knobs
from tests.gateway.conftest import TOKEN, RunningGateway, finished
from tests.served import free_port, served

EVE = {"authorization": f"Bearer {WEBAPP_KEY}", "x-groundwork-user": "eve"}
SECRET = "The safe of Harrow Hall opens with 7714, a number that nobody in the village has told a soul."


def asked(http: httpx.Client, collection: str, mode: str) -> dict[str, Any]:
    """A reply that draws on the collection."""
    question = [{"role": "user", "content": "What opens the safe of Harrow Hall?"}]
    rag = {"collections": [collection], "answer_mode": mode}
    return dict(http.post("/v1/chat/completions", json={"messages": question, "rag": rag}).json())


@pytest.fixture
def collection(http: httpx.Client) -> str:
    """A collection with the secret and something else."""
    name = f"redaction-{uuid4().hex[:8]}"
    http.post("/v1/collections", json={"name": name}).raise_for_status()
    return name


def uploaded(http: httpx.Client, collection: str, text: str) -> str:
    """The path of an ingested text's document."""
    accepted = http.post(f"/v1/collections/{collection}/documents", json={"text": text}).json()
    assert finished(http, accepted["job_id"])["status"] == "succeeded"
    return f"/v1/documents/{accepted['document_id']}"


def waiting(database: Database) -> int:
    """Rows of the outbox."""
    with psycopg.connect(database.dsn("owner")) as owner:
        (rows,) = owner.execute("SELECT count(*) FROM outbox").fetchone() or (0,)
    return int(rows)


def wait_until_delivered(database: Database) -> None:
    """Returns once the outbox is empty."""
    until = time.monotonic() + 30
    while waiting(database):
        assert time.monotonic() < until, "nobody delivered the outbox"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("mode", "left"),
    [("write", "[removed]"), ("both", "[removed] [1]\n\n[removed]"), ("quote", "[removed] [1]")],
)
def test_words_of_a_model_go_with_the_document_that_they_come_from(
    http: httpx.Client, gateway: RunningGateway, collection: str, mode: str, left: str
) -> None:
    document = uploaded(http, collection, SECRET)
    gateway.model.knobs = Knobs(words="The safe of Harrow Hall opens with 7714.")
    reply = asked(http, collection, mode)
    assert "7714" in reply["choices"][0]["message"]["content"]
    path = f"/v1/answers/{reply['rag']['answer_id']}"
    assert "7714" in http.get(path).json()["answer"]
    assert http.delete(document).status_code == 204
    answer = http.get(path).json()
    assert answer["answer"] == left
    assert "7714" not in str({**answer, "question": ""})
    nothing = {"supported": False, "quote": None, "evidence": None}
    assert answer["citations"] == ([] if mode == "write" else [{"n": 1, "start": 10, "end": 13, **nothing}])


def test_citations_of_what_is_left_stand_where_their_markers_stand(
    http: httpx.Client, gateway: RunningGateway, collection: str, database: Database
) -> None:
    uploaded(http, collection, SECRET)
    uploaded(
        http,
        collection,
        "The safe of Harrow Hall opened with a key, and Anna Bell tells of the Sundays in a letter.",
    )
    gateway.model.knobs = Knobs(words="The safe of Harrow Hall opened with a key.")
    reply = asked(http, collection, "both")
    path = f"/v1/answers/{reply['rag']['answer_id']}"
    whole = http.get(path).json()
    assert whole["citations"] == reply["rag"]["citations"]
    assert [bool(citation["quote"]) for citation in whole["citations"]] == [True, True, False]
    first = next(source["document_id"] for source in whole["sources"] if source["n"] == 1)
    hidden = "UPDATE rag.documents SET readers = %s WHERE id = %s"
    with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
        owner.execute(hidden, (["user:nobody"], first))
        assert_exact(http.get(path).json(), [None, "“", None])
        owner.execute(hidden, ([], first))
    assert http.delete(f"/v1/documents/{first}").status_code == 204
    assert_exact(http.get(path).json(), [None, "“"])


def assert_exact(answer: dict[str, Any], before_quotes: list[str | None]) -> None:
    """Each citation stands on its marker; before a quotation stands its mark."""
    text, citations = answer["answer"], answer["citations"]
    assert text.startswith("[removed] [1]")
    assert [text[c["start"] : c["end"]] for c in citations] == [f"[{c['n']}]" for c in citations]
    assert [c["quote"] and text[c["quote"]["start"] - 1] for c in citations] == before_quotes


def test_answers_from_other_documents_keep_their_words(
    http: httpx.Client, gateway: RunningGateway, collection: str
) -> None:
    uploaded(http, collection, SECRET)
    gateway.model.knobs = Knobs(words="The safe of Harrow Hall opens with 7714 [1].")
    reply = asked(http, collection, "write")
    other = uploaded(http, collection, "The garden of Harrow Hall is open on Sundays.")
    assert http.delete(other).status_code == 204
    answer = http.get(f"/v1/answers/{reply['rag']['answer_id']}").json()
    assert answer["answer"] == reply["choices"][0]["message"]["content"]


def test_comments_on_such_answers_go_and_thumbs_stay(
    http: httpx.Client, collection: str, database: Database
) -> None:
    document = uploaded(http, collection, SECRET)
    reply = asked(http, collection, "quote")
    said = {"rating": "down", "comment": "7714 is old", "correction": "It opens with 8825."}
    kept = http.post("/v1/feedback", json={"answer_id": reply["rag"]["answer_id"], **said}).json()
    assert http.delete(document).status_code == 204
    wait_until_delivered(database)
    with psycopg.connect(database.dsn("owner")) as owner:
        row = owner.execute(
            "SELECT rating, comment, correction FROM feedback.ratings WHERE id = %s", (kept["id"],)
        )
        assert row.fetchone() == ("down", None, None)


def test_feedback_that_is_away_delays_the_redaction_and_blocks_nothing(
    postgres: str, gateway: RunningGateway
) -> None:
    database = Database(postgres, name="redaction")
    database.migrate()
    with psycopg.connect(database.dsn("owner"), autocommit=True) as owner:
        owner.execute("""INSERT INTO outbox (tenant_id, kind, payload)
                         SELECT id, 'redaction', '{"document_ids": []}' || jsonb_build_object('document_ids',
                                jsonb_build_array(gen_random_uuid())) FROM tenants""")
    port = str(free_port())
    shared = {"SERVICE_TOKEN": TOKEN, "API_KEY_PEPPER": PEPPER, "FEEDBACK_URL": f"http://127.0.0.1:{port}"}
    behind = {"EMBEDDER_URL": gateway.environment["EMBEDDER_URL"], "DATABASE_URL": database.dsn("worker")}
    with served(
        sys.executable, "rag_gateway.worker", shared | behind, port_variable="OPERATIONS_PORT"
    ) as url:
        time.sleep(5)
        assert waiting(database) == 1
        assert httpx.get(f"{url}/readyz").json()["status"] == "degraded"
        feedback = {"SERVICE_TOKEN": TOKEN, "DATABASE_URL": database.dsn("feedback")}
        with served(sys.executable, "rag_feedback", feedback, port=int(port)):
            wait_until_delivered(database)


def test_who_loses_sight_of_a_document_while_it_is_told_of_it_takes_nothing_from_others(
    http: httpx.Client, gateway: RunningGateway, collection: str, database: Database
) -> None:
    me = http.get("/v1/me").json()["subject"]
    document = uploaded(http, collection, SECRET)
    gateway.model.knobs = Knobs(words="The safe of Harrow Hall opens with 7714.")
    mine = asked(http, collection, "both")
    gateway.model.knobs = Knobs(words="The safe of Harrow Hall opens with 7714.", ttft_ms=2000)
    body = {"messages": [{"role": "user", "content": "What opens the safe of Harrow Hall?"}], "stream": True}
    body["rag"] = {"collections": [collection], "answer_mode": "both"}
    with http.stream("POST", "/v1/chat/completions", json=body, headers=EVE) as hers:
        lines = hers.iter_lines()
        first = json.loads(next(line for line in lines if line.startswith("data: "))[6:])
        http.patch(document, json={"readers": [me]}).raise_for_status()
        list(lines)
    assert waiting(database) == 0
    kept = http.get(f"/v1/answers/{mine['rag']['answer_id']}").json()["answer"]
    assert kept == mine["choices"][0]["message"]["content"]
    hidden = http.get(f"/v1/answers/{first['rag']['answer_id']}", headers=EVE).json()
    assert "7714" not in str({**hidden, "question": ""})
