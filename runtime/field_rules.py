"""What arranged rows hold so that the API can show them: values that the spec allows their fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..errors import GenSuiteError
from ..mapping.column_fields import ColumnFields, FieldRule, column_fields
from ..mapping.names import words
from ..mapping.resolved import Resolved
from ..mapping.schema import Column
from .database.arrange import Wanted
from .database.values import moment_for
from .request_values import in_format, json_value

if TYPE_CHECKING:
    import sqlalchemy as sa

    from .payloads.node import Node
    from .payloads.walk import Walker

NOTHING = ColumnFields()
_AUTHORS = frozenset({"actor", "author", "creator", "editor"})
_FORMATTED = ("date-time", "date")


@dataclass
class FieldRules:
    """The rules of an API's fields for the rows that a suite arranges (`RowRules` of the database)."""

    resolved: Resolved

    @cached_property
    def _fields(self) -> Mapping[tuple[str, str], ColumnFields]:
        return column_fields(self.resolved)

    @cached_property
    def _walker(self) -> Walker:
        from .payloads.space import walker_of

        return walker_of(self.resolved.document)

    def wanted(self, table: str, column: str) -> Wanted:
        """Columns that a request names are filled, and those that an update may clear.

        Of those that are only shown, times stay open: `cancelled_at` says in what state a row is.
        """
        known = self._fields.get((table, column), NOTHING)
        if self._is_deletion(table, column):
            return ""
        if known.named:
            return "named"
        kind = self._column(table, column)
        state = kind is not None and (
            kind.type in ("datetime", "date", "time", "boolean", "enum") or bool(kind.enum)
        )
        return "shown" if known.sent or (known.shown and not state) else ""

    def fitting(
        self, table: str, column: sa.Column[Any], value: Any, *, unique: bool, number: int
    ) -> Any:
        """The value, or the first one that all fields allow which show the column."""
        rules = self._fields.get((table, column.name), NOTHING).rules
        if (author := self._another_author(table, column.name)) is not None:
            return author
        if not rules or self.allows(table, column.name, value):
            return value
        for made in self._made(table, column.name, rules, unique=unique, number=number):
            if made is not None and self.allows(table, column.name, made):
                return made
        return value

    def allows(self, table: str, column: str, value: Any) -> bool:
        """Whether all fields that show the column may hold the value."""
        rules = self._fields.get((table, column), NOTHING).rules
        return all(self._holds(rule, value) for rule in rules)

    def _holds(self, rule: FieldRule, value: Any) -> bool:
        from .payloads.faults import faults

        try:
            shown = json_value(in_format(value, rule.form))
            node = self._walker.schemas.node(rule.schema)
        except (GenSuiteError, ValueError):
            return False
        if isinstance(shown, str) and _is_nested(node):
            try:
                shown = json.loads(shown)  # JSON in a column of text
            except ValueError:
                return False
        shallow = not faults(node, shown)
        deep = node.choices or node.judged or isinstance(shown, dict | list)
        return shallow and (not deep or self._walker.judge.accepts(node, shown))

    def _made(
        self,
        table: str,
        column: str,
        rules: tuple[FieldRule, ...],
        *,
        unique: bool,
        number: int,
    ) -> Iterator[Any]:
        """Values of all schemas together, then of each; those of times by the row's number."""
        from .payloads.columns import ColumnLimit, Scope

        known = self._column(table, column)
        limit = ColumnLimit(table, column, length=known.length) if known and known.length else None
        scope = Scope(column, limit, unique)
        together = {"allOf": [rule.schema for rule in rules]}
        for schema in (together, *(rule.schema for rule in rules)):
            try:
                node = self._walker.schemas.node(schema)
                formats = [name for name in node.formats if name in _FORMATTED]
                if formats:
                    moment = moment_for(number, unique=unique).isoformat()
                    yield moment if formats[0] == "date-time" else moment[:10]
                yield _stored(self._walker.value(node, scope, index=number), known)
            except GenSuiteError:
                continue

    def _another_author(self, table: str, column: str) -> Any:
        """Who wrote an arranged row, where no foreign key and no role of the column says it.

        Somebody else than the first caller: otherwise an API that names the wrong one is right by
        chance.
        """
        known, resource = self._column(table, column), self.resolved.resource_of(table)
        if known is None or not _names_an_author(column) or known.type not in ("integer", "text"):
            return None
        found = self.resolved.schema.table(table) if self.resolved.schema else None
        if found is None or found.foreign_key(column) or column in found.primary_key:
            return None
        if resource is not None and column in (resource.owner, resource.tenant):
            return None
        ids = [actor.id for actor in self.resolved.mapping.actors.values() if actor.id is not None]
        others = [one for one in ids[1:] if one != ids[0]]
        if others:
            return _stored(others[0], known)
        return ids[0] + 1 if ids and isinstance(ids[0], int) and known.type == "integer" else None

    def _is_deletion(self, table: str, column: str) -> bool:
        """The column says that the row is deleted."""
        resources = self.resolved.resources.values()
        return any(r.table == table and r.timestamps.deleted == column for r in resources)

    def _column(self, table: str, column: str) -> Column | None:
        found = self.resolved.schema.table(table) if self.resolved.schema else None
        return found.columns.get(column) if found else None


def _names_an_author(column: str) -> bool:
    """`created_by`, `updated_by_id`, `actor_id`."""
    said = [word for word in words(column) if word not in ("id", "user")]
    return bool(said) and (said[-1] == "by" or (len(said) == 1 and said[0] in _AUTHORS))


def _is_nested(node: Node) -> bool:
    return node.kinds()[:1] in (("object",), ("array",))


def _stored(value: Any, column: Column | None) -> Any:
    """A value of a field as its column holds it; None where it holds no such value."""
    kind = column.type if column else "other"
    try:
        match kind:
            case "text" | "enum" if isinstance(value, dict | list):
                return json.dumps(value)
            case "text" | "enum":
                return str(value)
            case "integer":
                return int(value)
            case "number":
                return Decimal(str(value))
            case "datetime":
                return datetime.fromisoformat(value)
            case "date":
                return date.fromisoformat(value)
            case "uuid":
                return UUID(value)
            case "binary":
                return None
    except (ValueError, TypeError, InvalidOperation):
        return None
    return value
