"""A wire between an application and its database, on which each statement is seen.

A relay listens on the loopback address, passes everything on unchanged, and keeps the text of the
statements. It needs no right on the server, leaves nothing there, and what others do on that server
does not disturb it. Encryption and compression are declined, so the wire can be read.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from .database.engine import Unsupported

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

CHUNK = 65_536
PORTS = {"postgresql": 5432, "mariadb": 3306}


class Reader(Protocol):
    """Reads what one connection says: the statements in it, and what the client may see."""

    def statements(self, data: bytes) -> Iterator[str]:
        """The statements that the client's next bytes complete."""

    def declined(self, data: bytes) -> bytes:
        """What the relay itself answers to the client's first bytes instead of passing them on; b""."""

    def shown(self, data: bytes) -> bytes:
        """The server's next bytes, without the offer to encrypt or compress."""


class Wire:
    """A relay to the database of a URL; `url` is the address by which an application comes over it."""

    def __init__(self, url: URL, server: Callable[[], socket.socket], reader: Callable[[], Reader]):
        """`url` names dialect and driver as the application needs them."""
        self._server, self._reader = server, reader
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._seen: list[str] = []
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        query = {name: value for name, value in url.query.items() if name not in SOCKETS}
        port = self._listener.getsockname()[1]
        there = url.set(host="127.0.0.1", port=port, query=query)
        self.url = there.render_as_string(hide_password=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self) -> list[str]:
        """The statements since the last call, in order."""
        with self._lock:
            seen, self._seen = self._seen, []
        return seen

    def close(self) -> None:
        """Hang up; harmless when repeated."""
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = self._server()
            except OSError:
                return
            self._open += [client, server]
            reader = self._reader()
            for work in (self._up, self._down):
                threading.Thread(target=work, args=(client, server, reader), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, reader: Reader) -> None:
        with suppress(OSError):
            while data := client.recv(CHUNK):
                if refusal := reader.declined(data):
                    client.sendall(refusal)
                    continue
                with self._lock:
                    self._seen += reader.statements(data)
                server.sendall(data)
        _hang_up(server)

    def _down(self, client: socket.socket, server: socket.socket, reader: Reader) -> None:
        with suppress(OSError):
            while data := server.recv(CHUNK):
                client.sendall(reader.shown(data))
        _hang_up(client)


def _hang_up(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)


SOCKETS = ("host", "unix_socket")
"""Where drivers take a local socket instead of a host."""


def open_wire(url: str) -> Wire:
    """A wire to the database of a URL; Unsupported for an engine that is no server."""
    from sqlalchemy.engine import make_url

    from .database.connect import backend_of, parse_url
    from .wire_mariadb import MariaDBReader
    from .wire_postgresql import PostgreSQLReader

    parsed = parse_url(url)
    backend = backend_of(parsed)
    readers: dict[str, Callable[[], Reader]] = {
        "postgresql": PostgreSQLReader,
        "mariadb": MariaDBReader,
    }
    if backend not in readers:
        raise Unsupported(
            f"{backend} runs inside the application: there is no server that could count statements",
            elsewhere=tuple(readers),
        )
    return Wire(make_url(url), lambda: _connect(parsed, backend), readers[backend])


def _connect(url: URL, backend: str) -> socket.socket:
    port = url.port or PORTS[backend]
    named = next((str(url.query[name]) for name in SOCKETS if name in url.query), "")
    if named.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{named}/.s.PGSQL.{port}" if backend == "postgresql" else named)
        return connection
    return socket.create_connection((named or url.host or "127.0.0.1", port))
