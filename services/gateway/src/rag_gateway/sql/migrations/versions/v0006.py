"""Who retries a job makes its waiting entry due."""

from importlib import resources

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    script = resources.files("rag_gateway.sql.migrations").joinpath("0006_retry.sql")
    connection.execute(script.read_text())
