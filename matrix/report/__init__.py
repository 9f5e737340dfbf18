"""The matrix and its gaps as a terminal table, Markdown or JSON.

Each format is a module with `matrix(view) -> str` and `gaps(view) -> str`; adding one is adding it
to FORMATS.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from .view import View

FORMATS = ("terminal", "markdown", "json")


class Format(Protocol):
    """What a format module offers."""

    def matrix(self, view: View) -> str: ...

    def gaps(self, view: View) -> str: ...


def format_named(name: str) -> Format:
    """The module of one format; imported when asked for, since rich is slow to import."""
    return cast(Format, importlib.import_module(f"{__name__}.{name}"))
