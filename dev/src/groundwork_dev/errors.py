"""What can go wrong in the local run, in words that name the part and what to do."""

from pathlib import Path


class RunnerError(Exception):
    """The run cannot go on; the message is one line for the user."""


def port_in_use(part: str, port: int) -> RunnerError:
    """Another program listens where a part wants to."""
    return RunnerError(
        f"{part}: port {port} is in use by another program; "
        f"stop it, or move all ports with GROUNDWORK_PORT_OFFSET=100"
    )


def dead_part(part: str, reason: str, log: Path) -> RunnerError:
    """A part ended or never became healthy; its log's last line says most."""
    return RunnerError(f"{part}: {reason}; {last_line(log)} (log: {log}; then `make up` again)")


def last_line(log: Path) -> str:
    """The last line with something in it of a part's log, shortened for a terminal."""
    if not log.is_file():
        return "nothing logged"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return f"it said: {lines[-1][:240]}" if lines else "nothing logged"
