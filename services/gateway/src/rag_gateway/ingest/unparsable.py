"""Why a document cannot become text."""

TOO_LARGE = "too_large", "Reading the file takes more memory than it may; split it."
"""Code and message."""


class Unparsable(ValueError):
    """The document cannot become text; `code` is for machines, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
