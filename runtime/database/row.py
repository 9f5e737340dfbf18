"""Rows and row changes, and the net effect of several steps on one row."""

from __future__ import annotations

import reprlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ...comparison import Kind as ColumnKind
from ...comparison import same, unchanged
from ..secrets import mask_known
from .condition import Check
from .names import known

Kind = Literal["insert", "update", "delete"]
DONE = {"insert": "inserted", "update": "updated", "delete": "deleted"}
SHOWN_ROWS = 12


class _Short(reprlib.Repr):
    """Shortens after known secrets are masked: of one that is cut a part would be left."""

    def repr_str(self, x: str, level: int) -> str:
        return super().repr_str(mask_known(x), level)


_short = _Short()
_short.maxstring = _short.maxother = _short.maxlong = 100
_short.maxdict = _short.maxlist = 12


class Row(Mapping[str, Any]):
    """One row: column name to value, typed through the reflected column types (Decimal, datetime, UUID).

    `kinds` are those of the columns whose values alone do not tell how they compare.
    """

    __slots__ = ("_kinds", "_values")

    def __init__(
        self, values: Mapping[str, Any], kinds: Mapping[str, ColumnKind] | None = None
    ) -> None:
        self._values = dict(values)
        self._kinds = kinds or {}

    def __getitem__(self, column: str) -> Any:
        try:
            return self._values[column]
        except KeyError:
            raise KeyError(known(column, self._values, "column")) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def values(self) -> ValuesView[Any]:
        """As of every mapping; this one asks for no name in between."""
        return self._values.values()

    def means(self, column: str, value: Any) -> bool:
        """Whether a column holds this value, by meaning: a UUID and its text are the same."""
        return same(value, self[column], self._kinds.get(column, ""))

    def holds(self, /, **columns: Any) -> Check:
        """Holds when the row has these values, by meaning; else its reason says which it has instead."""
        return _holds(self, columns)

    def __repr__(self) -> str:
        return "Row(" + ", ".join(f"{k}={_short.repr(v)}" for k, v in self._values.items()) + ")"


