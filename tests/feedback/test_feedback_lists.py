"""Feedback is listed newest first in pages that fit together, and counted by rating, reason and day."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.feedback.callers import Gateway


def test_pages_hold_each_feedback_once_newest_first(gateway: Gateway) -> None:
    said = [gateway.rate().json()["id"] for _ in range(5)]
    seen, cursor = [], None
    for _ in range(3):
        page = gateway.ask("GET", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [kept["id"] for kept in page["data"]]
        cursor = page["next_cursor"]
    assert seen == said[::-1]
    assert cursor is None


def test_what_is_said_meanwhile_does_not_shift_the_next_page(gateway: Gateway) -> None:
    said = [gateway.rate().json()["id"] for _ in range(4)]
    first = gateway.ask("GET", params={"limit": 2}).json()
    gateway.rate()
    second = gateway.listed(limit=2, cursor=first["next_cursor"])
    assert [kept["id"] for kept in first["data"] + second] == said[::-1]


def test_the_list_keeps_to_one_rating_when_asked(gateway: Gateway) -> None:
    gateway.rate(rating="up")
    gateway.rate(rating="down")
    assert [kept["rating"] for kept in gateway.listed(rating="down")] == ["down"]
    assert gateway.ask("GET", params={"rating": "sideways"}).status_code == 422


def test_a_cursor_serves_its_own_tenant_and_query_alone(gateway: Gateway) -> None:
    for _ in range(2):
        gateway.rate()
    cursor = gateway.ask("GET", params={"limit": 1}).json()["next_cursor"]
    stranger = replace(gateway, tenant=gateway.tenant + 500)
    for asked in (
        gateway.ask("GET", params={"limit": 1, "cursor": cursor, "rating": "up"}),
        gateway.ask("GET", params={"limit": 1, "cursor": "x" + cursor}),
        stranger.ask("GET", params={"limit": 1, "cursor": cursor}),
    ):
        assert asked.status_code == 400
        assert asked.json()["error"]["code"] == "bad_cursor"


def test_a_page_holds_one_to_a_hundred(gateway: Gateway) -> None:
    assert gateway.ask("GET", params={"limit": 0}).status_code == 422
    assert gateway.ask("GET", params={"limit": 101}).status_code == 422


def test_statistics_count_ratings_reasons_and_days(gateway: Gateway) -> None:
    gateway.rate(rating="up", reasons=["helpful"])
    gateway.rate(rating="down", reasons=["wrong", "outdated"])
    gateway.rate(rating="down", reasons=["wrong", "wrong"])
    assert gateway.ask("GET", "/stats").json() == {
        "ratings": {"up": 1, "down": 2},
        "reasons": {"wrong": 2, "helpful": 1, "outdated": 1},
        "days": [{"day": datetime.now(UTC).date().isoformat(), "up": 1, "down": 2}],
    }
