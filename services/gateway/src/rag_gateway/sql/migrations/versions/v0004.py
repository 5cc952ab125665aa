"""Tenants take turns; what quotes a removed document is redacted; superseded texts are forgotten in time."""

from importlib import resources

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    script = resources.files("rag_gateway.sql.migrations").joinpath("0004_turns_redaction.sql")
    connection.execute(script.read_text())
