"""What other services must be told of: kept with what happened, and told again until they have heard it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from rag_common.errors import DeadlineExceeded, ServiceError, Unavailable
from rag_common.telemetry import timed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removal:
    """Documents that are gone, so that whatever quotes them must go too."""

    id: int
    tenant_id: int
    document_ids: Sequence[UUID]


class Outbox(Protocol):
    """What has not been told yet."""

    async def undelivered(self) -> list[Removal]:
        """Those of all tenants whose time has come, the oldest first."""

    async def put_off(self, removal: Removal) -> None:
        """Lets one wait longer each time, up to an hour, so that it does not hold up the others."""

    async def delivered(self, removal: Removal) -> None:
        """Forgets one; nothing happens when another worker did so already."""


class Redactions(Protocol):
    """Who keeps what users wrote about answers."""

    async def redact(self, removal: Removal) -> None:
        """Removes what may quote the documents; the same again changes nothing."""


async def deliver(outbox: Outbox, redactions: Redactions) -> int:
    """Tells what waits; gives back how many were heard. One that is not heard waits for the next time."""
    heard = 0
    for removal in await outbox.undelivered():
        try:
            with timed("deliver"):
                await redactions.redact(removal)
        except ServiceError as error:
            log.warning("redaction_waits", extra={"code": error.code, "outbox_id": removal.id})
            await outbox.put_off(removal)
            if isinstance(error, Unavailable | DeadlineExceeded):
                break  # the service is away: the others would not be heard either
            continue
        await outbox.delivered(removal)
        heard += 1
    return heard
