"""What can go wrong with payloads."""

from __future__ import annotations

from ...errors import GenSuiteError


class NoPayload(GenSuiteError):  # noqa: N818 - it says what there is
    """No value satisfies a schema, or its media type is not one that can be written."""


class CannotBreak(GenSuiteError):  # noqa: N818 - it says what cannot be
    """A violation that the given body leaves no room for."""
