"""Files go to the gateway one at a time, in order, and none is lost on the way."""

import time

import pytest

from handover import Handover, Transfer
from library import Library
from tests.webapp.scripted_answers import error
from tests.webapp.scripted_library import ScriptedLibrary

AWAY = (503, error("draining", "No.", "overloaded_error"))


@pytest.fixture
def handover(library: Library) -> Handover:
    """One that loses patience sooner than the page's."""
    return Handover(library, try_for_s=0.3, pause_s=0.05)


def settled(handover: Handover) -> list[Transfer]:
    """The transfers once none is on its way."""
    deadline = time.monotonic() + 10
    while any(transfer.state in ("waiting", "sending") for transfer in handover.to("docs")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return handover.to("docs")


def test_files_arrive_in_order_under_their_names_and_are_let_go(
    handover: Handover, shelves: ScriptedLibrary
) -> None:
    names = [f"{n}.md" for n in range(20)]
    handover.add("docs", [(name, b"text") for name in names])
    transfers = settled(handover)
    assert shelves.uploaded == names
    assert {transfer.state for transfer in transfers} == {"accepted"}
    assert [transfer.data for transfer in transfers] == [b""] * 20
    assert transfers[0].accepted is not None
    assert transfers[0].accepted.document_id == "d1"


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (413, "too_large", "The body is larger than 50,200,000 bytes; send less."),
        (415, "unsupported_media_type", "`.exe` files cannot be read; send one of .md .pdf."),
        (422, "empty_document", "The document has no text."),
    ],
)
def test_a_file_that_the_scripted_gateway_refuses_says_why_and_the_others_go_on(
    handover: Handover, shelves: ScriptedLibrary, status: int, code: str, message: str
) -> None:
    shelves.answers = [(status, error(code, message))]
    handover.add("docs", [("bad", b"x"), ("good.md", b"x")])
    bad, good = settled(handover)
    assert (bad.state, bad.problem, bad.can_be_tried_again) == ("refused", message, False)
    assert good.state == "accepted"


def test_the_scripted_gateway_may_be_away_for_a_while(handover: Handover, shelves: ScriptedLibrary) -> None:
    shelves.answers = [AWAY, (429, error("too_many_requests", "No.", "rate_limit_error"))]
    handover.add("docs", [("a.md", b"x")])
    [transfer] = settled(handover)
    assert (transfer.state, transfer.problem) == ("accepted", "")
    assert shelves.uploaded == ["a.md"] * 3


def test_a_file_is_kept_to_be_tried_again_when_the_scripted_gateway_stays_away(
    handover: Handover, shelves: ScriptedLibrary
) -> None:
    shelves.answers = [AWAY] * 100
    handover.add("docs", [("a.md", b"x")])
    [transfer] = settled(handover)
    assert transfer.can_be_tried_again
    assert "being replaced" in transfer.problem
    shelves.answers = []
    handover.try_again(transfer.id)
    assert [transfer.state for transfer in settled(handover)] == ["accepted"]


def test_a_file_that_waits_can_be_taken_back(handover: Handover, shelves: ScriptedLibrary) -> None:
    shelves.answers = [AWAY] * 3
    handover.add("docs", [("first.md", b"x"), ("second.md", b"x")])
    _, second = handover.to("docs")
    handover.dismiss(second.id)
    assert [transfer.name for transfer in settled(handover)] == ["first.md"]
    assert "second.md" not in shelves.uploaded


def test_of_two_files_with_one_name_in_a_drop_the_second_is_refused(
    handover: Handover, shelves: ScriptedLibrary
) -> None:
    handover.add("docs", [("a.md", b"one"), ("b.md", b"b"), ("a.md", b"two")])
    assert [transfer.state for transfer in settled(handover)] == ["accepted", "accepted", "refused"]
    assert "rename one" in handover.to("docs")[2].problem
    assert shelves.uploaded == ["a.md", "b.md"]


def test_the_same_bytes_again_are_called_unchanged(handover: Handover, shelves: ScriptedLibrary) -> None:
    known = {"document_id": "d7", "version": 3, "job_id": "j7", "status": "succeeded"}
    shelves.answers = [(200, known)]
    handover.add("docs", [("a.md", b"x")])
    assert [transfer.state for transfer in settled(handover)] == ["unchanged"]


def test_a_transfer_belongs_to_the_collection_that_it_was_dropped_on(handover: Handover) -> None:
    handover.add("docs", [("a.md", b"x")])
    assert handover.to("handbook") == []
    assert not handover.is_busy_with("handbook")
    assert handover.is_busy_with("docs")
    settled(handover)
