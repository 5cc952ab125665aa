"""A tiny cross-encoder that the tests train, on the evaluation data where they are, and an embedder that serves it."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real_embedder import HEAVY_PYTHON, RunningEmbedder, running_embedder

ROOT = Path(__file__).parents[1]
HELD_OUT = 4
"""Of so many articles, one is not trained on."""
SENTENCE_ENDS = re.compile(r"(?<=[.!?]) (?=[A-Z])")
OUR_OWN = [
    ("Which port does the public API listen on?", "The gateway's public API listens on port 8080."),
    ("Where do passwords lie?", "Passwords and keys lie in the file secrets.json of the state folder."),
    ("How long may a question be?", "A question is the last user message, at most 8,000 characters."),
    ("What does a stream end with?", "A stream consists of data lines that end with [DONE]."),
    ("Who takes turns with documents?", "Tenants take turns, so that nobody waits for another's folder."),
    ("What happens when the embedder is away?", "Without the embedder only words are searched."),
    ("Which database keeps the vectors?", "PostgreSQL with pgvector keeps documents, vectors and answers."),
    ("What stops a running generation?", "When the client hangs up, the generation stops within a second."),
    ("How are pickled weights treated?", "Folders of models hold safetensors; pickled weights are refused."),
    ("What shows the sources?", "The web app shows the sources beside the answer."),
    ("Who may create tables?", "The role rag_owner alone may create tables and indexes."),
    ("How is a citation verified?", "Each marker is verified against the sentence before it."),
]
"""Questions about our own documents with what answers them, for where the evaluation data are not."""


@dataclass(frozen=True)
class Pairs:
    """Questions, each with its relevant passage; those held out come from articles that are not trained on."""

    trained: list[tuple[str, str]]
    sentences: list[str]
    held_out: list[tuple[str, str]]
    passages: list[str]


def known_pairs() -> Pairs:
    """XQuAD's from the folder that `EVAL_DATA` names, split by article; else our own."""
    data = Path(os.environ.get("EVAL_DATA", "")) / "xquad-en"
    return _evaluation_pairs(data) if os.environ.get("EVAL_DATA") and data.is_dir() else _own_pairs()


def _evaluation_pairs(data: Path) -> Pairs:
    texts = {each["_id"]: each["text"] for each in _lines(data / "corpus.jsonl")}
    questions = {each["_id"]: each for each in _lines(data / "queries.jsonl")}
    judged = [line.split("\t")[:2] for line in (data / "qrels.tsv").read_text().splitlines()[1:]]
    held = {name for name in texts if int(name.split("-")[0]) % HELD_OUT == 0}
    asked = [
        (
            name in held,
            (questions[query]["text"], _sentence_with(questions[query]["answers"][0], texts[name])),
        )
        for query, name in judged
    ]
    trained, held_out = ([pair for is_held, pair in asked if is_held == which] for which in (False, True))
    return Pairs(trained, _sentences(texts, set(texts) - held), held_out, _sentences(texts, held))


def _sentences(texts: dict[str, str], names: set[str]) -> list[str]:
    return [each for name, text in texts.items() if name in names for each in SENTENCE_ENDS.split(text)]


def _own_pairs() -> Pairs:
    """So few that nothing can be held out: what is asked was trained on."""
    passages = [passage for _, passage in OUR_OWN]
    return Pairs(OUR_OWN, passages, OUR_OWN, passages)


def _lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _sentence_with(answer: str, text: str) -> str:
    sentences = SENTENCE_ENDS.split(text)
    return next((sentence for sentence in sentences if answer in sentence), sentences[0])


@pytest.fixture(scope="session")
def pairs() -> Pairs:
    """What the reranker is trained on, and what it is asked."""
    return known_pairs()


@pytest.fixture(scope="session")
def reranker_folder(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of safetensors; trained in a process of its own, in the environment that has torch."""
    folder = tmp_path_factory.mktemp("models") / "tiny-reranker"
    command = [HEAVY_PYTHON, ROOT / "tests/train_reranker.py", folder]
    given = json.dumps({"pairs": pairs.trained, "sentences": pairs.sentences})
    # Threads that wait for each other sleep: beside other processes they would else take four times as long.
    environment = os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
    subprocess.run(command, input=given, text=True, env=environment, check=True, timeout=300)
    return folder


@pytest.fixture(scope="session")
def reranking_embedder(reranker_folder: Path) -> Iterator[RunningEmbedder]:
    """The embedder as it is by default on a CPU, with the tiny reranker."""
    with running_embedder({"RERANKER_MODEL": str(reranker_folder)}) as running:
        yield running
