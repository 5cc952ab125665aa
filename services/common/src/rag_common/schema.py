"""Waits for PostgreSQL and for a schema's version: what migrations and init containers begin with."""

import logging
import signal
import sys
import time
from collections.abc import Callable
from typing import LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

from rag_common.server import EX_UNAVAILABLE

log = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
SAY_EVERY_S = 5.0
CONNECT_TIMEOUT_S = 5

Lacks = Callable[[], str | None]
"""What is still missing, in words; None when nothing is."""

_UNREADABLE = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.InsufficientPrivilege,
)


def wait_until_nothing(lacks: Lacks, limit_s: float) -> None:
    """Returns once nothing is missing; every few seconds says what is, and after `limit_s` exits with 69."""
    # The first process of a container ends on a signal only when it says so.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    started, said = time.monotonic(), -SAY_EVERY_S
    while (missing := lacks()) is not None:
        waited_s = time.monotonic() - started
        if waited_s >= limit_s:
            log.error("gave_up_waiting", extra={"missing": missing, "after_s": round(waited_s)})
            sys.exit(EX_UNAVAILABLE)
        if waited_s - said >= SAY_EVERY_S:
            log.info("waiting", extra={"missing": missing, "for_at_most_s": round(limit_s - waited_s)})
            said = waited_s
        time.sleep(min(LOOK_EVERY_S, limit_s - waited_s))


def lacks_login(dsn: str, ready: LiteralString = "SELECT true", otherwise: str = "") -> Lacks:
    """Missing until these credentials can log in, and until the query `ready` then says true."""

    def lacks() -> str | None:
        try:
            return None if _first_value(dsn, ready) else otherwise
        except psycopg.OperationalError as error:
            return _no_database(error)

    return lacks


def lacks_version(dsn: str, query: LiteralString, wanted: str) -> Lacks:
    """Missing until `query`, which reads the schema's version, gives at least `wanted`; these are texts like 0002."""

    def lacks() -> str | None:
        try:
            found = _first_value(dsn, query)
        except psycopg.OperationalError as error:
            return _no_database(error)
        except _UNREADABLE as error:
            return f"no schema that this role may read: {_first_line(error)}"
        if found is None:
            return "no schema"
        return None if str(found) >= wanted else f"the schema is at version {found}, not {wanted}"

    return lacks


def _first_value(dsn: str, query: LiteralString) -> object:
    with psycopg.connect(
        make_conninfo(dsn, connect_timeout=CONNECT_TIMEOUT_S), autocommit=True
    ) as connection:
        row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def _no_database(error: psycopg.Error) -> str:
    return f"no database: {_first_line(error)}"


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]
