"""Names of tables and columns: the nearest one for messages, and which are noise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .changes import RowChange

OWN = "_gen_suite_"  # every table, trigger, function and schema of the harness begins so
CLONE = f"{OWN}clone"  # the table that marks a copy as one; it outlives uninstalling


def known(name: str, choices: Iterable[str], what: str) -> str:
    """The message for an unknown name: the name, the nearest one, or all there are."""
    from rapidfuzz import process

    names = list(choices)
    near = process.extractOne(name, names, score_cutoff=60)
    if near:
        return f"no {what} {name!r}; did you mean {near[0]!r}?"
    listing = ", ".join(sorted(names)[:20]) or f"no {what} at all"
    return f"no {what} {name!r}; there is: {listing}"


@dataclass(frozen=True, slots=True)
class Noise:
    """Tables, and columns per table, whose changes say nothing about the operation under test."""

    tables: frozenset[str] = frozenset()
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, ignores: Collection[str], tables: Mapping[str, Collection[str]]) -> Noise:
        """From `table`, `table.column`, `schema.table` and `schema.table.column`.

        tables: table name to its column names. Raises ValueError for a name that is not there.
        """
        whole: set[str] = set()
        columns: dict[str, set[str]] = {}
        for name in ignores:
            table, _, column = name.rpartition(".")
            if name in tables:
                whole.add(name)
            elif table in tables and column in tables[table]:
                columns.setdefault(table, set()).add(column)
            elif table in tables:
                raise ValueError(known(column, tables[table], f"column of {table}"))
            else:
                raise ValueError(known(table or name, tables, "table"))
        return cls(frozenset(whole), {t: frozenset(c) for t, c in columns.items()})

    def hides(self, change: RowChange) -> bool:
        """True for a change in an ignored table, and for an update of ignored columns alone."""
        if change.table in self.tables:
            return True
        columns = self.columns.get(change.table)
        if not columns or change.kind != "update":
            return False
        return columns.issuperset(change.changed)
