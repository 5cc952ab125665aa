"""The one tree of errors and the one envelope in which every service reports them.

ServiceError
├── InvalidRequest (422)  ── BadRequest (400)
├── Unauthenticated (401)
├── Forbidden (403)
├── NotFound (404)
├── BodyStalled (408)
├── Conflict (409)
├── ClientGone (499; nobody is left to read it)
├── TooLarge (413)
├── UnsupportedMediaType (415)
├── TooManyRequests (429)
├── UpstreamFailed (502) ── UpstreamRefused
├── Unavailable (503) ── UpstreamUnavailable, Draining
└── DeadlineExceeded (504)

The default message of an error is its docstring: it says what the caller can do.
"""

from typing import Any, ClassVar

RETRY_AFTER_S = 2


class ServiceError(Exception):
    """Something failed on our side; quote the request id when you report it."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal_error"
    code: str = "internal_error"
    retry_after_s: int | None = None
    should_retry: bool | None = None

    def __init__(self, message: str = "", *, code: str = "", param: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.code = code or type(self).code
        self.param = param
        super().__init__(self.message)

    def headers(self) -> dict[str, str]:
        """HTTP headers that tell a client whether and when to try again."""
        headers = {}
        if self.retry_after_s is not None:
            headers["retry-after"] = str(self.retry_after_s)
        if self.should_retry is not None:
            headers["x-should-retry"] = "true" if self.should_retry else "false"
        return headers


class InvalidRequest(ServiceError):
    """The request cannot be understood; correct the named field."""

    status, type, code = 422, "invalid_request_error", "invalid_request"


class BadRequest(InvalidRequest):
    """The request is malformed; correct it."""

    status, code = 400, "bad_request"


class Unauthenticated(ServiceError):
    """No valid API key: send `Authorization: Bearer <key>`."""

    status, type, code = 401, "authentication_error", "invalid_api_key"

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "www-authenticate": "Bearer"}


class Forbidden(ServiceError):
    """This key may not do that; ask for a key with the scope."""

    status, type, code = 403, "permission_error", "missing_scope"


class NotFound(ServiceError):
    """There is nothing here that you may see; check the id."""

    status, type, code = 404, "not_found_error", "not_found"


class BodyStalled(ServiceError):
    """The body stopped arriving; send it again without a pause."""

    status, type, code = 408, "invalid_request_error", "body_stalled"

    def headers(self) -> dict[str, str]:
        """Ends the connection, since what still arrives on it is the rest of the body."""
        return {**super().headers(), "connection": "close"}


class Conflict(ServiceError):
    """The state has changed meanwhile; read it again."""

    status, type, code = 409, "invalid_request_error", "conflict"
    should_retry = False


class ClientGone(ServiceError):
    """The client hung up before its answer was ready."""

    status, type, code = 499, "invalid_request_error", "client_gone"


class TooLarge(ServiceError):
    """The body is too large; send less."""

    status, type, code = 413, "invalid_request_error", "too_large"

    def headers(self) -> dict[str, str]:
        """Ends the connection, since its client may go on sending for ever."""
        return {**super().headers(), "connection": "close"}


class UnsupportedMediaType(ServiceError):
    """This type of content is not supported."""

    status, type, code = 415, "invalid_request_error", "unsupported_media_type"


class TooManyRequests(ServiceError):
    """Too many requests at once; wait and try again."""

    status, type, code = 429, "rate_limit_error", "too_many_requests"
    retry_after_s = 1


class UpstreamFailed(ServiceError):
    """A service we depend on gave an answer that we cannot use; report it if it stays."""

    status, type, code = 502, "upstream_error", "upstream_failed"
    should_retry = False


class UpstreamRefused(UpstreamFailed):
    """A service we depend on cannot do this with what it was given, however often it is asked; change that."""


class Unavailable(ServiceError):
    """The service cannot answer now; try again."""

    status, type, code = 503, "overloaded_error", "unavailable"
    retry_after_s = RETRY_AFTER_S


class UpstreamUnavailable(Unavailable):
    """A service we depend on did not answer; try again."""

    code = "upstream_unavailable"


class Draining(Unavailable):
    """The server is being replaced; try again and another one answers."""

    code = "draining"


class DeadlineExceeded(ServiceError):
    """The answer was not ready in time; try again or ask for less."""

    status, type, code = 504, "upstream_error", "deadline_exceeded"


def envelope(error: ServiceError, request_id: str) -> dict[str, Any]:
    """OpenAI's error object plus our request id, as body or as a stream's last event."""
    return {
        "error": {
            "message": error.message,
            "type": error.type,
            "code": error.code,
            "param": error.param,
        },
        "request_id": request_id,
    }
