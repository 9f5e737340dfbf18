"""Sums: a column of a new row that adds up what the rows below it hold, said as a check in SQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..schema import Schema, Table
from .guess import Guess
from .seen_rows import Own, Sample

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Below:
    """A table whose rows point at the operation's own, and by which column."""

    table: Table
    column: str


def sums(own: Own, schema: Schema) -> list[dict[str, Guess]]:
    """`verify` entries: that a total is the sum of its items, each times its number if need be.

    Seen at least twice, with different totals, of which one adds up more than a single row.
    """
    table = schema.tables[own.table]
    key = table.primary_key
    wire = _key_in_answer(own, key[0]) if len(key) == 1 else ""
    if own.kind != "creates" or own.many or not wire:
        return []
    found = []
    for below in _below(schema, table, key[0]):
        numbers = _numbers(table, schema.dialect), _numbers(below.table, schema.dialect)
        for column, factors in _sums(own, below, key[0], *numbers):
            found.append(_check(schema, table, key[0], wire, below, column, factors))
    return found


def _below(schema: Schema, table: Table, key: str) -> Iterator[_Below]:
    for other in schema.tables.values():
        for one in other.foreign_keys:
            if one.table == table.qualified and one.target_columns == (key,) and other is not table:
                yield _Below(other, one.columns[0])


def _numbers(table: Table, dialect: str) -> list[str]:
    """Columns that may be or make a sum: numbers that neither are keys nor refer, and whose sums
    the database compares exactly."""
    return [
        name
        for name, column in table.columns.items()
        if (column.type == "integer" or (column.scale is not None and dialect != "sqlite"))
        and name not in table.primary_key
        and not table.foreign_key(name)
    ]


def _sums(
    own: Own, below: _Below, key: str, columns: Sequence[str], numbers: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    groups = [(one.row.row, _items(one, below, key)) for one in own.samples]
    if len(groups) < 2 or not all(items for _, items in groups):
        return
    choices = [*itertools.combinations(numbers, 1), *itertools.combinations(numbers, 2)]
    for column in columns:
        totals = {row.get(column) for row, _ in groups}
        if len(totals) < 2 or not all(map(_is_number, totals)):
            continue
        for factors in choices:
            if all(_adds_up(row[column], items, factors) for row, items in groups) and _told(
                groups, factors
            ):
                yield column, factors
                break


def _items(sample: Sample, below: _Below, key: str) -> list[Row]:
    return [
        row.row
        for row in sample.trial.rows
        if row.table == below.table.qualified
        and row.kind == "insert"
        and row.row.get(below.column) == sample.row.row.get(key)
    ]


def _adds_up(total: Any, items: Sequence[Row], factors: Sequence[str]) -> bool:
    amounts = [[item.get(name) for name in factors] for item in items]
    if not all(_is_number(value) for row in amounts for value in row):
        return False
    products = [Decimal(str(row[0])) * Decimal(str(row[-1] if row[1:] else 1)) for row in amounts]
    return sum(products) == Decimal(str(total))


def _told(groups: Sequence[tuple[Row, Sequence[Row]]], factors: Sequence[str]) -> bool:
    """A factor that is always 1 says nothing."""
    values = [[item.get(name) for _, items in groups for item in items] for name in factors]
    return all(any(value not in (0, 1) for value in column) for column in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _key_in_answer(own: Own, key: str) -> str:
    """The field of the answer that has the new row's key: it names the parameter of the SQL."""
    told = [
        {name for name, value in one.claimed.items() if value == one.row.row.get(key)}
        for one in own.samples
    ]
    common = set.intersection(*told) if told else set()
    return next((name for name in sorted(common) if name.isidentifier()), "")


def _check(
    schema: Schema,
    table: Table,
    key: str,
    wire: str,
    below: _Below,
    column: str,
    factors: Sequence[str],
) -> dict[str, Guess]:
    from sqlalchemy.engine.url import URL

    quote = URL.create(schema.dialect).get_dialect()().identifier_preparer.quote
    whole, part = (_named(one, quote) for one in (table, below.table))
    amount = " * ".join(f"{part}.{quote(name)}" for name in factors)
    total, own_key = f"{whole}.{quote(column)}", f"{whole}.{quote(key)}"
    sql = (
        f"SELECT {own_key} FROM {whole} JOIN {part} ON {part}.{quote(below.column)} = {own_key}"
        f" WHERE {own_key} = :{wire} GROUP BY {own_key}, {total} HAVING SUM({amount}) <> {total}"
    )
    return {
        "sql": Guess(sql, 1.0, f"seen: {column} adds up {below.table.qualified}"),
        "rows": Guess(0, 1.0),
    }


def _named(table: Table, quote: Callable[[str], str]) -> str:
    """The table as SQL names it: with its schema where that is not the usual one."""
    steps = [table.schema, table.name] if table.schema else [table.name]
    return ".".join(quote(step) for step in steps)
