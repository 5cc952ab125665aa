"""`python -m rag_feedback.wait`: returns once the schema is new enough for this code; an init container's work."""

from rag_common.logs import setup_logs
from rag_common.schema import lacks_version, wait_until_nothing
from rag_common.settings import load_settings

from rag_feedback.settings import DatabaseSettings
from rag_feedback.sql import SCHEMA_VERSION

VERSION = "SELECT version_num FROM feedback.alembic_version"


def main() -> None:
    """Asks as `rag_feedback`, so that a wrong password shows here; exits with 69 after `WAIT_S`."""
    settings = load_settings(DatabaseSettings)
    setup_logs("feedback-wait", settings.log_level)
    wait_until_nothing(lacks_version(settings.database_dsn, VERSION, SCHEMA_VERSION), settings.wait_s)


if __name__ == "__main__":
    main()
