"""What the feedback service refuses: strangers, and bodies that are not feedback."""

import json
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from rag_common.identity import MAX_AGE_S, Identity, sign
from rag_common.product import IDENTITY_HEADER

from tests.feedback.callers import SERVICE_TOKEN, Gateway, feedback


class SignerOfYesterday(TimestampSigner):
    """Signs with the right key, too long ago."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - MAX_AGE_S - 1


def _aged() -> str:
    serializer = URLSafeTimedSerializer(SERVICE_TOKEN, salt="identity", signer=SignerOfYesterday)
    return serializer.dumps({"tenant": 1, "subject": "alice"})


STRANGERS = {
    "no token": {"authorization": ""},
    "wrong token": {"authorization": "Bearer guess"},
    "token of letters beyond ASCII": {"authorization": "Bearer \xe4".encode("latin-1")},
    "no identity": {IDENTITY_HEADER: ""},
    "identity in plain JSON": {IDENTITY_HEADER: '{"tenant": 1, "subject": "alice"}'},
    "identity signed with another token": {IDENTITY_HEADER: sign(Identity(1, "alice"), "guess")},
    "identity signed too long ago": {IDENTITY_HEADER: _aged()},
    "identity with another's signature": {
        IDENTITY_HEADER: sign(Identity(1, "alice"), "guess").partition(".")[0]
        + "."
        + sign(Identity(2, "alice"), SERVICE_TOKEN).partition(".")[2]
    },
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS.keys())
def test_a_stranger_is_refused_in_the_one_error_shape(gateway: Gateway, headers: dict[str, Any]) -> None:
    for method, path in (
        ("GET", ""),
        ("GET", "/stats"),
        ("POST", ""),
        ("DELETE", f"/{feedback()['answer_id']}"),
    ):
        refused = gateway.ask(
            method, path, headers=headers, **({"json": feedback()} if method == "POST" else {})
        )
        assert refused.status_code == 401
        assert refused.json()["error"]["type"] == "authentication_error"
        assert refused.json()["request_id"] == refused.headers["x-request-id"]


def with_context(**fields: Any) -> dict[str, Any]:
    return feedback(context=feedback()["context"] | fields)


def with_source(**fields: Any) -> dict[str, Any]:
    return with_context(sources=[feedback()["context"]["sources"][0] | fields])


WRONG_BODIES = {
    "NUL in the comment": feedback(comment="a\x00b"),
    "NUL deep inside": with_context(model="a\x00b"),
    "a lone surrogate": feedback(comment="\ud800"),
    "a comment of one megabyte": feedback(comment="a" * 1_000_000),
    "a comment one character too long": feedback(comment="a" * 4_001),
    "a correction one character too long": feedback(correction="a" * 8_001),
    "a rating of three stars": feedback(rating="***"),
    "a reason that cannot be counted": feedback(reasons=["because"]),
    "a verdict that is none": feedback(sources=[{"n": 1, "verdict": "so-so"}]),
    "the text of a source": with_source(text="secret"),
    "a span beyond 32 bits": with_source(end=2**31),
    "an answer without a UUID": feedback(answer_id="42"),
    "a trace id that is none": with_context(trace_id="x" * 32),
    "an unknown field": feedback(mood="good"),
    "no context": {name: value for name, value in feedback().items() if name != "context"},
}


@pytest.mark.parametrize("body", WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
def test_a_wrong_body_is_refused_by_name_and_nothing_is_kept(gateway: Gateway, body: dict[str, Any]) -> None:
    refused = _raw(gateway, json.dumps(body).encode())
    assert refused.status_code == 422, refused.text
    assert refused.json()["error"]["type"] == "invalid_request_error"
    assert gateway.listed() == []


def _raw(gateway: Gateway, content: bytes) -> httpx.Response:
    return gateway.ask("POST", content=content, headers={"content-type": "application/json"})


def test_bytes_that_are_not_utf_8_are_refused(gateway: Gateway) -> None:
    assert _raw(gateway, b'{"comment": "\xff"}').status_code == 422


def test_a_body_beyond_the_limit_is_not_read_to_its_end(gateway: Gateway) -> None:
    assert _raw(gateway, b'{"comment": "' + b"a" * 2_100_000 + b'"}').status_code == 413


def test_the_longest_comment_and_correction_are_kept(gateway: Gateway) -> None:
    assert gateway.rate(comment="ä" * 4_000, correction="漢" * 8_000).status_code == 200
