"""The client against a scripted gateway: events, hanging up, and every refusal in words."""

import threading
import time

import httpx
import pytest

from answer_stream import events
from answers import BROKEN_OFF, Failed, Finished, Retrieved, Span, Token
from gateway_client import Gateway, Message, Question
from gateway_errors import GatewayError, of_response
from tests.webapp.scripted_answers import BOTH, Script, data, error
from tests.webapp.scripted_gateway import ScriptedGateway

KEY = (
    "The gateway does not accept this page's key. Set GATEWAY_API_KEY to a valid key and restart the web app."
)


def test_a_scripted_answer_arrives_as_sources_tokens_and_an_end(gateway: Gateway) -> None:
    first, *tokens, last = list(gateway.ask(Question("How?")))
    assert isinstance(first, Retrieved)
    assert [source.heading for source in first.sources] == ["Quick start", "Quick start"]
    assert "".join(token.text for token in tokens if isinstance(token, Token)) == BOTH
    assert isinstance(last, Finished)
    assert BOTH[last.citations[2].marker.start : last.citations[2].marker.end] == "[2]"
    assert last.citations[2].quote is None


def test_the_scripted_gateway_is_asked_as_the_contract_says(
    gateway: Gateway, scripted: ScriptedGateway
) -> None:
    history = (Message("user", "Who?"), Message("assistant", "We."))
    list(gateway.ask(Question("How?", history, ("docs",), "quote")))
    headers, body = scripted.last("/v1/chat/completions")
    assert headers["authorization"] == "Bearer key"
    assert headers["x-groundwork-user"] == "v1"
    assert body["stream"] is True
    assert body["rag"] == {
        "answer_mode": "quote",
        "allow_degraded": True,
        "abstain": True,
        "collections": ["docs"],
    }
    assert [message["content"] for message in body["messages"]] == ["Who?", "We.", "How?"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, error("invalid_api_key", "No.", "authentication_error"), KEY),
        (403, error("missing_scope", "No.", "permission_error"), "This page's key may not do that"),
        (404, error("not_found", "No.", "not_found_error"), "not yours to see"),
        (413, error("too_large", "The body is too large; send less."), "The body is too large; send less."),
        (
            422,
            error("too_long", "At most 8,000 characters; shorten it."),
            "At most 8,000 characters; shorten it.",
        ),
        (429, error("too_many_requests", "No.", "rate_limit_error"), "Wait a moment"),
        (503, error("llm_unavailable", "The llm is away; try again.", "overloaded_error"), "The llm is away"),
        (503, error("draining", "No.", "overloaded_error"), "being replaced"),
        (504, error("deadline_exceeded", "No.", "upstream_error"), "took too long"),
        (
            500,
            error("internal_error", "Something failed.", "internal_error"),
            "Something failed. (request r1)",
        ),
        (502, ["not", "an", "envelope"], "could not answer"),
    ],
)
def test_a_scripted_refusal_becomes_a_sentence(
    gateway: Gateway, scripted: ScriptedGateway, status: int, body: dict[str, object], said: str
) -> None:
    scripted.script = Script(status=status, error=body)
    [failed] = gateway.ask(Question("How?"))
    assert isinstance(failed, Failed)
    assert said in failed.problem


def test_a_refusal_that_is_no_json_becomes_a_sentence() -> None:
    assert "could not answer" in str(of_response(httpx.Response(502, text="<h1>Bad Gateway</h1>")))


def test_a_gateway_that_is_away_becomes_a_sentence() -> None:
    with httpx.Client(base_url="http://127.0.0.1:9", trust_env=False) as http:
        [failed] = Gateway(http, "v1").ask(Question("How?"))
        assert isinstance(failed, Failed)
        assert (
            "cannot be reached at http://127.0.0.1:9. If it does not come back by itself, start it"
            in failed.problem
        )
        with pytest.raises(GatewayError, match="cannot be reached"):
            Gateway(http, "v1").collections()


def test_an_error_event_ends_a_scripted_stream(gateway: Gateway, scripted: ScriptedGateway) -> None:
    body = '{"error": {"message": "The model left.", "type": "upstream_error"}, "request_id": "r2"}'
    scripted.script = Script(raw=[data({"content": "Ru"}), f"data: {body}"])
    assert list(gateway.ask(Question("How?"))) == [
        Token("Ru"),
        Failed("The model left. (request r2)"),
    ]


def test_a_scripted_stream_without_an_end_has_failed(gateway: Gateway, scripted: ScriptedGateway) -> None:
    scripted.script = Script(break_off=True)
    assert list(gateway.ask(Question("How?")))[-1] == Failed(BROKEN_OFF)


@pytest.mark.parametrize("line", ["data: {", 'data: {"choices": []}', 'data: {"rag": {"sources": [{}]}}'])
def test_a_scripted_stream_that_makes_no_sense_becomes_a_sentence(
    gateway: Gateway, scripted: ScriptedGateway, line: str
) -> None:
    scripted.script = Script(raw=[line])
    [failed] = gateway.ask(Question("How?"))
    assert isinstance(failed, Failed)
    assert "cannot read" in failed.problem


def test_heartbeats_are_no_events() -> None:
    assert list(events(iter([": heartbeat", "", "data: [DONE]"]))) == []


def test_hanging_up_reaches_the_scripted_gateway_within_a_second(
    gateway: Gateway, scripted: ScriptedGateway
) -> None:
    scripted.script = Script(text="word " * 2000, answer_mode="write", citations=[], pause_s=0.02)
    stream = gateway.ask(Question("How?"))
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.extend(stream))
    reader.start()
    time.sleep(0.3)
    stream.hang_up()
    assert scripted.hung_up.wait(timeout=1)
    reader.join(timeout=1)
    assert not reader.is_alive()
    assert not any(isinstance(event, Failed) for event in got)


def test_hanging_up_wakes_a_reader_while_the_scripted_gateway_is_silent(
    gateway: Gateway, scripted: ScriptedGateway
) -> None:
    scripted.script = Script(pause_s=3)
    stream = gateway.ask(Question("How?"))
    reader = threading.Thread(target=lambda: list(stream))
    reader.start()
    time.sleep(0.3)
    stream.hang_up()
    reader.join(timeout=0.5)
    assert not reader.is_alive()


def test_a_stream_that_was_given_up_before_it_began_asks_for_nothing_more(gateway: Gateway) -> None:
    stream = gateway.ask(Question("How?"))
    stream.hang_up()
    assert list(stream) == []


def test_collections_are_read_from_the_scripted_gateway(gateway: Gateway) -> None:
    assert [(c.name, c.documents) for c in gateway.collections()] == [("docs", 12), ("handbook", 12)]


def test_a_passage_is_read_at_the_version_that_was_cited(gateway: Gateway, scripted: ScriptedGateway) -> None:
    assert gateway.content("d1", 3, Span(0, 11)) == "Quick start"
    assert scripted.seen[-1][1] == "/v1/documents/d1/content?version=3&start=0&end=11"


def test_a_removed_passage_is_none(gateway: Gateway, scripted: ScriptedGateway) -> None:
    scripted.script = Script(content=None)
    assert gateway.content("d1", 3, Span(0, 11)) is None


def test_a_rating_carries_reasons_and_leaves_an_empty_comment_out(
    gateway: Gateway, scripted: ScriptedGateway
) -> None:
    gateway.rate("a1", "down", ["wrong"], "")
    _, body = scripted.last("/v1/feedback")
    assert body == {"answer_id": "a1", "rating": "down", "reasons": ["wrong"], "comment": None}
