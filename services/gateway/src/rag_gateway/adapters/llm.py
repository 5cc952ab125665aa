"""Any OpenAI-compatible chat server over HTTP."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from rag_common import deadline
from rag_common.clients import check_status, timeout, upstream
from rag_common.errors import (
    DeadlineExceeded,
    InvalidRequest,
    ServiceError,
    UpstreamFailed,
    UpstreamUnavailable,
)

from rag_gateway.rag.generate import Message, Sampling, Usage
from rag_gateway.rag.tokens import estimate_tokens

NAME_TTL_S = 30
"""How long the served model's name is remembered."""
COUNTS_AGAIN_S = 60
"""How long a server that did not count tokens is not asked again."""


class PromptRefused(InvalidRequest):
    """The model refuses the request, most likely as too long for it; shorten the question or begin a new chat."""

    code = "prompt_too_long"


class OpenAiGeneration:
    """One streamed chat completion, read as it comes.

    Its usage is the server's when the reply is read to its end; of one that is left early it is an estimate: the
    prompt's by its words, one token for each piece of text.
    """

    def __init__(
        self, response: httpx.Response, asked: Usage, first_token_s: float, next_token_s: float
    ) -> None:
        self._response, self._first_token_s, self._next_token_s = response, first_token_s, next_token_s
        self.finish_reason = ""
        self.usage = asked

    async def __aiter__(self) -> AsyncIterator[str]:
        lines = _lines(self._response)
        patience_s = self._first_token_s
        with upstream("llm"):
            while (line := await self._next(lines, patience_s)) is not None:
                if not line.startswith("data:"):
                    continue
                text = self._read(line.removeprefix("data:").strip())
                if text:
                    patience_s = self._next_token_s
                    self.usage.completion_tokens += 1
                    yield text
        if not self.finish_reason:
            raise UpstreamUnavailable("The model's reply broke off; try again.", code="llm_broke_off")

    async def _next(self, lines: AsyncIterator[str], patience_s: float) -> str | None:
        try:
            async with asyncio.timeout(deadline.remaining_s(patience_s)):
                return await anext(lines, None)
        except TimeoutError as error:
            raise DeadlineExceeded(
                "The model did not go on in time; try again.", code="llm_timeout"
            ) from error

    def _read(self, data: str) -> str:
        if data == "[DONE]":
            return ""
        try:
            chunk = json.loads(data)
            if "error" in chunk:
                raise UpstreamFailed("The model reported an error.", code="llm_failed")
            self._note_usage(chunk.get("usage"))
            if not chunk["choices"]:
                return ""
            choice = chunk["choices"][0]
            self.finish_reason = choice.get("finish_reason") or self.finish_reason
            return choice["delta"].get("content") or ""
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UpstreamFailed("The model's reply cannot be read.", code="llm_failed") from error

    def _note_usage(self, usage: dict[str, int] | None) -> None:
        if usage:
            self.usage = Usage(usage["prompt_tokens"], usage["completion_tokens"])


class OpenAiLlm:
    """Builds each request anew from typed values; nothing of a client's body passes through."""

    def __init__(
        self, client: httpx.AsyncClient, model: str, first_token_s: float, next_token_s: float
    ) -> None:
        self._client, self._model = client, model
        self._first_token_s, self._next_token_s = first_token_s, next_token_s
        self._listed: tuple[float, str] = (0.0, "")
        self._counts_from = 0.0

    async def model(self) -> str:
        if self._model:
            return self._model
        until, name = self._listed
        if until < time.monotonic():
            name = await self._first_listed()
            self._listed = (time.monotonic() + NAME_TTL_S, name)
        return name

    async def _first_listed(self) -> str:
        with upstream("llm"):
            response = await self._client.get("models", timeout=timeout(2))
        check_status("llm", response)
        try:
            return str(response.json()["data"][0]["id"])
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise UpstreamFailed("The model server lists no model.", code="llm_failed") from error

    async def count_tokens(self, text: str) -> int:
        """By vLLM's `/tokenize`, which stands beside `/v1`."""
        if time.monotonic() < self._counts_from:
            return estimate_tokens(text)
        try:
            body = {"model": await self.model(), "prompt": text, "add_special_tokens": False}
            url = self._client.base_url.join("../tokenize")
            with upstream("llm"):
                response = await self._client.post(url, json=body, timeout=timeout(2))
            check_status("llm", response)
            return int(response.json()["count"])
        except (ServiceError, ValueError, KeyError, TypeError):
            self._counts_from = time.monotonic() + COUNTS_AGAIN_S
            return estimate_tokens(text)

    @asynccontextmanager
    async def chat(self, messages: Sequence[Message], sampling: Sampling) -> AsyncIterator[OpenAiGeneration]:
        body = _body(await self.model(), messages, sampling)
        request = self._client.build_request(
            "POST",
            "chat/completions",
            json=body,
            headers=deadline.deadline_header(),
            timeout=timeout(self._first_token_s),
        )
        with upstream("llm"):
            response = await self._client.send(request, stream=True)
        try:
            if response.status_code == 400:
                raise PromptRefused
            check_status("llm", response)
            asked = Usage(prompt_tokens=sum(estimate_tokens(message.content) for message in messages))
            yield OpenAiGeneration(response, asked, self._first_token_s, self._next_token_s)
        finally:
            await response.aclose()

    async def check(self) -> None:
        """Raises unless the model server answers."""
        await self._first_listed()


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """The lines of a stream; httpx 0.28 would also end one at U+2028 and its like, which JSON holds as they are."""
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
    yield rest.decode(errors="replace")


def _body(model: str, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
    options = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
        "stop": list(sampling.stop) or None,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
    }
    return {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        **{name: value for name, value in options.items() if value is not None},
    }
