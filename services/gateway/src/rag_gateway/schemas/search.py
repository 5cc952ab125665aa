"""`POST /v1/search`."""

from typing import Annotated

from pydantic import Field, field_validator
from rag_common.wire import Wire

from rag_gateway.rag.generate import Sampling
from rag_gateway.rag.question import Question
from rag_gateway.rag.search import SearchMode
from rag_gateway.schemas.chat import MOST_CHARACTERS, Name, check_available
from rag_gateway.schemas.filter import FilterIn


class SearchIn(Wire):
    """A query and where to look."""

    query: str = Field(max_length=MOST_CHARACTERS)
    collections: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = None
    top_k: int = Field(10, ge=1, le=200, strict=True)
    mode: SearchMode = "hybrid"
    rerank: bool | None = None
    filter: FilterIn = None

    @field_validator("query")
    @classmethod
    def _not_empty(cls, query: str) -> str:
        if not query.strip():
            raise ValueError("the query is empty; write one")
        return query.strip()

    def question(self, reranker: bool) -> Question:
        """The search as a question that nobody answers; `reranker` says whether there is one."""
        check_available(self, reranker)
        return Question(
            text=self.query,
            answer_mode="quote",
            sampling=Sampling(max_tokens=1),
            collections=None if self.collections is None else tuple(self.collections),
            filter=self.filter,
            top_k=self.top_k,
            mode=self.mode,
            rerank=reranker if self.rerank is None else self.rerank,
        )
