"""Cursors: where the next page begins, signed, and of no use to another tenant or for another query."""

from datetime import datetime
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from rag_common.errors import BadRequest

from rag_feedback.feedback import After, Rating


class BadCursor(BadRequest):
    """This cursor is not of this list; begin again without one."""

    code = "bad_cursor"


def write_cursor(after: After, secret: str, tenant: int, rating: Rating | None) -> str:
    """The cursor of the page that begins after `after`."""
    return _serializer(secret, tenant, rating).dumps([after.created_at.isoformat(), str(after.id)])


def read_cursor(cursor: str, secret: str, tenant: int, rating: Rating | None) -> After:
    """Where a page begins; raises BadCursor for one that was altered or made for another list."""
    try:
        created_at, id_ = _serializer(secret, tenant, rating).loads(cursor)
    except BadSignature as error:
        raise BadCursor from error
    return After(datetime.fromisoformat(created_at), UUID(id_))


def _serializer(secret: str, tenant: int, rating: Rating | None) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"feedback of {tenant}, {rating or 'all'}")
