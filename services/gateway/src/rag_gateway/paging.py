"""Lists in pages: a cursor is signed and bound to the caller, the route and the query."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from rag_common.errors import BadRequest

from rag_gateway.keys import Caller

Item = TypeVar("Item")


class Dated(Protocol):
    """What lists of the newest first hold."""

    @property
    def created_at(self) -> datetime: ...

    @property
    def id(self) -> UUID: ...


def place_key(item: Dated) -> str:
    """Where a list of the newest first goes on after this one."""
    return f"{item.created_at.isoformat()}|{item.id}"


def place_of(key: str | None) -> tuple[datetime, UUID] | None:
    """Time and id of the one after which a page begins."""
    if key is None:
        return None
    time, _, id_ = key.partition("|")
    return datetime.fromisoformat(time), UUID(id_)


class Cursors:
    """Signs where a list goes on; raises BadRequest for a cursor that is foreign or was tampered with."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, cursor: str | None, caller: Caller, route: str) -> str | None:
        """The key after which the page begins; None for the first page."""
        if cursor is None:
            return None
        try:
            return str(self._serializer(caller, route).loads(cursor))
        except BadData as error:
            raise BadRequest(
                "The cursor does not belong to this list; start without one.", code="bad_cursor"
            ) from error

    def page(
        self, items: Sequence[Item], limit: int, key: Callable[[Item], str], out: Callable[[Item], Any],
        caller: Caller, route: str,
    ) -> dict[str, Any]:  # fmt: skip
        """A page of `limit` items; `items` holds one more when there is a next page."""
        page = items[:limit]
        more = len(items) > limit
        cursor = self._serializer(caller, route).dumps(key(page[-1])) if more else None
        return {"data": [out(item) for item in page], "next_cursor": cursor}

    def _serializer(self, caller: Caller, route: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt=f"cursor|{caller.tenant_id}|{caller.subject}|{route}")
