"""SQLite: which tables are captured, the log they are captured in, and the triggers that do it.

One wide log table with untyped columns keeps every storage class as it is (JSON corrupts doubles
and blobs). Its id is a plain rowid: AUTOINCREMENT would leave a `sqlite_sequence` table behind.

`OR REPLACE` removes rows without firing a delete trigger, so BEFORE triggers log each row that the
new one could collide with (`P`, "pre-image"), one indexed lookup per unique key. A `P` says only
"this row was here, and so"; whether it went is told by what follows it, or by the table itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .names import OWN
from .sqltext import tokens

LOG = f"{OWN}log"
STATE = f"{OWN}state"
ROWID_NAMES = ("rowid", "_rowid_", "oid")
# shadow tables of full-text indexes that hold nothing but the index
INDEX_TABLES = ("_data", "_idx", "_docsize", "_config", "_segments", "_segdir", "_stat")
MOST_COLUMNS = 990  # two images and six columns of our own within SQLite's limit of 2,000


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Layout:
    """How one table lies in the log: column i of `columns` is o<i> before and n<i> after."""

    number: int
    name: str
    columns: tuple[str, ...]
    stored: tuple[str, ...]  # without generated columns
    key: tuple[str, ...]  # the declared primary key
    rowid: str  # the name that reaches the rowid; "" when the table is WITHOUT ROWID
    alias: str  # the INTEGER PRIMARY KEY column, which is the rowid; or ""
    definition: str  # digest of the CREATE TABLE text
    shown: (
        bool  # False: internals of a full-text index, undone but no change that a test asks about
    )

    def place(self, column: str) -> int:
        return self.columns.index(column)

    def key_columns(self) -> list[str]:
        """What identifies a row: SQL expressions on the table itself."""
        return [self.rowid] if self.rowid else [quoted(c) for c in self.key]

    def shown_key(self) -> tuple[str, ...]:
        """What `key_columns` are called in messages."""
        return ((self.alias or self.rowid),) if self.rowid else self.key

    def log_key(self, side: str) -> list[str]:
        """The same in the log; side is `o` (before) or `n` (after)."""
        return [f"r{side}"] if self.rowid else [f"{side}{self.place(c)}" for c in self.key]


def to_json(layouts: Sequence[Layout]) -> str:
    return json.dumps([asdict(layout) for layout in layouts])


def from_json(text: str) -> list[Layout]:
    def restored(value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    return [Layout(**{k: restored(v) for k, v in row.items()}) for row in json.loads(text)]


def digest(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Survey:
    """How each table is watched: `captured` by triggers, `copied` by comparison; `refused`: name to reason.

    A virtual table's rows live in shadow tables that its module writes with plain SQL, but a trigger there
    can crash the application (seen with FTS5 in SQLite 3.40): those are compared with a copy. A virtual
    table without shadow tables keeps its rows somewhere else.
    """

    captured: tuple[Layout, ...]
    copied: tuple[Layout, ...]
    refused: Mapping[str, str]

    @property
    def limits(self) -> tuple[str, ...]:
        names = ", ".join(layout.name for layout in self.copied)
        text = f"watched by comparison with a copy, which costs what is stored: {names}"
        return (text,) if names else ()


def survey(connection: sqlite3.Connection) -> Survey:
    """Which tables there are, the harness's own left out."""
    rows = connection.execute(
        "SELECT m.name, m.sql, l.type, l.wr FROM sqlite_schema m JOIN pragma_table_list l"
        " ON l.name = m.name AND l.schema = 'main' WHERE m.type = 'table'"
        f" AND m.name NOT GLOB 'sqlite_*' AND m.name NOT GLOB '{OWN}*' ORDER BY m.name"
    ).fetchall()
    virtual = [name for name, _, kind, _ in rows if kind == "virtual"]
    captured, copied, refused = list[Layout](), list[Layout](), dict[str, str]()
    for name, sql, kind, without_rowid in rows:
        if kind == "virtual":
            if not any(other.startswith(f"{name}_") for other, *_ in rows):
                refused[name] = f"{name} is a virtual table whose rows lie outside this file"
            continue
        # by name as well: a module that is not loaded here does not tell its shadow tables
        shadow = kind == "shadow" or name.startswith(tuple(f"{owner}_" for owner in virtual))
        into = copied if shadow else captured
        layout = _layout(connection, len(into), name, sql, shadow, bool(without_rowid))
        if isinstance(layout, str):
            refused[name] = layout
        else:
            into.append(layout)
    return Survey(tuple(captured), tuple(copied), refused)


def _layout(
    connection: sqlite3.Connection,
    number: int,
    name: str,
    sql: str,
    shadow: bool,
    without_rowid: bool,
) -> Layout | str:
    info = connection.execute(
        "SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", (name,)
    ).fetchall()
    columns = tuple(r[0] for r in info if r[3] in (0, 2, 3))
    key = tuple(r[0] for r in sorted(info, key=lambda r: r[2]) if r[2])
    if len(columns) > MOST_COLUMNS:
        return f"{name} has {len(columns)} columns: the log holds at most {MOST_COLUMNS}"
    alias = ""
    if not without_rowid and len(key) == 1:
        kind = next(r[1] for r in info if r[0] == key[0])
        own_index = connection.execute(
            "SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'", (name,)
        ).fetchone()
        # INTEGER PRIMARY KEY DESC has an index of its own: there it is no alias of the rowid
        alias = key[0] if kind.upper() == "INTEGER" and not own_index else ""
    taken = {column.lower() for column in columns}
    free = [rowid for rowid in ROWID_NAMES if rowid not in taken]
    rowid = "" if without_rowid else quoted(alias) if alias else free[0] if free else ""
    if not rowid and not without_rowid:
        return f"{name} hides its rowid behind columns named {', '.join(ROWID_NAMES)}"
    stored = tuple(r[0] for r in info if r[3] == 0)
    shown = not shadow or not name.endswith(INDEX_TABLES)
    return Layout(number, name, columns, stored, key, rowid, alias, digest(sql), shown)


