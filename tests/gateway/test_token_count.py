"""How many tokens a text is to the served model: its server says so, or it is estimated; scripted fakes serve."""

import json

import httpx
import pytest
from rag_gateway.adapters.llm import OpenAiLlm
from rag_gateway.rag.tokens import estimate_tokens

TEXT = "The gateway listens on port 8080."


@pytest.mark.parametrize(
    ("reply", "tokens"),
    [
        (httpx.Response(200, json={"count": 17, "max_model_len": 4096}), 17),
        (httpx.Response(404), estimate_tokens(TEXT)),
        (httpx.Response(200, json={"tokens": 17}), estimate_tokens(TEXT)),
        (httpx.Response(503), estimate_tokens(TEXT)),
        (httpx.Response(200, text="<html>"), estimate_tokens(TEXT)),
    ],
    ids=["vLLM", "another server", "another reply", "in trouble", "no JSON"],
)
async def test_what_the_server_tells_counts_and_one_that_does_not_is_left_alone(
    reply: httpx.Response, tokens: int
) -> None:
    asked: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return reply

    client = httpx.AsyncClient(base_url="http://models.test/v1", transport=httpx.MockTransport(serve))
    async with client:
        llm = OpenAiLlm(client, "some-model", first_token_s=1, next_token_s=1)
        assert [await llm.count_tokens(TEXT) for _ in range(2)] == [tokens, tokens]
    assert asked[0].url == "http://models.test/tokenize"
    assert json.loads(asked[0].content)["prompt"] == TEXT
    assert len(asked) == (2 if tokens == 17 else 1)
