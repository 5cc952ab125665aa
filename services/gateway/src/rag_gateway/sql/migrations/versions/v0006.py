"""Entries that a living worker holds without working on them are put back; deaths are counted in tenths."""

from rag_gateway.sql.migrations import run_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_file("0006_stuck_entries.sql")
