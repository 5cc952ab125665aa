"""The three ways to answer from evidence: `write`, `quote` and `both`; and plain talk without any."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from opentelemetry import trace
from opentelemetry.trace import SpanKind
from rag_common.errors import DeadlineExceeded, ServiceError, TooManyRequests, Unavailable, UpstreamFailed
from rag_common.telemetry import lasting

from rag_gateway.rag.answer import NO_LLM, Answer, Started, Token
from rag_gateway.rag.ask import messages_for_both, messages_for_talk, messages_for_write
from rag_gateway.rag.cite import MarkerFilter
from rag_gateway.rag.evidence import Evidence
from rag_gateway.rag.generate import Asked, Generation, Llm
from rag_gateway.rag.instead import MODEL_AWAY, UNSUPPORTED, why_not
from rag_gateway.rag.quote import RankedUnit
from rag_gateway.rag.repetition import turns_in_circles
from rag_gateway.rag.tokens import estimate_tokens
from rag_gateway.rag.verify import SentenceFilter

Pieces = AsyncGenerator[Started | Token, None]
PARAGRAPH = "\n\n"
AWAY = (Unavailable, DeadlineExceeded, UpstreamFailed, TooManyRequests)
"""What counts as the model's absence."""


class Reply:
    """Turns evidence into an answer's text, and fills the answer in on the way."""

    def __init__(self, answer: Answer, evidence: Evidence, llm: Llm) -> None:
        self._answer, self._evidence, self._llm = answer, evidence, llm

    def events(self) -> Pieces:
        """Started, once nothing stands in the way any more, then Tokens."""
        if not self._answer.question.retrieval:
            return self._talk()
        if not (self._evidence.packed or self._evidence.quoted):
            return self._plain(why_not(self._answer))
        return {"write": self._write, "quote": self._quote, "both": self._both}[self._answer.answer_mode]()

    async def _talk(self) -> Pieces:
        async with AsyncExitStack() as stack:
            generation = await stack.enter_async_context(
                self._generation(messages_for_talk(self._answer.question))
            )
            yield Started(self._answer)
            async for delta in generation:
                yield self._token(delta)
            self._answer.finish_reason = generation.finish_reason

    async def _plain(self, sentence: str) -> Pieces:
        yield Started(self._answer)
        yield self._token(sentence)
        self._answer.finish_reason = "stop"

    async def _write(self) -> Pieces:
        async with AsyncExitStack() as stack:
            asked = messages_for_write(self._answer.question, self._evidence.packed, self._evidence.turns)
            generation = await self._accepted(stack, asked)
            yield Started(self._answer)
            if generation is None:
                yield self._token(MODEL_AWAY)
                self._answer.finish_reason = "stop"
                return
            async with aclosing(self._cited(generation)) as tokens:
                async for token in tokens:
                    yield token
            self._answer.finish_reason = generation.finish_reason or "stop"
            self._answer.grounded = bool(self._answer.citations)
            if not self._answer.grounded:
                yield self._token(PARAGRAPH + UNSUPPORTED)

    async def _cited(self, generation: Generation) -> AsyncGenerator[Token, None]:
        """The model's words with each marker verified while they stream."""
        markers = MarkerFilter(self._answer.sources)
        self._answer.citations = markers.citations
        with lasting("cite"):
            async for delta in generation:
                if text := markers.feed(delta):
                    yield self._token(text)
                if turns_in_circles(markers.answer):
                    break
            if text := markers.finish():
                yield self._token(text)
        self._answer.dropped = markers.dropped

    async def _quote(self) -> Pieces:
        yield Started(self._answer)
        for token in self._quotations(self._within_budget()):
            yield token

    async def _both(self) -> Pieces:
        quoted = self._within_budget()
        async with AsyncExitStack() as stack:
            generation = await self._accepted(stack, messages_for_both(self._answer.question, quoted))
            yield Started(self._answer)
            for token in self._quotations(quoted):
                yield token
            if generation is None:
                return
            async with aclosing(self._verified(generation, quoted)) as tokens:
                async for token in tokens:
                    yield token

    async def _verified(
        self, generation: Generation, quoted: list[RankedUnit]
    ) -> AsyncGenerator[Token, None]:
        """At most two of the model's sentences, each held back until the quotations bear it.

        The reply is read to its end even when both are told: its usage and the model server's span come last.
        """
        sentences = SentenceFilter(quoted, offset=len(self._answer.text), lead=PARAGRAPH)
        try:
            with lasting("cite"):
                async for text in _fed(sentences, generation):
                    yield self._token(text)
        except AWAY as error:
            self._degrade(error)
        finally:  # what was said before the model broke off is cited all the same
            self._answer.citations += sentences.citations
            self._answer.dropped += sentences.dropped

    def _within_budget(self) -> list[RankedUnit]:
        """The units that fit `max_tokens`; the first always does, and a dropped one makes the reason `length`."""
        left = self._answer.question.sampling.max_tokens
        fitting: list[RankedUnit] = []
        for unit in self._evidence.quoted:
            left -= estimate_tokens(unit.quotation().text)
            if fitting and left < 0:
                break
            fitting.append(unit)
        complete = len(fitting) == len(self._evidence.quoted)
        self._answer.finish_reason = "stop" if complete else "length"
        return fitting

    def _quotations(self, units: list[RankedUnit]) -> Iterator[Token]:
        for unit in units:
            if self._answer.parts:
                yield self._token(PARAGRAPH)
            quotation = unit.quotation()
            self._answer.citations.append(quotation.at(len(self._answer.text)))
            self._answer.parts.append(unit)
            yield Token(quotation.text)
        self._answer.grounded = True

    def _token(self, text: str) -> Token:
        self._answer.parts.append(text)
        return Token(text)

    async def _accepted(self, stack: AsyncExitStack, asked: Asked) -> Generation | None:
        """The generation once the model has accepted; None when it is away and the caller allows that."""
        try:
            return await stack.enter_async_context(self._generation(asked))
        except AWAY as error:
            self._degrade(error)
            return None

    def _degrade(self, error: ServiceError) -> None:
        """Notes that the model is away; raises the error when the caller does not allow that."""
        if not self._answer.question.allow_degraded:
            raise error
        self._answer.degraded.append(NO_LLM)

    @asynccontextmanager
    async def _generation(self, asked: Asked) -> AsyncIterator[Generation]:
        """One model call as the step `generate`: its span is current only until the model has accepted."""
        self._answer.prompt_version = asked.prompt_version
        with lasting("generate", SpanKind.CLIENT) as span:
            span.set_attributes(
                {"gen_ai.operation.name": "chat", "gen_ai.request.max_tokens": asked.sampling.max_tokens}
            )
            async with AsyncExitStack() as stack:
                with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                    generation = await stack.enter_async_context(
                        self._llm.chat(asked.messages, asked.sampling)
                    )
                yield generation
            self._answer.usage.add(generation.usage)
            span.set_attribute("gen_ai.response.model", self._answer.model)
            span.set_attribute("gen_ai.usage.input_tokens", generation.usage.prompt_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", generation.usage.completion_tokens)
            span.set_attribute("gen_ai.response.finish_reasons", [generation.finish_reason or "stopped"])


async def _fed(sentences: SentenceFilter, generation: Generation) -> AsyncIterator[str]:
    async for delta in generation:
        if text := sentences.feed(delta):
            yield text
    if text := sentences.finish():
        yield text
