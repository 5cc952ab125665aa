"""The locust scenario: readers who search, ask (streamed and whole) and rate answers."""

import random
from time import perf_counter
from typing import Any, cast

from locust import HttpUser, between, events, task
from locust.argument_parser import LocustArgumentParser
from locust.clients import ResponseContextManager
from locust.env import Environment

from tests.load.measured import Measured
from tests.load.server_sent import read_stream

QUESTIONS = (
    "How do I start it?",
    "How do I stop it?",
    "Which parts does it have?",
    "What happens to one question?",
    "Where are API keys stored?",
    "How do I use a better model?",
)
MAX_TOKENS = 128
measured = Measured()


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def add_arguments(parser: LocustArgumentParser) -> None:
    """The flags that `python -m tests.load` passes on."""
    parser.add_argument("--api-key", env_var="GROUNDWORK_API_KEY", is_secret=True)
    parser.add_argument("--answer-mode", default="write")
    parser.add_argument("--summary", help="file for what this scenario measured, as JSON")


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def save(environment: Environment, **_: Any) -> None:
    """Writes what was measured for the report."""
    measured.save(environment, vars(environment.parsed_options)["summary"])


class Reader(HttpUser):
    """One person at the page: mostly asks, often searches, now and then rates the last answer."""

    wait_time = between(0.1, 1)
    answer_id: str | None = None

    def on_start(self) -> None:
        options = self.environment.parsed_options
        self.mode: str = options.answer_mode
        self.client.headers["authorization"] = f"Bearer {options.api_key}"

    @task(3)
    def search(self) -> None:
        body = {"query": random.choice(QUESTIONS), "top_k": 5}
        with self._post("search", "/v1/search", body) as reply:
            if reply.ok and not reply.json()["results"]:
                reply.failure("found nothing")

    @task(4)
    def ask_streamed(self) -> None:
        name = f"chat {self.mode} (stream)"
        started = perf_counter()
        with self._post(name, "/v1/chat/completions", self._chat(stream=True), stream=True) as reply:
            if reply.ok:
                self._follow(reply, name, started)

    @task(2)
    def ask_whole(self) -> None:
        with self._post(
            f"chat {self.mode} (whole)", "/v1/chat/completions", self._chat(stream=False)
        ) as reply:
            if not reply.ok:
                return
            answer = reply.json()
            self.answer_id = answer["rag"]["answer_id"]
            if not answer["choices"][0]["message"]["content"]:
                reply.failure("empty answer")

    @task(1)
    def rate(self) -> None:
        if self.answer_id is None:
            self.ask_whole()
        rating = random.choice(("up", "up", "down"))
        with self._post("feedback", "/v1/feedback", {"answer_id": self.answer_id, "rating": rating}):
            pass

    def _post(
        self, name: str, path: str, body: dict[str, Any], stream: bool = False
    ) -> ResponseContextManager:
        return self.client.post(path, json=body, name=name, stream=stream, catch_response=True)

    def _chat(self, stream: bool) -> dict[str, Any]:
        messages = [{"role": "user", "content": random.choice(QUESTIONS)}]
        rag = {"answer_mode": self.mode}
        return {"messages": messages, "stream": stream, "max_tokens": MAX_TOKENS, "rag": rag}

    def _follow(self, reply: ResponseContextManager, name: str, started: float) -> None:
        """Reads a stream to its end; its duration counts to there, not to the headers."""
        stream = read_stream(reply.iter_lines(), started)
        cast(dict[str, Any], reply.request_meta)["response_time"] = (perf_counter() - started) * 1000
        self.answer_id = stream.answer_id or self.answer_id
        if stream.failure:
            reply.failure(stream.failure)  # type: ignore[no-untyped-call]
        else:
            measured.add(name, stream)
