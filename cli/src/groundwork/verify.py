"""Proves over the public API alone that an installation works, and leaves nothing behind."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from groundwork import checks
from groundwork.gateway import Gateway
from groundwork.life import Life, Step, Unfit
from groundwork.refusals import GatewayError

CLEAN_UP_S = 15
"""Time for removing what it made, once its own time is over."""
SMALL = "a small model may not keep to its sources: try `--mode quote`, or serve a larger one"
WRITES = "see the gateway's log and whether PostgreSQL has room"

STEPS = [
    Step("gateway", checks.ready, "see the log of the part that it names, and whether the address is right"),
    Step(
        "key", checks.key, "it needs the scopes chat, ingest and feedback; SECRETS_DIR may hold it as a file"
    ),
    Step("collection", checks.collection, WRITES),
    Step("upload", checks.upload, WRITES),
    Step("searchable", checks.searchable, "see the worker's log: it must run and reach the embedder"),
    Step("ask", checks.ask, "see the gateway's and the model's logs, and raise --timeout for a slow machine"),
    Step("answer", checks.answer, SMALL, needed=False),
    Step("citation", checks.citation, SMALL, needed=False),
    Step(
        "trace", checks.trace, "is something between here and the gateway that changes headers?", needed=False
    ),
    Step("usage", checks.usage, "the model's server must report `usage`", needed=False),
    Step(
        "feedback",
        checks.feedback,
        "see the feedback service's log; SERVICE_TOKEN must be the gateway's",
        needed=False,
    ),
    Step("removed", checks.removed, "see the gateway's log", needed=False),
    Step("emptied", checks.emptied, "see the gateway's log"),
]
CLEAN_UP = Step("cleanup", checks.clean_up, "remove it by hand: DELETE /v1/collections/{name}")


@dataclass(frozen=True)
class Checked:
    """What became of one check; `hint` says what to look at when it failed."""

    check: str
    ok: bool
    seconds: float
    detail: str
    hint: str


def verify(gateway: Gateway, mode: str, timeout_s: float) -> Iterator[Checked]:
    """Runs the checks one by one, at most `timeout_s` seconds, and removes what they made, also when interrupted."""
    gateway.until = time.monotonic() + timeout_s
    life = Life(mode)
    left_over = None
    try:
        for step in STEPS:
            yield (checked := _timed(step, gateway, life))
            if step.needed and not checked.ok:
                break
    finally:
        if life.collection:
            gateway.until = time.monotonic() + CLEAN_UP_S
            left_over = _timed(CLEAN_UP, gateway, life)
    if left_over:
        yield left_over


def _timed(step: Step, gateway: Gateway, life: Life) -> Checked:
    started = time.monotonic()
    try:
        ok, detail = True, step.check(gateway, life)
    except (GatewayError, Unfit) as error:
        ok, detail = False, str(error)
    except (LookupError, TypeError, ValueError) as error:
        ok, detail = False, f"the reply is not what it must be: {error!r}"
    return Checked(step.name, ok, time.monotonic() - started, detail, step.hint)
