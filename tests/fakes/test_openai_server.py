"""The fake OpenAI server does what its knobs say."""

from collections.abc import Callable, Iterator
from time import monotonic, sleep

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.fakes.fake import Fake
from tests.fakes.openai_server import running_fake

PROMPT = "Sources:\n[1] The command make run starts every part. Wait a minute.\n\n[2] It stops by make down."
MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": PROMPT}]
ANSWER = "The command make run starts every part. [1]"


@pytest.fixture
def fake() -> Iterator[Fake]:
    with running_fake() as fake:
        yield fake


@pytest.fixture
def client(fake: Fake) -> openai.OpenAI:
    return openai.OpenAI(base_url=fake.url, api_key="fake", max_retries=0)


def eventually(holds: Callable[[], bool]) -> bool:
    until = monotonic() + 2
    while not holds() and monotonic() < until:
        sleep(0.01)
    return holds()


def test_a_whole_answer_repeats_the_first_sentence_of_source_1_and_cites_it(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="any", messages=MESSAGES)
    assert reply.choices[0].message.content == ANSWER
    assert reply.usage
    assert reply.usage.completion_tokens == 8


def test_a_stream_says_the_same_words_and_ends_with_usage(client: openai.OpenAI, fake: Fake) -> None:
    stream = client.chat.completions.create(
        model="any", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == ANSWER
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens == 8
    assert fake.bodies[-1]["messages"] == MESSAGES


def test_max_tokens_cuts_the_answer(client: openai.OpenAI) -> None:
    choice = client.chat.completions.create(model="any", messages=MESSAGES, max_tokens=3).choices[0]
    assert (choice.message.content, choice.finish_reason) == ("The command make ", "length")


def test_the_first_token_takes_its_time_and_the_others_theirs(client: openai.OpenAI, fake: Fake) -> None:
    fake.turn(ttft_ms=200, tokens_per_s=50)
    started = monotonic()
    stream = client.chat.completions.create(model="any", messages=MESSAGES, stream=True)
    arrivals = [monotonic() - started for chunk in stream if chunk.choices[0].delta.content]
    assert arrivals[0] >= 0.2
    assert arrivals[-1] - arrivals[0] >= 7 / 50 * 0.9


def test_a_status_is_answered(client: openai.OpenAI, fake: Fake) -> None:
    fake.turn(status=503)
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="any", messages=MESSAGES)


def test_a_stream_breaks_after_as_many_tokens_as_told(client: openai.OpenAI, fake: Fake) -> None:
    fake.turn(break_after=3)
    stream = client.chat.completions.create(model="any", messages=MESSAGES, stream=True)
    written = [next(stream).choices[0].delta.content for _ in range(4)]
    assert written == ["", "The ", "command ", "make "]
    with pytest.raises((httpx.TransportError, openai.APIConnectionError)):
        next(stream)


@pytest.mark.parametrize("stream", [True, False])
def test_a_hanging_fake_counts_the_client_that_gives_up(fake: Fake, stream: bool) -> None:
    fake.turn(hang=True)
    body = {"messages": MESSAGES, "stream": stream}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{fake.url}/chat/completions", json=body, timeout=0.2)
    assert eventually(lambda: (fake.running, fake.aborted) == (0, 1))


def test_a_stream_whose_client_hangs_up_counts_as_aborted(client: openai.OpenAI, fake: Fake) -> None:
    fake.turn(tokens_per_s=1)
    stream = client.chat.completions.create(model="any", messages=MESSAGES, stream=True)
    next(iter(stream))
    assert fake.running == 1
    stream.close()
    assert eventually(lambda: (fake.running, fake.aborted) == (0, 1))


def test_knobs_turn_over_http_and_a_wrong_one_is_refused(fake: Fake) -> None:
    base = fake.url.removesuffix("/v1")
    assert httpx.post(f"{base}/knobs", json={"words": "Yes."}).json()["words"] == "Yes."
    assert httpx.post(f"{base}/knobs", json={"speed": 1}).status_code == 422
    assert httpx.get(f"{base}/health").status_code == 200
    assert httpx.get(f"{base}/seen").json() == {"running": 0, "aborted": 0, "bodies": []}
