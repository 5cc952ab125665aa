"""Ratings, visible to their tenant alone."""

from importlib import resources

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    # The driver's own connection takes a script as it is; SQLAlchemy would read % as a placeholder.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(
        resources.files("rag_feedback.sql.migrations").joinpath("0001_ratings.sql").read_text()
    )
