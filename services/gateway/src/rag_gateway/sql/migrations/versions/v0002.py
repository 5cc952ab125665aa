"""Documents and collections may be removed."""

from rag_gateway.sql.migrations import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_file("0002_removal.sql")
