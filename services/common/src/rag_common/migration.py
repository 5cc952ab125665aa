"""Brings a service's schema to its newest version with alembic; each service keeps its own versions."""

import logging
from functools import partial

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

log = logging.getLogger(__name__)


def upgrade(owner: str, scripts: str, schema: str, lock: int) -> bool:
    """Runs what is missing of the versions in `scripts` (package:folder), in one transaction.

    `schema` holds alembic's table and is made when it is not there. Of several at once one works and the others wait
    (advisory lock `lock`). False for a schema that is newer than this code, which an older release leaves alone.
    """
    config = Config()
    config.set_main_option("script_location", scripts)
    newest = ScriptDirectory.from_config(config).get_current_head() or ""
    engine = create_engine(
        "postgresql+psycopg://", creator=partial(psycopg.connect, owner), poolclass=NullPool
    )
    with engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        driver.execute("SELECT pg_advisory_xact_lock(%s)", (lock,))
        found = _version(driver, schema)
        if found is not None and found > newest:
            log.warning("schema_is_newer", extra={"found": found, "newest_known": newest})
            return False
        config.attributes |= {"connection": connection, "version_schema": schema}
        command.upgrade(config, "head")
    return True


def _version(connection: psycopg.Connection, schema: str) -> str | None:
    """The schema's version, None before the first; makes the schema itself."""
    (there,) = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (schema,)).fetchone() or (False,)
    if not there:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    table = sql.Identifier(schema, "alembic_version")
    (there,) = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL", (f"{schema}.alembic_version",)
    ).fetchone() or (False,)
    row = (
        connection.execute(sql.SQL("SELECT version_num FROM {}").format(table)).fetchone() if there else None
    )
    return None if row is None else str(row[0])
