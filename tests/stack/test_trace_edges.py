"""One trace from the browser to the model: the table of edges holds on the real stack, and no content is in it."""

import json
import re
import time
from typing import Any

import httpx
import psycopg
from playwright.sync_api import Page, expect
from rag_gateway.rag.pipeline import STEPS

from tests.browser.test_chat import QUESTION, ended, open_page
from tests.conftest import RunningStack
from tests.edges import edges
from tests.stack.spans import read_trace

TRACED = {(edge.source, edge.target) for edge in edges() if edge.traced}
CANARY = "Zanzibar-4711"


def test_every_traced_edge_of_the_table_is_seen_and_no_other(
    page: Page, http: httpx.Client, stack: RunningStack
) -> None:
    document = _ingested(http, "edges", "A document that the worker has to embed.")
    http.delete(f"/v1/documents/{document}").raise_for_status()  # which the worker tells the feedback service
    open_page(page, stack)
    page.get_by_role("button", name=QUESTION).click()
    ended(page)
    page.get_by_role("radio", name="Thumbs up").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    seen = read_trace(stack.url(6006), None, lambda trace: trace.edges() >= TRACED)
    assert seen.edges() == TRACED


def test_one_answer_is_one_trace_with_the_eight_steps_and_the_models_own_spans(
    http: httpx.Client, stack: RunningStack
) -> None:
    for mode, without in (("write", set()), ("both", set()), ("quote", {"generate", "cite", "llm_request"})):
        reply = _ask(http, QUESTION, mode)
        wanted = ({*STEPS, "llm_request", "search_passages", "insert_answer"}) - without
        trace = read_trace(stack.url(6006), reply["rag"]["trace_id"], lambda t: t.names >= wanted)  # noqa: B023
        assert trace.names >= wanted, mode
        assert not trace.names & without


def test_feedback_carries_the_trace_of_its_answer(http: httpx.Client, stack: RunningStack) -> None:
    rag = _ask(http, QUESTION, "quote")["rag"]
    http.post("/v1/feedback", json={"answer_id": rag["answer_id"], "rating": "up"}).raise_for_status()
    with psycopg.connect(stack.database_dsn) as database:
        kept = database.execute(
            "SELECT trace_id FROM feedback.ratings WHERE answer_id = %s", [rag["answer_id"]]
        ).fetchall()
    assert kept == [(rag["trace_id"],)]


def test_no_words_of_question_answer_or_document_are_in_any_span_or_log(
    http: httpx.Client, stack: RunningStack
) -> None:
    _ingested(http, "canary", f"The treasure of {CANARY} lies under the old mill.")
    reply = _ask(http, f"Where lies the treasure of {CANARY}?", "both", collections=["canary"])
    assert CANARY in reply["choices"][0]["message"]["content"]
    trace = read_trace(stack.url(6006), reply["rag"]["trace_id"], lambda t: "llm_request" in t.names)
    assert "llm_request" in trace.names
    everything = read_trace(stack.url(6006), None, lambda _: True)
    assert CANARY not in json.dumps(everything.spans)
    assert [
        log.name for log in (stack.state / "logs").iterdir() if CANARY in log.read_text(errors="replace")
    ] == []


def test_a_strangers_trace_is_linked_and_never_continued(http: httpx.Client) -> None:
    theirs = "0af7651916cd43dd8448eb211c80319c"
    reply = http.get("/v1/me", headers={"traceparent": f"00-{theirs}-b7ad6b7169203331-01"})
    assert reply.headers["x-request-id"] != theirs


def test_each_steps_duration_and_the_first_token_are_metrics(http: httpx.Client, stack: RunningStack) -> None:
    _ask(http, QUESTION, "write")
    text = httpx.get(f"{stack.url(9080)}/metrics").text
    counted = re.findall(r'^rag_step_duration_seconds_count\{.*step="(\w+)"', text, re.MULTILINE)
    assert set(STEPS) <= set(counted)
    assert "gen_ai_server_time_to_first_token_seconds_count" in text
    assert 'http_route="/v1/chat/completions"' in text


def _ingested(http: httpx.Client, collection: str, text: str) -> str:
    http.post("/v1/collections", json={"name": collection})
    accepted = http.post(f"/v1/collections/{collection}/documents", json={"text": text}).json()
    while http.get(f"/v1/jobs/{accepted['job_id']}").json()["status"] in ("queued", "running"):
        time.sleep(0.1)
    return str(accepted["document_id"])


def _ask(http: httpx.Client, question: str, mode: str, **rag: object) -> dict[str, Any]:
    rag |= {"answer_mode": mode}
    body = {"messages": [{"role": "user", "content": question}], "max_tokens": 48, "rag": rag}
    return dict(http.post("/v1/chat/completions", json=body).raise_for_status().json())
