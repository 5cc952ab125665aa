"""Follow-ups: whether the question that is made of one finds the passage, and whether the answer holds."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from evals.gateway import Gateway, Index
from evals.measures import contains
from evals.results import Summary, mean

FILE = Path(__file__).parent / "conversations.jsonl"
IN_CONVERSATION, NOTHING_ANSWERS = "in its conversation", "one that nothing answers"


@dataclass(frozen=True)
class Conversation:
    """Questions before, the follow-up, the same written so that it stands alone, and what is right."""

    before: Sequence[str]
    follow_up: str
    standalone: str
    relevant: str
    answers: Sequence[str]
    unanswerable: str
    """Another follow-up, which nothing in the set answers; empty where the follow-up changes the subject."""


def conversations_of(dataset: str) -> list[Conversation]:
    """Those that were written from a set, by its name; most sets have none."""
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return [
        Conversation(**{field.name: row[field.name] for field in fields(Conversation)})
        for row in rows
        if row["set"] == dataset
    ]


def measure_conversations(gateway: Gateway, index: Index, conversations: Sequence[Conversation]) -> Summary:
    """The follow-up as a stranger would hear it, after the turns before, and written alone, always answered; then as a
    user gets it, where too little evidence is refused, and one that nothing answers."""
    others = [talk for talk in conversations if talk.unanswerable]
    always = {"abstain": False}
    return {
        "follow-up alone": _measured(gateway, index, conversations, lambda t: ((), t.follow_up), **always),
        IN_CONVERSATION: _measured(
            gateway, index, conversations, lambda t: (t.before, t.follow_up), **always
        ),
        "by hand": _measured(gateway, index, conversations, lambda t: ((), t.standalone), **always),
        f"{IN_CONVERSATION}, abstaining": _measured(
            gateway, index, conversations, lambda t: (t.before, t.follow_up)
        ),
        NOTHING_ANSWERS: {
            name: value
            for name, value in _measured(gateway, index, others, lambda t: (t.before, t.unanswerable)).items()
            if name in ("conversations", "refused")
        },
    }


def _measured(
    gateway: Gateway,
    index: Index,
    conversations: Sequence[Conversation],
    asked: Callable[[Conversation], tuple[Sequence[str], str]],
    **rag: Any,
) -> Summary:
    first, right, refused = [], [], []
    for talk in conversations:
        before, question = asked(talk)
        reply, _ = gateway.ask(index, question, "quote", before, **rag)
        ours = reply["rag"]
        sources = ours["sources"]
        first.append(bool(sources) and index.ids[sources[0]["document_id"]] == talk.relevant)
        refused.append(not ours["grounded"])
        words = reply["choices"][0]["message"]["content"]
        right.append(ours["grounded"] and contains(words, talk.answers))
    means = {"hit@1": first, "containment": right, "refused": refused}
    return {"conversations": len(conversations)} | {
        name: mean([float(value) for value in values]) for name, values in means.items()
    }
