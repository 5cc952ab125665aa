"""The checks of one verification, in order: a document's whole life over the public API."""

import re
import secrets
import time

from groundwork.gateway import Gateway, Json
from groundwork.life import Life, Unfit
from groundwork.refusals import GatewayError

LOOK_EVERY_S = 0.5
SCOPES = {"chat", "ingest", "feedback"}
TRACE_ID = re.compile(r"[0-9a-f]{32}")


def _pause(gateway: Gateway, words: str) -> None:
    """Waits a moment; raises Unfit with what is still wrong once the time is over."""
    time.sleep(LOOK_EVERY_S)
    try:
        gateway.left_s()
    except GatewayError as error:
        raise Unfit(f"still not after all the time there was: {words}") from error


def ready(gateway: Gateway, life: Life) -> str:
    """Waits for the gateway and its parts."""
    while True:
        try:
            readiness = gateway.readiness()
            wrong = _wrong(readiness, life.mode)
            if not wrong:
                return str(readiness["status"])
        except GatewayError as error:
            wrong = str(error)
        _pause(gateway, wrong)


def _wrong(readiness: Json, mode: str) -> str:
    """What of the gateway's state is not well, empty when all is; quoting needs no model."""
    away = {name: part["reason"] for name, part in readiness["parts"].items() if not part["ok"]}
    if mode == "quote":
        away.pop("llm", None)
    if readiness["status"] in ("ready", "degraded") and not away:
        return ""
    return "; ".join([readiness["status"], *(f"{name}: {reason}" for name, reason in away.items())])


def key(gateway: Gateway, life: Life) -> str:
    """The key is known and may do what follows."""
    me = gateway.me()
    if missing := SCOPES - set(me["scopes"]):
        raise Unfit(f"the key lacks the scope {', '.join(sorted(missing))}")
    return f"tenant {me['tenant']}"


def collection(gateway: Gateway, life: Life) -> str:
    """A collection of its own."""
    life.collection = f"verify-{secrets.token_hex(5)}"
    gateway.create_collection(life.collection)
    return life.collection


def upload(gateway: Gateway, life: Life) -> str:
    """A small document."""
    life.document = gateway.add_text(life.collection, f"Harbour of {life.place}", life.fact)
    return str(life.document["document_id"])


def searchable(gateway: Gateway, life: Life) -> str:
    """The worker has read it, and a search finds it."""
    while (job := gateway.job(life.document["job_id"]))["status"] in ("queued", "running"):
        _pause(gateway, f"the document's job is {job['status']}")
    if job["status"] != "succeeded":
        raise Unfit(f"the job has {job['status']}: {(job['error'] or {}).get('message', 'without words')}")
    if not any(life.person in source["text"] for source in _found(gateway, life)):
        raise Unfit("a search does not find the document")
    return f"passages: {job['done']}"


def ask(gateway: Gateway, life: Life) -> str:
    """A question gets a reply."""
    life.reply, life.request_id = gateway.ask_whole(life.question, [life.collection], life.mode)
    return f"mode {life.rag['answer_mode']}, model {life.rag['model'] or 'none'}"


def answer(gateway: Gateway, life: Life) -> str:
    """The reply holds what only the document says."""
    content = str(life.reply["choices"][0]["message"]["content"])
    if life.person not in content:
        raise Unfit(f"the answer does not hold {life.person}: {content[:200]!r}")
    return f"holds {life.person}"


def citation(gateway: Gateway, life: Life) -> str:
    """A citation leads to the document."""
    documents = {source["n"]: source["document_id"] for source in life.rag["sources"]}
    cited = [documents[citation["n"]] for citation in life.rag["citations"]]
    if life.document["document_id"] not in cited:
        raise Unfit(f"none of {len(cited)} citations leads to the document")
    return f"citations: {len(cited)}"


def trace(gateway: Gateway, life: Life) -> str:
    """The trace id stands in the body and, as the request's id, in the header."""
    trace_id = str(life.rag["trace_id"])
    if not TRACE_ID.fullmatch(trace_id) or not int(trace_id, 16) or trace_id != life.request_id:
        raise Unfit(f"trace id {trace_id!r}, x-request-id {life.request_id!r}")
    return trace_id


def usage(gateway: Gateway, life: Life) -> str:
    """Tokens are counted whenever a model was asked."""
    counted = {name: int(life.reply["usage"][f"{name}_tokens"]) for name in ("prompt", "completion", "total")}
    if counted["prompt"] + counted["completion"] != counted["total"]:
        raise Unfit(f"the tokens do not add up: {counted}")
    if not counted["total"] and life.rag["answer_mode"] != "quote":
        raise Unfit("no tokens were counted")
    return f"tokens: {counted['total']}"


def feedback(gateway: Gateway, life: Life) -> str:
    """Feedback is kept: sent again it replaces what was there. Then it is withdrawn."""
    first, second = (gateway.rate(life.rag["answer_id"], rating) for rating in ("down", "up"))
    if first["id"] != second["id"] or second["rating"] != "up":
        raise Unfit("feedback that was sent again did not replace the first")
    gateway.withdraw_rating(life.rag["answer_id"])
    return str(first["id"])


def removed(gateway: Gateway, life: Life) -> str:
    """The document is gone from the next search on."""
    gateway.remove_document(life.document["document_id"])
    if found := _found(gateway, life):
        raise Unfit(f"a search still finds {len(found)} of its passages")
    return "a search finds nothing"


def emptied(gateway: Gateway, life: Life) -> str:
    """The collection is gone too."""
    gateway.remove_collection(life.collection)
    try:
        _found(gateway, life)
    except GatewayError as error:
        if error.status == 404:
            life.collection = ""
            return "nothing is left"
        raise
    raise Unfit("the collection is still there")


def clean_up(gateway: Gateway, life: Life) -> str:
    """Removes what a failed verification left."""
    try:
        gateway.remove_collection(life.collection)
    except GatewayError as error:
        if error.status != 404:
            raise Unfit(f"{life.collection} is still there: {error}") from error
    return f"{life.collection} is removed"


def _found(gateway: Gateway, life: Life) -> list[Json]:
    return gateway.search(life.question, [life.collection], 5)
