"""Why a document cannot become text."""


class Unparsable(ValueError):
    """The document cannot become text; `code` is for machines, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
