"""Sizes and times as a visitor reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from views.wording import ago, left, size


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1200, "1 kB"), (999_499, "999 kB"), (50_000_000, "50.0 MB")],
)
def test_sizes_are_short(size_bytes: int, said: str) -> None:
    assert size(size_bytes) == said


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=9), "9 days ago"),
        (timedelta(days=40), "22 January 2026"),
    ],
)
def test_the_past_is_told_roughly(past: timedelta, said: str) -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    assert ago((now - past).isoformat(), now) == said


@pytest.mark.parametrize(
    ("eta_s", "said"),
    [
        (None, ""),
        (3, "a few seconds left"),
        (44, "about 40 s left"),
        (600, "about 10 min left"),
        (7300, "about 2 h left"),
    ],
)
def test_what_is_left_is_told_roughly(eta_s: float | None, said: str) -> None:
    assert left(eta_s) == said
