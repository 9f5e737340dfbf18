"""What several requests left behind, in a form that two runs of the same requests can agree on.

Keys, times and random texts differ from run to run. What must not differ: how many rows came and
went, the values that rows which were there before have now, and how many different values the new
rows have in each column (two invoices with one number are not two invoices with two).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .database import RowChange

Where = tuple[str, str]
"""A table, and the key of a row of it as text."""

DAY = 86_400.0
SHOWN = 3


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """The comparable part of row changes.

    inserted: per table how many rows, and per column how many different values. deleted: rows that
    are gone. updated: rows that were there before, their values now.
    """

    inserted: Mapping[str, tuple[int, Mapping[str, int]]]
    deleted: frozenset[Where]
    updated: Mapping[Where, Mapping[str, Any]]

    def differs_from(self, expected: LeftBehind, known: Sequence[LeftBehind]) -> str:
        """In what this is not as expected, "" when it is.

        A text that none of the `known` runs left is taken for one that is made up anew each time.
        """
        found = [
            *self._other_rows(expected),
            *self._other_counts(expected),
            *self._other_values(expected, known),
        ]
        more = f" (+{len(found) - SHOWN} more)" if len(found) > SHOWN else ""
        return "; ".join(found[:SHOWN]) + more

    def _other_rows(self, expected: LeftBehind) -> Iterator[str]:
        for table, key in sorted(self.deleted ^ expected.deleted):
            is_so = "is gone" if (table, key) in self.deleted else "is not gone"
            yield f"{table}({key}) {is_so}"
        for table, key in sorted(set(self.updated) ^ set(expected.updated)):
            is_so = "changed" if (table, key) in self.updated else "did not change"
            yield f"{table}({key}) {is_so}"

    def _other_counts(self, expected: LeftBehind) -> Iterator[str]:
        for table in sorted({*self.inserted, *expected.inserted}):
            here, there = self.inserted.get(table), expected.inserted.get(table)
            rows, wanted = here[0] if here else 0, there[0] if there else 0
            if rows != wanted:
                yield f"{rows} new row(s) in {table}, not {wanted}"
            elif here and there:
                for column, count in here[1].items():
                    if column in there[1] and count != there[1][column]:
                        told = there[1][column]
                        yield f"{count} different value(s) of {table}.{column}, not {told}"

    def _other_values(self, expected: LeftBehind, known: Sequence[LeftBehind]) -> Iterator[str]:
        for where in sorted(set(self.updated) & set(expected.updated)):
            rows = [run.updated[where] for run in known if where in run.updated]
            for column, value in self.updated[where].items():
                wanted = expected.updated[where].get(column, value)
                made_up = isinstance(value, str) and all(row.get(column) != value for row in rows)
                if value != wanted and not made_up:
                    table, key = where
                    yield f"{table}({key}).{column} is {value!r}, not {wanted!r}"


def left_behind(changes: Iterable[RowChange]) -> LeftBehind:
    """What row changes leave behind."""
    new: dict[str, list[RowChange]] = defaultdict(list)
    deleted, updated = set(), {}
    for change in changes:
        where = (change.table, ", ".join(f"{c}={v!r}" for c, v in change.key.items()))
        if change.kind == "insert":
            new[change.table].append(change)
        elif change.kind == "delete":
            deleted.add(where)
        else:
            updated[where] = {c: v for c, v in change.items() if not is_moment(v)}
    return LeftBehind(
        {table: (len(rows), _different(rows)) for table, rows in new.items()},
        frozenset(deleted),
        updated,
    )


def _different(rows: Sequence[RowChange]) -> dict[str, int]:
    """Per column how many different values; columns with a time in them tell nothing."""
    columns = [c for c in rows[0] if not any(is_moment(row[c]) for row in rows)]
    return {column: len({repr(row[column]) for row in rows}) for column in columns}


def is_moment(value: Any) -> bool:
    """Whether a value is a time, also one in text or counted in seconds or parts of them."""
    if isinstance(value, datetime | date | time | timedelta):
        return True
    if isinstance(value, str):
        return len(value) >= 19 and _is_iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    now = datetime.now(UTC).timestamp()
    return any(abs(float(value) / unit - now) < DAY for unit in (1, 1e3, 1e6, 1e9))


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
