"""`POST /v1/chat/completions` as OpenAI's clients send it, with our `rag` object."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from rag_common.errors import InvalidRequest
from rag_common.wire import Wire

from rag_gateway.rag.generate import Sampling
from rag_gateway.rag.question import AnswerMode, Question
from rag_gateway.rag.search import SearchMode
from rag_gateway.schemas.filter import FilterIn
from rag_gateway.schemas.turns import ChatMessage, recent_turns

MOST_CHARACTERS = 8_000
TEMPERATURE = 0.0
"""When a request names none: an answer from sources is told, not invented."""
UNSUPPORTED = "unsupported_parameter"
HARMLESS: dict[str, tuple[Any, ...]] = {
    "n": (None, 1),
    "logprobs": (None, False),
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "response_format": (None, {"type": "text"}),
}
"""Parameters of OpenAI's API that are accepted only with a value that asks for nothing."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def _listed(value: Any) -> Any:
    """One stop text as a list of one, so that what is wrong with several is told of the list."""
    return [value] if isinstance(value, str) else value


class RagIn(Wire):
    """What a caller may say about retrieval and the way of answering."""

    collections: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = None
    top_k: int = Field(default=5, ge=1, le=20, strict=True)
    mode: SearchMode = "hybrid"
    filter: FilterIn = None
    rerank: bool | None = None
    enabled: bool = True
    abstain: bool = True
    allow_degraded: bool = False
    answer_mode: Literal["auto", "write", "quote", "both"] = "auto"
    conversation_id: str | None = None


class StreamOptions(Wire):
    """Usage goes out with every stream's last chunk; asking for it is accepted."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatIn(Wire):
    """A chat request; what is not named here is refused."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    model: str | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1, le=1024, strict=True)
    max_completion_tokens: int | None = Field(None, ge=1, le=1024, strict=True)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: Annotated[list[str], Field(max_length=4), BeforeValidator(_listed)] | None = None
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    rag: Annotated[RagIn, BeforeValidator(lambda asked: {} if asked is None else asked)] = RagIn()
    # Understood and ignored: they change nothing here.
    n: Any = None
    logprobs: Any = None
    tools: Any = None
    response_format: Any = None
    tool_choice: Any = None
    user: Any = None
    metadata: Any = None
    store: Any = None
    service_tier: Any = None
    parallel_tool_calls: Any = None
    safety_identifier: Any = None
    prompt_cache_key: Any = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_unsupported(cls, data: Any) -> Any:
        """What OpenAI's API knows and this one does not, by a code of its own."""
        asked = data if isinstance(data, dict) else {}
        for name, harmless in HARMLESS.items():
            if asked.get(name) not in harmless:
                raise InvalidRequest(
                    f"`{name}` is not supported; leave it out.", code=UNSUPPORTED, param=name
                )
        return data

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        last = self.messages[-1]
        if last.role != "user":
            raise ValueError("the last message must be the user's question")
        if not last.text.strip():
            raise ValueError("the question is empty; write one")
        if len(last.text) > MOST_CHARACTERS:
            raise ValueError(f"the question is longer than {MOST_CHARACTERS:,} characters; shorten it")
        return self

    def question(self, auto: AnswerMode, max_tokens: int, model: str, reranker: bool) -> Question:
        """The question; `auto` says what that answer mode means here, `reranker` whether there is one."""
        check_available(self.rag, reranker)
        history, trimmed = recent_turns(self.messages[:-1])
        return Question(
            text=self.messages[-1].text.strip(),
            answer_mode=_mode(self.rag, auto),
            sampling=self._sampling(max_tokens),
            history=history,
            history_trimmed=trimmed,
            wishes=tuple(m.text for m in self.messages if m.role in ("system", "developer")),
            collections=None if self.rag.collections is None else tuple(self.rag.collections),
            filter=self.rag.filter,
            top_k=self.rag.top_k,
            mode=self.rag.mode,
            retrieval=self.rag.enabled,
            abstain=self.rag.abstain,
            allow_degraded=self.rag.allow_degraded,
            rerank=reranker if self.rag.rerank is None else self.rag.rerank,
            model=model,
        )

    def _sampling(self, max_tokens: int) -> Sampling:
        return Sampling(
            max_tokens=self.max_completion_tokens or self.max_tokens or max_tokens,
            temperature=TEMPERATURE if self.temperature is None else self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=tuple(self.stop or ()),
            presence_penalty=self.presence_penalty,
            frequency_penalty=self.frequency_penalty,
        )


def _mode(rag: RagIn, auto: AnswerMode) -> AnswerMode:
    if rag.enabled:
        return auto if rag.answer_mode == "auto" else rag.answer_mode
    if rag.answer_mode in ("quote", "both"):
        raise InvalidRequest(
            "Without retrieval there is nothing to quote; use `write`.", param="rag.answer_mode"
        )
    return "write"


def check_available(asked: Any, reranker: bool) -> None:
    """Refuses what the contract names and this version cannot do yet."""
    if getattr(asked, "conversation_id", None) is not None:
        raise InvalidRequest(
            "`conversation_id` is not available yet; leave it out.",
            code="not_available_yet",
            param="conversation_id",
        )
    if asked.rerank and not reranker:
        raise InvalidRequest(
            "No reranker is configured; leave `rerank` out.", code="no_reranker", param="rerank"
        )
