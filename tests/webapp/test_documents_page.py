"""The page of documents, run by Streamlit's own test runner against the scripted gateway of documents."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from shelf import LOOK_AGAIN_AFTER_S
from tests.webapp.scripted_answers import error
from tests.webapp.scripted_library import ScriptedLibrary, document, serve_library

APP = Path(__file__).parents[2] / "webapp" / "app.py"


@pytest.fixture
def shelves() -> Iterator[ScriptedLibrary]:
    """A scripted gateway that the page under test opens."""
    with serve_library() as server, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATEWAY_URL", server.url)
        environment.setenv("GATEWAY_API_KEY", "key")
        st.cache_resource.clear()
        yield server
        st.cache_resource.clear()


def opened() -> AppTest:
    """The page of documents as a new visitor sees it."""
    page = AppTest.from_file(str(APP), default_timeout=20).run()
    pages = page._registered_pages.items()  # it switches to pages that are files, and ours are functions
    page._page_hash = next(hash for hash, about in pages if about["url_pathname"] == "documents")
    return page.run()


def html(page: AppTest) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def labels(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def test_an_empty_collection_says_what_to_do(shelves: ScriptedLibrary) -> None:
    page = opened()
    assert not page.exception
    assert "Drop files above" in html(page)
    assert "<h2>docs</h2>" in html(page)


def test_without_collections_one_can_be_made(shelves: ScriptedLibrary) -> None:
    shelves.collections = []
    page = opened()
    assert "There is no collection yet. Make one" in html(page)
    assert "New collection" in labels(page)


def test_a_key_that_may_only_read_sees_the_documents_and_nothing_to_change_them(
    shelves: ScriptedLibrary,
) -> None:
    shelves.scopes, shelves.documents = ["act_as"], [document(1)]
    page = opened()
    assert len(page.file_uploader) == 0
    assert len(page.text_input) == 0  # the search needs the scope `chat`
    assert not labels(page) & {"New collection", "Delete for good"}
    page.session_state["open_document"] = "d1"
    assert "Delete for good" not in labels(page.run())
    assert "Version 2" in html(page)


def test_dropped_files_are_handed_to_the_scripted_gateway_and_let_go_by_streamlit(
    shelves: ScriptedLibrary,
) -> None:
    page = opened()
    page.file_uploader[0].set_value([(f"{n}.md", b"text", "") for n in range(3)]).run()
    deadline = time.monotonic() + 5
    while len(shelves.uploaded) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    page.run()
    assert shelves.uploaded == ["0.md", "1.md", "2.md"]
    assert page.session_state["handover"].to("docs") == []
    assert not page.exception


def test_a_document_is_deleted_after_a_second_click(shelves: ScriptedLibrary) -> None:
    shelves.documents = [document(1), document(2)]
    page = opened()
    page.session_state["open_document"] = "d1"
    page.run()
    assert "with all its 2 versions" in html(page)
    page.button(key="delete-d1").click().run()
    assert [each["id"] for each in shelves.documents] == ["d2"]
    assert "open_document" not in page.session_state


def test_a_document_of_the_list_is_deleted_once_that_is_asked(shelves: ScriptedLibrary) -> None:
    shelves.documents = [document(1), document(2)]
    page = opened()
    page.session_state["document_to_delete"] = "d1"
    page.run()
    assert "Document 1" in html(page) and "It goes for good, and answers" in html(page)
    page.button(key="delete-d1").click().run()
    assert [each["id"] for each in shelves.documents] == ["d2"]
    assert "document_to_delete" not in page.session_state and not page.exception
    assert [row.document.id for row in page.session_state["shelf"].front] == ["d2"]


def test_a_collection_is_deleted_only_after_it_was_ticked_how_much_goes(shelves: ScriptedLibrary) -> None:
    shelves.collections, shelves.documents = ["docs", "other"], [document(1), document(2)]
    page = opened()
    assert "The collection “docs” goes for good with all its 2 documents" in html(page)
    assert page.button(key="delete-for-good-docs").disabled
    page.checkbox(key="certain-docs").check().run()
    page.button(key="delete-for-good-docs").click().run()
    assert ("DELETE", "/v1/collections/docs") in shelves.seen
    assert "<h2>other</h2>" in html(page) and not page.exception
    assert page.session_state["collection"] == "other"
    page.checkbox(key="certain-other").check().run()
    page.button(key="delete-for-good-other").click().run()
    assert "There is no collection yet" in html(page) and not page.exception


def test_a_collection_that_cannot_be_deleted_stays_and_says_why(shelves: ScriptedLibrary) -> None:
    page = opened()
    page.checkbox(key="certain-docs").check().run()
    shelves.refusal = (409, error("collection_not_empty", "`docs` holds documents that you may not read."))
    page.button(key="delete-for-good-docs").click().run()
    assert "holds documents that you may not read" in html(page) and "<h2>docs</h2>" in html(page)


def test_an_open_document_that_somebody_deleted_says_so(shelves: ScriptedLibrary) -> None:
    page = opened()
    page.session_state["open_document"] = "d9"
    assert "has been deleted" in html(page.run())


def test_more_documents_are_shown_on_a_click(shelves: ScriptedLibrary) -> None:
    shelves.documents = [document(n) for n in range(70)]
    page = opened()
    page.button(key="more-documents").click().run()
    assert len(page.session_state["shelf"].rest) == 20
    assert "Show more" not in labels(page)


def test_a_gateway_that_is_away_is_said_in_words(shelves: ScriptedLibrary) -> None:
    shelves.shutdown()
    shelves.server_close()
    page = opened()
    assert "cannot be reached" in html(page)
    assert "Try again" in labels(page)


def test_what_was_known_stays_while_the_gateway_is_away(shelves: ScriptedLibrary) -> None:
    shelves.documents = [document(1)]
    page = opened()
    shelves.shutdown()
    shelves.server_close()
    time.sleep(LOOK_AGAIN_AFTER_S)
    away = html(page.run())
    assert "cannot be reached" in away and "<h2>docs</h2>" in away and "Nothing is in" not in away
    with serve_library(shelves.server_port) as back:
        back.documents = [document(2)]
        time.sleep(LOOK_AGAIN_AFTER_S)
        assert "cannot be reached" not in html(page.run())
