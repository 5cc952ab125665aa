"""Schema versions, applied in order of their numbers."""

from importlib import resources

from alembic import op


def run_script(script: str) -> None:
    """Runs SQL as it is in the migration's transaction: SQLAlchemy would read % as a placeholder."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(script)


def run_file(name: str) -> None:
    """Runs a script of this folder."""
    run_script(resources.files(__name__).joinpath(name).read_text())
