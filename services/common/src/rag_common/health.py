"""Liveness, readiness and drain: what a probe may ask and what a server knows of itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from rag_common.errors import ServiceError

CHECK_TIMEOUT_S = 1.0

Check = Callable[[], Awaitable[None]]
"""Returns when the part is well, raises with the reason when it is not."""


@dataclass
class Drain:
    """Set by SIGTERM: `started` ends readiness, `expired` ends what still runs."""

    started: asyncio.Event = field(default_factory=asyncio.Event)
    expired: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Part:
    """One thing a service depends on; only a needed one takes readiness away."""

    check: Check
    needed: bool = True


async def _reason(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT_S:g} s"
    except ServiceError as error:
        return str(error)
    except Exception as error:  # a probe reports every failure in words
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no details'}"
    return None


async def readiness(parts: Mapping[str, Part], drain: Drain) -> tuple[int, dict[str, object]]:
    """HTTP status and body: 503 when draining or when a needed part is away."""
    names = list(parts)
    reasons = dict(
        zip(names, await asyncio.gather(*(_reason(parts[name].check) for name in names)), strict=True)
    )
    body = {name: {"ok": reason is None, "reason": reason} for name, reason in reasons.items()}
    if drain.started.is_set():
        return 503, {"status": "draining", "parts": body}
    if any(reasons[name] is not None and parts[name].needed for name in names):
        return 503, {"status": "unready", "parts": body}
    degraded = any(reason is not None for reason in reasons.values())
    return 200, {"status": "degraded" if degraded else "ready", "parts": body}


def health_routes(parts: Callable[[], Mapping[str, Part]], drain: Drain) -> APIRouter:
    """`/healthz` touches nothing; `/readyz` checks each part and says why not."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        status, body = await readiness(parts(), drain)
        return JSONResponse(body, status, headers={"retry-after": "2"} if status == 503 else None)

    return router
