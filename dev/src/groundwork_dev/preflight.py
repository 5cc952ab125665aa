"""Says before anything is installed whether this machine has the memory and the disk for the parts."""

import os
import shutil
from pathlib import Path

from groundwork_dev.errors import RunnerError

GB = 1_000_000_000
LLM_MEMORY_GB = 3.5
OTHERS_MEMORY_GB = 2.5
STATE_DISK_GB = 1.0


def available_memory(meminfo: Path = Path("/proc/meminfo")) -> float:
    """Gigabytes that new programs can have; infinite where the system does not say."""
    if meminfo.is_file():
        entries = dict(line.split(":", 1) for line in meminfo.read_text(encoding="ascii").splitlines())
        return int(entries["MemAvailable"].split()[0]) * 1024 / GB
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GB
    except (ValueError, OSError):
        return float("inf")


def check_memory(with_llm: bool, available_gb: float) -> None:
    """Raises when the parts would not fit; a packaged model needs what is counted here, a larger one more."""
    needed_gb = OTHERS_MEMORY_GB + (LLM_MEMORY_GB if with_llm else 0)
    if available_gb >= needed_gb:
        return
    remedy = "; with LLM_URL= the model runs elsewhere and 3.5 GB less are needed" if with_llm else ""
    raise RunnerError(
        f"too little memory: the parts need {needed_gb:g} GB, {available_gb:.1f} GB are available{remedy}"
    )


def check_disk(folder: Path, install_gb: float, free_gb: float) -> None:
    """Raises when what is still to be installed, plus the state, would not fit."""
    needed_gb = install_gb + STATE_DISK_GB
    if free_gb < needed_gb:
        raise RunnerError(
            f"too little disk: {needed_gb:g} GB are needed under {folder}, {free_gb:.1f} GB are free"
        )


def free_disk(folder: Path) -> float:
    """Gigabytes free under the nearest folder that exists."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free / GB
