"""The page of documents on the real stack: files are dropped, watched, corrected, found and deleted."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from running_answer import UNWATCHED_S
from tests.conftest import RunningStack
from tests.gateway.office import pdf

PATIENCE_MS = 90_000
"""Other tests' work may lie before ours in the queue."""
SENTENCE = "The lighthouse keeper waters nineteen blue orchids every Thursday."
NO_TEXT = "The pages are pictures without text; run text recognition (OCR) on them."
HOSTILE = ["<script>alert(1)</script>", "photo\u202egpj.md", "n" * 197 + ".md", "$5 :red[more] **bold**.md"]


@pytest.fixture
def collection(page: Page, stack: RunningStack) -> Iterator[str]:
    """A new collection, made and opened on the page."""
    expect.set_options(timeout=PATIENCE_MS)
    name = f"notes-{time.monotonic_ns()}"
    page.goto(f"{stack.webapp_url}/documents")
    page.get_by_role("button", name="New collection").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator("input[type=file]")).to_have_count(1)
    yield name
    headers = {"authorization": f"Bearer {stack.api_key}"}
    httpx.delete(f"{stack.gateway_url}/v1/collections/{name}", headers=headers).raise_for_status()


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files
    ]
    page.locator("input[type=file]").set_input_files(payloads)


def row(page: Page, name: str) -> Locator:
    """What is said of a document or a file on its way."""
    return page.locator("li.row").filter(has_text=name)


def opened(page: Page, name: str) -> Locator:
    """The panel of a document."""
    row(page, name).locator("button.name").click()
    expect(page.locator(".st-key-document-panel h3")).to_be_visible()
    return page.locator(".st-key-document-panel")


def test_three_files_are_dropped_one_is_ready_one_fails_in_words_one_is_refused(
    page: Page, collection: str
) -> None:
    expect(page.get_by_text("Drop files above")).to_be_visible()
    drop(page, ("orchids.md", SENTENCE.encode()), ("scan.pdf", pdf([[]])), ("tool.exe", b"MZ"))
    expect(row(page, "tool.exe")).to_contain_text(".exe files cannot be read; send one of .md")
    expect(row(page, "orchids.md")).to_contain_text("Ready")
    expect(row(page, "scan.pdf")).to_contain_text(NO_TEXT)

    expect(row(page, "scan.pdf")).to_contain_text("mend the file")
    expect(row(page, "scan.pdf").get_by_role("button", name="Try again")).to_have_count(0)
    row(page, "tool.exe").get_by_role("button", name="Dismiss").click()
    expect(page.locator("li.row")).to_have_count(2)
    row(page, "scan.pdf").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("li.row")).to_have_count(1)


def test_a_large_file_shows_its_stage_and_count_and_can_be_cancelled(page: Page, collection: str) -> None:
    text = "\n\n".join(f"## Part {n}\n\n" + f"Sentence {n} is here. " * 60 for n in range(800))
    drop(page, ("large.md", text.encode()))
    expect(row(page, "large.md").locator("[aria-current=step]")).to_have_text("Index")
    expect(row(page, "large.md")).to_contain_text(re.compile(r"passages: [1-9]\d* of 1,600"))
    row(page, "large.md").get_by_role("button", name="Cancel").click()
    expect(row(page, "large.md")).to_contain_text("Cancelled")
    expect(row(page, "large.md").get_by_role("button", name="Try again")).to_be_visible()


def test_a_document_gets_a_version_is_downloaded_found_and_deleted(
    page: Page, collection: str, tmp_path: Path
) -> None:
    drop(page, ("orchids.md", b"Nothing about flowers."))
    expect(row(page, "orchids.md")).to_contain_text("Ready")
    drop(page, ("orchids.md", SENTENCE.encode()))
    expect(row(page, "orchids.md").filter(has_text="version 2")).to_contain_text("Ready")

    panel = opened(page, "orchids.md")
    expect(panel).to_contain_text("answers now")
    expect(panel).to_contain_text("replaced")
    with page.expect_download() as download:
        panel.get_by_role("button", name="Download").last.click()
    download.value.save_as(tmp_path / "old.md")
    assert (tmp_path / "old.md").read_bytes() == b"Nothing about flowers."
    page.get_by_role("button", name="Close").click()

    page.get_by_placeholder("Search in").fill("Who waters the orchids?")
    page.keyboard.press("Enter")
    expect(page.locator("blockquote")).to_contain_text(SENTENCE)
    page.get_by_placeholder("Search in").fill("")
    page.keyboard.press("Enter")

    opened(page, "orchids.md").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("with all its 2 versions")).to_be_visible()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Drop files above")).to_be_visible()


def test_hostile_names_are_shown_and_do_nothing(
    page: Page, collection: str, stack: RunningStack, called_hosts: set[str]
) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    drop(page, *((name, SENTENCE.encode() + str(n).encode()) for n, name in enumerate(HOSTILE)))
    for name in HOSTILE:
        shown = row(page, name.replace("\u202e", "\ufffd"))
        expect(shown).to_be_visible()
        box = shown.bounding_box()
        assert box is not None
        assert box["height"] < 200
    expect(page.locator("li.row-succeeded")).to_have_count(len(HOSTILE))
    opened(page, "$5 :red[more] **bold**.md")
    expect(page.locator(".st-key-document-panel h2")).to_have_text("$5 :red[more] **bold**.md")
    assert page.locator(".documents").locator("script, img, a, iframe").count() == 0
    assert dialogs == []
    assert called_hosts == {stack.webapp_url.removeprefix("http://")}


def test_a_choice_of_the_chat_and_its_running_answer_outlive_a_visit_to_the_documents(
    page: Page, stack: RunningStack
) -> None:
    page.goto(stack.webapp_url)
    page.get_by_text("Words only", exact=True).click()
    page.get_by_role("textbox", name="Ask your documents").fill("How do I start it?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer .words")).to_be_visible()
    page.get_by_role("link", name="Documents").click()
    expect(page.locator("li.row").first).to_be_visible()
    time.sleep(UNWATCHED_S + 1)
    page.get_by_role("link", name="Chat").click()
    expect(page.get_by_text("Ask again with")).to_be_visible()
    expect(page.get_by_text("Stopped.")).to_have_count(0)
    expect(page.get_by_role("radio", name="Words only")).to_be_checked()


def test_the_pages_link_to_each_other_on_a_phone(page: Page, stack: RunningStack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(stack.webapp_url)
    page.get_by_role("link", name="Documents").click()
    expect(page.locator("li.row").first).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    expect(page.get_by_role("textbox", name="Ask your documents")).to_be_visible()
