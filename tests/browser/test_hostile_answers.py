"""What a model might be talked into writing stays text in a real browser; a scripted gateway writes it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.served import free_port
from tests.webapp.scripted_answers import Script, citation, source
from tests.webapp.scripted_gateway import ScriptedGateway, serve
from tests.webapp.test_safe_markdown import AS_TYPED, HOSTILE

WEBAPP = Path(__file__).parents[2] / "webapp" / "app.py"
TITLE = '<img src="http://evil.test/title.png"> :red[title] $x$'


@pytest.fixture(scope="module")
def scripted() -> Iterator[ScriptedGateway]:
    """A scripted gateway on a real port."""
    with serve() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def webapp_url(scripted: ScriptedGateway) -> Iterator[str]:
    """The web app in front of the scripted gateway."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", str(WEBAPP)]
    environment = os.environ | {"GATEWAY_URL": scripted.url, "GATEWAY_API_KEY": "key"}
    process = subprocess.Popen(
        [*command, f"--server.port={port}", "--server.address=127.0.0.1"], env=environment
    )
    await_health(url)
    yield url
    process.terminate()
    process.wait()


def await_health(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{url}/_stcore/health", trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def ask(page: Page, url: str, question: str = "How?") -> None:
    page.goto(url)
    page.get_by_role("textbox", name="Ask your documents").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ask again with")).to_be_visible()


def test_hostile_words_reach_nobody_else(
    page: Page, called_hosts: set[str], webapp_url: str, scripted: ScriptedGateway
) -> None:
    text = "\n\n".join([*HOSTILE, *AS_TYPED]) + "\n\nIt does [1]."
    hostile = [source(1, "make run", title=TITLE, heading=TITLE)]
    scripted.script = Script(text=text, answer_mode="write", sources=hostile, citations=[])
    ask(page, webapp_url)
    assert page.locator(".answer").locator("img, a, script, svg, iframe, style").count() == 0
    page.locator(".answer button.marker").last.click()
    expect(page.locator(".st-key-source-panel")).to_contain_text(TITLE)
    assert called_hosts == {webapp_url.removeprefix("http://")}


def test_dollars_and_colons_appear_as_typed_everywhere(
    page: Page, webapp_url: str, scripted: ScriptedGateway
) -> None:
    typed = "$5 is :red[more] than $4 :smile: :material/home:"
    text = f"“{typed}” [1]\n\nWords: {typed} [1]"
    cited = [citation(1, text, typed, "make run") | {"evidence": None}]
    scripted.script = Script(
        text=text, answer_mode="both", sources=[source(1, "make run", title=typed)], citations=cited
    )
    ask(page, webapp_url, typed)
    for place in ("h2.question", "blockquote", "button.source .title", ".words"):
        expect(page.locator(place).first).to_contain_text(typed)


def test_a_page_speaks_to_its_own_server_only(page: Page, called_hosts: set[str], webapp_url: str) -> None:
    ask(page, webapp_url)
    assert called_hosts == {webapp_url.removeprefix("http://")}


def test_a_removed_passage_is_called_removed(page: Page, webapp_url: str, scripted: ScriptedGateway) -> None:
    scripted.script = Script(content=None)
    ask(page, webapp_url)
    page.locator("button.source").first.click()
    expect(page.locator(".st-key-source-panel")).to_contain_text("This passage has been removed")


def test_a_citation_opens_with_the_keyboard_alone(
    page: Page, webapp_url: str, scripted: ScriptedGateway
) -> None:
    scripted.script = Script()
    ask(page, webapp_url)
    page.locator("button.source").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-source-panel mark")).to_contain_text("make run")
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-source-panel")).to_have_count(0)
