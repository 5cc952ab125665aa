"""The supervisor (supervisord) that keeps the parts running: its configuration, its start, its control."""

import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from groundwork_dev.errors import RunnerError, last_line
from groundwork_dev.parts import Part
from groundwork_dev.settings import RunnerSettings

MARK = "GROUNDWORK_PART"
"""Variable in each part's environment, by which a part is found when its supervisor was killed."""

STARTED_WITHIN_S = 15
STOPPED_WITHIN_S = 40
GONE = ("STOPPED", "EXITED", "FATAL")

HEAD = """[supervisord]
nodaemon=true
silent=true
logfile={logs}/supervisord.log
pidfile={state}/supervisord.pid
childlogdir={logs}
{user}
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """
[program:{name}]
command={command}
environment={environment}
autostart=false
autorestart=unexpected
; 0: ended as asked; 78: wrong configuration, which trying again does not mend.
exitcodes=0,78
startsecs=1
startretries=2
stopsignal={stop_signal}
stopwaitsecs=32
stopasgroup={stops_group}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=1
{user}
"""


def configuration(settings: RunnerSettings, table: list[Part]) -> str:
    """supervisord's configuration file for these parts; it holds secrets."""
    user = "user=root" if os.geteuid() == 0 else ""
    paths = {name: _escaped(str(path)) for name, path in (("logs", settings.logs), ("state", settings.state))}
    head = HEAD.format(**paths, socket=_escaped(str(socket_of(settings))), user=user)
    return head + "".join(_program(settings, part) for part in table)


def _program(settings: RunnerSettings, part: Part) -> str:
    environment = part.environment | {MARK: f"{settings.state}:{part.name}"}
    return PROGRAM.format(
        name=part.name,
        command=_escaped(shlex.join(part.command)),
        environment=",".join(f"{name}={_quoted(name, value)}" for name, value in environment.items()),
        stop_signal=part.stop_signal,
        stops_group=str(part.stops_group).lower(),
        log=_escaped(str(log_of(settings, part.name))),
        user=f"user={part.user}" if part.user else "",
    )


def _escaped(value: str) -> str:
    return value.replace("%", "%%")


def _quoted(name: str, value: str) -> str:
    # supervisord knows no escape inside its quotes, and takes " ;" for a comment.
    if any(piece in value for piece in ('"', "\n", " ;")):
        raise RunnerError(f"{name}: a value with a quotation mark, a line break or ` ;` cannot be passed on")
    return f'"{_escaped(value)}"'


def socket_of(settings: RunnerSettings) -> Path:
    """Where the supervisor takes commands."""
    return settings.state / "supervisor.sock"


def log_of(settings: RunnerSettings, part: str) -> Path:
    """Where a part's output goes."""
    return settings.logs / f"{part}.log"


class Supervisor:
    """Control of a running supervisord over its socket."""

    def __init__(self, settings: RunnerSettings) -> None:
        self._settings = settings

    @property
    def _api(self) -> Any:
        # A new connection each time: the transport does not recover from one that failed.
        transport = SupervisorTransport(None, None, f"unix://{socket_of(self._settings)}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            self._api.getState()
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def launch(self, table: list[Part]) -> None:
        """Starts it with no part running, or gives a running one the new configuration."""
        self._settings.logs.mkdir(parents=True, exist_ok=True)
        path = self._settings.state / "supervisord.conf"
        path.touch(mode=0o600)
        path.write_text(configuration(self._settings, table), encoding="utf-8")
        if self.is_running():
            self._renew()
            return
        log = self._settings.logs / "supervisord.log"
        with log.open("ab") as file:
            command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", str(path)]
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True, cwd="/"
            )
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not self.is_running():
            if time.monotonic() > deadline:
                raise RunnerError(f"supervisor: did not start; {last_line(log)} (log: {log})")
            time.sleep(0.05)

    def _renew(self) -> None:
        """Parts whose command or environment changed are stopped; their next start takes the new ones."""
        added, changed, removed = self._api.reloadConfig()[0]
        for name in changed + removed:
            self._api.stopProcessGroup(name)
            self._api.removeProcessGroup(name)
        for name in added + changed:
            self._api.addProcessGroup(name)

    def start(self, part: str) -> None:
        """Starts a part that is not running; returns at once."""
        if self.state(part)[0] not in ("RUNNING", "STARTING", "BACKOFF"):
            self._api.startProcess(part, False)

    def stop(self, part: str) -> None:
        """Stops a part and waits until it is gone."""
        if self.state(part)[0] not in GONE:
            self._api.stopProcess(part, True)

    def state(self, part: str) -> tuple[str, int, int]:
        """Name of the state, process id (0 without one), exit status of the last end."""
        info = self._api.getProcessInfo(part)
        return info["statename"], info["pid"], info["exitstatus"]

    def overview(self) -> list[dict[str, Any]]:
        """What supervisord says of each part."""
        processes: list[dict[str, Any]] = self._api.getAllProcessInfo()
        return processes

    def stop_all(self) -> None:
        """All parts at once but for PostgreSQL, which goes last; then supervisord itself."""
        running = [info["name"] for info in self.overview() if info["statename"] not in GONE]
        for name in running:
            if name != "postgres":
                self._api.stopProcess(name, False)
        self._wait_gone([name for name in running if name != "postgres"])
        pid = self._api.getPID()
        self._api.shutdown()
        deadline = time.monotonic() + STOPPED_WITHIN_S
        while _exists(pid) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _wait_gone(self, names: list[str]) -> None:
        deadline = time.monotonic() + STOPPED_WITHIN_S
        while time.monotonic() < deadline and any(self.state(name)[0] not in GONE for name in names):
            time.sleep(0.1)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
