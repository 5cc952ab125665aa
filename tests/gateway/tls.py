"""TLS before a PostgreSQL that is built without it: the real handshake, then the bytes as they are."""

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SSL_REQUEST = struct.pack("!II", 8, 80877103)
"""What libpq sends first (PostgreSQL's documentation, "Message Formats", SSLRequest)."""


@contextmanager
def tls_before(unix_socket: str, context: ssl.SSLContext) -> Iterator[int]:
    """The port of loopback on which a server answers with a certificate and passes on to the socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, unix_socket, context), daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, unix_socket: str, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, unix_socket, context), daemon=True).start()


def _serve(client: socket.socket, unix_socket: str, context: ssl.SSLContext) -> None:
    with suppress(OSError), client, socket.socket(socket.AF_UNIX) as server:
        if client.recv(8) != SSL_REQUEST:
            return  # whoever speaks in plain text gets nothing
        client.sendall(b"S")
        with context.wrap_socket(client, server_side=True) as secured:
            server.connect(unix_socket)
            threading.Thread(target=_copy, args=(server, secured), daemon=True).start()
            _copy(secured, server)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
