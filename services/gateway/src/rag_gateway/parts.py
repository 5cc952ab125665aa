"""What the routes work with, in the job's words; `app.py` fills it with adapters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from rag_common.health import Drain

from rag_gateway.answers import AnswerStore
from rag_gateway.documents import Collections, Documents, Removals, Versions
from rag_gateway.jobs import Jobs, Watchers
from rag_gateway.keys import Authenticator, Caller
from rag_gateway.paging import Cursors
from rag_gateway.rag.pipeline import Pipeline
from rag_gateway.settings import GatewaySettings
from rag_gateway.uploads import Spool, Uploads


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
    spool: Spool
    documents: Documents
    versions: Versions
    removals: Removals
    jobs: Jobs
    collections: Collections
    feedback: Feedback
    drain: Drain
    watchers: Watchers = field(default_factory=Watchers)
