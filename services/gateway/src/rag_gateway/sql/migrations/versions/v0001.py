"""Tenants, documents, chunks and answers, and the queue's own schema."""

from procrastinate.schema import SchemaManager
from rag_gateway.sql.migrations import run_file, run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_file("0001_tenants_documents_answers.sql")
    run_script("CREATE SCHEMA queue")
    run_script("SET LOCAL search_path = queue, public")
    run_script(SchemaManager.get_schema())
    run_file("0001_queue_grants.sql")
