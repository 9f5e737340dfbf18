"""Putting the rows there that a request needs, and reading rows.

An arranged row satisfies the schema: what is given, then overrides, then what columns, keys, CHECKs
and foreign keys demand; what the engine fills in by itself (defaults, identities, generated
columns) and what may be NULL is left out. Parents are arranged first. Within one call a parent
table gets one row that all levels share, so that an order, its customer and its product end up with
the same tenant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ...errors import TargetError
from .changes import Check, Row
from .checks import satisfied
from .select import run
from .stored_forms import Form, made_like, stored_forms
from .tables import TableInfo
from .values import value_for

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

    from .engine import Engine

ATTEMPTS = 4  # a short unique column may collide with a stored value
RESERVED = (
    1_000_000  # keys picked by hand lie so far above the highest: no sequence gets there soon
)
EPOCH = datetime(1970, 1, 1)
Values = dict[str, Any]
Wanted = Literal["", "shown", "named"]


class RowRules(Protocol):
    """What is known of columns beyond the schema: what an API says of the fields that show them."""

    def wanted(self, table: str, column: str) -> Wanted:
        """Whether a column is filled though it may be NULL: `named` in any case, `shown` where the
        database takes it."""

    def allows(self, table: str, column: str, value: Any) -> bool:
        """Whether a column may hold the value."""

    def fitting(
        self, table: str, column: sa.Column[Any], value: Any, *, unique: bool, number: int
    ) -> Any:
        """The value, or another one where the rules do not allow it."""


class NoRules:
    """Nothing is known: what may be NULL is NULL."""

    def wanted(self, table: str, column: str) -> Wanted:
        return ""

    def allows(self, table: str, column: str, value: Any) -> bool:
        return True

    def fitting(
        self, table: str, column: sa.Column[Any], value: Any, *, unique: bool, number: int
    ) -> Any:
        return value


@dataclass(slots=True)
class Arranging:
    """How rows are arranged in one database.

    `overrides` are column values by table, `made` counts the arranged rows of each table that no
    undo took back, `forms` are what the texts of its stored rows are, `bare` are tables that refuse a
    row with more than what must not be NULL.
    """

    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rules: RowRules = field(default_factory=NoRules)
    made: Counter[str] = field(default_factory=Counter)
    forms: dict[str, dict[str, tuple[Form, str]]] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)


def select_rows(engine: Engine, table: str, where: Mapping[str, Any]) -> list[Row]:
    """The rows whose columns hold these values (None: NULL), ordered by primary key."""
    with engine.reading() as connection:
        return _select(connection, engine.tables[table], where)


def text_forms(engine: Engine, table: str, arranging: Arranging) -> Mapping[str, Form]:
    """Column -> what the texts of the stored rows are: UUIDs, JSON."""
    info = engine.tables[table]
    if info.name not in arranging.forms:
        with engine.reading() as connection:
            found = stored_forms(connection, info)
        if not found:
            return {}
        arranging.forms[info.name] = found
    return {column: form for column, (form, _) in arranging.forms[info.name].items()}


def finds_none(engine: Engine, select: str) -> Check:
    """Whether a SELECT finds no row; the reason shows the first few that it does find."""
    rows = run(engine, select, {}, most=6)
    shown = "".join(f"\n  {row!r}" for row in rows[:5]) + ("\n  ..." if len(rows) > 5 else "")
    return Check(not rows, f"{select}: must never find a row, found{shown}")


def _select(connection: Connection, info: TableInfo, where: Mapping[str, Any]) -> list[Row]:
    import sqlalchemy as sa

    statement = sa.select(*_raw_columns(info))
    for name, value in where.items():
        statement = statement.where(info.condition(name, value))
    statement = statement.order_by(*info.table.primary_key.columns)
    return [info.typed(dict(row)) for row in connection.execute(statement).mappings().all()]


def _raw_columns(info: TableInfo) -> list[sa.Label[Any]]:
    """All columns as the driver gives them; `typed` then forgives what does not fit its declared type."""
    import sqlalchemy as sa

    raw = sa.types.NullType()
    return [sa.type_coerce(column, raw).label(column.name) for column in info.table.columns]


def arrange(
    engine: Engine,
    table: str,
    columns: Mapping[str, Any],
    arranging: Arranging,
) -> Row:
    """Inserts the row and its parents in one transaction of the harness; the row as stored.

    Columns that are only shown stay NULL at the last attempt: a rule of the database may want that.

    TargetError when the schema cannot be satisfied: the engine's reason, and which values to give.
    """
    import sqlalchemy as sa

    info = engine.tables[table]
    for name in columns:
        info.column(name)
    for attempt in range(ATTEMPTS):
        last = attempt + 1 == ATTEMPTS
        work = _Arrangement(engine, arranging, bare=last or table in arranging.bare)
        try:
            with engine.writing() as work.connection:
                row = work.insert(info, dict(columns))
        except sa.exc.StatementError as error:
            if not last and (isinstance(error, sa.exc.IntegrityError) or work.fills_shown):
                continue
            if isinstance(error, sa.exc.DBAPIError):
                raise _refused(info, error) from None
            raise TargetError(f"cannot arrange a row of {table}: {error.orig or error}") from None
        arranging.made.update(work.stored)
        if last:
            arranging.bare.add(table)
        return row
    raise AssertionError("unreachable")


def update(engine: Engine, table: str, row: Mapping[str, Any], columns: Mapping[str, Any]) -> Row:
    """Gives one row other values, in a transaction of the harness; the row as stored then.

    TargetError where the table has no primary key, the row is gone, or the engine refuses.
    """
    import sqlalchemy as sa

    info = engine.tables[table]
    keys = [column.name for column in info.table.primary_key.columns]
    values = {name: info.bindable(name, value) for name, value in columns.items()}
    if not keys:
        raise TargetError(f"{table} has no primary key that would tell which row to update")
    where = [info.column(name) == info.bindable(name, row[name]) for name in keys]
    try:
        with engine.writing() as connection:
            connection.execute(sa.update(info.table).where(*where).values(values))
            key = {name: values.get(name, row[name]) for name in keys}
            updated = _select(connection, info, key)
    except sa.exc.DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise TargetError(f"cannot update a row of {table}: {reason}") from None
    if not updated:
        raise TargetError(f"cannot update a row of {table}: it is not there any more")
    return updated[0]


def _refused(info: TableInfo, error: sa.exc.DBAPIError) -> TargetError:
    reason = " ".join(str(error.orig).split())
    return TargetError(
        f"cannot arrange a row of {info.name}: {reason}",
        hint=f"give the values it needs: tables: {{{info.name}: {{arrange: {{column: value}}}}}} "
        "in gen-suite.yaml",
    )


@dataclass(slots=True)
class _Key:
    """A foreign key of the table in hand."""

    columns: tuple[str, ...]
    parent: TableInfo
    parent_columns: tuple[str, ...]


@dataclass(slots=True)
class _Arrangement:
    """One call of `arrange`: the rows that are shared by all levels, and those still in the making."""

    engine: Engine
    arranging: Arranging
    bare: bool = False
    connection: Connection = field(init=False)
    fills_shown: bool = False
    stored: Counter[str] = field(default_factory=Counter)
    shared: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    open: dict[str, Values] = field(default_factory=dict)

    def insert(self, info: TableInfo, given: Values) -> Row:
        values = {**self.arranging.overrides.get(info.name, {}), **given}
        values = {name: info.bindable(name, value) for name, value in values.items()}
        fixed = set(values)
        self.open[info.name] = values
        keys = self._foreign_keys(info)
        for key in keys:
            self._learn(key, values)
        self._fill_own(info, values, keys)
        used: set[str] = set()
        for key in keys:
            self._fill_parent(info, key, values, used)
            fixed.update(name for name in key.columns if name in values)
        values = self._checked(info, values, frozenset(fixed))
        del self.open[info.name]
        return self._store(info, values)

    def _foreign_keys(self, info: TableInfo) -> list[_Key]:
        found = []
        for constraint in info.table.foreign_key_constraints:
            columns = tuple(constraint.column_keys)
            table = constraint.referred_table
            name = f"{table.schema}.{table.name}" if table.schema else table.name
            parent_columns = tuple(element.column.name for element in constraint.elements)
            found.append(_Key(columns, self.engine.tables[name], parent_columns))
        return sorted(found, key=lambda key: (key.parent.name, key.columns))

    def _learn(self, key: _Key, values: Values, depth: int = 3) -> None:
        """A parent that is given brings its own parents along: the customer's tenant is the order's."""
        known = [values.get(column) for column in key.columns]
        if depth == 0 or any(value is None for value in known):
            return
        where = dict(zip(key.parent_columns, known, strict=True))
        rows = _select(self.connection, key.parent, where)
        if len(rows) != 1:
            return  # not there: the engine will say so
        self.shared.setdefault(key.parent.name, rows[0])
        for above in self._foreign_keys(key.parent):
            self._learn(above, dict(rows[0]), depth - 1)

    def _fill_own(self, info: TableInfo, values: Values, keys: Sequence[_Key]) -> None:
        """The columns that are no foreign key and that nobody else fills."""
        referring = {column for key in keys for column in key.columns}
        for column in info.table.columns:
            name = column.name
            if name in values or name in referring:
                continue
            if _has_no_length(column):
                values[name] = EPOCH
                continue
            if _left_to_engine(info, column):
                continue
            optional = column.nullable and not column.primary_key
            if optional and not self._is_filled(info, name):
                continue
            try:
                values[name] = self._value(info, column, unique=name in info.unique)
            except TargetError:
                if not optional or self.arranging.rules.wanted(info.name, name) == "named":
                    raise

    def _is_filled(self, info: TableInfo, name: str) -> bool:
        """Whether a column that may be NULL gets a value."""
        wanted = self.arranging.rules.wanted(info.name, name)
        shown = wanted == "shown" and not self.bare
        self.fills_shown = self.fills_shown or shown
        return shown or wanted == "named"

    def _value(self, info: TableInfo, column: sa.Column[Any], *, unique: bool) -> Any:
        number = self.arranging.made[info.name] + self.stored[info.name]
        form, stored = self._forms(info).get(column.name, (None, ""))
        if form is not None and not (unique and form == "json"):
            value: Any = made_like(form, stored)
        else:
            value = self._plain_value(column, unique=unique, number=number)
        rules = self.arranging.rules
        return rules.fitting(info.name, column, value, unique=unique, number=number)

    def _forms(self, info: TableInfo) -> Mapping[str, tuple[Form, str]]:
        known = self.arranging.forms.get(info.name)
        if known is None:
            known = stored_forms(self.connection, info)
            if known:  # an empty table tells nothing yet
                self.arranging.forms[info.name] = known
        return known

    def _plain_value(self, column: sa.Column[Any], *, unique: bool, number: int) -> Any:
        try:
            return value_for(column, unique=unique, number=number)
        except NotImplementedError:
            sample = self.engine.sample(column)
        if sample is None:
            raise TargetError(
                f"no value is known for {column.table.name}.{column.name} of type {column.type!r}",
                hint=f"give one: tables: {{{column.table.name}: {{arrange: {{{column.name}: ...}}}}}}",
            )
        return sample

    def _fill_parent(self, info: TableInfo, key: _Key, values: Values, used: set[str]) -> None:
        missing = [column for column in key.columns if column not in values]
        if not missing or any(
            column in values and values[column] is None for column in key.columns
        ):
            return
        empty = [column for column in missing if info.column(column).nullable]
        rules = self.arranging.rules
        if empty and not all(rules.wanted(info.name, column) == "named" for column in empty):
            return  # one NULL and the foreign key asks for nothing
        if empty and key.parent.name in self.open:
            return  # a row is not put below itself
        wanted = {
            parent: values[column]
            for column, parent in zip(key.columns, key.parent_columns, strict=True)
            if column in values
        }
        parent = self._parent(key, wanted, reusable=key.parent.name not in used)
        used.add(key.parent.name)
        for column, there in zip(key.columns, key.parent_columns, strict=True):
            values.setdefault(column, parent[there])

    def _parent(self, key: _Key, wanted: Values, *, reusable: bool) -> Mapping[str, Any]:
        name = key.parent.name
        if name in self.open:
            return self._circle(key)
        shared = self.shared.get(name)
        if reusable and shared is not None and _fits(shared, wanted):
            return shared
        row = self.insert(key.parent, wanted)
        self.shared.setdefault(name, row)
        return row

    def _circle(self, key: _Key) -> Mapping[str, Any]:
        """The parent is a row still in the making: its key is settled now, the check comes at the end."""
        values = self.open[key.parent.name]
        for name in key.parent_columns:
            if name not in values:
                values[name] = self._reserved(key.parent, name)
        self.engine.defer(self.connection)
        return values

    def _reserved(self, info: TableInfo, name: str) -> Any:
        import sqlalchemy as sa

        column = info.column(name)
        if isinstance(column.type, sa.Integer):
            highest = self.connection.execute(sa.select(sa.func.max(column))).scalar()
            return (highest or 0) + RESERVED
        return self._value(info, column, unique=True)

    def _checked(self, info: TableInfo, values: Values, fixed: frozenset[str]) -> Values:
        checks = self.engine.checks(info)
        if not checks:
            return values
        missing = {
            column.name: None
            for column in info.table.columns
            if column.name not in values and not _left_to_engine(info, column)
        }
        found = satisfied(self.connection, info, checks, {**missing, **values}, fixed=fixed)
        return {n: v for n, v in found.items() if n in values or v is not None}

    def _store(self, info: TableInfo, values: Values) -> Row:
        self.stored[info.name] += 1
        statement = info.table.insert().values({info.column(n): v for n, v in values.items()})
        if not info.key:
            if not self.connection.dialect.insert_returning:
                self.connection.execute(statement)
                return info.typed({**dict.fromkeys(info.columns), **values})
            returned = self.connection.execute(statement.returning(*_raw_columns(info)))
            return info.typed(dict(returned.mappings().one()))
        key = self.connection.execute(statement).inserted_primary_key
        if key is None or any(part is None for part in key):
            raise TargetError(f"the engine does not tell the key of the new row of {info.name}")
        (row,) = _select(self.connection, info, dict(zip(info.key, key, strict=True)))
        return row


def _fits(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(name in row and row[name] == value for name, value in wanted.items())


def _has_no_length(column: sa.Column[Any]) -> bool:
    """`DATETIME DEFAULT 0`: an interval of nothing, in SQLite counted from the epoch. The number that
    SQLite would store is understood by no reader of times and intervals."""
    import sqlalchemy as sa

    default = getattr(column.server_default, "arg", None)
    return isinstance(column.type, sa.DateTime) and str(default).strip("'\"() ") == "0"


def _left_to_engine(info: TableInfo, column: sa.Column[Any]) -> bool:
    return (
        column.server_default is not None
        or column.identity is not None
        or column.computed is not None
        or column.name == info.autokey
    )
