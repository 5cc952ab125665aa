"""Compares what PostgreSQL holds with itself: rows that belong to nothing, counted by kind."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import LiteralString, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from groundwork import sql
from groundwork.settings import CliSettings

CONNECT_TIMEOUT_S = 5
AGAIN = "delete the document, upload it again, and look for the next"
RESTORED = (
    "foreign keys were off, or a backup is incomplete: restore it whole, or delete these rows as rag_owner"
)
RATINGS = "ratings_without_answer"

ADVICE = {
    "chunks_of_other_versions": AGAIN,
    "chunks_without_vector": AGAIN,
    "chunks_without_postings": AGAIN,
    "vectors_without_chunk": RESTORED,
    "postings_without_chunk": RESTORED,
    "statistics_that_differ": "the tenant's search ranks by wrong lengths: set its row to what is counted",
    "documents_without_text": AGAIN,
    "versions_without_job": AGAIN,
    "blobs_without_version": RESTORED,
    "jobs_not_queued": "nobody works on them: POST /v1/jobs/{id}/cancel, then …/retry",
    "queued_without_job": "a worker drops them when their turn comes: see that one runs",
    RATINGS: RESTORED,
    "told_without_document": "answers may hold words of a removed document: " + RESTORED,
    "removals_not_told": "the feedback service has not heard of a removal for an hour: see that it and a worker run",
}
"""What to do about each kind; each is the name of the statement that counts it."""


class NoDatabase(Exception):
    """The database cannot be compared; the words say why and what to do."""


@dataclass(frozen=True)
class Orphans:
    """One kind with how many there are, one of them, and what to do."""

    name: str
    count: int
    example: str
    advice: str


@contextmanager
def open_database(settings: CliSettings) -> Iterator[psycopg.Connection]:
    """One snapshot of the whole database, read-only; raises NoDatabase."""
    if settings.database_owner_url is None:
        raise NoDatabase(
            "DATABASE_OWNER_URL is not set: it is the connection of `rag_owner`, as migrations have it"
        )
    try:
        with psycopg.connect(_dsn(settings.database_owner_url, settings.rag_owner_password)) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise NoDatabase(
            f"the schema is another than this command's: {_first_line(error)}; migrate first"
        ) from error
    except psycopg.OperationalError as error:
        words = f"no database: {_first_line(error)}; start it with `make up`, or set DATABASE_OWNER_URL"
        raise NoDatabase(words) from error
    except psycopg.Error as error:
        raise NoDatabase(f"no database: {_first_line(error)}; see DATABASE_OWNER_URL") from error


def count_orphans(connection: psycopg.Connection) -> Iterator[Orphans]:
    """Every kind of which there are some; raises NoDatabase for a role that would not see them."""
    statements = _statements()
    sees_all, role, has_feedback = connection.execute(statements["sight"]).fetchone() or (False, "", False)
    if not sees_all:
        raise NoDatabase(f"{role} does not see all tenants: DATABASE_OWNER_URL must name `rag_owner`")
    for name, advice in ADVICE.items():
        if name == RATINGS and not has_feedback:
            continue  # the feedback service has a database of its own
        count, example = connection.execute(statements[name]).fetchone() or (0, "")
        if count:
            yield Orphans(name, count, example, advice)


def _dsn(url: SecretStr, password: SecretStr) -> str:
    """The connection; a password in the URL itself comes first."""
    dsn, secret = url.get_secret_value(), password.get_secret_value()
    own = bool(conninfo_to_dict(dsn).get("password"))
    more = {} if own or not secret else {"password": secret}
    return make_conninfo(dsn, connect_timeout=CONNECT_TIMEOUT_S, **more)


def _statements() -> dict[str, LiteralString]:
    text = resources.files(sql).joinpath("reconcile.sql").read_text()
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    return {name: cast(LiteralString, text) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]
