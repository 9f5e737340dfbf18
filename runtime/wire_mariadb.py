"""MariaDB's and MySQL's protocol, as far as it tells which statements a client runs.

Source: MariaDB documentation, "Client/Server Protocol"; a packet is three bytes of length, a number
within its conversation, and its content.
"""

from __future__ import annotations

from collections.abc import Iterator

QUERY, EXECUTE = 0x03, 0x17
DECLINED = 0x0800 | 0x0020
"""Capabilities that the greeting offers and the relay cannot read: TLS and compression."""
SCRAMBLE = 13
"""Bytes between the server's version and its capabilities: thread, first part of the salt, filler."""


class MariaDBReader:
    """One connection: COM_QUERY and COM_STMT_EXECUTE; a conversation begins with packet number 0."""

    def __init__(self) -> None:
        self._buffer = b""
        self._greeted = False

    def declined(self, data: bytes) -> bytes:
        return b""

    def shown(self, data: bytes) -> bytes:
        """The greeting without the offer of TLS and compression; all else as it is."""
        if self._greeted:
            return data
        self._greeted = True
        place = data.find(b"\0", 5) + 1 + SCRAMBLE
        if place <= SCRAMBLE or len(data) < place + 2:
            return data  # an error instead of a greeting
        offered = int.from_bytes(data[place : place + 2], "little") & ~DECLINED
        return data[:place] + offered.to_bytes(2, "little") + data[place + 2 :]

    def statements(self, data: bytes) -> Iterator[str]:
        self._buffer += data
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:3], "little")
            if len(self._buffer) < end:
                return
            number, content = self._buffer[3], self._buffer[4:end]
            self._buffer = self._buffer[end:]
            if number == 0 and content[:1] == bytes([QUERY]):
                yield content[1:].decode(errors="replace")
            elif number == 0 and content[:1] == bytes([EXECUTE]):
                yield f"EXECUTE prepared statement {int.from_bytes(content[1:5], 'little')}"
