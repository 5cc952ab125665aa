"""`python -m rag_feedback.migrate`: brings the schema `feedback` to its newest version; safe to run again."""

import logging

from rag_common.logs import setup_logs
from rag_common.migration import upgrade
from rag_common.schema import lacks_login, wait_until_nothing
from rag_common.settings import load_settings

from rag_feedback.settings import MigrationSettings

log = logging.getLogger(__name__)

LOCK = 4_242_002
"""Advisory lock: of several migrations at once, one works and the others wait."""

WAIT_FOR_ROLES_S = 120
ROLES_ARE_THERE = """
SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'rag_feedback')
   AND (has_database_privilege(current_database(), 'CREATE') OR to_regnamespace('feedback') IS NOT NULL)
"""
"""The gateway's migration makes the roles; both may start at the same time."""


def main() -> None:
    """The one-shot command; runs as `rag_owner`, the only role that may create."""
    setup_logs("feedback-migrate", "info")
    owner = load_settings(MigrationSettings).owner_dsn
    missing = "no role rag_feedback yet, or no right for rag_owner to create in the database"
    wait_until_nothing(lacks_login(owner, ROLES_ARE_THERE, missing), WAIT_FOR_ROLES_S)
    upgrade(owner, "rag_feedback:sql/migrations", "feedback", LOCK)
    log.info("migrated")


if __name__ == "__main__":
    main()
