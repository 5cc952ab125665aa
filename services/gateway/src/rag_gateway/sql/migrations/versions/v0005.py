"""Postings go by a trigger instead of a foreign key; a title that was read changes with its version."""

from importlib import resources

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    script = resources.files("rag_gateway.sql.migrations").joinpath("0005_publishing.sql")
    connection.execute(script.read_text())
