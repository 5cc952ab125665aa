"""Jobs are listed, ended and started again by their users."""

from rag_gateway.sql.migrations import run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_file("0003_jobs.sql")
