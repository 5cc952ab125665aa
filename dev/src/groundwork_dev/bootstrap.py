"""From a bare Python to the runner: checks the machine, installs, and becomes `python -m groundwork_dev`.

Standard library alone. The heavy environment is installed by a child process while the light one is made
here; the runner then waits for it under its own progress line.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from groundwork_dev.environments import Environment, environments, install, is_installed
from groundwork_dev.errors import RunnerError
from groundwork_dev.ports import check_ports, listeners
from groundwork_dev.preflight import available_memory, check_disk, check_memory, free_disk
from groundwork_dev.settings import ROOT, RunnerSettings, read_settings, wants_cuda, with_env_file

STARTED_VARIABLE = "GROUNDWORK_STARTED_AT"
INSTALLED_GB = {"light": 1.0, "heavy": 3.0, "traces": 1.0}
CUDA_GB = 9.0
STARTS = (["run"], ["up"])


def check_machine(settings: RunnerSettings, known: dict[str, Environment], cuda: bool) -> None:
    """Memory, disk and ports, unless this stack is running already."""
    if _is_running(settings.state / "supervisor.sock"):
        return
    missing = [name for name in known if not is_installed(known[name])]
    check_memory(settings.runs_llm, available_memory())
    install_gb = sum(INSTALLED_GB[name] for name in missing) + (CUDA_GB if cuda and "heavy" in missing else 0)
    check_disk(ROOT, install_gb, free_disk(ROOT))
    check_ports(settings, listeners(settings))


def _is_running(supervisor: Path) -> bool:
    """Whether somebody answers on the socket; one that a crash left behind answers nobody."""
    with socket.socket(socket.AF_UNIX) as knocking:
        return knocking.connect_ex(str(supervisor)) == 0


def main(words: list[str]) -> None:
    """Installs what the command needs (`install NAME…`: what it names), then hands over to the runner."""
    started = time.time()
    if sys.version_info < (3, 11):  # noqa: UP036 - the system's Python runs this, whatever it is
        raise RunnerError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; set PYTHON=")
    variables = with_env_file(os.environ)
    settings, cuda = read_settings(variables), wants_cuda(variables)
    known = environments(settings, cuda)
    if words[:1] in STARTS:
        check_machine(settings, known, cuda)
    beside = [_install_beside(known[name]) for name in _wanted_beside(words)]
    if not is_installed(known["light"]):
        print("environment light: installing (seconds here, a minute with slow downloads)", flush=True)
        install(known["light"])
    if words[:1] == ["install"]:
        sys.exit(max((process.wait() for process in beside if process), default=0))
    os.environ[STARTED_VARIABLE] = str(started)
    python = str(known["light"].python)
    os.execv(python, [python, "-m", "groundwork_dev", *words])


def _wanted_beside(words: list[str]) -> list[str]:
    if words[:1] == ["install"]:
        return words[1:]
    return ["heavy"] if words[:1] in STARTS else []


def _install_beside(environment: Environment) -> subprocess.Popen[bytes] | None:
    """Starts an installation; the runner asks for it again and waits for its lock under a progress line."""
    if is_installed(environment):
        return None
    log = ROOT / ".groundwork" / f"install-{environment.name}.log"
    log.parent.mkdir(exist_ok=True)
    variables = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with log.open("wb") as file:
        command = [sys.executable, "-m", "groundwork_dev.environments", environment.name]
        return subprocess.Popen(command, env=variables, stdout=file, stderr=file)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except RunnerError as error:
        sys.exit(f"groundwork: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
