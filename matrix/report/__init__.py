"""The matrix and its gaps for people and programs: a module for each format, found by its name.

A format is a module of this room with `matrix(view) -> str` and `gaps(view) -> str`; what it renders
by a template stands in `templates/report/` under the same name.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast

from .view import View

OTHERS = ("view",)
"""Modules of this room that are no format."""
FORMATS = tuple(
    sorted(
        (module.name for module in pkgutil.iter_modules(__path__) if module.name not in OTHERS),
        key=lambda name: (name != "terminal", name),
    )
)
"""The names of all formats, that of the terminal first."""


class Format(Protocol):
    """What a format module offers."""

    def matrix(self, view: View) -> str: ...

    def gaps(self, view: View) -> str: ...


def format_named(name: str) -> Format:
    """The module of one format; imported when asked for, since rich is slow to import."""
    return cast(Format, importlib.import_module(f"{__name__}.{name}"))
