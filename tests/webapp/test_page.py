"""The whole page, run by Streamlit's own test runner against the scripted gateway."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from gateway_errors import BY_CODE
from settings import load_branding
from tests.webapp.scripted_answers import BOTH, Script, error
from tests.webapp.scripted_gateway import ScriptedGateway, serve

APP = Path(__file__).parents[2] / "webapp" / "app.py"


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedGateway]:
    """One for all tests here, because the page opens its parts once per process."""
    with serve() as gateway, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATEWAY_URL", gateway.url)
        environment.setenv("GATEWAY_API_KEY", "key")
        st.cache_resource.clear()
        yield gateway


@pytest.fixture
def page(server: ScriptedGateway) -> AppTest:
    """The page as a new visitor sees it."""
    server.script = Script()
    return AppTest.from_file(str(APP), default_timeout=20).run()


def html(page: AppTest) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def answered(page: AppTest) -> AppTest:
    """The page once the last answer has ended."""
    deadline = time.monotonic() + 5
    while page.session_state["conversation"].is_answering:
        assert time.monotonic() < deadline
        page.run()
    return page


def test_the_empty_page_names_the_product_and_offers_three_questions(page: AppTest) -> None:
    branding = load_branding()
    assert f"<h1>{branding.name}</h1>" in html(page)
    labels = [button.label for button in page.button]
    assert len(branding.questions) == 3
    assert set(branding.questions) <= set(labels)


def test_an_example_is_asked_with_a_click(page: AppTest) -> None:
    page.button(key="example-0").click().run()
    [turn] = answered(page).session_state["conversation"].turns
    assert turn.question.text == load_branding().questions[0]
    assert turn.answer().text == BOTH


def test_the_scripted_gateway_gets_the_trace_and_the_visitor(page: AppTest, server: ScriptedGateway) -> None:
    page.chat_input[0].set_value("How?").run()
    answered(page)
    headers, _ = server.last("/v1/chat/completions")
    assert headers["traceparent"].startswith("00-")
    assert len(headers["x-groundwork-user"]) >= 16
    assert headers["authorization"] == "Bearer key"


def test_two_visitors_are_two_users(page: AppTest, server: ScriptedGateway) -> None:
    first = server.last("/v1/collections")[0]["x-groundwork-user"]
    AppTest.from_file(str(APP), default_timeout=20).run()
    assert server.last("/v1/collections")[0]["x-groundwork-user"] != first


def test_the_chosen_collections_and_mode_are_asked_for(page: AppTest, server: ScriptedGateway) -> None:
    page.multiselect[0].set_value(["handbook"])
    page.radio[0].set_value("quote")
    page.chat_input[0].set_value("How?").run()
    answered(page)
    _, body = server.last("/v1/chat/completions")
    assert body["rag"]["collections"] == ["handbook"]
    assert body["rag"]["answer_mode"] == "quote"


def test_without_documents_the_page_says_how_they_come_in(server: ScriptedGateway) -> None:
    server.script = Script(documents=0)
    page = AppTest.from_file(str(APP), default_timeout=20).run()
    assert "There are no documents yet" in html(page)
    assert not {button.label for button in page.button} & set(load_branding().questions)
    server.script = Script()
    assert "There are no documents yet" not in html(page.button(key="look-again").click().run())


def test_a_wrong_key_is_said_with_what_to_do(server: ScriptedGateway) -> None:
    server.script = Script(status=401, error=error("invalid_api_key", "No.", "authentication_error"))
    page = AppTest.from_file(str(APP), default_timeout=20).run()
    assert BY_CODE["invalid_api_key"] in html(page).replace("&#x27;", "'")


def test_a_question_appears_as_typed(page: AppTest) -> None:
    page.chat_input[0].set_value("Is $5 :red[more] :smile: than <b>$4</b>?").run()
    assert '<h2 class="question">Is $5 :red[more] :smile: than &lt;b&gt;$4&lt;/b&gt;?</h2>' in html(
        answered(page)
    )


def test_a_new_chat_forgets(page: AppTest) -> None:
    page.chat_input[0].set_value("How?").run()
    answered(page)
    next(button for button in page.button if button.label == "New chat").click().run()
    assert page.session_state["conversation"].turns == []
