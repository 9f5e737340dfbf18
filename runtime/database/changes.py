"""What changed: rows, row changes, and the questions a test asks about them.

Engines deliver every single step; `Changes` shows the net effect per row, which is what a test is
about: an order inserted and then given its total is one inserted order with its total, a row
written and removed again is nothing, an UPDATE that leaves the row as it was is nothing.
`Changes.steps` keeps the single steps, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, overload

from ...errors import TargetError
from .condition import Check, Condition, NotShown
from .names import Noise, known
from .row import DONE, Captured, Kind, Row, RowChange, listed, net

__all__ = [
    "Captured",
    "Changes",
    "Check",
    "Condition",
    "Kind",
    "NotShown",
    "Row",
    "RowChange",
    "RowChanges",
    "listed",
    "net",
]


FLOAT_NOISE = 1e-6
"""What differences and sums of floats may be off by: far less than a cent."""


def _same_amount(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return abs(float(one) - float(other)) <= FLOAT_NOISE
    return bool(one == other)


class RowChanges(Sequence[RowChange]):
    """The changes of one kind in one table."""

    def __init__(self, what: str, found: Sequence[RowChange], everything: Sequence[RowChange]):
        self._what = what
        self._found = tuple(found)
        self._everything = everything

    def one(self, /, **columns: Any) -> RowChange:
        """The only change, its row holding these values.

        AssertionError showing what changed instead: none, several, or one with other values.
        """
        __tracebackhide__ = True  # pytest shows the line of the test
        if len(self._found) != 1:
            raise AssertionError(
                f"expected exactly one row {self._what}, found {len(self._found)}; what changed:\n"
                + listed(self._found or self._everything)
            )
        change = self._found[0]
        if not (check := change.holds(**columns)):
            raise AssertionError(f"the row {self._what}: {check!r}\n{listed([change])}")
        return change

    def only(self, /, **columns: Any) -> Check:
        """Holds when each row has these values; none at all is right too."""
        others = [change for change in self._found if not change.holds(**columns)]
        if not others:
            return Check(True)
        return Check(
            False, f"other rows {self._what} than those with {columns!r}:\n{listed(others)}"
        )

    def moved(self, column: str) -> Any:
        """By how much a number changed, summed over the rows: after - before; 0 without a change."""
        return sum(
            (0 if c.after is None else c.after[column])
            - (0 if c.before is None else c.before[column])
            for c in self._found
        )

    def moved_by(self, /, **columns: Any) -> Check:
        """Holds when each of these numbers changed by so much, summed over the rows.

        What a float cannot hold exactly is no difference: 12.34 in JSON is 12.34 in a NUMERIC.
        """
        moved = {name: self.moved(name) for name in columns}
        wrong = [
            f"{name} by {moved[name]}, not by {by}"
            for name, by in columns.items()
            if not _same_amount(moved[name], by)
        ]
        if not wrong:
            return Check(True)
        return Check(False, f"moved {', '.join(wrong)}:\n{listed(self._found)}")

    def none(self) -> Check:
        if not self._found:
            return Check(True)
        return Check(False, f"expected no row {self._what}, found:\n{listed(self._found)}")

    def where(self, /, **columns: Any) -> RowChanges:
        """Those whose row holds these values."""
        found = [change for change in self._found if change.holds(**columns)]
        return RowChanges(f"{self._what} with {columns!r}", found, self._everything)

    @overload
    def __getitem__(self, index: int) -> RowChange: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RowChange]: ...
    def __getitem__(self, index: int | slice) -> RowChange | Sequence[RowChange]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"{len(self._found)} row(s) {self._what}\n{listed(self._found)}"


class Changes(Sequence[RowChange]):
    """The application's row changes since a watch began: the net effect per row, noise left out."""

    def __init__(
        self,
        load: Callable[[], Captured],
        *,
        tables: Collection[str] = (),
        noise: Noise | None = None,
        refusal_noise: Noise | None = None,
        began: object = None,
    ) -> None:
        self.began = began  # the mark of the moment before the first change, for `Database.undo`
        self._load = load
        self._noise = noise or Noise()
        self._refusal_noise = refusal_noise or Noise()
        self._tables = tables
        self._frozen: Captured | None = None
        self._frozen_net: list[RowChange] | None = None
        self.untold = ""  # why a question could not be answered, once one could not

    def freeze(self, captured: Captured) -> None:
        """From here on these are the changes; until then every question reads anew."""
        self._frozen = captured
        self._frozen_net = net(self.steps)

    @property
    def frozen(self) -> bool:
        """The watch is over: nothing is read from the database any more."""
        return self._frozen is not None

    def _captured(self) -> Captured:
        return self._frozen if self._frozen is not None else self._load()

    @property
    def steps(self) -> tuple[RowChange, ...]:
        """Each single step of the application, in order, noise included."""
        return tuple(step for step in self._captured().steps if not step.harness)

    def _net(self) -> list[RowChange]:
        return net(self.steps) if self._frozen_net is None else self._frozen_net

    def _seen(self) -> list[RowChange]:
        return [change for change in self._net() if not self._noise.hides(change)]

    def _of(self, table: str, kind: Kind) -> RowChanges:
        if self._tables and table not in self._tables:
            raise AssertionError(known(table, self._tables, "table"))
        seen = self._net() if table in self._noise.tables else self._seen()
        found = [c for c in seen if c.table == table and c.kind == kind]
        return RowChanges(f"{DONE[kind]} in {table}", found, seen)

    def inserted(self, table: str) -> RowChanges:
        return self._of(table, "insert")

    def updated(self, table: str) -> RowChanges:
        return self._of(table, "update")

    def deleted(self, table: str) -> RowChanges:
        return self._of(table, "delete")

    def wrote(self, table: str, /, **columns: Any) -> Check:
        """Holds when a row of the table was given these values: inserted with them, or updated to them."""
        found = [
            change
            for change in self._seen()
            if change.table == table
            and change.after is not None
            and change.after.holds(**columns)
            and change.changed.keys() >= columns.keys()
        ]
        return Check(bool(found), f"rows given {columns!r}:\n{listed(found)}")

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables with changed rows, in the order of their first change."""
        return tuple(dict.fromkeys(change.table for change in self._seen()))

    def only(self, *tables: str) -> Check:
        """Holds when no other table has changed rows."""
        for table in tables:
            if self._tables and table not in self._tables:
                raise AssertionError(known(table, self._tables, "table"))
        others = [change for change in self._seen() if change.table not in tables]
        if not others:
            return Check(True)
        return Check(False, f"changes outside {', '.join(tables) or 'nothing'}:\n{listed(others)}")

    def work(self) -> Sequence[RowChange]:
        """The changes without those that the API writes of every request, refused ones too."""
        return [change for change in self._seen() if not self._refusal_noise.hides(change)]

    def none(self) -> Check:
        """Holds when no row changed, but those that the API writes of every request, refused ones too."""
        seen = self.work()
        return Check(True) if not seen else Check(False, f"rows changed:\n{listed(seen)}")

    def one_transaction(self) -> Check:
        """Holds when all steps were committed together; `known` is False where the engine cannot tell.

        What the API writes of refused requests too is kept apart from their work, and not looked at.
        TargetError where it would have told, had the watch asked.
        """
        captured = self._captured()
        hiding = (self._noise, self._refusal_noise)
        visible = [s for s in self.steps if not any(noise.hides(s) for noise in hiding)]
        ids = {step.transaction for step in visible}
        if len(visible) < 2:
            return Check(True)
        if None not in ids:
            parts = [
                listed([s for s in visible if s.transaction == one])
                for one in sorted(map(str, ids))
            ]
            text = "\n  -- another transaction --\n".join(parts)
            return (
                Check(True) if len(ids) == 1 else Check(False, f"{len(ids)} transactions:\n{text}")
            )
        if not captured.asked:
            raise TargetError(
                "which rows share a transaction is not known: this watch did not ask for it",
                hint="with database.watch(transactions=True) as changes: ...",
            )
        if captured.commits is not None and captured.commits <= 1:
            return Check(True)
        if captured.commits is None or len(visible) != len(self.steps):
            self.untold = "the engine does not tell which rows share a transaction"
            return Check(True, self.untold, known=False)
        return Check(False, f"{captured.commits} transactions wrote these rows:\n{listed(visible)}")

    @overload
    def __getitem__(self, index: int) -> RowChange: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RowChange]: ...
    def __getitem__(self, index: int | slice) -> RowChange | Sequence[RowChange]:
        return self._seen()[index]

    def __iter__(self) -> Iterator[RowChange]:
        return iter(self._seen())

    def __len__(self) -> int:
        return len(self._seen())

    def __repr__(self) -> str:
        return listed(self._seen())
