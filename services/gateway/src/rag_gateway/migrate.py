"""`python -m rag_gateway.migrate`: database, roles, schema, embedding model and first keys; safe to run again."""

import logging
from importlib import resources

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import Field, SecretStr
from rag_common.logs import setup_logs
from rag_common.postgres import load_queries
from rag_common.settings import PLACEHOLDER, DeployedSettings, load_settings
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from rag_gateway.keys import hash_of, prefix_of

log = logging.getLogger(__name__)
LOCK = 4_242_001
"""Advisory lock: of several migrations at once, one works and the others wait."""

PATHS = {
    "rag_owner": "rag, queue, public",
    "rag_app": "rag, queue, public",
    "rag_worker": "rag, queue, public",
    "rag_feedback": "feedback",
}
BOOTSTRAP_SCOPES = ["chat", "ingest", "feedback", "admin", "operator"]
WEBAPP_SCOPES = ["chat", "ingest", "feedback", "act_as"]


class MigrationSettings(DeployedSettings):
    """What the migration needs; only it ever sees the superuser's and the owner's passwords."""

    database_admin_url: SecretStr | None = Field(
        None, description="Superuser's connection, to make the database and the roles; empty: they exist."
    )
    database_owner_url: SecretStr = Field(description="Connection of `rag_owner`, who owns the schema.")
    rag_owner_password: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Password given to `rag_owner`."
    )
    rag_app_password: SecretStr = Field(SecretStr(PLACEHOLDER), description="Password given to `rag_app`.")
    rag_worker_password: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Password given to `rag_worker`."
    )
    rag_feedback_password: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Password given to `rag_feedback`."
    )
    api_key_pepper: SecretStr = Field(SecretStr(PLACEHOLDER), description="Key of the hashes of API keys.")
    bootstrap_key: SecretStr | None = Field(
        None, description="First key of tenant `default`, with every scope."
    )
    webapp_key: SecretStr | None = Field(None, description="The web app's key of tenant `default`.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", description="Name of the embedding model that search uses."
    )
    embedding_dim: int = Field(384, ge=1, le=4000, description="Dimensions of its vectors.")


def make_roles(settings: MigrationSettings, admin: str) -> None:
    """Makes the database and the roles as superuser, and sets the roles' passwords."""
    queries = load_queries("rag_gateway.sql", "bootstrap.sql")
    database = conninfo_to_dict(settings.database_owner_url.get_secret_value())["dbname"]

    def execute_generated(connection: psycopg.Connection, name: str, **params: str) -> None:
        for (statement,) in connection.execute(queries[name], params).fetchall():
            connection.execute(statement)

    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        execute_generated(connection, "make_database", database=str(database))
        for role, path in PATHS.items():
            password = getattr(settings, f"{role}_password").get_secret_value()
            execute_generated(connection, "make_role", role=role)
            execute_generated(connection, "set_password", role=role, password=password)
            execute_generated(connection, "set_search_path", role=role, path=path)
    with psycopg.connect(make_conninfo(admin, dbname=str(database)), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        execute_generated(connection, "owner_may_create")


def upgrade(owner: str) -> None:
    """Brings schema `rag` to the newest version, one migration at a time even when several start."""
    config = Config()
    config.set_main_option("script_location", "rag_gateway:sql/migrations")
    config.attributes["version_schema"] = "public"
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(owner), poolclass=NullPool
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS migrations")
        connection.commit()
        config.attributes["connection"] = connection
        config.attributes["version_schema"] = "migrations"
        command.upgrade(config, "head")
        connection.commit()


def ensure_embedding_model(connection: psycopg.Connection, name: str, dim: int) -> None:
    """Makes the model's vector table and HNSW index and points the view `active_vectors` at it."""
    connection.execute(
        "INSERT INTO embedding_models (name, dim, state) VALUES (%s, %s, 'building') ON CONFLICT DO NOTHING",
        (name, dim),
    )
    row = connection.execute("SELECT id, dim FROM embedding_models WHERE name = %s", (name,)).fetchone()
    assert row is not None
    if row[1] != dim:
        raise SystemExit(f"migrate: EMBEDDING_DIM is {dim}, but {name} was stored with {row[1]} dimensions")
    template = resources.files("rag_gateway.sql").joinpath("embedding_model.sql").read_text()
    names = {
        "table": sql.Identifier(f"chunk_vectors_{row[0]}"),
        "index": sql.Identifier(f"chunk_vectors_{row[0]}_hnsw"),
    }
    connection.execute(sql.SQL(template).format(**names, dim=sql.Literal(dim)))
    connection.execute(
        "UPDATE embedding_models SET state = CASE WHEN name = %s THEN 'active' ELSE 'retired' END", (name,)
    )


def ensure_key(
    connection: psycopg.Connection, settings: MigrationSettings, name: str, key: str, scopes: list[str]
) -> None:
    """Stores the hash of a key of tenant `default`; a key of the same name is replaced."""
    digest = hash_of(key, settings.api_key_pepper.get_secret_value())
    connection.execute("INSERT INTO tenants (name) VALUES ('default') ON CONFLICT DO NOTHING")
    connection.execute(
        """DELETE FROM api_keys WHERE name = %s AND prefix <> %s
              AND tenant_id = (SELECT id FROM tenants WHERE name = 'default')""",
        (name, prefix_of(key)),
    )
    connection.execute(
        """INSERT INTO api_keys (tenant_id, prefix, hash, name, scopes, trusted_trace)
           SELECT id, %s, %s, %s, %s, %s FROM tenants WHERE name = 'default'
           ON CONFLICT (prefix) DO UPDATE SET hash = excluded.hash, scopes = excluded.scopes,
                                              trusted_trace = excluded.trusted_trace""",
        (prefix_of(key), digest, name, scopes, "act_as" in scopes),
    )


def main() -> None:
    """Runs every step in order; each may have been done before."""
    setup_logs("migrate", "info")
    settings = load_settings(MigrationSettings)
    if settings.database_admin_url:
        make_roles(settings, settings.database_admin_url.get_secret_value())
    owner = settings.database_owner_url.get_secret_value()
    upgrade(owner)
    with psycopg.connect(owner) as connection:
        ensure_embedding_model(connection, settings.embedding_model, settings.embedding_dim)
        if settings.bootstrap_key:
            ensure_key(
                connection, settings, "bootstrap", settings.bootstrap_key.get_secret_value(), BOOTSTRAP_SCOPES
            )
        if settings.webapp_key:
            ensure_key(connection, settings, "webapp", settings.webapp_key.get_secret_value(), WEBAPP_SCOPES)
    log.info("migrated", extra={"embedding_model": settings.embedding_model})


if __name__ == "__main__":
    main()
