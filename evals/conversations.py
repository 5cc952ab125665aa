"""Follow-ups: whether the question that is made of one finds the passage, and whether the answer holds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.gateway import Gateway, Index
from evals.measures import contains
from evals.results import Summary, mean

FILE = Path(__file__).parent / "conversations.jsonl"


@dataclass(frozen=True)
class Conversation:
    """Questions before, the follow-up, the same written so that it stands alone, and what is right."""

    before: Sequence[str]
    follow_up: str
    standalone: str
    relevant: str
    answers: Sequence[str]


def conversations_of(dataset: str) -> list[Conversation]:
    """Those that were written from a set, by its name; most sets have none."""
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    names = ("before", "follow_up", "standalone", "relevant", "answers")
    return [Conversation(**{name: row[name] for name in names}) for row in rows if row["set"] == dataset]


def measure_conversations(
    gateway: Gateway, index: Index, conversations: Sequence[Conversation], **rag: Any
) -> Summary:
    """Three ways to ask: the follow-up as a stranger would hear it, after the turns before, and written alone."""
    ways: dict[str, list[tuple[bool, bool]]] = {
        "follow-up alone": [],
        "in its conversation": [],
        "by hand": [],
    }
    for talk in conversations:
        asked: dict[str, tuple[tuple[str, ...], str]] = {
            "follow-up alone": ((), talk.follow_up),
            "by hand": ((), talk.standalone),
        }
        asked["in its conversation"] = (tuple(talk.before), talk.follow_up)
        for way, (before, question) in asked.items():
            reply, _ = gateway.ask(index, question, "quote", before, abstain=False, **rag)
            sources = reply["rag"]["sources"]
            first = bool(sources) and index.ids[sources[0]["document_id"]] == talk.relevant
            ways[way].append((first, contains(reply["choices"][0]["message"]["content"], talk.answers)))
    return {
        way: {
            "conversations": len(found),
            "hit@1": mean([float(first) for first, _ in found]),
            "containment": mean([float(right) for _, right in found]),
        }
        for way, found in ways.items()
    }
