"""`make smoke`: a real question in each answer mode over HTTP, and everything that must come of it."""

import sys
import time
from dataclasses import dataclass
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from groundwork_dev.errors import RunnerError
from groundwork_dev.first_run import QUESTION, read_start
from groundwork_dev.overview import MB, resident
from groundwork_dev.stack import Stack, open_stack
from groundwork_dev.supervision import Supervisor

MODES = ("quote", "both", "write")
CALLS_MODEL = ("both", "write")
LLM_SPAN = "llm_request"
TRACE_WITHIN_S = 8
ANSWER_WITHIN_S = 180
Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One question's reply and how long it took."""

    mode: str
    reply: Json
    seconds: float

    @property
    def rag(self) -> Json:
        """The part of the reply that is ours."""
        rag: Json = self.reply["rag"]
        return rag

    @property
    def answer(self) -> str:
        """The text of the answer."""
        return str(self.reply["choices"][0]["message"]["content"])


def ask(gateway: httpx.Client, mode: str) -> Asked:
    """Asks without streaming."""
    body = {
        "messages": [{"role": "user", "content": QUESTION}],
        "rag": {"collections": ["docs"], "answer_mode": mode},
    }
    started = time.perf_counter()
    response = gateway.post("/v1/chat/completions", json=body)
    return Asked(mode, _read(response, f"a question in mode {mode}"), time.perf_counter() - started)


def check_answer(asked: Asked) -> None:
    """Text, sources and citations as the mode promises; `write` may leave its markers out."""
    _expect(bool(asked.answer.strip()), asked, "the answer is empty")
    _expect(bool(asked.rag["sources"]), asked, "no sources")
    _expect(asked.mode == "write" or bool(asked.rag["citations"]), asked, "no citation")
    tokens = asked.reply["usage"]["total_tokens"]
    _expect((tokens > 0) == (asked.mode in CALLS_MODEL), asked, f"usage says {tokens} tokens")


def check_feedback(gateway: httpx.Client, asked: Asked) -> None:
    """A thumb is stored, with the trace of its answer."""
    body = {"answer_id": asked.rag["answer_id"], "rating": "up"}
    kept = _read(gateway.post("/v1/feedback", json=body), "feedback")
    _expect(kept["context"]["trace_id"] == asked.rag["trace_id"], asked, "the feedback lacks the trace's id")


def spans_of(phoenix: httpx.Client, asked: Asked, wanted: set[str]) -> int:
    """The number of spans of the answer's trace once it holds the wanted ones; 0 when it never does."""
    deadline = time.monotonic() + TRACE_WITHIN_S
    while time.monotonic() < deadline:
        query = {"trace_id": asked.rag["trace_id"], "limit": 200}
        spans = _read(phoenix.get("/v1/projects/default/spans", params=query), "the trace page")["data"]
        if wanted <= {span["name"] for span in spans}:
            return len(spans)
        time.sleep(0.5)
    return 0


def _read(response: httpx.Response, what: str) -> Json:
    if response.is_error:
        raise RunnerError(f"smoke: {what} got {response.status_code}: {response.text[:300]}")
    read: Json = response.json()
    return read


def _expect(holds: bool, asked: Asked, words: str) -> None:
    if not holds:
        raise RunnerError(f"smoke: mode {asked.mode}: {words}; the answer was {asked.answer[:200]!r}")


def check_mode(stack: Stack, mode: str, gateway: httpx.Client, phoenix: httpx.Client) -> tuple[str, ...]:
    """Everything for one mode; a row for the table."""
    asked = ask(gateway, mode)
    check_answer(asked)
    check_feedback(gateway, asked)
    wanted = {"retrieve"} | ({LLM_SPAN} if stack.settings.runs_llm and mode in CALLS_MODEL else set())
    spans = spans_of(phoenix, asked, wanted) if stack.settings.traces else 0
    if stack.settings.traces and not spans:
        raise RunnerError(f"smoke: mode {mode}: the trace lacks {' or '.join(sorted(wanted))}")
    tokens, citations = str(asked.reply["usage"]["total_tokens"]), str(len(asked.rag["citations"]))
    words = " ".join(asked.answer.split())[:70]
    return mode, f"{asked.seconds:.1f} s", citations, tokens, str(spans), escape(words)


def smoke(stack: Stack) -> None:
    """Prints one row a mode, the time to the first answer and the memory of all parts."""
    supervisor, console = Supervisor(stack.settings), Console()
    if not supervisor.is_running():
        raise RunnerError("nothing is running; `make up` starts the stack")
    table = Table("mode", "took", "citations", "tokens", "spans", "answer", box=None)
    headers = {"Authorization": f"Bearer {stack.credentials['bootstrap_key']}"}
    with (
        httpx.Client(
            base_url=stack.at.url("gateway"), headers=headers, timeout=ANSWER_WITHIN_S, trust_env=False
        ) as gateway,
        httpx.Client(base_url=stack.at.url("traces"), trust_env=False) as phoenix,
    ):
        for mode in MODES:
            table.add_row(*check_mode(stack, mode, gateway, phoenix))
    console.print(table)
    memory = sum(resident(info["pid"]) for info in supervisor.overview())
    first_s = read_start(stack.settings.state).get("first_answer_s")
    console.print(
        f"first answer {first_s} s after the start; all parts together {memory / MB / 1000:.1f} GB resident"
    )


def main() -> int:
    """Status 1 and one line when something is missing."""
    try:
        smoke(open_stack())
    except (RunnerError, httpx.HTTPError) as error:
        print(f"groundwork: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
