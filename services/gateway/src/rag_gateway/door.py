"""What is decided of a request before its body is read."""

from collections.abc import Callable
from dataclasses import dataclass

from rag_common.errors import ServiceError
from rag_common.requests import one_megabyte
from starlette.datastructures import Headers
from starlette.types import Scope

from rag_gateway.keys import Authenticator, Caller

UPLOAD_OVERHEAD_BYTES = 200_000
"""Room for a multipart upload's other fields."""


@dataclass(frozen=True)
class Door:
    """Lets in who has a valid key; says whose trace is continued and how much may be sent."""

    authenticator: Callable[[], Authenticator]
    """Asked for at each request, since parts are opened after the app is made."""
    max_upload_bytes: int

    async def admit(self, scope: Scope) -> None:
        """Raises Unauthenticated for any route of the API without a valid key."""
        if scope["path"].startswith("/v1/"):
            await self._caller(scope)

    async def trusts(self, scope: Scope) -> bool:
        """Whether the key's owner may continue its own trace here."""
        try:
            return (await self._caller(scope)).trusted_trace
        except ServiceError:
            return False

    def body_limit(self, scope: Scope) -> int:
        """Bytes that a request to this path may hold."""
        upload = scope["method"] == "POST" and scope["path"].endswith("/documents")
        return self.max_upload_bytes + UPLOAD_OVERHEAD_BYTES if upload else one_megabyte(scope)

    async def _caller(self, scope: Scope) -> Caller:
        return await self.authenticator().caller(Headers(scope=scope).get("authorization"))
