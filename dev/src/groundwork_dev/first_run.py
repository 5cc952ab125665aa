"""What a newcomer would do first, done for them: the project's own documents, and one question."""

import json
import os
import time
from pathlib import Path

import httpx

from groundwork_dev.errors import RunnerError
from groundwork_dev.health import run_once
from groundwork_dev.settings import ROOT
from groundwork_dev.stack import Stack

COLLECTION = "docs"
QUESTION = "How do I start it?"
START_FILE = "start.json"
ANSWER_WITHIN_S = 120


async def ingest_documents(stack: Stack) -> None:
    """README and docs become the first collection, through the public API and our own command line tool."""
    marker = stack.settings.state / "documents-ingested"
    documents = [name for name in ("README.md", "docs") if (ROOT / name).exists()]
    if marker.exists() or not documents:
        return
    environment = dict(os.environ) | access(stack)
    words = [
        "-m",
        "groundwork",
        "ingest",
        *(str(ROOT / name) for name in documents),
        "--collection",
        COLLECTION,
    ]
    await run_once("first documents", stack.python("light", *words), environment, stack)
    marker.touch()


def access(stack: Stack) -> dict[str, str]:
    """How a client of this stack reaches it."""
    return {
        "GROUNDWORK_URL": stack.at.url("gateway"),
        "GROUNDWORK_API_KEY": stack.credentials["bootstrap_key"],
    }


async def ask_first_question(stack: Stack, started_at: float) -> None:
    """One real question; how long it took from the start of the command is kept for `make smoke`."""
    key = stack.credentials["bootstrap_key"]
    body = {"messages": [{"role": "user", "content": QUESTION}], "rag": {"collections": [COLLECTION]}}
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
        url = f"{stack.at.url('gateway')}/v1/chat/completions"
        response = await client.post(url, json=body, headers={"Authorization": f"Bearer {key}"})
    if response.status_code != 200:
        elsewhere = "" if stack.settings.runs_llm else f" (LLM_URL is {stack.settings.llm_url})"
        raise RunnerError(f"the first question was not answered: {_words(response)}{elsewhere}")
    citations = response.json()["rag"]["citations"]
    record = {
        "started_at": started_at,
        "first_answer_s": round(time.time() - started_at, 1),
        "citations": len(citations),
    }
    (stack.settings.state / START_FILE).write_text(json.dumps(record), encoding="utf-8")


def _words(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code}: {response.text[:200]}"


def read_start(state: Path) -> dict[str, float]:
    """What the last start measured; empty before any."""
    path = state / START_FILE
    record: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return record
