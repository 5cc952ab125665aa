"""Prompts as text files beside the code; their version is a hash of what they say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_SPECIAL = re.compile(
    r"<(?=\||/?s>|/?(?:bos|eos|pad|unk|think)>|(?:start|end)_of_turn>)|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w+)\])"
)
"""Where a special token of ChatML, Llama, Mistral or Gemma begins."""


@dataclass(frozen=True)
class Prompt:
    """What the model is told (`system`, stable and first, so that a prefix cache helps) and asked (`user`)."""

    name: str
    system: str
    user: str

    @property
    def version(self) -> str:
        """The name and eight digits of the hash of both texts: another wording is another version."""
        wording = "\0".join((self.system, self.user))
        return f"{self.name}-{sha256(wording.encode()).hexdigest()[:8]}"

    def asked(self, values: Mapping[str, str]) -> str:
        """The user's message with every `{{place}}` filled once; what is filled in is never read as a place."""
        return _PLACE.sub(lambda place: literal(values[place[1]]), self.user)


def literal(text: str) -> str:
    """Text in which a chat template's special tokens such as `<|im_end|>` are mere characters."""
    return _SPECIAL.sub(lambda opening: f"{opening[0]} ", text)


def load_prompt(name: str) -> Prompt:
    """The prompt kept in `<name>.system.txt` and `<name>.user.txt`."""
    folder = resources.files(__name__)
    texts = (folder.joinpath(f"{name}.{part}.txt").read_text().strip() for part in ("system", "user"))
    return Prompt(name, *texts)
