"""Questions in any language and of any length that is allowed work in each mode."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import BOOTSTRAP_KEY
from tests.gateway.conftest import RunningGateway, finished
from tests.gateway.test_streaming import CHAT, streamed

MODES = ("quote", "both", "write")
TEXT = """
The lighthouse of Port Ellery was built in 1832.

Der Leuchtturm von Port Ellery wurde im Jahr 1832 von der Ingenieurin Ada Quarrie gebaut.

埃勒里港的灯塔由工程师艾达·夸里于1832年建造。

بنت المهندسة آدا كواري منارة ميناء إليري عام 1832.
"""
QUESTIONS = {
    "German": "Wer hat den Leuchtturm von Port Ellery gebaut, und in welchem Jahr?",
    "Chinese": "谁建造了埃勒里港的灯塔？",
    "Arabic": "من بنى منارة ميناء إليري؟",
    "4,000 characters": ("Who built the lighthouse of Port Ellery? " * 98)[:4_000],
    "4,000 characters without a blank": "谁建造了灯塔？" * 571 + "灯塔？",
    "8,000 emoji": "💡" * 8_000,
    "signs alone": "?!… —",
}


@pytest.fixture(scope="module")
def lighthouse(gateway: RunningGateway) -> Iterator[str]:
    """A collection that says the same in four languages; others ask of everything, so it goes afterwards."""
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as http:
        http.post("/v1/collections", json={"name": "languages"}).raise_for_status()
        accepted = http.post("/v1/collections/languages/documents", json={"text": TEXT}).json()
        assert finished(http, accepted["job_id"])["status"] == "succeeded"
        yield "languages"
        http.delete("/v1/collections/languages")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("abstain", [True, False], ids=["may abstain", "must answer"])
def test_it_is_answered(http: httpx.Client, lighthouse: str, question: str, mode: str, abstain: bool) -> None:
    rag = {"answer_mode": mode, "collections": [lighthouse], "abstain": abstain}
    body: dict[str, Any] = {"messages": [{"role": "user", "content": question}], "rag": rag}
    whole = http.post(CHAT, json=body)
    assert whole.status_code == 200, whole.text
    *chunks, done = streamed(http, body | {"stream": True})
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert done == "[DONE]"
    assert text == whole.json()["choices"][0]["message"]["content"] != ""
    assert chunks[-1]["rag"]["query"] == question
    for citation in chunks[-1]["rag"]["citations"]:
        assert text[citation["start"] : citation["end"]] == f"[{citation['n']}]"


@pytest.mark.parametrize("language", ["German", "Chinese", "Arabic"])
def test_it_is_quoted_in_its_own_language(http: httpx.Client, lighthouse: str, language: str) -> None:
    rag = {"answer_mode": "quote", "collections": [lighthouse], "abstain": False}
    body = {"messages": [{"role": "user", "content": QUESTIONS[language]}], "rag": rag}
    text = http.post(CHAT, json=body).json()["choices"][0]["message"]["content"]
    assert {"German": "Ingenieurin", "Chinese": "由工程师", "Arabic": "المهندسة"}[language] in text


def test_the_question_reaches_the_model_as_it_is(
    http: httpx.Client, gateway: RunningGateway, lighthouse: str
) -> None:
    for question in QUESTIONS.values():
        rag = {"answer_mode": "write", "collections": [lighthouse], "abstain": False}
        http.post(CHAT, json={"messages": [{"role": "user", "content": question}], "rag": rag})
        asked = gateway.model.bodies[-1]["messages"][-1]["content"]
        assert asked.endswith(f"Question: {question}".strip())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("question", ["Who built it?", QUESTIONS["Chinese"], QUESTIONS["4,000 characters"]])
def test_an_empty_collection_is_said_to_be_empty_in_each_mode(
    http: httpx.Client, gateway: RunningGateway, collection: str, question: str, mode: str
) -> None:
    before = len(gateway.model.bodies)
    rag = {"answer_mode": mode, "collections": [collection.split("/")[3]]}
    body = {"messages": [{"role": "user", "content": question}], "rag": rag, "stream": True}
    *chunks, done = streamed(http, body)
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert (text, done) == ("There is nothing to search yet: add documents, and ask again.", "[DONE]")
    assert (chunks[0]["rag"]["sources"], chunks[-1]["rag"]["grounded"]) == ([], False)
    assert len(gateway.model.bodies) == before
