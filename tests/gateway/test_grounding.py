"""Evidence that is too weak is said to be weak; the weights themselves are judged by the evaluation."""

from dataclasses import replace

import httpx
import pytest
from rag_gateway.rag.grounding import ENOUGH, Grounding, grounding
from rag_gateway.rag.passage import Passage, Scores

from tests.gateway.conftest import RunningGateway
from tests.gateway.made_passages import passages_of

IDF = {"port": 2.0, "gateway": 3.0, "listen": 4.0}
STRONG = Grounding(lexical=0.6, coverage=0.9, held=1.0, names=1.0, dense=0.7, terms=4)


def found(text: str, dense: float | None, lexical: float | None) -> list[Passage]:
    """One source with its scores."""
    return [replace(passages_of(text)[0], scores=Scores(dense, lexical))]


def test_a_source_that_says_what_was_asked_is_enough() -> None:
    signs = grounding(
        "Which port does the gateway listen on?", found("The gateway listens on port 8080.", 0.7, 7.0), IDF
    )
    assert signs.coverage == pytest.approx(1)
    assert signs.held == pytest.approx(1)
    assert signs.lexical == pytest.approx(7 / 9)
    assert signs.enough


def test_a_source_about_something_else_is_not() -> None:
    signs = grounding(
        "Which port does the gateway listen on?", found("Bread is baked for an hour.", 0.1, None), IDF
    )
    assert (signs.coverage, signs.held, signs.lexical) == (0, 0, 0)
    assert not signs.enough


@pytest.mark.parametrize("sign", ["lexical", "coverage", "held", "names", "dense"])
def test_the_likelihood_rises_with_each_sign(sign: str) -> None:
    weaker = Grounding(**(vars(STRONG) | {sign: 0.1}))
    assert weaker.likelihood < STRONG.likelihood
    assert STRONG.likelihood > ENOUGH


def test_words_of_asking_need_not_stand_in_a_source() -> None:
    text = found("The gateway listens on port 8080.", 0.7, 7.0)
    plain = grounding("gateway port?", text, IDF)
    asked = grounding(
        "Can you please tell me in detail everything of the ways to see the gateway's port?", text, IDF
    )
    assert asked.held == plain.held == pytest.approx(1)
    assert asked.terms == plain.terms


def test_a_question_of_nothing_but_stopwords_is_not_judged() -> None:
    assert grounding("What is this about?", found("Bread is baked.", 0.0, None), {}).enough


TEXT = found("The gateway listens on port 8080 of the second machine.", 0.7, 7.0)


@pytest.mark.parametrize(
    ("follow_up", "held"),
    [
        ("And what does it cost?", 0),
        ("And which port has the crane?", 0.5),
        ("Does it listen on a port?", 1),
        ("And the second one?", 1),
        ("Could you explain that in more detail, please?", 1),
        ("Who was in it?", 1),
    ],
)
def test_what_a_follow_up_asks_itself_must_stand_in_the_sources(follow_up: str, held: float) -> None:
    before = "Which port does the gateway listen on?"
    signs = grounding(f"{before} {follow_up}", TEXT, IDF | {"crane": 2.0, "cost": 2.0}, follow_up)
    assert signs.follow_up == pytest.approx(held)
    assert replace(STRONG, follow_up=signs.follow_up).enough is (held > 0)


def test_a_follow_up_is_held_against_what_tells_of_the_question_before() -> None:
    others = found("The bank was founded in Lund. Its crane costs nothing.", 0.2, None)
    before, then = "Which port does the gateway listen on?", "What does its crane cost?"
    idf = IDF | {"crane": 2.0, "cost": 2.0}
    assert grounding(f"{before} {then}", [*TEXT, *others], idf, then).follow_up == 0
    assert grounding(f"{before} {then}", others, idf, then).follow_up == 1


def test_a_question_that_stands_alone_is_no_follow_up() -> None:
    assert grounding("What does the crane cost?", TEXT, IDF).follow_up == 1


def test_without_the_embedder_words_decide() -> None:
    assert replace(STRONG, dense=None).enough
    assert not Grounding(lexical=0, coverage=0, held=0, names=0, dense=None, terms=4).enough


@pytest.mark.usefixtures("handbook")
@pytest.mark.parametrize("mode", ["quote", "both", "write"])
def test_weak_evidence_is_said_and_its_sources_listed_without_asking_the_model(
    http: httpx.Client, gateway: RunningGateway, mode: str
) -> None:
    calls = len(gateway.model.bodies)
    body = {
        "messages": [{"role": "user", "content": "Who won the chess championship of Reykjavik in 1972?"}],
        "rag": {"answer_mode": mode},
    }
    reply = http.post("/v1/chat/completions", json=body).json()
    assert "do not seem to answer" in reply["choices"][0]["message"]["content"]
    assert reply["choices"][0]["finish_reason"] == "stop"
    assert reply["rag"]["grounded"] is False
    assert reply["rag"]["citations"] == []
    assert reply["rag"]["sources"]
    assert reply["rag"]["grounding"]["enough"] is False
    assert len(gateway.model.bodies) == calls
    body["rag"] = {"answer_mode": "quote", "abstain": False}
    assert http.post("/v1/chat/completions", json=body).json()["rag"]["citations"]


@pytest.mark.usefixtures("handbook")
def test_a_follow_up_that_nothing_answers_is_refused_though_the_question_before_was_answered(
    http: httpx.Client,
) -> None:
    first, then = "Which engineer built the lighthouse of Port Ellery?", "And what was her salary?"
    before, after = (
        http.post(
            "/v1/chat/completions",
            json={
                "messages": [{"role": "user", "content": text} for text in talk],
                "rag": {"answer_mode": "quote"},
            },
        ).json()["rag"]
        for talk in ([first], [first, then])
    )
    assert before["grounded"] is True
    assert after["grounded"] is False
    assert after["query"] == f"{first} {then}"
    assert after["grounding"]["follow_up"] == 0


@pytest.mark.usefixtures("handbook")
def test_what_the_model_writes_without_support_ends_by_saying_so(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    gateway.model.turn(words="Penguins cannot fly but swim well.")
    body = {
        "messages": [{"role": "user", "content": "Who built the north tower?"}],
        "rag": {"answer_mode": "write", "abstain": False},
    }
    reply = http.post("/v1/chat/completions", json=body).json()
    answer = reply["choices"][0]["message"]["content"]
    assert (
        answer
        == "Penguins cannot fly but swim well.\n\nThis could not be traced to a passage of your documents."
    )
    assert reply["rag"]["grounded"] is False
    assert http.get(f"/v1/answers/{reply['rag']['answer_id']}").json()["answer"] == answer
