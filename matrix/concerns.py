"""The concerns: modules of this room that hold a CONCERN, and what other packages bring.

Another package names its own by the entry point `gen_suite.concerns`: `audit = "shop_tests.audit"`, a
module that holds a CONCERN as well, with its template `audit.py.j2` beside it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from ..errors import GenSuiteError, reason_of
from .concern import Concern

GROUP = "gen_suite.concerns"


@cache
def concerns() -> tuple[Concern, ...]:
    """All concerns, from left to right. Raises GenSuiteError for one of another package that is none."""
    known = {concern.name: concern for concern in _ours()}
    for entry in entry_points(group=GROUP):
        concern = _brought(entry)
        if concern.name in known:
            raise GenSuiteError(
                f"{_named(entry)}: there is a concern {concern.name!r} already",
                hint="give it a name of its own",
            )
        known[concern.name] = concern
    return tuple(sorted(known.values(), key=lambda concern: concern.order))


@cache
def brought() -> tuple[Concern, ...]:
    """Those that other packages bring."""
    return tuple(concern for concern in concerns() if concern.brought_by)


def _ours() -> Iterator[Concern]:
    room = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(room.__path__):
        if not module.ispkg:
            name = f"{__package__}.{module.name}"
            concern = getattr(importlib.import_module(name), "CONCERN", None)
            if isinstance(concern, Concern):
                yield concern


def _brought(entry: EntryPoint) -> Concern:
    try:
        module = importlib.import_module(entry.module)
    except Exception as error:  # whatever it is: that package says what
        raise GenSuiteError(f"{_named(entry)} cannot be imported: {reason_of(error)}") from error
    concern = getattr(module, entry.attr or "CONCERN", None)
    if not isinstance(concern, Concern):
        raise GenSuiteError(
            f"{_named(entry)} holds no concern",
            hint=f"name a module with a CONCERN of {Concern.__module__}.Concern",
        )
    home = Path(module.__file__).parent if module.__file__ else None
    package = entry.dist.name if entry.dist else entry.module
    return replace(concern, home=home, brought_by=package)


def _named(entry: EntryPoint) -> str:
    package = f" of {entry.dist.name}" if entry.dist else ""
    return f"the entry point {GROUP}: {entry.name} = {entry.value!r}{package}"
