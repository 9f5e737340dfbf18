"""Which row changed: the expression of the request, the answer or the caller that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..names import words
from ..schema import Schema, Table
from .abbreviations import these
from .observed import RowSeen, Trial
from .seen_values import equal, is_now, sources, telling

TENANTS = these("tenant organization organisation org company workspace account entity")
"""Words of columns that hold whose tenant it was."""

Facts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Group:
    """The rows of one table that changed in one way, per trial, the operation's own left out."""

    table: str
    kind: str
    per_trial: tuple[tuple[Trial, tuple[RowSeen, ...]], ...]

    @property
    def is_single(self) -> bool:
        return all(len(rows) == 1 for _, rows in self.per_trial)


@dataclass(frozen=True)
class Naming:
    """Finds the expressions. `rename` gives the resource of a table in `$table.column`."""

    schema: Schema
    facts: Facts
    rename: Callable[[str], str]
    users: str | None = None

    def where(self, group: Group) -> dict[str, Any]:
        """Columns that tell the row which changed, as the request names it; {} if nothing does."""
        if not group.is_single:
            return self._of_caller(group)
        found: dict[str, Any] = {}
        for column in group.per_trial[0][1][0].key:
            told = self._common_name(group, column)
            if told is None:
                return self._of_caller(group) or self._by_mention(group)
            found[column] = told
        return found

    def names(self, row: RowSeen, trial: Trial) -> Iterator[str]:
        """Expressions of the request that name a row by the last column of its key."""
        for column in list(row.key)[-1:]:
            yield from self._namers(row, column, trial)

    def _namers(self, row: RowSeen, column: str, trial: Trial) -> Iterator[str]:
        """Expressions that give a key column; the caller's id only where a user's key stands."""
        table = self.schema.table(row.table)
        own = row.table == self.users or (table is not None and table.foreign_key(column))
        # A number that is the caller's id may be in the answer for that very reason.
        callers = equal(row.key[column], self.facts_of(trial).get("id"))
        for told in self.sources(row.key[column], trial):
            if own or not (told.startswith("$actor.") or (callers and "$response." in told)):
                yield told

    def _common_name(self, group: Group, column: str) -> str | None:
        """The expression that gives a key column each time; a key is seldom the caller's id."""
        common: dict[str, None] | None = None
        for trial, rows in group.per_trial:
            here = dict.fromkeys(self._namers(rows[0], column, trial))
            common = here if common is None else {one: None for one in common if one in here}
        if common:
            return next(iter(common))
        values = [row.key[column] for _, rows in group.per_trial for row in rows]
        known = not any(self.facts.get(trial.actor) for trial, _ in group.per_trial)
        return values[0] if known and len(values) > 1 and all_equal(values) else None

    def _of_caller(self, group: Group) -> dict[str, Any]:
        """A column that holds the caller's id, where the key itself is nothing the request names."""
        table = self.schema.table(group.table)
        for column in table.columns if table else ():
            held = [
                (row.row.get(column), self.facts_of(trial))
                for trial, rows in group.per_trial
                for row in rows
            ]
            if not (held and all(equal(value, facts.get("id")) for value, facts in held)):
                continue
            if table and table.foreign_key(column):
                fact = "tenant" if is_tenants(table, column, self.users, held) else "id"
                return {column: f"$actor.{fact}"}
        return {}

    def _by_mention(self, group: Group) -> dict[str, Any]:
        """A column that holds what the request or its answer names, and that did not change: a
        message says by its `entity_id` what it is about."""
        table = self.schema.table(group.table)
        for column in table.columns if table else ():
            rows = [row for _, rows in group.per_trial for row in rows]
            if any(column in row.key or column in row.changed for row in rows):
                continue
            told = self.common(group, lambda row, c=column: row.row.get(c))  # type: ignore[misc]
            named = told is not None and told.startswith(("$request.", "$response."))
            if named and all(telling(row.row.get(column)) > 0.8 for row in rows):
                return {column: told}
        return {}

    def common(self, group: Group, value: Callable[[RowSeen], Any]) -> str | None:
        """The expression that gives the value each time; the caller first."""
        return next(iter(self.shared(group, value)), None)

    def shared(self, group: Group, value: Callable[[RowSeen], Any]) -> tuple[str, ...]:
        """All expressions that give the value each time; the caller's first."""
        common: dict[str, None] | None = None
        for trial, rows in group.per_trial:
            for row in rows:
                here = dict.fromkeys(self.sources(value(row), trial))
                common = here if common is None else {one: None for one in common if one in here}
        return tuple(common or ())

    def sources(self, value: Any, trial: Trial) -> Iterator[str]:
        if value is None or isinstance(value, bool | datetime | date) or is_now(value, trial):
            return  # two moments of one request are the same by the clock
        for told in sources(value, trial, self.facts_of(trial)):
            name, dot, rest = told[1:].partition(".")
            known = name in ("actor", "request", "response")
            yield told if known else f"${self.rename(name)}{dot}{rest}"

    def facts_of(self, trial: Trial) -> Mapping[str, Any]:
        return self.facts.get(trial.actor, {})


def is_tenants(
    table: Table, column: str, users: str | None, held: Sequence[tuple[Any, Mapping[str, Any]]]
) -> bool:
    """A column that holds the caller's tenant each time, by (value, facts), and is about tenants:
    it points elsewhere than at users, or is named so where no key tells."""
    if not all(equal(value, facts.get("tenant")) for value, facts in held):
        return False
    key = table.foreign_key(column)
    return key.table != users if key and users else bool(set(words(column)) & TENANTS)


def all_equal(values: Sequence[Any]) -> bool:
    return all(equal(values[0], one) or values[0] is one for one in values)
