"""When a job is probably done."""

import pytest
from rag_gateway.jobs import Pace


@pytest.mark.parametrize(
    ("position", "elapsed_s", "silent_s", "done", "total", "expected"),
    [
        (1, None, None, 0, 0, 8 + 10),  # what the running one still needs, then its own
        (4, None, None, 0, 0, 8 + 10 * 2),  # two run at once, so the fourth starts in the second round
        (None, 20, 0, 50, 100, 20),  # it goes on as it went
        (None, 20, 5, 50, 100, 15),  # and has gone on since it was last heard of
        (None, 20, 30, 50, 100, None),  # nobody knows whether it still runs
        (None, 4, 0, 0, 8, 6),  # as long as the last ones took
        (None, 4, 0, 0, 500, None),  # which says nothing of a large one
        (None, 15, 0, 0, 0, 1),
        (None, 60, 0, 0, 0, None),  # it is not like the last ones
    ],
)
def test_the_guess_is_what_a_user_would_reckon(
    position: int | None, elapsed_s: float, silent_s: float, done: int, total: int, expected: float | None
) -> None:
    pace = Pace(one_s=10, rest_s=8, at_once=2)
    assert pace.until_done_s(position, elapsed_s, silent_s, done, total) == expected


def test_nothing_is_guessed_before_anything_was_measured() -> None:
    assert Pace(None, None, 2).until_done_s(1, None, None, 0, 0) is None
    assert Pace(None, None, 2).until_done_s(None, 3, 0, 0, 0) is None


@pytest.mark.parametrize(
    ("silent_s", "passage_s", "publishing", "expected"),
    [
        (None, None, None, None),
        (-3, None, None, None),
        (19.9, None, None, None),
        (40.7, None, None, 40),
        (40, 0.5, None, None),  # a batch takes 16 s
        (50, 0.5, None, 50),
        (40, None, 9_000, None),  # passages that are just written
        (130, 60, 90_000, 130),  # but nothing takes for ever
    ],
)
def test_a_silence_counts_once_honest_work_does_not_explain_it(
    silent_s: float | None, passage_s: float | None, publishing: int | None, expected: int | None
) -> None:
    assert Pace(10, 8, 2, passage_s, publishing).stalled_s(silent_s) == expected
