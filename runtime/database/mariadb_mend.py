"""MariaDB and MySQL: making the log tell what foreign keys really did.

A trigger logs beforehand what the foreign keys of a row are about to do. That may not come about (IGNORE
skipped the row), and it may be less than happens: the trigger locks the rows it is about to lose by a
shared lock (an exclusive one would be refused when the application's statement uses that table, too).
Under READ COMMITTED that lets another transaction add a grandchild after the trigger has looked and
before the server cascades. The grandchild's own write is logged, though: so a row that is not there, or
refers to nothing, although its last log row says otherwise, while its parent went, is logged here as what
it must have become.
"""

from __future__ import annotations

from collections.abc import Sequence

from .mariadb_capture import META, log, meta
from .mariadb_cascade import caused_by, parents_first
from .mariadb_session import Session, quoted
from .mariadb_survey import ACTIONS, Layout, Reference, Survey
from .mariadb_wait import number


def complete(
    session: Session, found: Survey, base: int, since: int, touched: Sequence[Layout]
) -> None:
    """Makes the log after `since` tell what really became of every row that foreign keys reached.

    The caller is in a transaction and holds the gate; touched: the tables with log rows after `since`.
    """
    causes = caused_by(found)
    layouts = {layout.number: layout for layout in touched}
    reached = {t.number for t in touched if t.number in causes and _is_reached(session, t, since)}
    for table in reached:
        for root in causes[table]:
            _drop_what_did_not_happen(session, found, layouts[table], root, since)
        if layouts[table].key:
            _drop_changes_of_what_went(session, layouts[table], since)
    edges: dict[int, list[Reference]] = {}
    for ref in found.references:  # only children of what foreign keys reach can have been missed
        if ref.parent in reached and ref.child in layouts:
            edges.setdefault(ref.child, []).append(ref)
    for table in parents_first(list(edges), edges)[0]:
        for ref in edges[table]:
            mending = _Mending(session, layouts[table], layouts[ref.parent], ref, base, since)
            if not layouts[table].key:
                mending.without_key()
            elif ref.on_delete in ACTIONS:
                mending.with_key()


def may_be_needed(found: Survey, touched: Sequence[Layout]) -> bool:
    """Whether foreign keys can have reached one of these tables; `complete` does nothing elsewhere."""
    causes = caused_by(found)
    return any(layout.number in causes for layout in touched)


def _is_reached(session: Session, layout: Layout, since: int) -> bool:
    rows = session.rows(
        f"SELECT 1 FROM {log(session.database, layout)} WHERE {meta('v')} > {since}"
        f" AND {meta('cause')} IS NOT NULL LIMIT 1"
    )
    return bool(rows)


def _drop_what_did_not_happen(
    session: Session, found: Survey, layout: Layout, root: int, since: int
) -> None:
    """Consequences of steps of `root` that IGNORE skipped: the step itself was not logged."""
    v, cause = meta("v"), meta("cause")
    origin = next(parent for parent in found.layouts if parent.number == root)
    session.run(
        f"DELETE l FROM {log(session.database, layout)} l"
        f" LEFT JOIN {log(session.database, origin)} r ON r.{v} = l.{cause}"
        f" WHERE l.{v} > {since} AND l.{meta('root')} = {root} AND r.{v} IS NULL"
    )


def _drop_changes_of_what_went(session: Session, layout: Layout, since: int) -> None:
    """A row that one foreign key changed and another took along only went."""
    v, cause, own = meta("v"), meta("cause"), log(session.database, layout)
    same = " AND ".join(f"u.{quoted(c)} <=> d.{quoted(c)}" for c in layout.key)
    session.run(
        f"DELETE l FROM (SELECT u.{v} FROM {own} u JOIN {own} d ON d.{cause} = u.{cause}"
        f" AND d.{meta('op')} = 'D' AND {same} WHERE u.{v} > {since} AND d.{v} > {since}"
        f" AND u.{meta('op')} = 'U' AND u.{v} % 2 = 0) s"
        f" STRAIGHT_JOIN {own} l ON l.{v} BETWEEN s.{v} AND s.{v} + 1"
    )


