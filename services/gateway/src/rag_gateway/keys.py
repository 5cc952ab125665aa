"""API keys: their shape, their hash, and who a valid one speaks for."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag_common.errors import Forbidden, InvalidRequest, Unauthenticated
from rag_common.product import USER_HEADER

KEY = re.compile(r"gw_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
USER = re.compile(r"[A-Za-z0-9._@-]{1,128}")
CACHE_TTL_S = 30
"""How long a revoked key may still be served from memory."""
CACHE_SIZE = 10_000


def new_key() -> str:
    """A key with 256 random bits: `gw_<8 hex>_<43 url-safe characters>`."""
    return f"gw_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def prefix_of(key: str) -> str:
    """The part of a key that may be stored and shown; raises ValueError for anything else."""
    match = KEY.fullmatch(key)
    if not match:
        raise ValueError("an API key looks like gw_<8 hex digits>_<43 url-safe characters>")
    return match[1]


def hash_of(key: str, pepper: str) -> bytes:
    """HMAC-SHA256 of a key; enough for 256 random bits, and useless without the pepper."""
    return hmac.digest(pepper.encode(), key.encode(), hashlib.sha256)


@dataclass(frozen=True)
class Caller:
    """Whose rights hold: a key, or the user that a key with scope `act_as` names."""

    tenant_id: int
    tenant: str
    subject: str
    scopes: frozenset[str]
    principals: tuple[str, ...]
    trusted_trace: bool = False

    @property
    def reads_as(self) -> tuple[str, ...]:
        """What the readers of a document may name so that this caller reads it: principals, and itself."""
        return (*self.principals, self.subject)

    def require_reading(self, readers: Sequence[str] | None) -> None:
        """Raises InvalidRequest for readers that would leave the caller out: it could not even see its own job."""
        if readers and not set(readers) & set(self.reads_as):
            one_of = ", ".join(f"`{name}`" for name in self.reads_as)
            raise InvalidRequest(f"readers: name yourself too, by one of {one_of}.", param="readers")

    def require(self, scope: str) -> None:
        """Raises Forbidden without the scope."""
        if scope not in self.scopes:
            raise Forbidden(f"This key has no scope `{scope}`; ask for one that has.")

    def acting_as(self, user: str | None) -> "Caller":
        """The caller, or the user it names if it may."""
        if user is None and "act_as" in self.scopes:
            raise InvalidRequest(
                f"This key speaks for its users; name one in {USER_HEADER}.", param=USER_HEADER
            )
        if user is None:
            return self
        self.require("act_as")
        if not USER.fullmatch(user):
            raise InvalidRequest(
                f"{USER_HEADER} takes 1 to 128 letters, digits and . _ @ -", param=USER_HEADER
            )
        return replace(self, subject=f"user:{user}")


@dataclass(frozen=True)
class StoredKey:
    """A key's row: the caller it stands for and the hash it must have."""

    hash: bytes
    caller: Caller


class KeyStore(Protocol):
    async def find(self, prefix: str) -> StoredKey | None:
        """The unexpired, unrevoked key with this prefix."""


class Authenticator:
    """Finds the caller of a bearer token; remembers answers for 30 s, right and wrong ones alike."""

    def __init__(self, store: KeyStore, pepper: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._pepper, self._clock = store, pepper, clock
        self._known: dict[bytes, tuple[float, Caller | None]] = {}

    async def caller(self, authorization: str | None) -> Caller:
        """The caller, or the one uniform Unauthenticated for whatever is wrong."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not KEY.fullmatch(token):
            raise Unauthenticated
        digest = hash_of(token, self._pepper)
        until, caller = self._known.get(digest, (float("-inf"), None))
        if until < self._clock():
            caller = await self._look_up(token, digest)
        if caller is None:
            raise Unauthenticated
        return caller

    async def _look_up(self, token: str, digest: bytes) -> Caller | None:
        stored = await self._store.find(prefix_of(token))
        valid = stored is not None and hmac.compare_digest(stored.hash, digest)
        caller = stored.caller if stored and valid else None
        if len(self._known) >= CACHE_SIZE:
            self._known.clear()
        self._known[digest] = (self._clock() + CACHE_TTL_S, caller)
        return caller
