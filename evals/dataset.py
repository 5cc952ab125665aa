"""A set in BEIR's form: documents, questions with their answers where the set has them, and what is relevant.

The form is that of Thakur et al., "BEIR", NeurIPS 2021: `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`; `answers`
beside a question's text is ours.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")


@dataclass(frozen=True)
class Document:
    """One document of the corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Asked:
    """One question; `answers` are strings of which any one is right, empty where the set has none."""

    id: str
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """A whole set; `relevant` gives each question's documents with their grades, those above 0 alone."""

    name: str
    documents: Sequence[Document]
    questions: Sequence[Asked]
    relevant: Mapping[str, Mapping[str, int]]

    def sample(self, most: int | None) -> "Dataset":
        """The same set with at most so many of its questions: always the same ones, in no order of the set's."""
        if most is None or most >= len(self.questions):
            return self
        drawn = {asked.id for asked in sorted(self.questions, key=lambda asked: _shuffled(asked.id))[:most]}
        return replace(self, questions=[asked for asked in self.questions if asked.id in drawn])


def half_of(question_id: str) -> int:
    """0 or 1: on the questions of half 0 something may be fitted, on those of half 1 it is reported."""
    return int(_shuffled(question_id)[0], 16) % 2


def _shuffled(question_id: str) -> str:
    return sha256(question_id.encode()).hexdigest()


class NotASet(ValueError):
    """A folder holds no set in BEIR's form."""


def load(folder: Path) -> Dataset:
    """Reads a set; raises NotASet with what is missing or in which line something is wrong."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise NotASet(f"{folder.name}: {', '.join(missing)} is missing; a set has {', '.join(FILES)}")
    documents = [
        Document(_word(r, "_id", at), str(r.get("title") or ""), str(r.get("text") or ""))
        for r, at in _rows(folder / FILES[0])
    ]
    questions = [
        Asked(_word(r, "_id", at), _word(r, "text", at), tuple(map(str, r.get("answers") or ())))
        for r, at in _rows(folder / FILES[1])
    ]
    relevant = _grades(folder / FILES[2])
    judged = [asked for asked in questions if relevant.get(asked.id)]
    if not judged:
        raise NotASet(f"{folder.name}: no question of queries.jsonl has a line in qrels.tsv")
    known = {document.id for document in documents}
    strange = sorted({id for asked in judged for id in relevant[asked.id]} - known)
    if strange:
        raise NotASet(
            f"{folder.name}: qrels.tsv names documents that are not in the corpus, {strange[0]} first"
        )
    return Dataset(folder.name, documents, judged, relevant)


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            where = f"{path.name}, line {number}"
            yield _object(line, where), where


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise NotASet(f"{where}: no JSON ({error})") from error
    if not isinstance(row, dict):
        raise NotASet(f"{where}: not a JSON object")
    return row


def _word(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str | int) or not str(value).strip():
        raise NotASet(f"{where}: `{name}` is missing or empty")
    return str(value)


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or (number == 1 and not line.split("\t")[-1].lstrip("-").isdigit()):
            continue
        try:
            question, document, grade = line.split("\t")
            if int(grade) > 0:
                grades[question][document] = int(grade)
        except ValueError as error:
            raise NotASet(f"{path.name}, line {number}: not `query-id, corpus-id, score` by tabs") from error
    return dict(grades)
