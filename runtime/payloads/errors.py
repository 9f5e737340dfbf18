"""What can go wrong with payloads."""

from __future__ import annotations

from ...errors import GenSuiteError


class NoPayload(GenSuiteError):
    """No value satisfies a schema, or its media type is not one that can be written."""


class CannotBreak(GenSuiteError):
    """A violation that the given body leaves no room for."""
