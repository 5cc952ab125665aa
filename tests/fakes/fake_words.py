"""What the fake model writes: by default the first sentence of the prompt's first source, with its marker."""

import re
from dataclasses import dataclass
from typing import Any

from tests.fakes.knobs import Knobs

NO_SOURCE = "This fake model was given no source."
MARKER = re.compile(r"^\s*\[1\]\s*", re.MULTILINE)
SENTENCE = re.compile(r"[^\n]*?\w[^\n]*?[.!?](?=\s|$)")


@dataclass(frozen=True)
class Written:
    """A fake answer as tokens (a word with the space after it), and why it ends."""

    tokens: list[str]
    prompt_tokens: int
    finish_reason: str

    @property
    def usage(self) -> dict[str, int]:
        """OpenAI's usage object, in the fake's own tokens."""
        written = len(self.tokens)
        total = self.prompt_tokens + written
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": written, "total_tokens": total}


def write(body: dict[str, Any], knobs: Knobs) -> Written:
    """The answer to one chat request, cut at its `max_tokens`."""
    prompt = "\n".join(_text(message["content"]) for message in body["messages"])
    tokens = _tokens(knobs.words or _cited(prompt))
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or len(tokens)
    return Written(tokens[:limit], len(_tokens(prompt)), "length" if len(tokens) > limit else "stop")


def _cited(prompt: str) -> str:
    source = MARKER.split(prompt, maxsplit=1)
    sentence = SENTENCE.search(source[-1]) if len(source) > 1 else None
    return f"{sentence.group().strip()} [1]" if sentence else NO_SOURCE


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def _tokens(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)
