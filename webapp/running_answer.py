"""An answer that is being read from the gateway while the page looks at it now and then."""

import threading
import time

from opentelemetry import trace
from opentelemetry.trace import Span, Status, StatusCode

from answer_stream import AnswerStream
from answers import Answer

UNWATCHED_S = 10.0
"""A page that has not looked for so long was closed; nobody would read the rest."""


class RunningAnswer:
    """Reads one stream in a thread of its own, so that a click is noticed between two of its events."""

    def __init__(self, stream: AnswerStream, span: Span, mode: str, unwatched_s: float = UNWATCHED_S) -> None:
        self._stream = stream
        self._span = span
        self._answer = Answer(asked_mode=mode)
        self._unwatched_s = unwatched_s
        self._stopped = False
        self._ended = threading.Event()
        self._looked_at = time.monotonic()
        threading.Thread(target=self._read, name="answer", daemon=True).start()

    def look(self) -> Answer:
        """What is known by now."""
        self._looked_at = time.monotonic()
        return self._answer

    def stop(self) -> Answer:
        """Hangs up, which stops the model, and gives what was written until then."""
        self._stopped = True
        self._stream.hang_up()
        self._ended.wait(timeout=1)
        return self._answer

    def _read(self) -> None:
        try:
            with trace.use_span(self._span, record_exception=False, set_status_on_exception=False):
                self._take_events()
        finally:
            self._end()

    def _take_events(self) -> None:
        for event in self._stream:
            if self._stopped:
                return
            self._answer = self._answer.after(event)
            if time.monotonic() - self._looked_at > self._unwatched_s:
                self._stopped = True
                self._stream.hang_up()

    def _end(self) -> None:
        self._answer = self._answer.ended(stopped=self._stopped)
        self._span.set_attribute("rag.answer_mode", self._answer.mode)
        self._span.set_attribute("rag.outcome", self._answer.state)
        if self._answer.state == "failed":
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()
        self._ended.set()
