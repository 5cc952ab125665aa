"""`python -m rag_feedback.migrate`: brings the schema `feedback` to its newest version; safe to run again."""

import logging
from functools import partial

import psycopg
from alembic import command
from alembic.config import Config
from rag_common.logs import setup_logs
from rag_common.settings import load_settings
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from rag_feedback.settings import MigrationSettings

log = logging.getLogger(__name__)

LOCK = 4_242_002
"""Advisory lock: of several migrations at once, one works and the others wait."""


def upgrade(owner: str) -> None:
    """Runs as `rag_owner`, the only role that may create; everything is committed together or not at all."""
    config = Config()
    config.set_main_option("script_location", "rag_feedback:sql/migrations")
    engine = create_engine(
        "postgresql+psycopg://", creator=partial(psycopg.connect, owner), poolclass=NullPool
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS feedback")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def main() -> None:
    """The one-shot command."""
    setup_logs("feedback-migrate", "info")
    upgrade(load_settings(MigrationSettings).database_owner_url.get_secret_value())
    log.info("migrated")


if __name__ == "__main__":
    main()
