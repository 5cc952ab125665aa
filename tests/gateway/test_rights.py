"""Roles and row-level security, proved on the migrated database as the roles that the services use."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.conftest import Database

TABLES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
       (SELECT count(*) FROM pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname) AS policies
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND c.relkind = 'r'
 WHERE n.nspname IN ('rag', 'feedback')
"""


@pytest.fixture(scope="module")
def two_tenants(database: Database) -> dict[str, tuple[int, UUID, UUID]]:
    """Two tenants with a document for all and one for `role:board` each: name → (tenant, open, closed)."""
    made = {}
    with psycopg.connect(database.dsn("owner")) as owner:
        for name in ("north", "south"):
            (tenant,) = (
                owner.execute("INSERT INTO tenants (name) VALUES (%s) RETURNING id", (name,)).fetchone() or ()
            )
            (collection,) = (
                owner.execute(
                    "INSERT INTO collections (tenant_id, name) VALUES (%s, 'c') RETURNING id", (tenant,)
                ).fetchone()
                or ()
            )
            documents = [_document(owner, tenant, collection, readers) for readers in ([], ["role:board"])]
            made[name] = (tenant, *documents)
    return made


def _document(owner: psycopg.Connection, tenant: int, collection: int, readers: list[str]) -> UUID:
    document = uuid4()
    owner.execute(
        "INSERT INTO documents (tenant_id, id, collection_id, identity, file_name, readers, created_by,"
        " current_version)"
        " VALUES (%s, %s, %s, %s, '', %s, 'test', 2)",
        (tenant, document, collection, str(document), readers),
    )
    for version in (1, 2):
        owner.execute(
            "INSERT INTO document_versions (tenant_id, document_id, version, sha256, media_type, size_bytes)"
            " VALUES (%s, %s, %s, '', 'text/plain', 1)",
            (tenant, document, version),
        )
        owner.execute(
            "INSERT INTO chunks (tenant_id, document_id, version, collection_id, start_char, end_char, heading, text,"
            " units)"
            " VALUES (%s, %s, %s, %s, 0, 1, '', 'x', '[]')",
            (tenant, document, version, collection),
        )
    return document


@pytest.fixture
def app(database: Database) -> Iterator[psycopg.Connection]:
    """A connection as the gateway's role."""
    with psycopg.connect(database.dsn("app")) as connection:
        yield connection


def seen(connection: psycopg.Connection, table: str, tenant: int | None, principals: str = "") -> set[UUID]:
    """Documents whose rows of a table are visible in a transaction with these settings."""
    with connection.transaction():
        if tenant is not None:
            connection.execute("SELECT set_config('app.tenant', %s, true)", (str(tenant),))
        connection.execute("SELECT set_config('app.principals', %s, true)", (principals,))
        column = "id" if table == "documents" else "document_id"
        query = psycopg.sql.SQL("SELECT {} FROM {}").format(
            psycopg.sql.Identifier(column), psycopg.sql.Identifier(table)
        )
        return {row[0] for row in connection.execute(query).fetchall()}


def test_every_table_with_a_tenant_forces_row_level_security(database: Database) -> None:
    with psycopg.connect(database.dsn("owner")) as owner:
        rows = owner.execute(TABLES).fetchall()
    assert len(rows) >= 10
    assert [name for name, forced, policies in rows if not forced or not policies] == []


def test_no_service_role_may_bypass_or_create(database: Database) -> None:
    query = """SELECT rolname FROM pg_roles WHERE rolname LIKE 'rag_%' AND (rolsuper OR rolbypassrls OR rolcreaterole
               OR rolcreatedb OR (rolname <> 'rag_owner' AND has_schema_privilege(rolname, 'rag', 'CREATE')))"""
    with psycopg.connect(database.dsn("owner")) as owner:
        assert owner.execute(query).fetchall() == []


@pytest.mark.parametrize("table", ["documents", "document_versions", "chunks"])
def test_unset_tenant_means_no_rows(app: psycopg.Connection, two_tenants: object, table: str) -> None:
    assert seen(app, table, None) == set()


@pytest.mark.parametrize("table", ["documents", "document_versions", "chunks"])
def test_a_tenant_sees_its_own_open_documents_and_closed_ones_with_the_principal(
    app: psycopg.Connection, two_tenants: dict[str, tuple[int, UUID, UUID]], table: str
) -> None:
    tenant, for_all, for_the_board = two_tenants["north"]
    assert seen(app, table, tenant) == {for_all}
    assert seen(app, table, tenant, "role:crew") == {for_all}
    assert seen(app, table, tenant, "role:crew,role:board") == {for_all, for_the_board}


def test_only_the_current_versions_chunks_are_found(
    app: psycopg.Connection, two_tenants: dict[str, tuple[int, UUID, UUID]]
) -> None:
    with app.transaction():
        app.execute("SELECT set_config('app.tenant', %s, true)", (str(two_tenants["north"][0]),))
        assert app.execute("SELECT DISTINCT version FROM chunks").fetchall() == [(2,)]


def test_a_row_cannot_be_written_into_another_tenant(
    app: psycopg.Connection, two_tenants: dict[str, tuple[int, UUID, UUID]]
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
        app.execute("SELECT set_config('app.tenant', %s, true)", (str(two_tenants["north"][0]),))
        app.execute("INSERT INTO collections (tenant_id, name) VALUES (%s, 'x')", (two_tenants["south"][0],))


def test_the_gateway_cannot_write_passages_nor_read_keys(app: psycopg.Connection) -> None:
    for statement in (
        "DELETE FROM chunks",
        "SELECT * FROM api_keys",
        "DELETE FROM document_versions",
        "DELETE FROM collections",
        "INSERT INTO lexical_statistics VALUES (1, 1, 1)",
        "CREATE TABLE t (i int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(statement)


def test_the_worker_sees_its_tenant_whole(
    database: Database, two_tenants: dict[str, tuple[int, UUID, UUID]]
) -> None:
    tenant, *documents = two_tenants["south"]
    with psycopg.connect(database.dsn("worker")) as worker:
        assert seen(worker, "documents", tenant) == set(documents)
        assert seen(worker, "documents", None) == set()


def test_a_migrations_backfill_changes_rows(database: Database, two_tenants: object) -> None:
    with psycopg.connect(database.dsn("owner")) as owner:
        assert owner.execute("UPDATE documents SET updated_at = now()").rowcount >= 4
        owner.rollback()


def test_migrating_again_changes_nothing(database: Database) -> None:
    def state() -> object:
        with psycopg.connect(database.dsn("owner")) as owner:
            keys = owner.execute("SELECT prefix, hash FROM api_keys ORDER BY prefix").fetchall()
            return keys, owner.execute("SELECT * FROM embedding_models").fetchall()

    before = state()
    database.migrate()
    assert state() == before


def test_pgvector_scans_on_until_enough_rows_are_allowed(app: psycopg.Connection) -> None:
    with app.transaction():
        app.execute("SELECT set_config('hnsw.iterative_scan', 'strict_order', true)")
        app.execute("SELECT '[1]'::halfvec <=> '[1]'::halfvec")
        assert app.execute("SHOW hnsw.iterative_scan").fetchone() == ("strict_order",)