@dataclass(frozen=True, slots=True, eq=False)
class RowChange(Mapping[str, Any]):
    """One inserted, updated or deleted row; as a mapping it is the row after, or before when
    deleted.

    `key` holds the primary key's columns (SQLite tables without one: rowid; elsewhere empty),
    `old_key` differs from it when an update changed the key. `transaction` is None on engines that
    do not tell. `harness` is True for what the harness wrote itself (arranged rows).
    """

    table: str
    kind: Kind
    key: Mapping[str, Any]
    before: Row | None
    after: Row | None
    old_key: Mapping[str, Any] = field(default_factory=dict)
    transaction: str | None = None
    at: datetime | None = None
    harness: bool = False

    @property
    def row(self) -> Row:
        row = self.after if self.after is not None else self.before
        assert row is not None, "a row change holds at least one image"
        return row

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Column to (before, after), of the columns that differ; None stands in for a missing row."""
        before: Mapping[str, Any] = self.before or {}
        after: Mapping[str, Any] = self.after or {}
        pairs = {c: (before.get(c), after.get(c)) for c in {**before, **after}}
        return {c: pair for c, pair in pairs.items() if not unchanged(*pair)}

    def means(self, column: str, value: Any) -> bool:
        """Whether a column of the row holds this value, by meaning."""
        return self.row.means(column, value)

    def holds(self, /, **columns: Any) -> Check:
        """Holds when the row has these values, by meaning; else its reason says which it has instead."""
        return _holds(self.row, columns)

    def __getitem__(self, column: str) -> Any:
        return self.row[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.row)

    def __len__(self) -> int:
        return len(self.row)

    def __repr__(self) -> str:
        key = ", ".join(f"{c}={_short.repr(v)}" for c, v in self.key.items())
        if self.kind == "update":
            pairs = self.changed.items()
            cells = [f"{c}: {_short.repr(old)} -> {_short.repr(new)}" for c, (old, new) in pairs]
        else:
            cells = [f"{c}: {_short.repr(v)}" for c, v in self.row.items()]
        return f"{DONE[self.kind]} {self.table}({key}) {{{', '.join(cells)}}}"


def _holds(row: Row, columns: Mapping[str, Any]) -> Check:
    wrong = [
        f"{column} is {_short.repr(row[column])}, expected {_short.repr(value)}"
        for column, value in columns.items()
        if not row.means(column, value)
    ]
    return Check(not wrong, "; ".join(wrong))


@dataclass(frozen=True, slots=True)
class Captured:
    """What an engine read since a mark: each step in order, and how many write transactions there
    were.

    `commits` is for engines whose rows carry no transaction but that can count commits; else None.
    `asked` is False where rows would carry their transaction, had the watch asked for it.
    """

    steps: tuple[RowChange, ...] = ()
    commits: int | None = None
    asked: bool = True


def listed(changes: Sequence[RowChange]) -> str:
    """One change a line, indented, cut after a dozen."""
    if not changes:
        return "  no row changed"
    lines = [f"  {change!r}" for change in changes[:SHOWN_ROWS]]
    if len(changes) > SHOWN_ROWS:
        lines.append(f"  ... and {len(changes) - SHOWN_ROWS} more")
    return "\n".join(lines)


@dataclass(slots=True)
class _Fate:
    """What became of one row over several steps."""

    first: RowChange
    last: RowChange

    def change(self) -> RowChange | None:
        before, after = self.first.before, self.last.after
        old_key = self.first.old_key or self.first.key
        if _same_image(before, after) and (after is None or old_key == self.last.key):
            return None  # came and went, or an update that left the row as it was
        kind: Kind = "insert" if before is None else "delete" if after is None else "update"
        key = old_key if kind == "delete" else self.last.key
        last = self.last
        return RowChange(
            last.table, kind, key, before, after, old_key, last.transaction, last.at, last.harness
        )


def _same_image(one: Row | None, other: Row | None) -> bool:
    """Equal by what is shown: NaN equals itself, 1 is not True."""
    if one is None or other is None:
        return one is other
    return repr(list(one.values())) == repr(list(other.values()))


def are_apart(steps: Sequence[RowChange]) -> bool:
    """Whether each step is about a row of its own, by keys alone: then nothing need be pieced together."""
    keys = set()
    for step in steps:
        if not step.key or (step.old_key and step.old_key != step.key):
            return False
        keys.add((step.table, repr(list(step.key.values()))))
    return len(keys) == len(steps)


def net(steps: Sequence[RowChange]) -> list[RowChange]:
    """The effect per row of steps in order, in the order of each row's first step.

    A living row is found by key and image: while keys move up (`SET id = id + 1`), two rows have one
    key for a moment. Of rows that look the same it makes no difference which is meant.
    """
    if are_apart(steps):
        return [change for step in steps if (change := _Fate(step, step).change()) is not None]
    fates: list[_Fate] = []
    living: dict[tuple[str, ...], list[_Fate]] = defaultdict(list)
    gone: dict[tuple[str, ...], list[_Fate]] = defaultdict(list)
    for step in steps:
        old_key = step.old_key or step.key
        if step.before is not None:
            same = living[_looks(step.table, old_key, step.before)]
        else:  # a row deleted before comes back: one row, not two changes
            same = gone[_whose(step.table, step.key, step.after)]
        if same:
            fate = same.pop(0)
        else:
            fate = _Fate(step, step)
            fates.append(fate)
        fate.last = step
        if step.after is not None:
            living[_looks(step.table, step.key, step.after)].append(fate)
        else:
            gone[_whose(step.table, old_key, step.before)].append(fate)
    return [change for fate in fates if (change := fate.change()) is not None]


def _whose(table: str, key: Mapping[str, Any], image: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Which row a step is about: its key, or the whole image where the table has none."""
    return table, repr(list((key or image or {}).values()))


def _looks(table: str, key: Mapping[str, Any], image: Mapping[str, Any]) -> tuple[str, ...]:
    return (*_whose(table, key, image), repr(list(image.values())))
