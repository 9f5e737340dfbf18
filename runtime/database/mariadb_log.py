"""MariaDB and MySQL: reading the log as row changes, and hashing whole tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .changes import Captured, Kind, Row, RowChange
from .mariadb_capture import META, log, meta
from .mariadb_session import Session
from .mariadb_survey import Layout, Survey
from .tables import Tables

NEWEST = 2**63 - 1
KINDS: Mapping[str, Kind] = {"I": "insert", "U": "update", "D": "delete"}


@dataclass(slots=True)
class _Step:
    """One step: the log's values before and after, and our columns by name."""

    layout: Layout
    facts: dict[str, Any]
    before: tuple[Any, ...] | None = None
    after: tuple[Any, ...] | None = None

    @property
    def number(self) -> int:
        return int(self.facts["v"])

    def key(self, image: Sequence[Any]) -> str:
        """What tells the row from others of its table, for comparing."""
        names = [column.name for column in self.layout.columns]
        return repr([image[names.index(c)] for c in self.layout.key] or image)


def last_numbers(session: Session, layouts: Sequence[Layout]) -> dict[int, int]:
    """Layout number -> the last number in its log, of those that have any."""
    if not layouts:
        return {}
    each = (
        f"SELECT {layout.number}, MAX({meta('v')}) FROM {log(session.database, layout)}"
        for layout in layouts
    )
    return {number: int(last) for number, last in session.rows(" UNION ALL ".join(each)) if last}


def read_steps(
    session: Session,
    found: Survey,
    layouts: Sequence[Layout],
    tables: Tables,
    since: int,
    until: int = NEWEST,
) -> Captured:
    """Every step of these tables between two numbers.

    All fit together when the caller holds a transaction, or when no write was in flight at `until`.
    """
    steps: list[_Step] = []
    for layout in layouts:
        steps += _load(session, layout, since, until)
    done = {(step.layout.number, step.number) for step in steps if step.facts["cause"] is None}
    direct = [step for step in steps if step.facts["cause"] is None]
    caused = [
        step
        for step in steps
        if step.facts["cause"] is not None and (step.facts["root"], step.facts["cause"]) in done
    ]
    everything = sorted(direct + _settled(caused), key=lambda step: step.number)
    return Captured(tuple(_change(step, tables) for step in everything))


def _load(session: Session, layout: Layout, since: int, until: int) -> list[_Step]:
    columns = ", ".join([*(f"l.{meta(name)}" for name, _ in META), *layout.image("l")])
    found: dict[int, _Step] = {}
    for row in session.rows(
        f"SELECT {columns} FROM {log(session.database, layout)} l WHERE l.{meta('v')} > {since}"
        f" AND l.{meta('v')} < {until} ORDER BY l.{meta('v')}"
    ):
        facts = {name: value for (name, _), value in zip(META, row, strict=False)}
        step = found.setdefault(facts["v"] // 2, _Step(layout, facts))
        if facts["v"] % 2:
            step.after = row[len(META) :]
        else:
            step.before = row[len(META) :]
    return list(found.values())


def _settled(caused: Sequence[_Step]) -> list[_Step]:
    """What foreign keys did, each row once: gone is gone, and several changes are one."""
    groups: dict[tuple[Any, int, str], list[_Step]] = defaultdict(list)
    for step in caused:
        assert step.before is not None, "a consequence has a row before"
        groups[step.facts["cause"], step.layout.number, step.key(step.before)].append(step)
    found = []
    for group in groups.values():
        gone = [step for step in group if step.facts["op"] == "D"]
        if group[0].layout.key:
            found.append(gone[0] if gone else _merged(group))
        else:
            looks = [step.facts["via"] for step in gone if step.facts["via"] is not None]
            first = (None, min(looks, default=0))  # None: logged afterwards
            found += [step for step in gone if step.facts["via"] in first] or group
    return found


def _merged(group: Sequence[_Step]) -> _Step:
    """Changes of one row by several foreign keys: each log row knows only the columns of its own."""
    first = group[0]
    assert first.before is not None
    after = list(first.before)
    for step in group:
        assert step.before is not None
        assert step.after is not None
        for place, (old, new) in enumerate(zip(step.before, step.after, strict=True)):
            if old != new:
                after[place] = new
    return _Step(first.layout, first.facts, first.before, tuple(after))


def _change(step: _Step, tables: Tables) -> RowChange:
    layout, facts = step.layout, step.facts
    info = tables[layout.name]
    names = [column.name for column in layout.columns]

    def typed(image: Sequence[Any] | None) -> Row | None:
        return None if image is None else info.typed(dict(zip(names, image, strict=True)))

    before, after = typed(step.before), typed(step.after)
    old_key, key = _key(layout, before), _key(layout, after)
    return RowChange(
        table=layout.name,
        kind=KINDS[facts["op"]],
        key=old_key if after is None else key,
        before=before,
        after=after,
        old_key=key if before is None else old_key,
        transaction=None if facts["trx"] is None else str(facts["trx"]),
        at=_moment(facts["at"]),
        harness=bool(facts["own"]),
    )


def _key(layout: Layout, row: Row | None) -> dict[str, Any]:
    return {} if row is None else {column: row[column] for column in layout.primary}


def _moment(value: Any) -> datetime | None:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


def hash_tables(session: Session, layouts: Sequence[Layout]) -> dict[str, str]:
    """Table name to row count and digest of all values of all rows, whatever their order."""
    found = {}
    for layout in layouts:
        texts = ", ".join(f"COALESCE({column.text('x')}, '-')" for column in layout.columns)
        count, low, high = session.rows(
            "SELECT COUNT(*), SUM(CAST(CONV(LEFT(d, 16), 16, 10) AS DECIMAL(20))),"
            " SUM(CAST(CONV(RIGHT(d, 16), 16, 10) AS DECIMAL(20)))"
            f" FROM (SELECT MD5(CONCAT_WS('|', {texts})) AS d FROM {layout.source} x) every"
        )[0]
        found[layout.name] = f"{count}:{low or 0}:{high or 0}"
    return found
