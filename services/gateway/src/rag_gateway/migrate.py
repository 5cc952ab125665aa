"""`python -m rag_gateway.migrate`: database, roles, schema, embedding model and first keys; safe to run again."""

import logging
from importlib import resources

import psycopg
from psycopg import sql
from rag_common.logs import setup_logs
from rag_common.migration import upgrade
from rag_common.schema import lacks_login, wait_until_nothing
from rag_common.settings import load_settings

from rag_gateway.keys import hash_of, prefix_of
from rag_gateway.roles import LOCK, make_roles, step
from rag_gateway.settings import MigrationSettings

log = logging.getLogger(__name__)
WAIT_FOR_DATABASE_S = 120
BOOTSTRAP_SCOPES = ["chat", "ingest", "feedback", "admin", "operator"]
ACTIVATE = """
    DROP VIEW IF EXISTS active_vectors;
    CREATE VIEW active_vectors WITH (security_invoker = true) AS SELECT tenant_id, chunk_id, embedding FROM {table};
    GRANT SELECT ON active_vectors TO rag_app;
    GRANT SELECT, INSERT ON active_vectors TO rag_worker"""
WEBAPP_SCOPES = ["chat", "ingest", "feedback", "act_as"]


def check_extension(owner: str) -> None:
    """Ends with one line where pgvector is missing: only a superuser, or a provider's own means, can add it."""
    with psycopg.connect(owner) as connection:
        if connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone() is None:
            raise SystemExit(
                f"migrate: the extension `vector` is missing in database {connection.info.dbname}:"
                " let a superuser run CREATE EXTENSION vector there, or set DATABASE_ADMIN_URL"
            )


def ensure_embedding_model(connection: psycopg.Connection, name: str, dim: int) -> None:
    """Makes the model's vector table and HNSW index and points the view `active_vectors` at it.

    Ends with one line where that would hide passages that only another model has embedded.
    """
    connection.execute(
        "INSERT INTO embedding_models (name, dim, state) VALUES (%s, %s, 'building') ON CONFLICT DO NOTHING",
        (name, dim),
    )
    row = connection.execute(
        "SELECT id, dim, state FROM embedding_models WHERE name = %s", (name,)
    ).fetchone()
    assert row is not None
    if row[1] != dim:
        raise SystemExit(f"migrate: EMBEDDING_DIM is {dim}, but {name} was stored with {row[1]} dimensions")
    template = resources.files("rag_gateway.sql").joinpath("embedding_model.sql").read_text()
    names = {
        "table": sql.Identifier(f"chunk_vectors_{row[0]}"),
        "index": sql.Identifier(f"chunk_vectors_{row[0]}_hnsw"),
    }
    connection.execute(sql.SQL(template).format(**names, dim=sql.Literal(dim)))
    if row[2] == "active":
        return
    connection.execute(
        sql.SQL(ACTIVATE).format(table=names["table"])
    )  # its lock first: then nothing is added
    refuse_to_hide(connection, name, names["table"])
    connection.execute(
        "UPDATE embedding_models SET state = CASE WHEN name = %s THEN 'active' ELSE 'retired' END", (name,)
    )


def refuse_to_hide(connection: psycopg.Connection, name: str, table: sql.Identifier) -> None:
    """Ends with one line when passages have no vector of the model: the running version goes on with its own."""
    missing = sql.SQL(
        """SELECT count(*), (SELECT name FROM embedding_models WHERE state = 'active') FROM chunks c
            WHERE NOT EXISTS (SELECT 1 FROM {table} v WHERE (v.tenant_id, v.chunk_id) = (c.tenant_id, c.id))"""
    ).format(table=table)
    count, active = connection.execute(missing).fetchone() or (0, None)
    if count and active not in (None, name):
        raise SystemExit(
            f"migrate: EMBEDDING_MODEL is {name}, but {count} passages are embedded with {active} alone and would"
            f" not be found any more: write {active} again, or delete the documents and upload them afterwards"
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


def ensure_keys(connection: psycopg.Connection, settings: MigrationSettings) -> None:
    """The operator's and the web app's keys, as far as the settings name them."""
    for name, key, scopes in (
        ("bootstrap", settings.bootstrap_key, BOOTSTRAP_SCOPES),
        ("webapp", settings.webapp_key, WEBAPP_SCOPES),
    ):
        if key:
            ensure_key(connection, settings, name, key.get_secret_value(), scopes)


def main() -> None:
    """Runs every step in order; each may have been done before."""
    setup_logs("migrate", "info")
    settings = load_settings(MigrationSettings)
    if admin := settings.admin_dsn:
        wait_until_nothing(lacks_login(admin), WAIT_FOR_DATABASE_S)
        make_roles(settings, admin)
    owner = settings.owner_dsn
    wait_until_nothing(lacks_login(owner), WAIT_FOR_DATABASE_S)
    check_extension(owner)
    with step("making the schema", "As the database's owner: GRANT CREATE ON DATABASE … TO rag_owner."):
        is_ours = upgrade(owner, "rag_gateway:sql/migrations", "migrations", LOCK)
    with psycopg.connect(owner) as connection:
        if is_ours:
            ensure_embedding_model(connection, settings.embedding_model, settings.embedding_dim)
        ensure_keys(connection, settings)
    log.info("migrated", extra={"embedding_model": settings.embedding_model})


if __name__ == "__main__":
    main()
