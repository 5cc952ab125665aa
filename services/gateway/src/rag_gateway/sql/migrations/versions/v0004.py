"""Tenants take turns; what quotes a removed document is redacted; superseded texts are forgotten in time."""

from rag_gateway.sql.migrations import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_file("0004_turns_redaction.sql")
