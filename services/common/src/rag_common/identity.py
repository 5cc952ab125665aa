"""Who calls, handed from one of our services to the next in a signed header, never taken from a client."""

from dataclasses import asdict, dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

from rag_common.errors import Unauthenticated

MAX_AGE_S = 60
"""A header that leaks is of use no longer than this."""


@dataclass(frozen=True)
class Identity:
    """The caller: a tenant and, inside it, the subject that keeps, replaces and withdraws its own."""

    tenant: int
    subject: str


def sign(identity: Identity, service_token: str) -> str:
    """The value of the identity header: JSON and its time, readable by all, made by holders of the token."""
    return _serializer(service_token).dumps(asdict(identity))


def verify(header: str | None, service_token: str) -> Identity:
    """The identity of a header at most `MAX_AGE_S` seconds old; raises Unauthenticated for any other."""
    try:
        return Identity(**_serializer(service_token).loads(header or "", max_age=MAX_AGE_S))
    except BadData as error:
        raise Unauthenticated from error


def _serializer(service_token: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(service_token, salt="identity")
