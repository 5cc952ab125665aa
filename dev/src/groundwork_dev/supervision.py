"""The supervisor (supervisord) that keeps the parts running: its start and its control."""

import contextlib
import os
import subprocess
import sys
import time
import xmlrpc.client
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from groundwork_dev.configuration import configuration, socket_of
from groundwork_dev.errors import RunnerError, last_line
from groundwork_dev.parts import Part
from groundwork_dev.settings import RunnerSettings

KEYS = ("LLM_API_KEY", "HF_TOKEN")
STARTED_WITHIN_S = 15
STOPPED_WITHIN_S = 40
GONE = ("STOPPED", "EXITED", "FATAL")


class Supervisor:
    """Control of a running supervisord over its socket."""

    def __init__(self, settings: RunnerSettings) -> None:
        self._settings = settings

    def _call(self, method: str, *arguments: object) -> Any:
        # A new connection each time: the transport does not recover from one that failed.
        transport = SupervisorTransport(None, None, f"unix://{socket_of(self._settings)}")
        try:
            server = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(server.supervisor, method)(*arguments)
        finally:
            transport.close()

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            self._call("getState")
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
        command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", str(path)]
        # Each part is told its own variables; what all would inherit holds nobody's keys.
        inherited = {name: value for name, value in os.environ.items() if name not in KEYS}
        done = subprocess.run(command, env=inherited, capture_output=True, text=True, check=False)
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not self.is_running():
            if done.returncode or time.monotonic() > deadline:
                words = done.stderr or last_line(self._settings.logs / "supervisord.log")
                raise RunnerError(f"supervisor: did not start; {words}")
            time.sleep(0.05)

    def _renew(self) -> None:
        """Parts whose command or environment changed are stopped; their next start takes the new ones."""
        added, changed, removed = self._call("reloadConfig")[0]
        for name in changed + removed:
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in added + changed:
            self._call("addProcessGroup", name)

    def start(self, part: str) -> None:
        """Starts a part that is not running; returns at once."""
        if self.state(part)[0] not in ("RUNNING", "STARTING", "BACKOFF"):
            self._call("startProcess", part, False)

    def stop(self, part: str) -> None:
        """Stops a part and waits until it is gone."""
        if self.state(part)[0] not in GONE:
            self._call("stopProcess", part, True)

    def state(self, part: str) -> tuple[str, int, int]:
        """Name of the state, process id (0 without one), exit status of the last end."""
        info = self._call("getProcessInfo", part)
        return info["statename"], info["pid"], info["exitstatus"]

    def overview(self) -> list[dict[str, Any]]:
        """What supervisord says of each part."""
        processes: list[dict[str, Any]] = self._call("getAllProcessInfo")
        return processes

    def stop_all(self) -> None:
        """All parts at once but for PostgreSQL, which goes last; then supervisord itself."""
        running = [info["name"] for info in self.overview() if info["statename"] not in GONE]
        for name in running:
            if name != "postgres":
                self._call("stopProcess", name, False)
        self._wait_gone([name for name in running if name != "postgres"])
        pid = self._call("getPID")
        self._call("shutdown")
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(STOPPED_WITHIN_S)

    def _wait_gone(self, names: list[str]) -> None:
        deadline = time.monotonic() + STOPPED_WITHIN_S
        while time.monotonic() < deadline and any(self.state(name)[0] not in GONE for name in names):
            time.sleep(0.1)
