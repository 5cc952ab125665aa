"""HTTP clients of other services: traced, bounded by the deadline, errors in our words."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
from httpx_aiohttp import AiohttpTransport
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.metrics import NoOpMeterProvider

from rag_common import deadline
from rag_common.errors import (
    DeadlineExceeded,
    TooManyRequests,
    Unavailable,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamUnavailable,
)

CONNECT_TIMEOUT_S = 2.0
IDLE_S = 2.0
"""How long a connection is kept for the next request: vLLM closes those that rested for 5 s, and a POST that
meets the closing is lost."""


@asynccontextmanager
async def open_client(
    base_url: str, headers: dict[str, str] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client for one upstream; aiohttp below httpx because httpx's own transport is slow under load."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=IDLE_S)
    transport = AiohttpTransport(limits=limits)
    async with httpx.AsyncClient(base_url=base_url, headers=headers, transport=transport) as client:
        # Its own metrics would be registered once per client and clash; spans and our histograms are enough.
        HTTPXClientInstrumentor().instrument_client(client, meter_provider=NoOpMeterProvider())
        yield client


def timeout(at_most_s: float) -> httpx.Timeout:
    """The rest of the request's deadline, at most `at_most_s`, for one call."""
    left = deadline.remaining_s(at_most_s)
    return httpx.Timeout(left, connect=min(CONNECT_TIMEOUT_S, left))


@contextmanager
def upstream(part: str) -> Iterator[None]:
    """Translates a client's failures into errors that name the part."""
    try:
        yield
    except httpx.ConnectTimeout as error:
        raise UpstreamUnavailable(
            f"The {part} cannot be reached; try again.", code=f"{part}_unavailable"
        ) from error
    except httpx.TimeoutException as error:
        raise DeadlineExceeded(
            f"The {part} did not answer in time; try again.", code=f"{part}_timeout"
        ) from error
    except (httpx.TransportError, ConnectionError) as error:
        raise UpstreamUnavailable(
            f"The {part} cannot be reached; try again.", code=f"{part}_unavailable"
        ) from error


CONTENT_REFUSED = (400, 413, 422)
"""What a request holds is refused, not who sends it or where."""


def check_status(part: str, response: httpx.Response) -> None:
    """Raises for an upstream's refusal: busy (429), away or in trouble (5xx: 503), anything else (502)."""
    if response.is_success:
        return
    if response.status_code == 429:
        raise TooManyRequests(f"The {part} is busy; wait and try again.", code=f"{part}_busy")
    if response.is_server_error:
        raise Unavailable(f"The {part} cannot answer now; try again.", code=f"{part}_unavailable")
    error = UpstreamRefused if response.status_code in CONTENT_REFUSED else UpstreamFailed
    raise error(f"The {part} refused with status {response.status_code}.", code=f"{part}_failed")
