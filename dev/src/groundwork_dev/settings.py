"""The runner's settings, from the environment and the `.env` file, with the standard library alone.

They are read before any environment is installed, so pydantic is not there yet.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from groundwork_dev.errors import RunnerError

ROOT = Path(__file__).resolve().parents[3]
ANSWER_MODES = ("", "write", "quote", "both")


@dataclass(frozen=True)
class RunnerSettings:
    """What the user may set for a local run; every field is documented in `.env.example`."""

    state: Path
    port_offset: int = 0
    traces: bool = True
    llm_url: str = ""
    llm_api_key: str = ""
    llm_model: str = ""
    answer_mode: str = ""
    embedding_model: str = "all-MiniLM-L6-v2"
    embedding_dim: str = "384"

    @property
    def runs_llm(self) -> bool:
        """False when the model is served elsewhere."""
        return not self.llm_url

    @property
    def packaged_model(self) -> bool:
        """True when neither a model nor an address of one is set."""
        return not self.llm_url and not self.llm_model

    @property
    def models(self) -> Path:
        """Converted models: the same for every state folder, since making them takes a while."""
        return ROOT / ".groundwork" / "models"

    @property
    def logs(self) -> Path:
        """One log file for each part."""
        return self.state / "logs"


def read_settings(environment: Mapping[str, str]) -> RunnerSettings:
    """Checks and converts the variables of the runner."""
    mode, offset = environment.get("ANSWER_MODE", ""), environment.get("GROUNDWORK_PORT_OFFSET", "") or "0"
    if mode not in ANSWER_MODES:
        raise RunnerError(f"ANSWER_MODE={mode}: write, quote or both")
    if not offset.isdecimal() or int(offset) > 56_000:
        raise RunnerError(f"GROUNDWORK_PORT_OFFSET={offset}: a number from 0 to 56000")
    return RunnerSettings(
        state=(ROOT / (environment.get("GROUNDWORK_STATE") or ".groundwork")).expanduser().resolve(),
        port_offset=int(offset),
        traces=environment.get("GROUNDWORK_TRACES", "on") != "off",
        llm_url=environment.get("LLM_URL", ""),
        llm_api_key=environment.get("LLM_API_KEY", ""),
        llm_model=environment.get("LLM_MODEL", ""),
        answer_mode=mode,
        embedding_model=environment.get("EMBEDDING_MODEL") or "all-MiniLM-L6-v2",
        embedding_dim=environment.get("EMBEDDING_DIM") or "384",
    )


def with_env_file(environment: Mapping[str, str], file: Path = ROOT / ".env") -> dict[str, str]:
    """The environment with the lines `NAME=value` of the file below it: what is exported already wins."""
    if not file.is_file():
        return dict(environment)
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (
        line.removeprefix("export ").partition("=") for line in lines if line and not line.startswith("#")
    )
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs} | dict(environment)


def wants_cuda(environment: Mapping[str, str]) -> bool:
    """Whether the heavy environment is the one for a GPU: there is one, and it is not forbidden."""
    if environment.get("LLM_DEVICE") == "cpu" or not shutil.which("nvidia-smi"):
        return False
    return subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode == 0
