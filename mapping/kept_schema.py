"""The schema as the last look at the database found it, for steps that may not look themselves.

It belongs into the repository. A run looks at its own database first, and says where that differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..errors import MappingError
from ..files import LOCAL, local_folder
from .schema import Schema, Table

FILE = Path(LOCAL) / "schema.json"


def read_schema(folder: Path) -> Schema | None:
    """The kept schema of the mapping file in `folder`, or None before the first look."""
    file = folder / FILE
    try:
        return Schema.from_json(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise MappingError(
            f"{file} is no kept schema: {error!r}",
            hint="remove it, and look again: gen-suite generate --allow-db",
        ) from error


def write_schema(schema: Schema, folder: Path) -> None:
    """Keep a schema beside the mapping file in `folder`."""
    file = local_folder(folder) / FILE.name
    file.write_text(json.dumps(schema.to_json(), indent=1) + "\n", encoding="utf-8")


def differences(kept: Schema, now: Schema) -> tuple[str, ...]:
    """What a database has otherwise than the kept schema says: its tables, and their columns.

    Types are compared within one engine only: each engine has its own.
    """
    return tuple(_differences(kept, now))


def _differences(kept: Schema, now: Schema) -> Iterator[str]:
    yield from (f"table {name} is gone" for name in kept.tables if name not in now.tables)
    yield from (f"table {name} is new" for name in now.tables if name not in kept.tables)
    same_engine = kept.dialect == now.dialect
    for name in kept.tables:
        if name in now.tables:
            yield from _in_table(kept.tables[name], now.tables[name], types=same_engine)


def _in_table(kept: Table, now: Table, *, types: bool) -> Iterator[str]:
    for name in kept.columns:
        if name not in now.columns:
            yield f"column {kept.name}.{name} is gone"
        elif types and kept.columns[name] != now.columns[name]:
            yield f"column {kept.name}.{name} has changed"
    yield from (
        f"column {kept.name}.{name} is new" for name in now.columns if name not in kept.columns
    )
