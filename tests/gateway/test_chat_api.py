"""Chat on the gateway with real retrieval; the model is a fake, so that its words are known."""

from typing import Any

import httpx
import openai
import pytest

from tests.conftest import BOOTSTRAP_KEY
from tests.gateway.conftest import RunningGateway

pytestmark = pytest.mark.usefixtures("handbook")
WHO_BUILT = "Who built the lighthouse of Port Ellery?"


def asked(http: httpx.Client, question: str, **rag: Any) -> dict[str, Any]:
    """The whole reply to one question."""
    body = {"messages": [{"role": "user", "content": question}], "rag": rag}
    reply = http.post("/v1/chat/completions", json=body)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def test_a_quotation_stands_in_its_source_byte_for_byte(http: httpx.Client, handbook: dict[str, Any]) -> None:
    reply = asked(http, WHO_BUILT, answer_mode="quote")
    text, citation = reply["choices"][0]["message"]["content"], reply["rag"]["citations"][0]
    quote, evidence = citation["quote"], citation["evidence"]
    content = http.get(f"/v1/documents/{handbook['document_id']}/content", params=evidence).json()
    assert text[quote["start"] : quote["end"]] == content["text"]
    assert "Ada Quarrie" in content["text"]
    assert text[citation["start"] : citation["end"]] == "[1]"


def test_a_question_how_to_start_shows_the_command(http: httpx.Client) -> None:
    reply = asked(http, "How do I start the lamp?", answer_mode="quote")
    assert "```sh\nlamp start --slow\n```\n[1]" in reply["choices"][0]["message"]["content"]


def test_a_table_row_answers_alone(http: httpx.Client) -> None:
    reply = asked(http, "Who keeps the south tower?", answer_mode="quote")
    assert "Post: South tower; Keeper: Idris Bello; Since: 2021" in reply["choices"][0]["message"]["content"]


def test_quote_calls_no_model_and_uses_no_tokens(http: httpx.Client, gateway: RunningGateway) -> None:
    before = len(gateway.model.bodies)
    assert asked(http, WHO_BUILT, answer_mode="quote")["usage"]["total_tokens"] == 0
    assert len(gateway.model.bodies) == before


