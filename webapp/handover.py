"""Files on their way from the page to the gateway, one at a time, whatever the visitor does meanwhile."""

import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from documents import Accepted
from gateway_errors import GatewayError
from library import Library

TRY_FOR_S = 60.0
"""How long a gateway that is away or busy is asked again before a file is given back to its visitor."""
PAUSE_S = 2.0
SAME_NAME = "Another file of this name was dropped with it; rename one, else it would become its new version."
State = Literal["waiting", "sending", "accepted", "unchanged", "refused"]


@dataclass
class Transfer:
    """One file; its bytes are let go as soon as the gateway has them, or will never take them."""

    collection: str
    name: str
    size_bytes: int
    data: bytes
    state: State = "waiting"
    problem: str = ""
    accepted: Accepted | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def can_be_tried_again(self) -> bool:
        return self.state == "refused" and bool(self.data)


class Handover:
    """The files of one visitor; a thread hands them over and ends when none waits."""

    def __init__(self, library: Library, try_for_s: float = TRY_FOR_S, pause_s: float = PAUSE_S) -> None:
        self._library, self._try_for_s, self._pause_s = library, try_for_s, pause_s
        self._transfers: dict[str, Transfer] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, collection: str, files: Iterable[tuple[str, bytes]]) -> None:
        """Takes files, by name and bytes, after those that wait already; the first of each name."""
        transfers = [Transfer(collection, name, len(data), data) for name, data in files]
        names: set[str] = set()
        for transfer in transfers:
            if transfer.name in names:
                transfer.state, transfer.data, transfer.problem = "refused", b"", SAME_NAME
            names.add(transfer.name)
        with self._lock:
            self._transfers.update({transfer.id: transfer for transfer in transfers})
        self._start()

    def to(self, collection: str) -> list[Transfer]:
        """What was given for a collection and not dismissed, in that order."""
        with self._lock:
            return [transfer for transfer in self._transfers.values() if transfer.collection == collection]

    def is_busy_with(self, collection: str) -> bool:
        """Whether files for a collection are on their way, or have arrived unnoticed."""
        return any(transfer.state in ("waiting", "sending", "accepted") for transfer in self.to(collection))

    def dismiss(self, transfer_id: str) -> None:
        """Forgets one that is not being sent; one that waits will not be handed over."""
        with self._lock:
            if transfer_id in self._transfers and self._transfers[transfer_id].state != "sending":
                del self._transfers[transfer_id]

    def try_again(self, transfer_id: str) -> None:
        """Puts one that the gateway could not take in line again."""
        with self._lock:
            transfer = self._transfers.get(transfer_id)
            if transfer and transfer.can_be_tried_again:
                transfer.state = "waiting"
        self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="handover", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while transfer := self._next():
            self._send(transfer)

    def _next(self) -> Transfer | None:
        with self._lock:
            waiting = (transfer for transfer in self._transfers.values() if transfer.state == "waiting")
            following = next(waiting, None)
            if following:
                following.state = "sending"
            else:
                self._thread = None
            return following

    def _send(self, transfer: Transfer) -> None:
        until = time.monotonic() + self._try_for_s
        while True:
            try:
                accepted = self._library.upload(transfer.collection, transfer.name, transfer.data)
            except GatewayError as problem:
                transfer.problem = str(problem)
                if not problem.may_pass:
                    transfer.data = b""
                elif time.monotonic() < until:
                    time.sleep(self._pause_s)
                    continue
                transfer.state = "refused"
            else:
                transfer.accepted, transfer.data, transfer.problem = accepted, b"", ""
                transfer.state = "unchanged" if accepted.unchanged else "accepted"
            return
