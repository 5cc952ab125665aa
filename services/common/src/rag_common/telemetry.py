"""Traces over OTLP and metrics for Prometheus, fed by one decorator on each step."""

import functools
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from rag_common.product import SLUG

P = ParamSpec("P")
R = TypeVar("R")

# From a cache hit to the slowest CPU answer, in seconds.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

tracer = trace.get_tracer(SLUG)
_meter = metrics.get_meter(SLUG)
_steps = _meter.create_histogram("rag.step.duration", unit="s", description="Duration of one step.")
_first_token = _meter.create_histogram(
    "gen_ai.server.time_to_first_token",
    unit="s",
    description="Time from a question to its answer's first token.",
)
_durations: ContextVar[dict[str, float] | None] = ContextVar("durations", default=None)
_errors = _meter.create_counter(
    "rag.step.errors", description="Steps that raised, by step and kind of error."
)


def setup_telemetry(service: str, otlp_endpoint: str) -> Callable[[], None]:
    """Installs this process's providers; the returned function sends what is left and stops them."""
    resource = Resource.create({SERVICE_NAME: service})
    traces = TracerProvider(resource=resource)
    if otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=f"{otlp_endpoint.rstrip('/')}/v1/traces")
        traces.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    trace.set_tracer_provider(traces)
    seconds = View(
        instrument_unit="s",
        meter_name=SLUG,
        aggregation=ExplicitBucketHistogramAggregation(BUCKETS_S),
    )
    meters = MeterProvider(metric_readers=[PrometheusMetricReader()], resource=resource, views=[seconds])
    metrics.set_meter_provider(meters)

    def shutdown() -> None:
        traces.shutdown()
        meters.shutdown()

    return shutdown


@contextmanager
def timed(name: str) -> Iterator[Span]:
    """One step as a current span and a histogram's entry; not around a `yield` to a consumer."""
    started = time.perf_counter()
    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
        try:
            yield span
        except BaseException as error:
            mark_failed(span, name, error)
            raise
        finally:
            record(name, time.perf_counter() - started)


def step(name: str) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Makes every call of an async function one step called `name`."""

    def decorate(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(function)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            with timed(name):
                return await function(*args, **kwargs)

        return wrapper

    return decorate


@contextmanager
def lasting(name: str, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
    """One step that lasts across `yield`s: its span is never current, so it cannot leak into the consumer."""
    started = time.perf_counter()
    span = tracer.start_span(name, kind=kind)
    try:
        yield span
    except Exception as error:
        mark_failed(span, name, error)
        raise
    finally:
        span.end()
        record(name, time.perf_counter() - started)


def collect_durations() -> dict[str, float]:
    """A dictionary that each step of the running request adds its seconds to."""
    collected: dict[str, float] = {}
    _durations.set(collected)
    return collected


def record(name: str, seconds: float) -> None:
    """Adds one duration to the step's histogram and to the request's own, if it collects them."""
    _steps.record(seconds, {"step": name})
    collected = _durations.get()
    if collected is not None:
        collected[name] = collected.get(name, 0.0) + seconds


def record_first_token(seconds: float) -> None:
    """Adds one time to the first token (GenAI semantic conventions' name and unit)."""
    _first_token.record(seconds)


def mark_failed(span: Span, name: str, error: BaseException) -> None:
    """Marks a span with the kind of an error; its words may hold content and stay out."""
    kind = type(error).__name__
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))
    _errors.add(1, {"step": name, "error": kind})


def trace_id_of(span: Span) -> str:
    """The span's trace id as 32 hexadecimal digits."""
    return format(span.get_span_context().trace_id, "032x")
