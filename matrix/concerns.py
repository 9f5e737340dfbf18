"""The concerns, found by their modules: a module of this room that holds a CONCERN is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from .concern import Concern


@cache
def concerns() -> tuple[Concern, ...]:
    """All concerns, from left to right."""
    room = importlib.import_module(__package__)
    modules = [
        importlib.import_module(f"{__package__}.{module.name}")
        for module in pkgutil.iter_modules(room.__path__)
        if not module.ispkg
    ]
    found = [
        module.CONCERN
        for module in modules
        if isinstance(getattr(module, "CONCERN", None), Concern)
    ]
    return tuple(sorted(found, key=lambda concern: concern.order))
