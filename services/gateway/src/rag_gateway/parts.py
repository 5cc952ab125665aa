"""What the routes work with, in the job's words; `app.py` fills it with adapters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from rag_common.health import Drain

from rag_gateway.answers import AnswerStore
from rag_gateway.documents import Collections, Documents, Jobs, Removals, Uploads
from rag_gateway.keys import Authenticator, Caller
from rag_gateway.paging import Cursors
from rag_gateway.rag.pipeline import Pipeline
from rag_gateway.settings import GatewaySettings


class Feedback(Protocol):
    """Where feedback goes."""

    async def store(self, feedback: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Stores or replaces the caller's feedback on an answer."""

    async def withdraw(self, answer_id: UUID, caller: Caller) -> None:
        """Removes it."""


@dataclass(frozen=True)
class Parts:
    """One gateway's parts."""

    settings: GatewaySettings
    authenticator: Authenticator
    cursors: Cursors
    pipeline: Pipeline
    answers: AnswerStore
    uploads: Uploads
    documents: Documents
    removals: Removals
    jobs: Jobs
    collections: Collections
    feedback: Feedback
    drain: Drain
