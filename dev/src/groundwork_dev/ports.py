"""Which part listens where; `GROUNDWORK_PORT_OFFSET` moves them all."""

import socket
from dataclasses import dataclass
from types import MappingProxyType

from groundwork_dev.errors import port_in_use
from groundwork_dev.settings import RunnerSettings

LOOPBACK = "127.0.0.1"
PORTS = MappingProxyType(
    {
        "gateway": 8080,
        "gateway operations": 9080,
        "worker operations": 9081,
        "embedder": 8081,
        "feedback": 8082,
        "llm": 8000,
        "webapp": 8501,
        "postgres": 5433,
        "traces": 6006,
        "traces grpc": 4317,
    }
)


@dataclass(frozen=True)
class Addresses:
    """Ports and addresses of one stack."""

    offset: int

    def port(self, name: str) -> int:
        """The port of a part, or of its second listener."""
        return PORTS[name] + self.offset

    def url(self, name: str) -> str:
        """The address as others on this machine reach it."""
        return f"http://{LOOPBACK}:{self.port(name)}"


def listeners(settings: RunnerSettings) -> list[str]:
    """The names in the table that this run will listen on."""
    absent = [] if settings.runs_llm else ["llm"]
    absent += [] if settings.traces else ["traces"]
    return [name for name in PORTS if name.partition(" ")[0] not in absent]


def check_ports(settings: RunnerSettings, names: list[str]) -> None:
    """Raises when another program listens on a port that one of these listeners needs."""
    addresses = Addresses(settings.port_offset)
    for name in names:
        if _is_taken(addresses.port(name)):
            raise port_in_use(name.partition(" ")[0], addresses.port(name))


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False
