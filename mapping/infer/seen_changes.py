"""Expected changes beside an operation's own row, from the rows that were seen to change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..expression import SOURCES
from ..names import snake, words
from ..pointer import join
from ..schema import Schema, Table
from .abbreviations import these
from .guess import Guess
from .observed import RowSeen, Trial
from .seen_rows import VERBS, Own
from .seen_values import (
    arrays,
    as_number,
    difference,
    equal,
    is_sent,
    item_sources,
    leaves,
    relation,
    telling,
)
from .seen_which import TENANTS, Facts, Group, Naming, all_equal, is_tenants

LONGEST = 60
"""Characters of a text that is worth stating as a constant."""
CALLERS = these("user actor by owner author creator editor account member usr who")
"""Words of columns that hold who called."""


@dataclass(frozen=True)
class Changes:
    """Explains the rows of one operation. `rename` gives the resource of a table in `$table.column`."""

    schema: Schema
    facts: Facts
    trials: Sequence[Trial]
    own: Own | None
    rename: Callable[[str], str]
    users: str | None = None
    arrays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By table: the steps to the array of the request that it was guessed to get a row each of."""

    def groups(self) -> Iterator[Group]:
        found: dict[tuple[str, str], list[tuple[Trial, tuple[RowSeen, ...]]]] = {}
        for trial in self.trials:
            mine: dict[tuple[str, str], list[RowSeen]] = {}
            for row in trial.rows:
                if self.own is None or not self.own.is_own(row):
                    mine.setdefault((row.table, row.kind), []).append(row)
            for key, rows in mine.items():
                found.setdefault(key, []).append((trial, tuple(rows)))
        for (table, kind), trials in found.items():
            yield Group(table, kind, tuple(trials))

    def rows(self) -> Iterator[dict[str, Guess]]:
        """`changes:`, each as the tree of one row of the list."""
        for group in self.groups():
            if self.noise(group) and not self._parts_named(group):
                continue
            for part in self._parts(group):
                yield self._row(part)

    def _parts_named(self, group: Group) -> bool:
        """The row is one that can be named: that it changes is expected, only not to what."""
        return group.is_single and bool(self._where(group, None))

    def noise(self, group: Group) -> tuple[str, ...]:
        """Columns of an update that only say when something happened: `users.last_seen_at`."""
        if group.kind != "update":
            return ()
        columns = {name for _, rows in group.per_trial for row in rows for name in row.changed}
        table = self.schema.table(group.table)
        times = {
            name
            for name in columns
            if table and table.columns[name].type in ("datetime", "date", "time")
        }
        if any(
            is_sent(row.row.get(name), trial)
            for trial, rows in group.per_trial
            for row in rows
            for name in row.changed
        ):
            return ()  # the request says when: it is no noise
        return (
            tuple(sorted(f"{group.table}.{name}" for name in columns)) if times == columns else ()
        )

    def _parts(self, group: Group) -> Iterator[Group]:
        """Two wallets of one transfer are two changes, told apart by what names them."""
        count = max(len(rows) for _, rows in group.per_trial)
        if group.kind != "update" or count < 2 or self._array(group) is not None:
            yield group
            return
        by_source: dict[str, list[tuple[Trial, tuple[RowSeen, ...]]]] = {}
        for trial, rows in group.per_trial:
            for row in rows:
                told = next(self.naming.names(row, trial), "")
                by_source.setdefault(told, []).append((trial, (row,)))
        if "" in by_source:
            yield group
            return
        for part in by_source.values():
            yield Group(group.table, group.kind, tuple(part))

    def _row(self, group: Group) -> dict[str, Guess]:
        found = {VERBS[group.kind]: Guess(group.table, 1.0, "seen")}
        each = self._array(group)
        if each is not None:
            found["for_each"] = Guess(f"$request.body#{join(*each)}", 1.0)
        elif (rows := _how_many(group, self.trials)) is not None:
            found["rows"] = Guess(rows, 1.0)
        if group.kind == "insert":
            values = self._constants(group)
            return found | ({"values": Guess(values, 1.0)} if values else {})
        where = {} if self._belongs(group) else self._where(group, each)
        found |= {"where": Guess(where, 1.0)} if where else {}
        moved = self._set(group, each) if group.kind == "update" else {}
        return found | ({"set": Guess(moved, 1.0)} if moved else {})

    def _belongs(self, group: Group) -> bool:
        """The rows are those put there because they belong to the addressed row."""
        return all(group.table in trial.children for trial, _ in group.per_trial)

    # ---- one row for each element

    def _array(self, group: Group) -> tuple[str, ...] | None:
        """The array of the request that has as many elements as rows changed, each time."""
        told = [
            {steps for steps, items in arrays(trial.body) if len(items) == len(rows)}
            for trial, rows in group.per_trial
        ]
        fitting = set.intersection(*told) if told else set()
        if not fitting:
            return None
        guessed = self.arrays.get(group.table)
        if group.kind == "insert" and guessed in fitting:
            return guessed
        several = any(len(rows) > 1 for _, rows in group.per_trial)
        steps = min(fitting)
        if group.kind == "insert" and self._holds_items(group, steps):
            return steps
        if several or (group.kind == "update" and self._by_items(group, steps)):
            return steps
        return None

    def _holds_items(self, group: Group, steps: tuple[str, ...]) -> bool:
        """Each row has a telling value of its element, also where one row stands beside one."""
        return all(
            any(
                telling(value) > 0.8 and relation(value, stored) is not None
                for _, value in leaves(item)
                for stored in row.row.values()
            )
            for trial, rows in group.per_trial
            for row, item in zip(rows, dict(arrays(trial.body))[steps], strict=True)
        )

    def _by_items(self, group: Group, steps: tuple[str, ...]) -> dict[str, str]:
        """Key column -> field of the element that names the row."""
        found: dict[str, str] = {}
        for column in group.per_trial[0][1][0].key:
            told: set[str] | None = None
            for trial, rows in group.per_trial:
                items = dict(arrays(trial.body)).get(steps, [])
                for row in rows:
                    here = {s for item in items for s in item_sources(row.key[column], item)}
                    told = here if told is None else told & here
            if told:
                found[column] = min(told)
        return found

    # ---- which row, and what became of it

    @cached_property
    def naming(self) -> Naming:
        return Naming(self.schema, self.facts, self.rename, self.users)

    def _where(self, group: Group, each: tuple[str, ...] | None) -> dict[str, Any]:
        return self.naming.where(group) if each is None else dict(self._by_items(group, each))

    def _set(self, group: Group, each: tuple[str, ...] | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        columns = dict.fromkeys(
            name for _, rows in group.per_trial for row in rows for name in row.changed
        )
        for column in columns:
            told = self.movement(group, column, each)
            if told is not None:
                found[column] = told
        return found

    def movement(self, group: Group, column: str, each: tuple[str, ...] | None) -> Any:
        """How a column moved, if it was the same way each time."""
        common: set[str] | None = None
        steps: set[Any] = set()
        afters: list[Any] = []
        for trial, rows in group.per_trial:
            for row in rows:
                if column not in row.changed:
                    return None
                before, after = row.changed[column]
                afters.append(after)
                moved = difference(before, after)
                if moved is None:
                    continue
                steps.add(moved)
                here = set(self._movers(moved, row, trial, each))
                common = here if common is None else common & here
        told = [one for one in common or () if len(steps) > 1 or not self._may_be_chance(one)]
        if told:
            return min(told, key=_preference)
        if len(steps) == 1 and len(afters) > 1 and not all_equal(afters):
            return _signed(next(iter(steps)))
        if all_equal(afters) and _is_constant(afters[0]):
            return (
                afters[0] if not steps else _signed(next(iter(steps))) if len(steps) == 1 else None
            )
        return None

    def _movers(
        self, moved: Any, row: RowSeen, trial: Trial, each: tuple[str, ...] | None
    ) -> Iterator[str]:
        """Signed expressions for a difference."""
        sign = "-" if moved < 0 else "+"
        size = as_number(abs(moved))
        if each is not None:
            for item in dict(arrays(trial.body)).get(each, []):
                if any(equal(one, value) for one in row.key.values() for _, value in leaves(item)):
                    yield from (f"{sign}{told}" for told in item_sources(size, item))
            return
        for told in self.naming.sources(size, trial):
            if told.startswith("$request.body") or _row_of(told):
                yield f"{sign}{told}"
        for steps, given in leaves(trial.body):
            if isinstance(given, int | float) and equal(given, as_number(moved)):
                yield f"+$request.body#{join(*steps)}"

    def _may_be_chance(self, told: str) -> bool:
        """A column of a row that the request needs may hold by chance by how much another one moved;
        one that was put there to see what becomes of it does not."""
        children = {self.rename(name) for trial in self.trials for name in trial.children}
        row = _row_of(told.lstrip("+-"))
        return bool(row) and row not in children

    # ---- values

    def _constants(self, group: Group) -> dict[str, Any]:
        """Columns of inserted rows that are the same each time, or name the caller."""
        found: dict[str, Any] = {}
        table = self.schema.table(group.table)
        for column in table.columns if table else ():
            assert table is not None
            if column in table.primary_key and len(table.primary_key) == 1:
                continue
            values = [row.row.get(column) for _, rows in group.per_trial for row in rows]
            shared = self.naming.shared(group, lambda row, c=column: row.row.get(c))  # type: ignore[misc]
            told = self._callers_fact(table, column, shared) or next(iter(shared), None)
            if (
                told is not None
                and told.startswith("$actor.")
                and self._is_callers(table, column, told)
            ):
                found[column] = told
            elif about := self._about(group, table, column, shared):
                found[column] = about
            elif told is not None and not told.startswith(("$actor.", "$response.")):
                continue  # a row or a field that happens to be the same each time
            elif all_equal(values) and _is_word(values[0]) and len(values) > 1:
                if not is_of_request(column, values[0], [trial for trial, _ in group.per_trial]):
                    found[column] = values[0]
            elif told is not None and told.startswith("$response.") and _is_word(values[0]):
                found[column] = told
        return found

    def _about(self, group: Group, table: Table, column: str, shared: Sequence[str]) -> str | None:
        """What an audit row says by a plain number that it is about: the row of the path, or the new
        one. Once may be chance, so it takes two different values."""
        held = [(row.row.get(column), trial) for trial, rows in group.per_trial for row in rows]
        if table.foreign_key(column) or all_equal([value for value, _ in held]):
            return None
        named = next((one for one in shared if one.startswith("$request.path.")), None)
        if named is not None or not all(self._is_own_key(value, trial) for value, trial in held):
            return named
        return next((one for one in shared if one.startswith("$response.")), None)

    def _is_own_key(self, value: Any, trial: Trial) -> bool:
        samples = self.own.samples if self.own is not None else ()
        return any(
            equal(value, key)
            for sample in samples
            if sample.trial is trial
            for key in sample.row.key.values()
        )

    def _callers_fact(self, table: Table, column: str, shared: Sequence[str]) -> str | None:
        """Which fact of the caller a column holds: a tenant's key may be the number of a user's."""
        told = [
            one
            for one in shared
            if one.startswith("$actor.") and self._is_callers(table, column, one)
        ]
        if len(told) < 2:
            return next(iter(told), None)
        key, said = table.foreign_key(column), set(words(column))
        is_user = key.table == self.users if key else not said & TENANTS
        return "$actor.id" if is_user else "$actor.tenant"

    def is_tenants(self, table: str, column: str, values: Iterable[tuple[Any, Trial]]) -> bool:
        """A column that holds the caller's tenant each time, and is about tenants."""
        found = self.schema.table(table)
        pairs = [(value, self.naming.facts_of(trial)) for value, trial in values]
        return found is not None and is_tenants(found, column, self.users, pairs)

    def _is_callers(self, table: Table, column: str, told: str) -> bool:
        """A column may be about the caller: a number that is 1 as the caller's id is may not be."""
        key = table.foreign_key(column)
        if told == "$actor.tenant":
            return key.table != self.users if key else bool(set(words(column)) & TENANTS)
        return bool(set(words(column)) & CALLERS) or (key is not None and key.table == self.users)


def _row_of(expression: str) -> str:
    """The resource whose arranged row an expression speaks of; "" for all others."""
    head = expression[1:].partition(".")[0]
    return "" if head in SOURCES else head


def _preference(text: str) -> tuple[int, str]:
    order = ("$item", "$request.path", "$request.body", "$response")
    bare = text.lstrip("+-")
    rank = next((n for n, start in enumerate(order) if bare.startswith(start)), len(order))
    return rank, text


def _signed(step: Any) -> str:
    number = as_number(step)
    return f"+{number}" if number >= 0 else str(number)


def _is_constant(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | str)


def _is_sent(column: str, value: Any, trial: Trial) -> bool:
    """The request has this value, in an array or outside of one: a flag only under its own name."""
    return any(
        equal(value, given) and (not isinstance(value, bool) or snake(name) == column)
        for name, given in _given(trial.body)
    )


def is_of_request(column: str, value: Any, trials: Sequence[Trial]) -> bool:
    """Each request has this value or a part of it, so that other requests may give another one.

    Where all requests were the same, so is a flag that any field sent, and a number that tells something:
    it may be the size of what was sent.
    """
    bodies = [trial.body for trial in trials]
    if all(body == bodies[0] for body in bodies) and bodies[0] not in (None, {}, []):
        if isinstance(value, bool):
            return any(value is given for _, given in _given(bodies[0]))
        if isinstance(value, int | float) and telling(value) > 0.5:
            return True
    return all(_is_sent(column, value, trial) or _quotes(value, trial) for trial in trials)


def _quotes(text: Any, trial: Trial) -> bool:
    """A text that has in it what the request sent."""
    given = [value for _, value in _given([trial.body, *trial.path.values()])]
    return isinstance(text, str) and any(
        telling(value) > 0.5 and re.search(rf"(?<!\w){re.escape(str(value))}(?!\w)", text)
        for value in given
    )


def _given(node: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """(name, value) of each plain value in a body, those in arrays too."""
    if isinstance(node, Mapping):
        for key, inner in node.items():
            yield from _given(inner, str(key))
    elif isinstance(node, list):
        for inner in node:
            yield from _given(inner, name)
    else:
        yield name, node


def _is_word(value: Any) -> bool:
    """A constant worth stating: a word or a flag, no number that may be anything."""
    if isinstance(value, bool):
        return True
    return isinstance(value, str) and 0 < len(value) <= LONGEST and not _is_document(value)


def _is_document(text: str) -> bool:
    """JSON in a text, a number too: it may tell anything of the request."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _how_many(group: Group, trials: Sequence[Trial]) -> int | str | None:
    """How many rows came each time: None for one, `any` where the number differs or was seen once.

    A row that came to one request and not to another of the same kind is any number, too.
    """
    counts = {len(rows) for _, rows in group.per_trial}
    with_rows = {id(trial) for trial, _ in group.per_trial}
    if group.kind == "insert" and any(
        id(trial) not in with_rows and not trial.children for trial in trials
    ):
        return "any"
    if counts == {1}:
        return None
    return counts.pop() if len(counts) == 1 and len(group.per_trial) > 1 else "any"