class _Mending:
    """One foreign key whose parents may have taken more rows along than were logged."""

    def __init__(
        self,
        session: Session,
        child: Layout,
        parent: Layout,
        ref: Reference,
        base: int,
        since: int,
    ) -> None:
        self.session, self.child, self.base = session, child, base
        self.own = log(session.database, child)
        self.went = ref.on_delete == "CASCADE"
        self.null = f"x.{quoted(ref.pairs[0][0])} IS NULL"
        v = meta("v")
        refers = " AND ".join(f"l.{quoted(c)} = p.{quoted(to)}" for c, to in ref.pairs)
        self.parents = (
            f"STRAIGHT_JOIN {log(session.database, parent)} p ON p.{v} > {since}"
            f" AND p.{meta('op')} = 'D' AND {refers}"
        )
        root = f"COALESCE(p.{meta('root')}, {parent.number})"
        self.origin = f"COALESCE(p.{meta('cause')}, p.{v}), {root}, p.{v}"
        self.since = since

    def with_key(self) -> None:
        """Rows that should be there by their last log row, and are not, or refer to nothing."""
        v, keys = meta("v"), ", ".join(quoted(c) for c in self.child.key)
        same = " AND ".join(f"x.{quoted(c)} = l.{quoted(c)}" for c in self.child.key)
        gone = f"x.{quoted(self.child.key[0])} IS NULL"
        fate = gone if self.went else f"NOT {gone} AND {self.null}"
        rows = self.session.rows(
            f"SELECT l.{v}, {self.origin} FROM (SELECT {keys}, MAX({v}) AS {v} FROM {self.own}"
            f" WHERE {v} > {self.since} GROUP BY {keys}) c"
            f" STRAIGHT_JOIN {self.own} l ON l.{v} = c.{v} {self.parents}"
            f" LEFT JOIN {self.child.source} x ON {same} WHERE l.{v} % 2 = 1 AND {fate}"
        )
        for last, origin in {row[0]: row[1:] for row in rows}.items():
            step = self._log(last, origin)
            if not self.went:
                source = f"{self.own} l JOIN {self.child.source} x ON {same} WHERE l.{v} = {step}"
                self._copy(source, {"v": step + 1}, image="x")

    def without_key(self) -> None:
        """As many equal rows as came after their parent was looked at and are not there."""
        if not self.went:
            return
        v = meta("v")
        texts = (f"COALESCE({column.text('l')}, '-')" for column in self.child.stored)
        rows = self.session.rows(
            f"SELECT l.{v}, MD5(CONCAT_WS('|', {', '.join(texts)})), {self.origin}"
            f" FROM {self.own} l {self.parents} WHERE l.{v} > p.{v}"
            f" AND NOT (l.{meta('via')} <=> p.{v})"
        )
        balance: dict[tuple[str, int], int] = {}
        shown: dict[tuple[str, int], tuple[int, tuple[int, ...]]] = {}
        for step, digest, *origin in rows:
            balance[digest, origin[-1]] = balance.get((digest, origin[-1]), 0) + (step % 2 * 2 - 1)
            if step % 2:
                shown[digest, origin[-1]] = step, tuple(origin)
        done = set()
        for (digest, parent), count in balance.items():
            if count > 0 and digest not in done:
                done.add(digest)
                step, came_from = shown[digest, parent]
                for _ in range(count - self._there(step)):
                    self._log(step, came_from)

    def _there(self, step: int) -> int:
        """How many rows are like the one in the log."""
        same = " AND ".join(
            f"x.{quoted(c.name)} <=> l.{quoted(c.name)} AND {c.exact('x')} <=> {c.exact('l')}"
            for c in self.child.stored
        )
        return int(
            self.session.value(
                f"SELECT COUNT(*) FROM {self.own} l STRAIGHT_JOIN {self.child.source} x ON {same}"
                f" WHERE l.{meta('v')} = {step}"
            )
        )

    def _log(self, last: int, origin: Sequence[int]) -> int:
        """Logs that the row of this log row went, or lost its reference; the new number."""
        step = int(self.session.value(f"SELECT {number(self.base)}"))
        cause, root, _ = origin
        facts: dict[str, object] = {"v": step, "op": "'D'" if self.went else "'U'"}
        facts |= {"cause": cause, "root": root, "via": "NULL"}
        self._copy(f"{self.own} l WHERE l.{meta('v')} = {last}", facts)
        return step

    def _copy(self, source: str, facts: dict[str, object], *, image: str = "l") -> None:
        names = [meta(name) for name, _ in META]
        values = [str(facts.get(name, f"l.{meta(name)}")) for name, _ in META]
        self.session.run(
            f"INSERT INTO {self.own} ({', '.join(names + self.child.names())})"
            f" SELECT {', '.join(values + self.child.image(image))} FROM {source}"
        )
