"""MariaDB and MySQL: taking back what the log holds, exactly and in one transaction.

Per touched table: find rows that are not as the log left them (a conflict), delete every row the log
touched, insert each of them as its first step found it. With foreign keys, application triggers and the
capture out of the way no order matters, and it costs what was changed, not what is stored.

A row is told by its key under the key's own collation, which is what the unique index goes by too. Tables
without a key are a multiset: so many equal rows more or less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from .engine import Conflict
from .mariadb_capture import log, meta
from .mariadb_cascade import soft_columns
from .mariadb_mend import complete
from .mariadb_session import Flavor, Session, quoted
from .mariadb_survey import Column, Layout, Survey

MOST_CONFLICTS = 20


def take_back(
    session: Session,
    flavor: Flavor,
    found: Survey,
    base: int,
    since: int,
    touched: Sequence[Layout],
) -> tuple[int, list[Conflict]]:
    """Undoes the log after `since` in the caller's transaction, who holds the gate.

    touched: the tables with log rows after `since`. Returns how many steps there were, or what
    conflicts: the caller then rolls back.
    """
    complete(session, found, base, since, touched)
    undo = _Undo(session, flavor, found, since)
    conflicts = [c for layout in touched if layout.key for c in undo.conflicts(layout)]
    for layout in touched:
        if conflicts:
            break
        if layout.key:
            undo.put_back(layout)
        else:
            conflicts += undo.put_back_keyless(layout)
    steps = 0 if conflicts else sum(undo.forget(layout) for layout in touched)
    return steps, conflicts


class _Undo:
    def __init__(self, session: Session, flavor: Flavor, found: Survey, since: int) -> None:
        self.session, self.flavor = session, flavor
        self.since = since
        self.logs = {layout.number: log(session.database, layout) for layout in found.layouts}
        self.soft = soft_columns(found)

    def forget(self, layout: Layout) -> int:
        """Empties the log; how many steps it held, of which an update has two sides."""
        step = f"{meta('v')} DIV 2"
        logged = f"FROM {self.logs[layout.number]} WHERE {meta('v')} > {self.since}"
        if self.flavor.mariadb:
            return len(set(self.session.rows(f"DELETE {logged} RETURNING {step}")))
        steps = int(self.session.value(f"SELECT COUNT(DISTINCT {step}) {logged}"))
        self.session.run(f"DELETE {logged}")
        return steps

    def _chosen(self, layout: Layout, pick: str) -> str:
        """A derived table: each touched key with its first (MIN) or last (MAX) log row."""
        keys = ", ".join(quoted(c) for c in layout.key)
        return (
            f"(SELECT {keys}, {pick}({meta('v')}) AS {meta('v')} FROM {self.logs[layout.number]}"
            f" WHERE {meta('v')} > {self.since} GROUP BY {keys})"
        )

    def conflicts(self, layout: Layout) -> list[Conflict]:
        """Rows that are not as their last step left them."""
        v, key = meta("v"), layout.key
        soft = self.soft.get(layout.number, frozenset())
        same = " AND ".join(self._same(column, column.name in soft) for column in layout.stored)
        there = f"x.{quoted(key[0])} IS NOT NULL"
        rows = self.session.rows(
            f"SELECT l.{v} % 2, {there}, {', '.join(layout.image('l') + layout.image('x'))}"
            f" FROM {self._chosen(layout, 'MAX')} c"
            f" STRAIGHT_JOIN {self.logs[layout.number]} l ON l.{v} = c.{v}"
            f" LEFT JOIN {layout.source} x ON {_on(layout)}"
            f" WHERE IF(l.{v} % 2 = 1, NOT ({there} AND {same}), {there}) LIMIT {MOST_CONFLICTS}"
        )
        return [_conflict(layout, row) for row in rows]

    def _same(self, column: Column, soft: bool) -> str:
        text = f"({column.exact('x')} <=> {column.exact('l')})"
        return f"(l.{meta('cause')} IS NOT NULL OR {text})" if soft else text

    def put_back(self, layout: Layout) -> None:
        v, own = meta("v"), self.logs[layout.number]
        keys = ", ".join(quoted(c) for c in layout.key)
        self.session.run(
            f"DELETE x FROM (SELECT DISTINCT {keys} FROM {own} WHERE {v} > {self.since}) c"
            f" STRAIGHT_JOIN {layout.source} x ON {_on(layout)}"
        )
        names = [quoted(column.name) for column in layout.stored]
        self.session.run(
            f"INSERT INTO {layout.source} ({', '.join(names)})"
            f" SELECT {', '.join(f'l.{name}' for name in names)} FROM {self._chosen(layout, 'MIN')} c"
            f" STRAIGHT_JOIN {own} l ON l.{v} = c.{v} WHERE l.{v} % 2 = 0"
        )

    # --- tables without a key ---------------------------------------------------------------------

    def put_back_keyless(self, layout: Layout) -> list[Conflict]:
        """Deletes what there is too much of, inserts what is missing; what cannot be found is a conflict."""
        own, v = self.logs[layout.number], meta("v")
        names = ", ".join(quoted(column.name) for column in layout.stored)
        surplus, missing = self._balance(layout)
        for step, count in surplus.items():
            same = " AND ".join(
                f"{_bare(layout, column)} <=> (SELECT {column.exact('l')} FROM {own} l WHERE l.{v} = {step})"
                for column in layout.stored
            )
            gone = self.session.run(f"DELETE FROM {layout.source} WHERE {same} LIMIT {count}")
            if gone < count:
                row = self.session.rows(
                    f"SELECT {', '.join(layout.image('l'))} FROM {own} l WHERE l.{v} = {step}"
                )[0]
                return [Conflict(layout.name, {}, _named(layout, row))]
        for step, count in missing.items():
            for _ in range(count):
                self.session.run(
                    f"INSERT INTO {layout.source} ({names}) SELECT {names} FROM {own} WHERE {v} = {step}"
                )
        return []

    def _balance(self, layout: Layout) -> tuple[dict[int, int], dict[int, int]]:
        """A log row that shows the image -> how many rows there are too many, and too few."""
        texts = (f"COALESCE({column.text('l')}, '-')" for column in layout.stored)
        rows = self.session.rows(
            f"SELECT l.{meta('v')}, l.{meta('cause')}, l.{meta('via')}, l.{meta('op')},"
            f" MD5(CONCAT_WS('|', {', '.join(texts)}))"
            f" FROM {self.logs[layout.number]} l WHERE l.{meta('v')} > {self.since}"
        )
        balance: dict[str, int] = defaultdict(int)
        shown: dict[str, int] = {}
        for step, _, _, _, digest in once(rows):
            balance[digest] += 1 if step % 2 == 0 else -1
            shown[digest] = step
        surplus = {shown[digest]: -n for digest, n in balance.items() if n < 0}
        missing = {shown[digest]: n for digest, n in balance.items() if n > 0}
        return surplus, missing


def once(rows: Sequence[Any]) -> list[Any]:
    """Rows (v, cause, via, op, image) without those that went by two foreign keys and are logged twice.

    Equal rows have equal foreign keys: looked up from one parent all of them are found, from the next all
    of them again. So the first look counts. Rows that were logged afterwards have no `via`.
    """
    first: dict[tuple[Any, Any], int] = {}
    for _, cause, via, op, image in rows:
        if via is not None and op == "D":
            seen = first.setdefault((cause, image), via)
            first[cause, image] = min(seen, via)
    return [
        row for row in rows if row[2] is None or row[3] != "D" or first[row[1], row[4]] == row[2]
    ]


def _bare(layout: Layout, column: Column) -> str:
    """The exact value of a column of the table itself: DELETE ... LIMIT takes no alias."""
    return column.exact(layout.source)


def _on(layout: Layout) -> str:
    return " AND ".join(f"x.{quoted(c)} = c.{quoted(c)}" for c in layout.key)


def _named(layout: Layout, values: Sequence[Any]) -> dict[str, Any]:
    return {column.name: value for column, value in zip(layout.columns, values, strict=True)}


def _conflict(layout: Layout, row: Sequence[Any]) -> Conflict:
    expected, there, *values = row
    width = len(layout.columns)
    then, now = _named(layout, values[:width]), _named(layout, values[width:])
    key = {column: then[column] for column in layout.key}
    return Conflict(layout.name, key, then if expected else None, now if there else None)