def log_tables(layouts: Sequence[Layout]) -> list[str]:
    """The statements that create the log and the state; the log is as wide as the widest table."""
    width = max((len(layout.columns) for layout in layouts), default=0)
    images = [f"{side}{i}" for side in "on" for i in range(width)]
    columns = ", ".join(["id INTEGER PRIMARY KEY", "tbl", "op", "harness", "ro", "rn", *images])
    return [
        f"CREATE TABLE {LOG}({columns})",
        f"CREATE TABLE {STATE}(name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    ]


def triggers(connection: sqlite3.Connection, layout: Layout) -> Iterator[str]:
    """The CREATE TRIGGER statements that capture one table."""
    table = quoted(layout.name)
    for op, event, sides in (
        ("I", "INSERT", {"n": "new"}),
        ("U", "UPDATE", {"o": "old", "n": "new"}),
        ("D", "DELETE", {"o": "old"}),
    ):
        columns, values = _entry(layout, op, sides)
        yield (
            f"CREATE TRIGGER {quoted(f'{OWN}{op}_{layout.name}')} AFTER {event} ON {table} "
            f"BEGIN INSERT INTO {LOG}({columns}) VALUES({values}); END"
        )
    lookups = list(_lookups(connection, layout))
    columns, values = _entry(layout, "P", {"o": table})
    logged = f"INSERT INTO {LOG}({columns}) SELECT {values} FROM {table} WHERE "
    body = " ".join(f"{logged}{condition};" for condition, _ in lookups)
    yield (
        f"CREATE TRIGGER {quoted(f'{OWN}PI_{layout.name}')} BEFORE INSERT ON {table} BEGIN {body} END"
    )
    # Only a statement that sets a unique column can collide; the row itself is no collision.
    watched: set[str] | None = {layout.alias} if layout.alias else set()
    for _, of in lookups:
        watched = None if of is None or watched is None else watched | of
    names = None if watched is None else [*ROWID_NAMES, *sorted(watched - {""})]
    of_columns = f" OF {', '.join(map(quoted, names))}" if names else ""
    other = _other_row(layout)
    body = " ".join(f"{logged}{condition} AND {other};" for condition, _ in lookups)
    yield (
        f"CREATE TRIGGER {quoted(f'{OWN}PU_{layout.name}')} BEFORE UPDATE{of_columns} ON {table} "
        f"BEGIN {body} END"
    )


def _entry(layout: Layout, op: str, sides: dict[str, str]) -> tuple[str, str]:
    columns, values = ["tbl", "op"], [str(layout.number), f"'{op}'"]
    for side, source in sides.items():
        if layout.rowid:
            columns.append(f"r{side}")
            values.append(f"{source}.{layout.rowid}")
        columns += [f"{side}{i}" for i in range(len(layout.columns))]
        values += [f"{source}.{quoted(column)}" for column in layout.columns]
    return ", ".join(columns), ", ".join(values)


def _other_row(layout: Layout) -> str:
    table = quoted(layout.name)
    same = " AND ".join(f"{table}.{k} IS old.{k}" for k in layout.key_columns())
    return f"NOT ({same})"


def _lookups(
    connection: sqlite3.Connection, layout: Layout
) -> Iterator[tuple[str, set[str] | None]]:
    """Conditions that find the rows a new row collides with, and the columns each depends on (None: all)."""
    table = quoted(layout.name)
    if layout.rowid:
        yield f"{table}.{layout.rowid} = new.{layout.rowid}", set()
    indexes = connection.execute(
        'SELECT name FROM pragma_index_list(?) WHERE "unique"', (layout.name,)
    ).fetchall()
    for (index,) in indexes:
        parts, columns = [], set[str]()
        terms = connection.execute(
            "SELECT seqno, cid, name, coll FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno",
            (index,),
        ).fetchall()
        expressions = _index_expressions(connection, index) if any(t[1] < 0 for t in terms) else []
        for place, number, column, collation in terms:
            if number >= 0:
                parts.append(
                    f"{table}.{quoted(column)} = new.{quoted(column)} COLLATE {quoted(collation)}"
                )
                columns.add(column)
            else:  # an expression: the same text, once over the table, once over the new row
                text = expressions[place]
                new = ", ".join(f"new.{quoted(c)} AS {quoted(c)}" for c in layout.columns)
                parts.append(
                    f"({text}) = (SELECT ({text}) FROM (SELECT {new}) AS {table}) COLLATE {quoted(collation)}"
                )
        plain = not expressions and columns <= set(layout.stored)
        yield " AND ".join(parts), columns if plain else None


def _index_expressions(connection: sqlite3.Connection, index: str) -> list[str]:
    """The terms of CREATE INDEX as written, without ASC and DESC."""
    (sql,) = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?", (index,)
    ).fetchone()
    terms, term, depth = list[str](), list[str](), 0
    for token in tokens(sql):
        depth += (token == "(") - (token == ")")
        if depth == 0 and token == ")":
            break
        if depth == 1 and token in ("(", ","):
            if term:
                terms.append("".join(term))
            term = []
        elif depth >= 1:
            term.append(token)
    terms.append("".join(term))
    return [re.sub(r"(?i)\s+(ASC|DESC)\s*$", "", text).strip() for text in terms]
