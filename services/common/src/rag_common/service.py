"""The FastAPI factory: one error shape, health routes, metrics, no public documentation pages."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from rag_common.errors import BadRequest, InvalidRequest, NotFound, ServiceError, envelope
from rag_common.health import Drain, Part, health_routes

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def error_reply(request: Request, error: ServiceError) -> JSONResponse:
    """The error envelope as a reply."""
    request_id = getattr(request.state, "request_id", "")
    return JSONResponse(envelope(error, request_id), error.status, headers=error.headers())


async def _service_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    return error_reply(request, error)


def invalid_request(problem: Mapping[str, Any], place: Sequence[str | int]) -> InvalidRequest:
    """One of pydantic's problems in our words; `place` is where in the request it is."""
    if problem["type"] == "json_invalid":
        return BadRequest("The body is not valid JSON; correct it.", code="invalid_json")
    where = ".".join(map(str, place))
    if problem["type"] == "extra_forbidden":
        message = f"{where}: unknown field; remove it"
        return InvalidRequest(message, code="unsupported_parameter", param=where)
    message = problem["msg"].removeprefix("Value error, ")
    return InvalidRequest(f"{where or 'body'}: {message}", param=where or None)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return error_reply(request, invalid_request(first, first["loc"][1:]))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    """FastAPI's and Starlette's own refusals, and ours when raised while a body was read."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ServiceError):
        return error_reply(request, error.__cause__)
    if isinstance(error.__cause__, UnicodeDecodeError):
        return error_reply(
            request, InvalidRequest("The body is not valid UTF-8; encode it so.", code="invalid_utf8")
        )
    if isinstance(error.__cause__, RecursionError):
        return error_reply(
            request, BadRequest("The body is nested too deeply; flatten it.", code="invalid_json")
        )
    if error.status_code == 404:
        return error_reply(request, NotFound("There is no such path; see the API's documentation."))
    refusal = BadRequest(str(error.detail), code="method_not_allowed" if error.status_code == 405 else "")
    body = envelope(refusal, getattr(request.state, "request_id", ""))
    return JSONResponse(body, error.status_code, headers=error.headers)


def create_service(
    title: str, lifespan: Lifespan, parts: Callable[[], Mapping[str, Part]], drain: Drain, *, metrics: bool
) -> FastAPI:
    """An app with health routes and error handlers; `/metrics` too where the port is internal."""
    app = FastAPI(title=title, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.include_router(health_routes(parts, drain))
    if metrics:
        app.include_router(metrics_route())
    return app


def metrics_route() -> APIRouter:
    """`/metrics` in Prometheus' text format."""
    router = APIRouter()

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def operations_app(parts: Callable[[], Mapping[str, Part]], drain: Drain) -> FastAPI:
    """Health and metrics alone, for a port that only operators reach."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health_routes(parts, drain))
    app.include_router(metrics_route())
    return app
