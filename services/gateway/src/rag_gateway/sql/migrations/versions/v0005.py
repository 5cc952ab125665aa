"""Postings go by a trigger instead of a foreign key; a title that was read changes with its version."""

from rag_gateway.sql.migrations import run_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_file("0005_publishing.sql")
