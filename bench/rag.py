"""`python -m bench.rag`: what a stack around the model adds to the time to its first token.

Each question goes through the stack (mode `write`, streamed) and straight to the model server with the very prompt that
the stack sends, in turns; the difference is the stack's. The same for small LangChain and LlamaIndex apps over the same
embedder, model server, PostgreSQL and passages, in a process of their own and without HTTP around them. Every prompt is
sent once before, so that both of a pair find it in the server's prefix cache. Needs `make up`.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

import httpx
import psycopg
from groundwork_dev.environments import install
from groundwork_dev.errors import RunnerError
from groundwork_dev.stack import Stack, open_stack
from groundwork_dev.supervision import Supervisor

from bench.ingest import PEER_NAMES, PEERS, said_by
from bench.rag_report import write
from tests.real_embedder import MODEL
from tests.served import free_port, served

QUESTIONS = Path(__file__).parents[1] / "evals/own/queries.jsonl"
PAIRS = 30
DATABASE = "bench_rag"
TOP = 5
TOKENS = 16
"""Of each answer: the first one is what counts."""
_TEXTS = """
SELECT coalesce(nullif(c.heading, ''), d.title) || E'\\n' || c.text
  FROM rag.chunks c
  JOIN rag.documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
  JOIN rag.collections k ON k.tenant_id = c.tenant_id AND k.id = c.collection_id AND k.name = 'docs'
 ORDER BY c.id
"""
Pair = tuple[float, float]
"""Seconds to the first token: through the app, and straight from the model server."""
Json = dict[str, Any]


class Recorder(BaseHTTPRequestHandler):
    """A model server that keeps what it is asked and says nothing; tokens are counted by the real one."""

    bodies: ClassVar[list[Json]] = []
    real: ClassVar[str] = ""
    """The real server's address."""

    def do_GET(self) -> None:
        """The real server's models."""
        self._reply(httpx.get(f"{self.real}{self.path}").text, "application/json")

    def do_POST(self) -> None:
        """Keeps the body; an answer of one full stop."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/tokenize":
            self._reply(httpx.post(f"{self.real}{self.path}", json=body).text, "application/json")
            return
        self.bodies.append(body)
        chunk = {"choices": [{"delta": {"content": "."}, "finish_reason": "stop"}]}
        self._reply(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n", "text/event-stream")

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _reply(self, text: str, media_type: str) -> None:
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def recorder() -> Iterator[str]:
    """Its `/v1` while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(question: str) -> Json:
    """The request to the stack."""
    rag = {"collections": ["docs"], "answer_mode": "write", "abstain": False, "top_k": TOP}
    return {
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "max_tokens": TOKENS,
        "rag": rag,
    }


def prompts(stack: Stack, questions: Sequence[str]) -> list[Json]:
    """What the stack sends to the model for each question, taken from a second gateway over the same database."""
    Recorder.real = stack.at.url("llm")
    with recorder() as url:
        environment = {
            "DATABASE_URL": stack.dsn("rag_app"),
            "EMBEDDER_URL": stack.at.url("embedder"),
            "LLM_URL": url,
            "PROMPT_BUDGET_TOKENS": "100",
            "PROMPT_SOURCES": "1",
            "SERVICE_TOKEN": stack.credentials["service_token"],
            "API_KEY_PEPPER": stack.credentials["api_key_pepper"],
            "OPERATIONS_PORT": str(free_port()),
        }
        with served(sys.executable, "rag_gateway", environment) as gateway:
            for question in questions:
                first_token_s(f"{gateway}/v1", asked(question), _key(stack))
    return Recorder.bodies


def first_token_s(url: str, body: Json, headers: Mapping[str, str] | None = None) -> float:
    """Seconds until the first piece of text of a streamed chat completion; the rest is read, too."""
    started, first = time.perf_counter(), 0.0
    with httpx.stream("POST", f"{url}/chat/completions", json=body, headers=headers, timeout=120) as reply:
        for line in reply.iter_lines():
            chunk = json.loads(line.removeprefix("data: ")) if line.startswith("data: {") else {}
            if chunk.get("choices") and chunk["choices"][0]["delta"].get("content") and not first:
                first = time.perf_counter() - started
        assert reply.status_code == 200, "the model server or the gateway refused"
    return first


def ours(stack: Stack, questions: Sequence[str]) -> list[Pair]:
    """Pairs of the stack; who comes first changes."""
    llm, gateway = f"{stack.at.url('llm')}/v1", f"{stack.at.url('gateway')}/v1"
    pairs: list[Pair] = []
    for n, (question, direct) in enumerate(zip(questions, prompts(stack, questions), strict=True)):
        first_token_s(llm, direct)
        if n % 2:
            straight, through = (
                first_token_s(llm, direct),
                first_token_s(gateway, asked(question), _key(stack)),
            )
        else:
            through, straight = (
                first_token_s(gateway, asked(question), _key(stack)),
                first_token_s(llm, direct),
            )
        pairs.append((through, straight))
    return pairs


def peer(stack: Stack, name: str, questions: Sequence[str], texts: Sequence[str]) -> list[Pair]:
    """Pairs of a peer, by the Python that has it."""
    where = stack.dsn("postgres", DATABASE).removeprefix("postgresql")
    task = {
        "sqlalchemy_url": f"postgresql+asyncpg{where}",
        "psycopg2_url": f"postgresql+psycopg2{where}",
        "url": f"{stack.at.url('embedder')}/v1",
        "model": MODEL,
        "llm_url": f"{stack.at.url('llm')}/v1",
        "texts": list(texts),
        "questions": list(questions),
        "top": TOP,
        "max_tokens": TOKENS,
    }
    return [(a, b) for a, b in said_by(PEERS.python, ("bench/rag_peers.py", name), task)["pairs"]]


def _key(stack: Stack) -> dict[str, str]:
    return {"authorization": f"Bearer {stack.credentials['bootstrap_key']}"}


def main() -> None:
    """Measures, writes `bench/results/rag.*` and prints the table."""
    stack = open_stack()
    if not Supervisor(stack.settings).is_running():
        raise RunnerError("nothing is running; `make up` starts the stack")
    install(PEERS)
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()[:PAIRS]
    questions = [str(json.loads(line)["text"]) for line in lines]
    with psycopg.connect(stack.dsn("postgres"), autocommit=True) as admin:
        texts = [text for (text,) in admin.execute(_TEXTS)]
        admin.execute("DROP DATABASE IF EXISTS bench_rag")
        admin.execute("CREATE DATABASE bench_rag")
    lanes = {"groundwork": ours(stack, questions)}
    with psycopg.connect(stack.dsn("postgres", DATABASE), autocommit=True) as admin:
        admin.execute("CREATE EXTENSION IF NOT EXISTS vector")
    lanes |= {name: peer(stack, name, questions, texts) for name in PEER_NAMES}
    print(write(lanes, median))


if __name__ == "__main__":
    main()
