"""Makes a database where the volume is empty, then becomes PostgreSQL; the variables are the public image's.

POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE (one of them, on the first start), POSTGRES_USER (postgres), POSTGRES_DB
(the user's name), POSTGRES_INITDB_ARGS, PGDATA. A first argument other than `postgres` is run as it is.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

EX_CONFIG = 78
LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
ACCESS = "\nhost all all all scram-sha-256\n"
"""Whoever comes over the network shows a password; the socket is the container's own."""


def password() -> str:
    """The superuser's; exits with 78 when none is given."""
    file = os.environ.get("POSTGRES_PASSWORD_FILE")
    found = (
        Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get("POSTGRES_PASSWORD", "")
    )
    if not found:
        sys.stderr.write("postgres: set POSTGRES_PASSWORD_FILE (or POSTGRES_PASSWORD): the volume is empty\n")
        sys.exit(EX_CONFIG)
    return found


def initialise(data: Path, user: str) -> None:
    """`initdb` beside the final name, so that a pod killed meanwhile leaves no half of a database."""
    partial = data.with_name(f"{data.name}.partial")
    subprocess.run(["rm", "-rf", str(partial)], check=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as secret:
        secret.write(password())
        secret.flush()
        words = ["initdb", "-D", str(partial), f"--username={user}", f"--pwfile={secret.name}"]
        words += ["--auth-local=trust", "--auth-host=scram-sha-256", *LOCALE]
        subprocess.run([*words, *shlex.split(os.environ.get("POSTGRES_INITDB_ARGS", ""))], check=True)
    with (partial / "pg_hba.conf").open("a", encoding="utf-8") as access:
        access.write(ACCESS)
    make_database(partial, user, os.environ.get("POSTGRES_DB", user))
    partial.rename(data)


def make_database(data: Path, user: str, name: str) -> None:
    """In single-user mode: no server that somebody could meet half made."""
    if name == "postgres":
        return
    quoted = name.replace('"', '""')
    owner = user.replace('"', '""')
    command = ["postgres", "--single", "-D", str(data), "postgres"]
    statement = f'CREATE DATABASE "{quoted}" OWNER "{owner}"\n'
    subprocess.run(command, input=statement, text=True, check=True, stdout=subprocess.DEVNULL)


def main(words: list[str]) -> None:
    """Never returns."""
    if words[:1] != ["postgres"]:
        os.execvp(words[0], words)
    data = Path(os.environ["PGDATA"])
    if not (data / "PG_VERSION").exists():
        initialise(data, os.environ.get("POSTGRES_USER", "postgres"))
    sockets = f"unix_socket_directories={os.environ.get('POSTGRES_SOCKETS', '/tmp')}"
    os.execvp(
        "postgres", ["postgres", "-D", str(data), "-c", "listen_addresses=*", "-c", sockets, *words[1:]]
    )


if __name__ == "__main__":
    main(sys.argv[1:] or ["postgres"])