def test_both_quotes_first_and_drops_a_sentence_that_the_quotation_does_not_bear(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    gateway.model.turn(words="A keeper serves for six weeks. It cost 900 pounds in London.")
    reply = asked(http, "How long does a keeper serve?", answer_mode="both")
    text = reply["choices"][0]["message"]["content"]
    assert text.startswith("“")
    assert text.endswith("\n\nA keeper serves for six weeks. [1]")
    assert "900" not in text
    assert reply["rag"]["dropped"] == 1
    assert reply["usage"]["completion_tokens"] > 0


def test_write_sends_a_supported_marker_and_drops_an_invented_one(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    gateway.model.turn(
        words="The lighthouse was built by the engineer Ada Quarrie in 1832 [1]. It is pink [7]."
    )
    reply = asked(http, WHO_BUILT, answer_mode="write")
    text = reply["choices"][0]["message"]["content"]
    assert text == "The lighthouse was built by the engineer Ada Quarrie in 1832 [1]. It is pink."
    assert [citation["n"] for citation in reply["rag"]["citations"]] == [1]
    assert reply["rag"]["dropped"] == 1


def test_the_eight_steps_are_timed_in_every_answer(http: httpx.Client) -> None:
    timings = asked(http, WHO_BUILT, answer_mode="write")["rag"]["timings_ms"]
    steps = ["condense", "embed", "retrieve", "fuse", "rerank", "pack", "generate", "cite"]
    assert list(timings) == [*steps, "first_token", "total"]
    assert timings["total"] >= timings["generate"] > 0


def test_nothing_of_the_body_reaches_the_model_but_what_is_known(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    messages = [{"role": "user", "content": WHO_BUILT}]
    body = {
        "messages": messages,
        "user": "u",
        "metadata": {"a": 1},
        "rag": {"answer_mode": "write"},
        "stop": ["X"],
    }
    assert http.post("/v1/chat/completions", json=body).status_code == 200
    assert set(gateway.model.bodies[-1]) == {
        "model",
        "messages",
        "stream",
        "stream_options",
        "max_tokens",
        "stop",
        "temperature",
    }


def test_special_tokens_and_places_in_a_question_stay_words(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    asked(http, "Who built it? <|im_end|> {{sources}} {0.__class__}", answer_mode="write", abstain=False)
    prompt = gateway.model.bodies[-1]["messages"][-1]["content"]
    assert "<|im_end|>" not in prompt
    assert prompt.endswith("{{sources}} {0.__class__}")


def test_history_reaches_the_model_without_marks_and_a_follow_up_takes_the_question_before(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    turns = [
        {"role": "user", "content": "What does Marta Olsen keep?"},
        {"role": "assistant", "content": "“Post: North tower; Keeper: Marta Olsen” [1]"},
        {"role": "user", "content": "and since when?"},
    ]
    reply = http.post(
        "/v1/chat/completions", json={"messages": turns, "rag": {"answer_mode": "write"}}
    ).json()
    assert reply["rag"]["query"] == "What does Marta Olsen keep? and since when?"
    assert "[1]" not in gateway.model.bodies[-1]["messages"][2]["content"]


def test_more_than_six_turns_are_trimmed_and_that_is_said(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    turns = [{"role": "user", "content": f"turn {n}"} for n in range(9)]
    body = {"messages": [*turns, {"role": "user", "content": WHO_BUILT}], "rag": {"answer_mode": "write"}}
    assert http.post("/v1/chat/completions", json=body).json()["rag"]["degraded"] == ["history_trimmed"]
    assert len(gateway.model.bodies[-1]["messages"]) == 8


def test_max_tokens_drops_whole_units_but_never_the_first(http: httpx.Client) -> None:
    body = {
        "messages": [{"role": "user", "content": "Who keeps the towers, and how long does a keeper serve?"}],
        "max_tokens": 1,
        "rag": {"answer_mode": "quote"},
    }
    reply = http.post("/v1/chat/completions", json=body).json()
    assert reply["choices"][0]["finish_reason"] == "length"
    assert len(reply["rag"]["citations"]) == 1


def test_without_retrieval_the_model_just_talks(http: httpx.Client, gateway: RunningGateway) -> None:
    gateway.model.turn(words="Hello [1] there.")
    reply = asked(http, "Say hello", enabled=False)
    assert reply["choices"][0]["message"]["content"] == "Hello [1] there."
    assert reply["rag"]["sources"] == [] and reply["rag"]["grounded"] is False


def test_nothing_found_is_said_and_not_grounded(http: httpx.Client) -> None:
    http.post("/v1/collections", json={"name": "empty"})
    reply = asked(http, WHO_BUILT, collections=["empty"], answer_mode="both")
    assert reply["rag"]["grounded"] is False
    assert reply["choices"][0]["message"]["content"].startswith("There is nothing to search yet")
    reply = asked(http, "zymurgy", mode="lexical")
    assert reply["choices"][0]["message"]["content"] == "I found nothing about this in your documents."


def test_an_answer_read_again_equals_what_was_sent(http: httpx.Client) -> None:
    for mode in ("write", "quote", "both"):
        reply = asked(http, "How do I start the lamp?", answer_mode=mode)
        kept = http.get(f"/v1/answers/{reply['rag']['answer_id']}").json()
        assert kept["answer"] == reply["choices"][0]["message"]["content"]
        assert kept["citations"] == reply["rag"]["citations"]
        assert kept["trace_id"] == reply["rag"]["trace_id"]
        assert [s["text"] for s in kept["sources"]] == [s["text"] for s in reply["rag"]["sources"]]


def test_the_unmodified_openai_client_streams_an_answer(gateway: RunningGateway) -> None:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=BOOTSTRAP_KEY, max_retries=0) as client:
        model = client.models.list().data[0].id
        messages: Any = [{"role": "user", "content": WHO_BUILT}]
        chunks = list(client.chat.completions.create(model=model, messages=messages, stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "Ada Quarrie" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None


def test_search_ranks_passages_in_each_mode(http: httpx.Client) -> None:
    for mode in ("hybrid", "dense", "lexical"):
        reply = http.post(
            "/v1/search", json={"query": "foghorn during a storm", "mode": mode, "top_k": 2}
        ).json()
        assert "foghorn" in reply["results"][0]["text"], mode
        assert reply["results"][0]["n"] == 1
        assert (reply["results"][0]["scores"]["dense"] is None) == (mode == "lexical")


def test_feedback_is_kept_with_the_answers_trace_and_can_be_withdrawn(http: httpx.Client) -> None:
    answer_id = asked(http, WHO_BUILT, answer_mode="quote")["rag"]["answer_id"]
    given = {
        "answer_id": answer_id,
        "rating": "down",
        "reasons": ["incomplete"],
        "comment": "And who lit it?",
    }
    assert http.post("/v1/feedback", json=given).status_code == 201
    assert http.post("/v1/feedback", json=given | {"rating": "up", "reasons": []}).status_code == 201
    assert http.delete(f"/v1/answers/{answer_id}/feedback").status_code == 204
