"""The first thing anyone sees, on the real stack: a question, its answer, its sources, an opinion of it."""

import re
from uuid import uuid4

import psycopg
from playwright.sync_api import Locator, Page, expect

from tests.conftest import RunningStack, frozen

QUESTION = "How do I start it?"
GLIMPSES = 60
"""How often the model goes on for a moment until words of it are seen."""


def open_page(page: Page, stack: RunningStack) -> None:
    page.goto(stack.webapp_url)
    expect(page.get_by_role("button", name=QUESTION)).to_be_visible()


def ask(page: Page, question: str, mode: str) -> Locator:
    """Asks in a mode of the sidebar and gives the place of the answer."""
    page.get_by_text(mode, exact=True).click()
    page.get_by_role("textbox", name="Ask your documents").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=question)).to_be_visible()
    return page.locator(".answer").last


def ended(page: Page) -> None:
    """Waits until every question on the page has its whole answer."""
    expect(page.get_by_text("Ask again with")).to_have_count(page.locator("h2.question").count())


def test_a_question_is_answered_with_a_citation_that_opens_and_an_opinion_is_kept(
    page: Page, stack: RunningStack
) -> None:
    open_page(page, stack)
    page.get_by_role("button", name=QUESTION).click()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    ended(page)
    answer = page.locator(".answer").last
    expect(answer.get_by_text("From your documents")).to_be_visible()
    quotation = answer.get_by_role("figure").filter(has_text="make run").first
    expect(quotation.get_by_role("blockquote")).to_be_visible()

    quotation.get_by_role("button", name=re.compile("^Open source")).click()
    evidence = page.locator(".st-key-source-panel mark")
    expect(evidence.filter(has_text="make run").first).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".st-key-source-panel")).to_have_count(0)

    comment = f"It does not say where. {uuid4()}"
    page.get_by_role("radio", name="Thumbs down").click()
    page.get_by_role("button", name="Incomplete").click()
    page.get_by_label("Comment").fill(comment)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    with psycopg.connect(stack.database_dsn) as database:
        kept = database.execute(
            "SELECT rating, reasons, length(trace_id) FROM feedback.ratings WHERE comment = %s", [comment]
        ).fetchall()
    assert kept == [("down", ["incomplete"], 32)]


def test_words_stream_and_stop_on_a_click(page: Page, stack: RunningStack) -> None:
    open_page(page, stack)
    with frozen(stack, "llm"):
        words = ask(page, QUESTION, "Words only").locator(".words")
    for _ in range(GLIMPSES):
        with frozen(stack, "llm"):  # most of the time, or a short answer ends before the click
            page.wait_for_timeout(700)
            if words.is_visible():
                seen = words.inner_text()
                page.get_by_role("button", name="Stop").click()
                expect(page.get_by_text("Stopped.")).to_be_visible()
                break
        page.wait_for_timeout(50)
    assert words.inner_text().startswith(seen.split()[0])


def test_a_question_that_the_documents_do_not_answer_is_refused_and_can_be_answered_anyway(
    page: Page, stack: RunningStack
) -> None:
    open_page(page, stack)
    answer = ask(page, "Who won the chess championship of 1972 in Reykjavik?", "Quotations only")
    expect(answer.get_by_text("Your documents do not seem to answer this.")).to_be_visible()
    expect(answer.locator("blockquote")).to_have_count(0)
    page.get_by_role("button", name="Answer from these passages anyway").click()
    expect(page.locator("blockquote").first).to_be_visible()


def test_the_same_question_is_asked_again_in_another_mode(page: Page, stack: RunningStack) -> None:
    open_page(page, stack)
    answer = ask(page, QUESTION, "Quotations only")
    ended(page)
    expect(answer.locator("blockquote").first).to_be_visible()
    page.get_by_role("radio", name="Words", exact=True).click()
    expect(answer.locator("blockquote")).to_have_count(0)
    ended(page)
    expect(answer.locator(".words")).to_be_visible()
    expect(page.locator("h2.question")).to_have_count(1)


def test_a_follow_up_shows_what_was_searched_for(page: Page, stack: RunningStack) -> None:
    open_page(page, stack)
    ask(page, "Where does PostgreSQL keep its data?", "Quotations only")
    ended(page)
    answer = ask(page, "And which port does it use?", "Quotations only")
    ended(page)
    expect(answer.get_by_text("searched for:")).to_contain_text("PostgreSQL")


def test_the_timings_show_every_step(page: Page, stack: RunningStack) -> None:
    open_page(page, stack)
    ask(page, QUESTION, "Quotations only")
    ended(page)
    page.get_by_text("How this answer was made").click()
    expect(page.get_by_role("row")).to_have_count(8)
    expect(page.get_by_role("row", name="Find passages")).to_contain_text("ms")
