"""Hands files to the gateway and waits until each can be found."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Literal

from rich.progress import Progress

from groundwork.gateway import Gateway, GatewayError

POLL_S = 0.3
WAITING = ("queued", "running")


@dataclass(frozen=True)
class Ingested:
    """What became of one file, and why when it failed."""

    name: str
    outcome: Literal["published", "unchanged", "failed"]
    reason: str = ""


def ingest(
    gateway: Gateway, collection: str, files: Mapping[str, Path], progress: Progress
) -> list[Ingested]:
    """Uploads all files first, so that the worker is busy meanwhile, then waits for each."""
    uploading = progress.add_task("uploading", total=len(files))
    handed_over: list[Ingested | tuple[str, str]] = []
    for name, path in files.items():
        handed_over.append(_hand_over(gateway, collection, name, path))
        progress.advance(uploading)
    indexing = progress.add_task("indexing", total=len(files))
    results = []
    for file in handed_over:
        results.append(file if isinstance(file, Ingested) else _wait(gateway, *file))
        progress.advance(indexing)
    return results


def _hand_over(gateway: Gateway, collection: str, name: str, path: Path) -> Ingested | tuple[str, str]:
    """The file's name and job, or its result when there is nothing to wait for."""
    try:
        new, document = gateway.upload(collection, path, name)
    except (GatewayError, OSError) as error:
        return Ingested(name, "failed", str(error))
    if not new and document["status"] == "succeeded":
        return Ingested(name, "unchanged")
    return name, document["job_id"]


def _wait(gateway: Gateway, name: str, job_id: str) -> Ingested:
    try:
        while (job := gateway.job(job_id))["status"] in WAITING:
            sleep(POLL_S)
    except GatewayError as error:
        return Ingested(name, "failed", str(error))
    if job["status"] == "succeeded":
        return Ingested(name, "published")
    return Ingested(name, "failed", str((job["error"] or {}).get("message", job["status"])))
