"""What the page knows of a collection, and how little it asks for while it looks."""

import time

from library import Library
from shelf import LOOK_AGAIN_AFTER_S, Shelf
from tests.webapp.scripted_library import ScriptedLibrary, document, job


def ids(shelf: Shelf) -> list[str]:
    return [row.document.id for row in (*shelf.front, *shelf.rest)]


def look(shelf: Shelf, shelves: ScriptedLibrary) -> list[str]:
    """Looks again and tells what was asked for."""
    time.sleep(LOOK_AGAIN_AFTER_S)
    shelves.seen.clear()
    shelf.look()
    return [path.partition("?")[0] for _, path in shelves.seen]


def test_a_look_is_one_call_while_a_job_of_the_scripted_gateway_goes_on(
    library: Library, shelves: ScriptedLibrary
) -> None:
    shelves.documents, shelves.jobs = [document(1, version=None, status="running")], [job(1)]
    shelf = Shelf(library, "docs")
    shelves.jobs = [job(1, done=3)]
    assert look(shelf, shelves) == ["/v1/jobs"]
    [row] = shelf.front
    assert row.job is not None
    assert (row.job.done, row.job.total, row.job.eta_s) == (3, 4, 30)


def test_the_documents_are_asked_for_again_when_a_job_ends(
    library: Library, shelves: ScriptedLibrary
) -> None:
    shelves.documents, shelves.jobs = [document(1, version=None, status="running")], [job(1)]
    shelf = Shelf(library, "docs")
    assert shelf.is_under_way
    shelves.documents, shelves.jobs = [document(1)], [job(1, status="succeeded")]
    assert look(shelf, shelves) == ["/v1/jobs", "/v1/collections/docs/documents"]
    assert not shelf.is_under_way
    assert shelf.front[0].document.version == 1


def test_two_thousand_documents_come_in_pages_and_none_twice(
    library: Library, shelves: ScriptedLibrary
) -> None:
    shelves.documents = [document(n) for n in range(2000)]
    shelf = Shelf(library, "docs")
    assert len(shelf.front) == 50
    while shelf.has_more:
        shelf.more()
    assert ids(shelf) == [f"d{n}" for n in range(2000)]


def test_a_new_document_pushes_none_out_of_sight(library: Library, shelves: ScriptedLibrary) -> None:
    shelves.documents = [document(n) for n in range(120)]
    shelf = Shelf(library, "docs")
    shelf.more()
    shelves.documents = [document(500), *shelves.documents]
    shelf.reload()
    assert ids(shelf) == ["d500", *(f"d{n}" for n in range(100))]


def test_an_old_document_with_a_new_version_comes_to_the_top(
    library: Library, shelves: ScriptedLibrary
) -> None:
    shelves.documents = [document(n) for n in range(80)]
    shelf = Shelf(library, "docs")
    shelf.bring_up(["d70"])
    assert ids(shelf)[:2] == ["d70", "d0"]
    shelf.more()
    assert sorted(ids(shelf)) == sorted(f"d{n}" for n in range(80))


def test_what_runs_is_asked_for_where_a_hundred_newer_ones_wait(
    library: Library, shelves: ScriptedLibrary
) -> None:
    shelves.documents = [document(n, status="queued") for n in range(150)]
    waiting = [job(n, status="queued", stage=None, queue_position=150 - n) for n in range(149)]
    shelves.jobs = [*waiting, job(149)]
    shelf = Shelf(library, "docs")
    assert ids(shelf)[0] == "d149"
    assert shelf.front[0].is_under_way


def test_a_deleted_document_leaves_at_once(library: Library, shelves: ScriptedLibrary) -> None:
    shelves.documents = [document(1), document(2)]
    shelf = Shelf(library, "docs")
    shelf.forget("d1")
    assert ids(shelf) == ["d2"]
