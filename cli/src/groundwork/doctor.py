"""Asks the gateway how it is and says, for each thing that is not well, what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from groundwork.gateway import Gateway
from groundwork.refusals import GatewayError

REMEDY = (
    "wait a minute if it is starting, else read its log"
    " (`make logs PART={part}`; on Kubernetes `kubectl logs -l app.kubernetes.io/component={part}`)"
)


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; `advice` is empty where all is well."""

    check: str
    words: str
    advice: str = ""


def examine(gateway: Gateway) -> Iterator[Finding]:
    """The gateway and its parts, then the key, then one search; stops at what makes the rest pointless."""
    try:
        readiness = gateway.readiness()
    except GatewayError as error:
        yield Finding(
            "gateway", str(error), "`make status` shows what runs, `make logs PART=gateway` why not"
        )
        return
    advice = {"draining": "wait a minute", "degraded": "see below what is away"}.get(readiness["status"], "")
    yield Finding("gateway", readiness["status"], advice)
    for name, part in readiness["parts"].items():
        words = "ready" if part["ok"] else part["reason"]
        yield Finding(name, words, "" if part["ok"] else REMEDY.format(part=name))
    yield _asked("key", lambda: _key(gateway), "set GROUNDWORK_API_KEY; `make status` prints it")
    yield _asked("search", lambda: _search(gateway), "see the parts above, and `make logs PART=gateway`")


def _asked(check: str, ask: Callable[[], str], advice: str) -> Finding:
    try:
        return Finding(check, ask())
    except GatewayError as error:
        return Finding(check, str(error), advice)


def _key(gateway: Gateway) -> str:
    me = gateway.me()
    return f"tenant {me['tenant']}, scopes {', '.join(me['scopes'])}"


def _search(gateway: Gateway) -> str:
    found = gateway.search("How do I start it?", [], top_k=1)
    return f"found {found[0]['title']}" if found else "works; no document yet: `groundwork ingest PATH`"
