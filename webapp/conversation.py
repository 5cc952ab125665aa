"""The questions of one browser session and their answers; a question may be answered in several modes."""

import secrets
from dataclasses import dataclass, field, replace

from rag_common.telemetry import tracer

from answers import Answer
from gateway_client import Gateway, Message, Question
from running_answer import RunningAnswer

REMEMBERED_TURNS = 3
"""Questions that are sent again with their answers: six messages, as many as the gateway reads."""


@dataclass
class Turn:
    """One question with its answers by mode, of which one is shown."""

    question: Question
    answers: dict[str, Answer] = field(default_factory=dict)
    shown: str = ""
    running: RunningAnswer | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    def answer(self) -> Answer:
        """The one to show."""
        return self.running.look() if self.running else self.answers[self.shown]

    def answer_called(self, answer_id: str) -> Answer | None:
        """Any of its answers by the gateway's id, the running one included."""
        return next((a for a in (self.answer(), *self.answers.values()) if a.id == answer_id), None)

    def keep(self, answer: Answer) -> None:
        """Ends the running answer with what came of it."""
        self.answers[answer.mode] = answer
        self.shown = answer.mode
        self.running = None


@dataclass
class Conversation:
    """The turns, oldest first."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def is_answering(self) -> bool:
        return any(turn.running for turn in self.turns)

    def ask(self, gateway: Gateway, text: str, collections: tuple[str, ...], mode: str) -> None:
        """Begins a new turn; what was answered before goes along."""
        turn = Turn(Question(text, self._history(), collections, mode))
        self.turns.append(turn)
        ask_in(gateway, turn, mode)

    def leave(self) -> None:
        """Stops what is being answered and forgets everything."""
        for turn in self.turns:
            if turn.running:
                turn.running.stop()
        self.turns.clear()

    def _history(self) -> tuple[Message, ...]:
        told = [turn for turn in self.turns if turn.shown and turn.answer().state == "finished"]
        pairs = [
            (Message("user", turn.question.text), Message("assistant", turn.answer().text))
            for turn in told[-REMEMBERED_TURNS:]
        ]
        return tuple(message for pair in pairs for message in pair)


def ask_in(gateway: Gateway, turn: Turn, mode: str) -> None:
    """Asks a turn's question in a mode, unless that answer is there already."""
    known = turn.answers.get(mode)
    if known and known.state == "finished":
        turn.shown = mode
        return
    question = replace(turn.question, mode=mode)
    span = tracer.start_span("chat interaction")
    turn.running = RunningAnswer(gateway.ask(question), span, mode)


def ask_anyway(gateway: Gateway, turn: Turn, mode: str) -> None:
    """Asks a turn's question once more, and from now on takes passages however weak they are."""
    turn.question = replace(turn.question, abstain=False)
    turn.answers.pop(mode, None)
    ask_in(gateway, turn, mode)
