"""What goes wrong between here and the gateway, in words that say what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

BUSY = (429, 502, 503, 504)
"""Statuses after which the same request may go through a little later."""
TOO_LARGE = 413


class GatewayError(Exception):
    """The gateway cannot be reached or refused; the words say what to do.

    `retry_after_s` is how long to wait before the same request may go through, None where it never will.
    """

    def __init__(self, message: str, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s


@contextmanager
def reached() -> Iterator[None]:
    """Translates the failures of the network into words."""
    try:
        yield
    except httpx.ConnectError as error:
        address = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
        words = f"No gateway at {address}: start it with `make up`, or set GROUNDWORK_URL."
        raise GatewayError(words, retry_after_s=0) from error
    except httpx.TransportError as error:
        words = f"The gateway did not answer ({type(error).__name__}); try again."
        raise GatewayError(words, retry_after_s=0) from error


def check(reply: httpx.Response) -> None:
    """Raises GatewayError with the gateway's own words for any refusal."""
    if reply.is_success:
        return
    if reply.status_code == 401:
        raise GatewayError("No valid API key: set GROUNDWORK_API_KEY to the one that `make run` prints.", 401)
    raise GatewayError(_message(reply), reply.status_code, _retry_after_s(reply))


def about_file(error: GatewayError) -> str:
    """Why a file was refused: its size in words, since the gateway counts the body, which has a few bytes more."""
    most = re.search(r"([\d,]+) bytes", str(error)) if error.status == TOO_LARGE else None
    megabytes = int(most[1].replace(",", "")) // 1_000_000 if most else 0
    return f"A file may have at most {megabytes} MB; split it." if megabytes else str(error)


def _message(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"Status {reply.status_code} without words; is GROUNDWORK_URL a gateway?"


def _retry_after_s(reply: httpx.Response) -> float | None:
    if reply.status_code not in BUSY or reply.headers.get("x-should-retry") == "false":
        return None
    seconds = reply.headers.get("retry-after", "0")
    return float(seconds) if seconds.isdecimal() else 0
