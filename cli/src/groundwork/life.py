"""One verification's document, and what a check of it is."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from groundwork.gateway import Gateway, Json


class Unfit(Exception):
    """What came back is not what it must be; the words say how."""


@dataclass
class Life:
    """The document of one verification and what came of it; its names are random, so that no model knows them."""

    mode: str
    person: str = field(default_factory=lambda: _name(4))
    place: str = field(default_factory=lambda: _name(3))
    collection: str = ""
    document: Json = field(default_factory=dict)
    reply: Json = field(default_factory=dict)
    request_id: str = ""

    @property
    def fact(self) -> str:
        """The document's text."""
        return f"The harbour master of {self.place} is called {self.person}.\n"

    @property
    def question(self) -> str:
        """What only the document answers."""
        return f"What is the harbour master of {self.place} called?"

    @property
    def rag(self) -> Json:
        """The part of the answer that is not OpenAI's."""
        rag: Json = self.reply["rag"]
        return rag


@dataclass(frozen=True)
class Step:
    """One check gives its detail or raises Unfit or GatewayError; `hint` says what to look at then.

    When a needed one fails, those after it could not succeed.
    """

    name: str
    check: Callable[[Gateway, Life], str]
    hint: str
    needed: bool = True


def _name(syllables: int) -> str:
    return "".join(
        secrets.choice("bdfgklmnprstv") + secrets.choice("aeiou") for _ in range(syllables)
    ).title()
