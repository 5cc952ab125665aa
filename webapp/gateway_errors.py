"""What went wrong at the gateway, said in sentences that tell a visitor what to do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

BY_CODE = {
    "invalid_api_key": "The gateway does not accept this page's key. "
    "Set GATEWAY_API_KEY to a valid key and restart the web app.",
    "missing_scope": "This page's key may not do that. "
    "Give the web app a key with the scopes chat, ingest, feedback and act_as.",
    "context_length_exceeded": "The conversation has become too long for the model. Start a new chat.",
    "draining": "The gateway is being replaced. Try again in a moment.",
}
BY_STATUS = {
    401: BY_CODE["invalid_api_key"],
    403: BY_CODE["missing_scope"],
    404: "That is not there any more, or not yours to see.",
    429: "Much is asked of the gateway just now. Wait a moment and try again.",
    504: "That took too long. Try again; in the chat, “Quotations” need no model.",
}
UNREADABLE = "The gateway gave an answer that this page cannot read. Check that both have the same version."


class GatewayError(Exception):
    """A request to the gateway that failed; its text is for the visitor."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(sentence)

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed in a moment."""
        return self.status in (None, 429, 502, 503, 504)


@contextmanager
def in_words_of(http: httpx.Client) -> Iterator[None]:
    """Translates what a client and an unreadable reply raise."""
    try:
        yield
    except httpx.HTTPError as error:
        raise of_transport(error, str(http.base_url).rstrip("/")) from error
    except (ValueError, LookupError, TypeError) as error:
        raise GatewayError(UNREADABLE) from error


def of_response(response: httpx.Response) -> GatewayError:
    """The problem that an error reply (whose body has been read) describes."""
    try:
        body = response.json()
    except json.JSONDecodeError:
        body = {}
    return GatewayError(in_words(body, response.status_code), response.status_code)


def of_transport(error: httpx.HTTPError, base_url: str) -> GatewayError:
    """The problem behind a connection that could not be made, or broke."""
    if isinstance(error, httpx.ReadTimeout):
        return GatewayError("The gateway did not answer in time. Try again in a moment.")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return GatewayError(
            f"The gateway cannot be reached at {base_url}. "
            "If it does not come back by itself, start it with “make up” or check GATEWAY_URL."
        )
    return GatewayError("The connection to the gateway broke off. Try again.")


def in_words(body: Any, status: int | None = None) -> str:
    """One error envelope as a sentence, with the request id where only a log can tell more."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    known = BY_CODE.get(str(error.get("code"))) or BY_STATUS.get(status or 0)
    if known:
        return known
    message = str(error.get("message") or "The gateway could not answer.")
    if error.get("type") == "invalid_request_error":
        return message
    request_id = body.get("request_id") if isinstance(body, dict) else None
    return f"{message} (request {request_id})" if request_id else message
