"""The database's schema as frozen data, with a JSON form for the cache file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ..errors import Location, MappingError

FORMAT = 1
"""Version of the JSON form; a cache file of another version is to be read anew."""

Kind = Literal[
    "text", "integer", "number", "boolean", "date", "datetime", "time", "uuid", "json", "binary",
    "enum", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    `length` is in characters (bytes for "binary"); `precision` and `scale` are the decimal digits
    of a "number", in all and behind the point. `minimum` and `maximum` are inclusive: what an
    integer type can hold, and what simple CHECK constraints leave of it. `default` says that
    the server fills the column in when an INSERT leaves it out.
    """

    name: str
    type: Kind
    nullable: bool = True
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    default: bool = False
    generated: bool = False
    autoincrement: bool = False
    enum: tuple[str, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether an INSERT must give a value."""
        return not (self.nullable or self.default or self.generated or self.autoincrement)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` point at `target_columns` of `table`; `on_delete` in upper case, "" if unsaid."""

    columns: tuple[str, ...]
    table: str
    target_columns: tuple[str, ...]
    on_delete: str = ""

    def target_of(self, column: str) -> str:
        return self.target_columns[self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `unique` has the columns of each unique constraint and index beside the primary
    key, `checks` the text of the CHECK constraints as the engine gives it."""

    name: str
    schema: str | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    checks: tuple[str, ...] = ()

    @property
    def qualified(self) -> str:
        """Its name in a Schema: `billing.invoices` where it is outside of the default schema."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def foreign_key(self, column: str) -> ForeignKey | None:
        """The foreign key that a column is part of; the narrowest, if there are several."""
        found = [key for key in self.foreign_keys if column in key.columns]
        return min(found, key=lambda key: len(key.columns), default=None)


@dataclass(frozen=True)
class Schema:
    """All tables, by name; those outside the connection's default schema as `schema.name`.

    `views` gives the tables that each view reads.
    """

    tables: Mapping[str, Table] = field(default_factory=dict)
    dialect: str = ""
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def table(self, name: str) -> Table | None:
        return self.tables.get(name)

    @property
    def schemas(self) -> tuple[str | None, ...]:
        """The database schemas that the tables are in; None is the default one."""
        return tuple(dict.fromkeys([None, *(table.schema for table in self.tables.values())]))

    def cascades(self, table: str) -> tuple[str, ...]:
        """The tables that a delete in a table reaches through foreign keys, the nearest first.

        Their rows go too, or lose their reference; `table` itself is left out.
        """
        found: dict[str, None] = {}
        level = [table]
        while level:
            gone: list[str] = []
            for parent in level:
                for child, action in self._children.get(parent, ()):
                    if child != table and child not in found:
                        found[child] = None
                        gone += [child] if action == "CASCADE" else []
            level = gone
        return tuple(found)

    @cached_property
    def _children(self) -> Mapping[str, list[tuple[str, str]]]:
        """By table: the tables whose rows change with its own, and what happens to them."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, table in self.tables.items():
            for key in table.foreign_keys:
                if key.on_delete in ("CASCADE", "SET NULL", "SET DEFAULT"):
                    found.setdefault(key.table, []).append((name, key.on_delete))
        return found

    def to_json(self) -> dict[str, Any]:
        """Data for `json.dumps`, in a stable order."""
        tables = {name: asdict(table) for name, table in sorted(self.tables.items())}
        for table in tables.values():
            table["columns"] = list(table["columns"].values())
        views = {name: list(found) for name, found in sorted(self.views.items())}
        return {"format": FORMAT, "dialect": self.dialect, "tables": tables, "views": views}

    @classmethod
    def from_json(cls, data: Any, file: Path | None = None) -> Schema:
        """The schema that `to_json` gave; `file` is only named in messages.

        Raises MappingError when it is something else.
        """
        where = Location(file) if file else None
        hint = "remove it: it is made anew from the database"
        try:
            if data["format"] != FORMAT:
                message = f"the kept schema has format {data['format']}, not {FORMAT}"
                raise MappingError(message, where=where, hint=hint)
            tables = {name: _table(table) for name, table in data["tables"].items()}
            views = {name: tuple(found) for name, found in data.get("views", {}).items()}
            return cls(tables, data["dialect"], views)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = "the kept schema cannot be read"
            raise MappingError(message, where=where, hint=hint) from error


def _table(data: dict[str, Any]) -> Table:
    columns = [Column(**{**column, "enum": tuple(column["enum"])}) for column in data["columns"]]
    keys = [
        ForeignKey(
            tuple(key["columns"]), key["table"], tuple(key["target_columns"]), key["on_delete"]
        )
        for key in data["foreign_keys"]
    ]
    return Table(
        name=data["name"],
        schema=data["schema"],
        columns={column.name: column for column in columns},
        primary_key=tuple(data["primary_key"]),
        foreign_keys=tuple(keys),
        unique=tuple(tuple(columns) for columns in data["unique"]),
        checks=tuple(data["checks"]),
    )
