"""Tenants, documents, chunks and answers, and the queue's own schema."""

from importlib import resources

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None


def upgrade() -> None:
    folder = resources.files("rag_gateway.sql.migrations")
    # The driver's own connection takes a script as it is; SQLAlchemy would read % as a placeholder.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(folder.joinpath("0001_tenants_documents_answers.sql").read_text())
    connection.execute("CREATE SCHEMA queue")
    connection.execute("SET LOCAL search_path = queue, public")
    connection.execute(SchemaManager.get_schema())
    connection.execute(folder.joinpath("0001_queue_grants.sql").read_text())
