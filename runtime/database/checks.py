"""CHECK constraints: the database itself says whether values satisfy them, their literals say what
to try.

No grammar of expressions is read: `status IN ('a', 'b')`, `quantity > 0`, `length(code) = 3`, `ends
> starts` and whatever else an engine understands are all answered by `SELECT ... WHERE NOT (check)`
over the row that is to be inserted. When it fails, values made of the literals in the check are
tried for its columns.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .sqltext import literals_in, names_in
from .tables import TableInfo, as_type
from .values import token

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

MOST_TRIES = 1500
MOST_NULLS = 256
SECONDS = 10.0
"""How long values are looked for that one CHECK allows; what is not found then is left to the engine."""
MOST_TEXT = 200


def satisfied(
    connection: Connection,
    info: TableInfo,
    checks: Sequence[str],
    values: Mapping[str, Any],
    *,
    fixed: frozenset[str],
) -> dict[str, Any]:
    """The values, changed where a check asks for it; `fixed` columns are never changed.

    Checks on columns that are not in `values` (the engine fills them in) are left to the engine, as
    is a check that no tried value satisfies: the insert then fails and says which.
    """
    found = dict(values)
    relevant = [(check, names_in(check, info.columns)) for check in checks]
    relevant = [(c, names) for c, names in relevant if names and all(n in found for n in names)]
    for _ in range(3):  # mending one check may break another
        broken = [(c, names) for c, names in relevant if not _holds(connection, info, c, found)]
        if not broken:
            break
        for check, names in broken:
            free = [name for name in names if name not in fixed]
            related = [c for c, others in relevant if set(others) & set(free)]
            found |= _search(connection, info, check, related, found, free)
    return found


def _search(
    connection: Connection,
    info: TableInfo,
    check: str,
    related: Sequence[str],
    values: Mapping[str, Any],
    free: Sequence[str],
) -> dict[str, Any]:
    pools = [list(_candidates(info.column(name), check, values[name])) for name in free]
    fallback: dict[str, Any] = {}
    # `(a IS NULL) <> (b IS NULL)`: which columns are NULL is tried before what the others hold.
    filled = itertools.product(
        *[_filled_or_null(info.column(n), pool) for n, pool in zip(free, pools, strict=True)]
    )
    combinations = itertools.chain(itertools.islice(filled, MOST_NULLS), itertools.product(*pools))
    ends = time.monotonic() + SECONDS
    for combination in itertools.islice(combinations, MOST_TRIES):
        if time.monotonic() > ends:
            break
        tried = {**values, **dict(zip(free, combination, strict=True))}
        if not _holds(connection, info, check, tried):
            continue
        if all(_holds(connection, info, other, tried) for other in related):
            return {name: tried[name] for name in free}
        fallback = fallback or {name: tried[name] for name in free}
    return fallback


def _filled_or_null(column: sa.Column[Any], pool: Sequence[Any]) -> list[Any]:
    """The first value that is one, and NULL where the column takes it."""
    value = next((one for one in pool if one is not None), None)
    return [value, None] if column.nullable and value is not None else [pool[0]]


def _holds(connection: Connection, info: TableInfo, check: str, values: Mapping[str, Any]) -> bool:
    """As the engine sees it: a CHECK holds unless it is false."""
    import sqlalchemy as sa

    names = names_in(check, info.columns)
    row = sa.select(*[_bound(info, name, values[name]).label(name) for name in names])
    table = row.subquery(info.table.name)
    broken: sa.ColumnElement[int] = sa.literal_column(
        f"CASE WHEN ({check}) THEN 0 WHEN NOT ({check}) THEN 1 ELSE 0 END"
    )
    savepoint = connection.begin_nested() if connection.dialect.name == "postgresql" else None
    try:
        answer = connection.execute(sa.select(broken).select_from(table)).scalar_one()
    except (sa.exc.DBAPIError, sa.exc.StatementError):
        if savepoint:
            savepoint.rollback()
        return False  # a value that its own type refuses satisfies nothing
    if savepoint:
        savepoint.commit()
    return not answer


def _bound(info: TableInfo, name: str, value: Any) -> sa.ColumnElement[Any]:
    import sqlalchemy as sa

    column = info.column(name)
    bound = sa.bindparam(None, value, type_=column.type, unique=True)
    # PostgreSQL wants to know the type; SQLite's CAST would turn a date into its year
    return sa.cast(bound, column.type) if info.dialect.name == "postgresql" else bound


def _candidates(column: sa.Column[Any], check: str, current: Any) -> Iterator[Any]:
    """The value at hand, then what the literals suggest, then a few of the type."""
    yield current
    strings, numbers = literals_in(check)
    whole = [int(Decimal(n)) for n in numbers]
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        wanted = str
    if wanted is bool:
        yield from (True, False)
    elif wanted in (int, float, Decimal):
        offsets = [value + offset for value in whole for offset in (0, 1, -1)]
        yield from dict.fromkeys(
            [*offsets, 1, 0, 2, 10, 100, 1000, -1, -offsets[0] if offsets else -10]
        )
    elif wanted in (date, datetime):
        yield from (as_type(column.type, text) for text in strings)
        base = current if isinstance(current, date) else datetime(2026, 1, 1)
        yield from (base + timedelta(days=days) for days in (1, -1, 366, -366, 40000, -20000))
    else:
        yield from _texts(strings, whole)
    if column.nullable:
        yield None


def _texts(strings: Sequence[str], whole: Sequence[int]) -> Iterator[str]:
    yield from strings
    for text in strings:
        plain = text.replace("%", token()).replace("_", "x")
        yield from (plain, text.replace("%", "x"), plain.upper(), plain.lower())
    for length in whole:
        if 0 < length <= MOST_TEXT:
            for size in (length, length + 1, length - 1):
                yield from (token(size).ljust(size, "x"), "1" * size, "A" * size)
    yield from ("x", "X", "1", "AAA", "", "x" * 20, f"{token()}@example.com", "https://example.com")
