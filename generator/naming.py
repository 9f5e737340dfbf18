"""Names of emitted code: one allocator for fixtures, variables, constants and tests of a suite."""

from __future__ import annotations

import builtins
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from itertools import chain, count

from .code import identifier
from .function import TYPES
from .imports import IMPORTED, RUNTIME

PYTEST_FIXTURES = frozenset([
    "anyio_backend", "anyio_backend_name", "anyio_backend_options", "benchmark", "cache", "capfd",
    "capfdbinary", "caplog", "capsys", "capsysbinary", "capteesys", "doctest_namespace", "event_loop",
    "fixture", "monkeypatch", "pytestconfig", "pytester", "record_property",
    "record_testsuite_property", "record_xml_attribute", "recwarn", "request", "subtests", "testdir",
    "testrun_uid", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "worker_id",
])  # fmt: skip
"""Fixtures of pytest and its usual plugins: a suite that overrides one breaks what asks for it."""

LOCALS = frozenset([
    "after", "again", "before", "change", "changes", "claimed", "delete", "elements", "etag", "expected",
    "few", "first", "found", "injected", "item", "key", "keyed", "listed", "many", "number", "other",
    "path", "raced", "read", "response", "row", "rows", "second", "seen", "send", "sent", "shown",
    "update", "whole",
])  # fmt: skip
"""Variables of the templates, and of the lines that the generator writes into them."""

TAKEN = frozenset([*dir(builtins), *PYTEST_FIXTURES, *LOCALS, *TYPES, *RUNTIME, *IMPORTED, "LABEL"])
"""Names that mean something in every emitted module."""


@dataclass(frozen=True)
class Names:
    """Who has which name: those of a suite, or of one of its modules, which knows its suite's as well.

    A name is asked for by what it names and what it would best be called: the same two get the same
    name again, all others another one.
    """

    outer: Names | None = None
    taken: frozenset[str] = TAKEN
    _given: dict[Hashable, str] = field(default_factory=dict)

    def inner(self) -> Names:
        """The names of one module of this suite."""
        return Names(self, self.taken)

    def of(self, thing: Hashable, *wishes: str) -> str:
        """The name of a thing: the first wish that is free, else the first with a number."""
        key = (thing, wishes[0])
        given = self._find(key)
        if given is None:
            given = self._given[key] = self._first_free(wishes)
        return given

    def row(self, thing: Hashable, wish: str) -> str:
        """The name of a row: of its fixture, or of a variable that holds it."""
        name = identifier(wish)
        if name.startswith("pytest_"):  # a function of that name in a conftest.py is a hook
            name = f"row_{name}"
        return self.of(thing, name, f"{name}_row")

    def fresh(self, wish: str) -> str:
        """A name that nothing has yet."""
        name = self._first_free([wish])
        self._given[name] = name
        return name

    def _find(self, key: Hashable) -> str | None:
        given = self.outer._find(key) if self.outer else None
        return self._given.get(key) if given is None else given

    def _first_free(self, wishes: Iterable[str]) -> str:
        wanted = list(wishes)
        numbered = (f"{wanted[0]}_{number}" for number in count(2))
        return next(name for name in chain(wanted, numbered) if self._is_free(name))

    def _is_free(self, name: str) -> bool:
        if self.outer and not self.outer._is_free(name):
            return False
        return name not in self.taken and name not in self._given.values()
