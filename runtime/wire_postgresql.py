"""PostgreSQL's protocol 3, as far as it tells which statements a client runs.

Source: PostgreSQL documentation, "Frontend/Backend Protocol", Message Formats.
"""

from __future__ import annotations

from collections.abc import Iterator

ENCRYPT = (80_877_103, 80_877_104)
"""Codes of SSLRequest and GSSENCRequest."""


class PostgreSQLReader:
    """One connection: simple queries, and the executions of prepared ones."""

    def __init__(self) -> None:
        self._buffer = b""
        self._begun = False
        self._prepared: dict[bytes, bytes] = {}
        self._portals: dict[bytes, bytes] = {}

    def declined(self, data: bytes) -> bytes:
        """`N` to a request for encryption."""
        asks = not self._begun and len(data) == 8 and int.from_bytes(data[4:8], "big") in ENCRYPT
        return b"N" if asks else b""

    def shown(self, data: bytes) -> bytes:
        return data

    def statements(self, data: bytes) -> Iterator[str]:
        """The text of each Query, and of each Execute what its portal was bound to."""
        self._buffer += data
        while (message := self._message()) is not None:
            kind, content = message
            if kind == b"Q":
                yield _text(content.rstrip(b"\0"))
            elif kind == b"P":
                name, query, *_ = content.split(b"\0")
                self._prepared[name] = query
            elif kind == b"B":
                portal, name, *_ = content.split(b"\0", 2)
                self._portals[portal] = self._prepared.get(name, b"")
            elif kind == b"E":
                yield _text(self._portals.get(content.partition(b"\0")[0], b""))

    def _message(self) -> tuple[bytes, bytes] | None:
        """The next whole message; the first one of a connection has no letter."""
        head = 1 if self._begun else 0
        if len(self._buffer) < head + 4:
            return None
        end = head + int.from_bytes(self._buffer[head : head + 4], "big")
        if len(self._buffer) < end:
            return None
        message = self._buffer[:end]
        self._buffer = self._buffer[end:]
        kind = message[:head]
        self._begun = True
        return kind, message[head + 4 :]


def _text(query: bytes) -> str:
    return query.decode(errors="replace")
