"""alembic's entry: runs the versions on the connection that the migration opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table_schema="feedback")
with context.begin_transaction():
    context.run_migrations()
