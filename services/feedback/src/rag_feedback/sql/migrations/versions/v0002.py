"""The service may read its schema's version."""

from importlib import resources

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(
        resources.files("rag_feedback.sql.migrations").joinpath("0002_version_read.sql").read_text()
    )
