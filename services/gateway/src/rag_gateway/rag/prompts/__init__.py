"""Prompts as text files beside the code; their version is a hash of what they say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from itertools import pairwise
from unicodedata import normalize

from rag_gateway.visible import visible

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_SPECIAL = re.compile(
    r"""
    <(?= [|] | /?[\w▁:-]+ [|]              # <|im_start|>, DeepSeek's <｜User｜>, Gemma's <turn|>
       | </?SYS>                           # Llama 2
       | /?(?=\w*_)\w+>                     # <start_of_turn>, <tool_call>, <file_sep>: no element of HTML
       | /?(?:\w+:)? (?: s | [be]os | eod | pad | unk | mask | cls | sep | think | image | audio | video | file
                       | filename | reponame | sop | eop | unused\d+ ) > )
  | \[(?= [|]                              # EXAONE's [|user|]
       | /?(?: inst | img | audio | transcribe | think | args | prefix | middle | suffix | g?mask | [be]os
             | pad | unk | cls | sep | unused\d+ ) \]
       | /?(?-i:[A-Z]+(?:_[A-Z]+)+) \] )    # Mistral's [TOOL_CALLS]
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Where a special token of a chat template begins."""


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
    """Text in which a chat template's special tokens such as `<|im_end|>` are mere characters.

    They are found in any case, and in forms such as full width that a tokenizer may fold; a space behind their first
    character breaks them. What nobody sees goes first: it could hide one, or say what only a model reads.
    """
    text = visible(text)
    openings = [found.start() + 1 for found in _SPECIAL.finditer(_folded(text))]
    return " ".join(text[start:end] for start, end in pairwise([0, *openings, len(text)]))


def _folded(text: str) -> str:
    """As many characters, each as Unicode's compatibility form NFKC has it, where that is one."""
    return text if text.isascii() else "".join(map(_folded_character, text))


@lru_cache(maxsize=4_096)
def _folded_character(character: str) -> str:
    folded = normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def load_prompt(name: str) -> Prompt:
    """The prompt kept in `<name>.system.txt` and `<name>.user.txt`."""
    folder = resources.files(__name__)
    texts = (folder.joinpath(f"{name}.{part}.txt").read_text().strip() for part in ("system", "user"))
    return Prompt(name, *texts)
