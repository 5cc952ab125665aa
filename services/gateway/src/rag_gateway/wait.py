"""`python -m rag_gateway.wait`: returns once the schema is new enough for this code; an init container's work."""

from rag_common.logs import setup_logs
from rag_common.schema import lacks_version, wait_until_nothing
from rag_common.settings import load_settings

from rag_gateway.settings import DatabaseSettings
from rag_gateway.sql import SCHEMA_VERSION

VERSION = "SELECT version_num FROM migrations.alembic_version"


def main() -> None:
    """Asks as the service's own role, so that a wrong password shows here; exits with 69 after `WAIT_S`."""
    settings = load_settings(DatabaseSettings)
    setup_logs("wait", settings.log_level)
    wait_until_nothing(lacks_version(settings.database_dsn, VERSION, SCHEMA_VERSION), settings.wait_s)


if __name__ == "__main__":
    main()
