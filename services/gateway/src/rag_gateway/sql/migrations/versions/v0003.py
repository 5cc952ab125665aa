"""Jobs are listed, ended and started again by their users."""

from importlib import resources

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(resources.files("rag_gateway.sql.migrations").joinpath("0003_jobs.sql").read_text())
