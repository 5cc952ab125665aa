"""A conversation against the scripted gateway: memory, modes, stopping, and one span for each question."""

import time
from collections.abc import Callable

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from conversation import Conversation, Turn, ask_anyway, ask_in
from gateway_client import Gateway, Question
from running_answer import RunningAnswer
from tests.webapp.scripted_answers import BOTH, Script
from tests.webapp.scripted_gateway import ScriptedGateway


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    """What this process's spans end up as."""
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(
        provider, TracerProvider
    ):  # a process gets one provider for ever; others may have set it
        trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 3
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def settled(turn: Turn) -> Turn:
    """The turn once its answer has ended."""
    until(lambda: not turn.answer().is_running)
    turn.keep(turn.answer())
    return turn


def asked(gateway: Gateway, *questions: str, mode: str = "auto") -> Conversation:
    conversation = Conversation()
    for question in questions:
        conversation.ask(gateway, question, (), mode)
        settled(conversation.turns[-1])
    return conversation


def test_an_answer_is_kept_under_the_mode_that_gave_it(gateway: Gateway) -> None:
    [turn] = asked(gateway, "How?").turns
    assert turn.shown == "both"
    assert turn.answer().text == BOTH


def test_the_last_three_turns_are_sent_along(gateway: Gateway, scripted: ScriptedGateway) -> None:
    asked(gateway, "1", "2", "3", "4", "5")
    _, body = scripted.last("/v1/chat/completions")
    assert [message["content"] for message in body["messages"]] == ["2", BOTH, "3", BOTH, "4", BOTH, "5"]


def test_a_failed_turn_is_not_sent_along(gateway: Gateway, scripted: ScriptedGateway) -> None:
    scripted.script = Script(break_off=True)
    conversation = asked(gateway, "1")
    conversation.ask(gateway, "2", (), "auto")
    settled(conversation.turns[-1])
    _, body = scripted.last("/v1/chat/completions")
    assert [message["content"] for message in body["messages"]] == ["2"]


def test_asking_again_in_another_mode_sends_the_same_question_and_history(
    gateway: Gateway, scripted: ScriptedGateway
) -> None:
    conversation = asked(gateway, "1", "2")
    first = scripted.last("/v1/chat/completions")[1]
    turn = conversation.turns[-1]
    scripted.script = Script(text="Words.", answer_mode="write", citations=[])
    ask_in(gateway, turn, "write")
    settled(turn)
    again = scripted.last("/v1/chat/completions")[1]
    assert again["messages"] == first["messages"]
    assert again["rag"]["answer_mode"] == "write"
    assert turn.answer().text == "Words."


def test_an_answer_that_is_there_is_shown_without_asking(gateway: Gateway, scripted: ScriptedGateway) -> None:
    [turn] = asked(gateway, "1").turns
    before = len(scripted.seen)
    ask_in(gateway, turn, "both")
    assert turn.running is None
    assert len(scripted.seen) == before


def test_asking_anyway_asks_once_more_and_takes_weak_passages(
    gateway: Gateway, scripted: ScriptedGateway
) -> None:
    [turn] = asked(gateway, "How?", mode="both").turns
    assert scripted.last("/v1/chat/completions")[1]["rag"]["abstain"] is True
    before = len(scripted.seen)
    ask_anyway(gateway, turn, "both")
    settled(turn)
    assert len(scripted.seen) == before + 1
    rag = scripted.last("/v1/chat/completions")[1]["rag"]
    assert (rag["abstain"], rag["answer_mode"]) == (False, "both")


def test_stopping_keeps_what_was_written(gateway: Gateway, scripted: ScriptedGateway) -> None:
    scripted.script = Script(text="word " * 500, answer_mode="write", citations=[], pause_s=0.02)
    conversation = Conversation()
    conversation.ask(gateway, "How?", (), "write")
    running = conversation.turns[0].running
    assert running
    until(lambda: "word" in running.look().text)
    answer = running.stop()
    assert answer.state == "stopped"
    assert scripted.hung_up.wait(timeout=1)


def test_an_answer_that_nobody_looks_at_is_given_up(gateway: Gateway, scripted: ScriptedGateway) -> None:
    scripted.script = Script(text="word " * 500, answer_mode="write", citations=[], pause_s=0.02)
    RunningAnswer(gateway.ask(Question("How?")), trace.INVALID_SPAN, "write", unwatched_s=0.2)
    assert scripted.hung_up.wait(timeout=2)


def test_a_new_chat_stops_what_is_running(gateway: Gateway, scripted: ScriptedGateway) -> None:
    scripted.script = Script(text="word " * 500, answer_mode="write", citations=[], pause_s=0.02)
    conversation = Conversation()
    conversation.ask(gateway, "How?", (), "write")
    until(lambda: bool(scripted.seen))
    conversation.leave()
    assert conversation.turns == []
    assert scripted.hung_up.wait(timeout=1)


def test_each_question_is_one_span_without_its_words(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    spans.clear()
    asked(gateway, "secret question")
    until(lambda: bool(spans.get_finished_spans()))
    [span] = [span for span in spans.get_finished_spans() if span.name == "chat interaction"]
    assert dict(span.attributes or {}) == {"rag.answer_mode": "both", "rag.outcome": "finished"}
