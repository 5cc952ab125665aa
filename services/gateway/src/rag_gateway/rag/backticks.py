"""Whether a stream of Markdown is inside code just now."""


class Backticks:
    """Follows runs of backticks; inline code ends at the latest with its line, a fence at the next one."""

    def __init__(self) -> None:
        self.inside = False
        self._opener = 0
        self._run = 0

    def take(self, character: str) -> None:
        """Moves on by one character."""
        if character == "`":
            self._run += 1
            self.inside = True
            return
        if self._run:
            self._end_run()
        if character == "\n" and self._opener < 3:
            self._opener = 0
        self.inside = bool(self._opener)

    def _end_run(self) -> None:
        if not self._opener:
            self._opener = self._run
        elif self._run == self._opener or self._run >= 3 <= self._opener:
            self._opener = 0
        self._run = 0
