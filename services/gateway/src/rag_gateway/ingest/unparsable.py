"""Why a document cannot become text."""

TOO_LARGE = "too_large", "Reading the file takes more memory than it may; split it."
"""Code and message."""
NO_TEXT_FILE = (
    "nul_bytes",
    "This is not a text file: it holds bytes that no text has. "
    "Save it as plain text (UTF-8), or upload it in its own format.",
)


class Unparsable(ValueError):
    """The document cannot become text; `code` is for machines, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
