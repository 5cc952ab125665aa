"""Feedback is kept once per caller and answer, read back as it came, and seen by its tenant alone."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.conftest import Database
from tests.feedback.callers import Gateway, feedback
from tests.served import served


def test_what_was_said_comes_back_whole(gateway: Gateway) -> None:
    said = feedback(
        rating="down",
        reasons=["wrong", "outdated"],
        comment="It is 5433.",
        correction="The port is 5433 · порт",
        sources=[{"n": 1, "verdict": "bad"}],
    )
    kept = gateway.ask("POST", json=said)
    assert kept.status_code == 200, kept.text
    assert gateway.listed() == [kept.json()]
    assert {name: kept.json()[name] for name in said} == said
    assert kept.json()["subject"] == "alice"


def test_the_same_caller_again_replaces(gateway: Gateway) -> None:
    answer = str(uuid4())
    first = gateway.rate(answer_id=answer, rating="up").json()
    second = gateway.rate(answer_id=answer, rating="down", reasons=["wrong"], comment="No.").json()
    assert (second["id"], second["created_at"]) == (first["id"], first["created_at"])
    assert second["updated_at"] > first["updated_at"]
    assert gateway.listed() == [second]


def test_another_caller_of_the_tenant_adds_and_both_are_listed(gateway: Gateway) -> None:
    answer = str(uuid4())
    gateway.rate(answer_id=answer)
    replace(gateway, subject="bob").rate(answer_id=answer)
    assert {kept["subject"] for kept in gateway.listed()} == {"alice", "bob"}


def test_withdrawn_feedback_is_gone_and_cannot_be_withdrawn_again(gateway: Gateway) -> None:
    answer = gateway.rate().json()["answer_id"]
    assert gateway.ask("DELETE", f"/{answer}").status_code == 204
    assert gateway.listed() == []
    assert gateway.ask("DELETE", f"/{answer}").status_code == 404


def test_one_caller_cannot_withdraw_what_another_said(gateway: Gateway) -> None:
    answer = gateway.rate().json()["answer_id"]
    assert replace(gateway, subject="bob").ask("DELETE", f"/{answer}").status_code == 404
    assert replace(gateway, tenant=gateway.tenant + 500).ask("DELETE", f"/{answer}").status_code == 404
    assert len(gateway.listed()) == 1


def test_another_tenant_sees_nothing(gateway: Gateway) -> None:
    gateway.rate()
    stranger = replace(gateway, tenant=gateway.tenant + 500)
    assert stranger.listed() == []
    assert stranger.ask("GET", "/stats").json()["days"] == []


def test_without_a_tenant_the_service_sees_and_keeps_nothing(gateway: Gateway, database: Database) -> None:
    gateway.rate()
    with psycopg.connect(database.dsn("feedback")) as connection:
        assert connection.execute("SELECT count(*) FROM feedback.ratings").fetchone() == (0,)
        assert connection.execute("DELETE FROM feedback.ratings").rowcount == 0
    with psycopg.connect(database.dsn("owner")) as connection:
        kept = connection.execute(
            "SELECT count(*) FROM feedback.ratings WHERE tenant_id = %s", (gateway.tenant,)
        )
        assert kept.fetchone() == (1,)


def test_the_service_writes_for_the_tenant_of_its_transaction_alone(
    gateway: Gateway, database: Database
) -> None:
    gateway.rate()
    with psycopg.connect(database.dsn("feedback")) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", (str(gateway.tenant),))
        with pytest.raises(InsufficientPrivilege):
            connection.execute("UPDATE feedback.ratings SET tenant_id = tenant_id + 1")


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE feedback.mine (n int)", "CREATE TABLE public.mine (n int)", "CREATE SCHEMA mine"],
)
def test_the_service_may_create_nothing(database: Database, statement: LiteralString) -> None:
    with psycopg.connect(database.dsn("feedback")) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


def test_migrating_again_changes_nothing(gateway: Gateway, database: Database) -> None:
    gateway.rate()
    before = _catalog(database)
    environment = os.environ | {"DATABASE_OWNER_URL": database.dsn("owner")}
    subprocess.run([sys.executable, "-m", "rag_feedback.migrate"], env=environment, check=True)
    assert _catalog(database) == before
    assert len(gateway.listed()) == 1


def _catalog(database: Database) -> list[tuple[object, ...]]:
    with psycopg.connect(database.admin_dsn, dbname=database.name) as connection:
        return connection.execute(
            "SELECT oid, relacl::text FROM pg_class WHERE relnamespace = 'feedback'::regnamespace ORDER BY 1"
        ).fetchall()


def test_without_its_database_the_service_is_alive_unready_and_says_why(gateway: Gateway) -> None:
    environment = {"DATABASE_URL": "postgresql://rag_feedback@127.0.0.1:9/groundwork"}
    with served(sys.executable, "rag_feedback", environment, until="/healthz") as url:
        ready = gateway.http.get(f"{url}/readyz")
        assert ready.status_code == 503
        assert ready.json()["parts"]["postgres"]["reason"]
