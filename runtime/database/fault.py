"""Writes that are made to fail, and the proof that they did."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ...errors import TargetError, UsageError
from ...machine import Limit
from .changes import Changes, Condition
from .names import known
from .tables import Tables

if TYPE_CHECKING:
    from .engine import Armed

Operation = Literal["insert", "update", "delete", "commit"]
OPERATIONS: tuple[Operation, ...] = ("insert", "update", "delete", "commit")
LATE_SECONDS = 0.5
POLL_SECONDS = 0.005
ERRORS = ("deadlock", "serialization", "unique", "disk full")


@dataclass(frozen=True, slots=True)
class Write:
    """`insert orders`, `update billing.invoices`, `delete orders`, or `commit` (table is then "")."""

    operation: Operation
    table: str = ""

    @classmethod
    def parse(cls, text: str, tables: Tables) -> Write:
        """Raises UsageError for a word that is no write, TargetError for a table that is not there."""
        verb, _, table = text.strip().partition(" ")
        if verb not in OPERATIONS:
            raise UsageError(
                known(verb, OPERATIONS, "write"), hint="as in 'insert orders' or 'commit'"
            )
        operation: Operation = next(o for o in OPERATIONS if o == verb)
        if operation == "commit":
            if table.strip():
                raise UsageError(f"a fault at COMMIT names no table, found {table.strip()!r}")
            return cls(operation)
        if not table.strip():
            raise UsageError(f"{verb} of which table?", hint=f"as in '{verb} orders'")
        return cls(operation, tables[table.strip()].name)

    def __str__(self) -> str:
        return f"{self.operation} {self.table}".strip()


@dataclass(frozen=True, slots=True)
class Failure:
    """A fault by its name, for `Database.fault`: at which write, with which error, how often.

    `str()` names it: `insert orders`, `insert orders, connection cut`.
    """

    write: str
    error: str | None = None
    cut: bool = False
    times: int | None = None

    @property
    def passes(self) -> bool:
        """It does not last: an application that tries again by itself succeeds."""
        return self.times is not None

    def __str__(self) -> str:
        more = self.error or ("connection cut" if self.cut else "")
        return f"{self.write}, {more}" if more else self.write


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to fail.

    nth: the Nth matching write since the fault was put in place, counted per transaction, from 1.
    error: one of ERRORS (what the application's driver sees), None is a plain failure of the
    statement. times: fail so often and then never again; None is always. where: limits the fault to
    this test's rows: column (of the write's table) or `table.column` (a row
        that the same transaction wrote) to value.
    cut: the application's connection is cut instead of an error.
    """

    write: Write
    nth: int = 1
    error: str | None = None
    times: int | None = None
    where: Mapping[str, Any] = field(default_factory=dict)
    cut: bool = False

    def __post_init__(self) -> None:
        if self.error is not None and self.error not in ERRORS:
            raise UsageError(known(self.error, ERRORS, "error to inject"))
        if self.nth < 1 or (self.times is not None and self.times < 1):
            raise UsageError(f"nth and times count from 1, got nth={self.nth}, times={self.times}")

    def conditions(self, tables: Tables) -> list[tuple[str, str, Any]]:
        """`where` as (table, column, value), names checked."""
        found = []
        for name, value in self.where.items():
            table, _, column = name.rpartition(".")
            info = tables[table or self.write.table] if table or self.write.table else None
            if info is None:
                raise TargetError(f"a fault at COMMIT needs table.column in where, found {name!r}")
            found.append((info.name, info.column(column).name, value))
        return found

    def __str__(self) -> str:
        what = f"{self.error or 'failure'} at {self.write}"
        return what if self.nth == 1 else f"{what} number {self.nth}"


class Injected:
    """A fault while it is in place, and afterwards what became of it."""

    def __init__(self, fault: Fault, armed: Armed) -> None:
        self.fault = fault
        self._armed = armed
        self._hits: int | None = None
        self._reached = False
        self._over = False
        self._confirmed: Condition | None = None
        self.failure = str(fault)
        self.verdict = ""

    @property
    def shown(self) -> Condition:
        """Whether it is shown by now that the fault fired: by a control run where one was asked for."""
        return self.fired if self._confirmed is None else self._confirmed

    @property
    def fired(self) -> Condition:
        """Whether the fault fired: `assert` on it raises NotShown when it did not, `ok` only tells.

        Proven where the engine counts outside the transaction; elsewhere (SQLite) `known` is False
        and `ok` means only that the write which should fail did not go through: `confirmed_by`
        closes the gap with a control run.
        """
        hits, reached = self._state()
        if hits is not None:
            return Condition(hits > 0, f"{self.fault}: fired {hits} time(s)")
        if reached:
            return Condition(False, f"{self.fault} did not fire: the write went through")
        return Condition(
            True,
            f"{self.fault}: the write did not go through, but this engine cannot tell whether it was "
            "tried; compare a control run without the fault",
            known=False,
        )

    def confirmed_by(self, control: Changes) -> Condition:
        """Proof by a control run: the same request without the fault does reach the write."""
        self._confirmed = self._confirm(control)
        return self._confirmed

    def _confirm(self, control: Changes) -> Condition:
        fired = self.fired
        if not fired.ok or fired.known:
            return fired
        write = self.fault.write
        steps = [s for s in control.steps if write.operation in ("commit", s.kind)]
        reached = [s for s in steps if write.operation == "commit" or s.table == write.table]
        if len(reached) >= self.fault.nth:
            return Condition(True, f"{self.fault}: without it the write went through, with it not")
        return Condition(
            False, f"{self.fault} proves nothing: without it the request does not {write} either"
        )

    def await_late(self, seconds: float = LATE_SECONDS) -> None:
        """Waits until the fault has fired, at most so long.

        An application that answers first and writes afterwards must not escape. Where nobody
        can tell whether a fault fired there is nothing to wait for.
        """
        limit = Limit(seconds)
        while not self._over and self._armed.hits() == 0 and not limit.is_over:
            time.sleep(POLL_SECONDS)

    def disarm(self, freed: Callable[[], bool] = lambda: False) -> None:
        """Ends the fault before its block does: the next request goes through.

        `freed` makes the application let go of what it keeps locked, and says whether it could. After
        a COMMIT that failed SQLite's transaction is still open, and pools take it for ended: such an
        application is started anew, and Unsupported says why this shows nothing.
        """
        from .engine import Unsupported

        if self._over:
            return
        self._hits, self._reached = self._armed.hits(), self._armed.reached()
        self._over = True
        try:
            self._armed.disarm()
        except TargetError as error:
            at_commit = self.fault.write.operation == "commit"
            if isinstance(error, Unsupported) or not at_commit or not freed():
                raise
            self._armed.disarm()
            raise Unsupported(
                "after a COMMIT that failed the application kept its transaction open and every other "
                "writer out; it was started anew",
                hint="roll back what comes back to the pool in a transaction: docs/database.md tells how",
            ) from error

    def _state(self) -> tuple[int | None, bool]:
        if self._over:
            return self._hits, self._reached
        return self._armed.hits(), self._armed.reached()

    def __repr__(self) -> str:
        return f"<{self.fault}: {self.fired!r}>"
