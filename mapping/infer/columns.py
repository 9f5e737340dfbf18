"""Which column keeps which field: by names, with types, enums and lengths as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...spec.schema import keyword
from ..names import singular, snake, squashed, words
from ..resource import Transform
from ..schema import Column, Table
from ..scope import bare
from ..shapes import Shapes
from .abbreviations import these
from .likeness import SOFT, UNITS, Words, likeness, word_likeness

LEAST = 0.42
"""A likeness below this is chance."""
HASHES = these("hash hashed digest encrypted crypt sha256 bcrypt")
SECRETS = frozenset(["password", "passwd", "pwd", "pin", "passphrase"])
CENTS = frozenset(["cents", "cent", "minor", "pence"])
MONEY = these("price amount total cost fee balance charge salary rate tax")
_JSON_KINDS = {
    "string": {"text", "enum", "uuid", "date", "datetime", "time", "binary", "other", "number"},
    "integer": {"integer", "number", "boolean", "other"},
    "number": {"number", "integer", "other"},
    "boolean": {"boolean", "integer", "other", "text", "enum"},
    "object": {"json", "other"},
    "array": {"json", "other"},
}
_FORMATS = {"date": {"date"}, "date-time": {"datetime"}, "time": {"time"}, "uuid": {"uuid"}}


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """A field and its column. `plain`: conversion of case alone tells it, nothing need be said."""

    wire: str
    column: str
    score: float
    evidence: str
    transform: Transform | None = None
    plain: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """Matches fields of one resource with the columns of its table."""

    shapes: Shapes
    table: Table
    resource: str
    targets: Mapping[str, Words] = field(default_factory=dict)
    """By column that is a foreign key: the words of what the API calls the thing it points at."""
    _covered: dict[int, tuple[Any, float]] = field(default_factory=dict)

    def match(self, fields: Mapping[str, Any]) -> dict[str, FieldMatch]:
        """By field: its column, each column taken once; what nothing fits is left out."""
        found = {
            wire: exact for wire, schema in fields.items() if (exact := self.exact(wire, schema))
        }
        taken = {match.column for match in found.values()}
        open_fields = {wire: schema for wire, schema in fields.items() if wire not in found}
        free = {name: one for name, one in self.table.columns.items() if name not in taken}
        scored = sorted(
            (
                (score, wire, name, why)
                for wire, schema in open_fields.items()
                for name, column in free.items()
                for score, why in [self._likeness(wire, schema, column)]
                if score >= LEAST
            ),
            key=lambda one: (-one[0], one[1], one[2]),
        )
        for score, wire, name, why in scored:
            if wire in found or name in taken:
                continue
            near = self._rivals(scored, wire, name, score, taken)
            sure = score if not near else min(score, 0.55)
            found[wire] = FieldMatch(
                wire, name, sure, why, self.transform(fields[wire], wire, name), others=near
            )
            taken.add(name)
        return found

    def exact(self, wire: str, schema: Any) -> FieldMatch | None:
        """What resolving the mapping finds by itself."""
        name = snake(wire)
        nested = self.shapes.of(schema).is_nested
        by_letters = self._letters.get(squashed(wire), ())
        choices = [wire, name, *(by_letters if len(by_letters) == 1 else ()), self._own_key(name)]
        for choice in (*choices, f"{name}_id"):
            column = self.table.columns.get(choice)
            if column is None or (nested and column.type not in ("json", "other")):
                continue
            if choice == f"{name}_id" and nested:
                continue
            transform = self.transform(schema, wire, choice)
            return FieldMatch(wire, choice, 0.98, "the same name", transform, plain=not transform)
        return None

    def nested(self, fields: Mapping[str, Any]) -> Iterator[FieldMatch]:
        """Fields inside objects that have columns of their own: `address/city: address_city`."""
        for wire, schema in fields.items():
            shape = self.shapes.of(schema)
            if shape.is_array or not shape.properties or self.exact(wire, schema):
                continue
            for inner, deeper in shape.properties.items():
                if self.shapes.of(deeper).is_nested:
                    continue
                full = squashed(f"{wire}_{inner}")
                own = [name for name in self.table.columns if squashed(name) == full]
                near = [] if own else self._by_parts(wire, inner, deeper)
                for name, score in [(one, 0.93) for one in own[:1]] + near[:1]:
                    told = f"`{wire}` and `{inner}` in one name"
                    transform = self.transform(deeper, inner, name)
                    yield FieldMatch(f"{wire}/{inner}", name, score, told, transform)

    def _by_parts(self, wire: str, inner: str, schema: Any) -> list[tuple[str, float]]:
        both = (*words(wire), *words(inner))
        scored = [
            (name, likeness(both, words(name), self._around) * self._fits(schema, inner, column)[0])
            for name, column in self.table.columns.items()
            if self._says(words(name), words(wire), words(inner))
        ]
        return sorted((one for one in scored if one[1] >= 0.7), key=lambda one: -one[1])

    def _says(self, own: Words, wire: Words, inner: Words) -> bool:
        """A column's name says what the inner field is, not only what the object around it is:
        `author_id` is no `author/created`."""
        rest = [word for word in own if word not in wire]
        open_words = [word for word in inner if word not in wire and word not in SOFT]
        return all(
            any(word_likeness(word, other) >= 0.5 for other in (*rest, *self._around))
            for word in open_words
        )

    @cached_property
    def _letters(self) -> Mapping[str, list[str]]:
        """Columns by their letters and digits."""
        found: dict[str, list[str]] = {}
        for name in self.table.columns:
            found.setdefault(squashed(name), []).append(name)
        return found

    def covered(self, schema: Any) -> float:
        """Which share of an object schema's fields plainly are columns; 0 when there are none."""
        known = self._covered.get(id(schema))
        if known is None:
            # The schema is kept with the answer, so that its id is not given to another one.
            known = self._covered[id(schema)] = (schema, self._share(schema))
        return known[1]

    def _share(self, schema: Any) -> float:
        fields = {
            wire: inner
            for wire, inner in self.shapes.of(schema).properties.items()
            if not self.shapes.of(inner).is_nested or self.exact(wire, inner)
        }
        if not fields:
            return 0.0
        found = self.match(fields)
        return sum(match.score for match in found.values()) / len(fields)

    def _likeness(self, wire: str, schema: Any, column: Column) -> tuple[float, str]:
        fits, why = self._fits(schema, wire, column)
        if not fits:
            return 0.0, ""
        said, own = words(wire), words(column.name)
        if self._is_key(wire, column):
            return 0.9 * min(fits, 1.0), "the key"
        alike = likeness(said, own, self._around)
        target = self.targets.get(column.name)
        if target and (pointing := likeness(said, (*target, "id"), self._around)) > alike + 0.05:
            return min(0.93, pointing) * min(fits, 1.0), "what the column points at"
        if alike < 0.3:
            return 0.0, ""
        enum = self._enum(schema)
        if enum and column.enum and set(enum) == set(column.enum):
            return min(0.95, max(alike, 0.6) * fits + 0.2), "alike, and of the same values"
        return min(0.95, alike * fits), why or _told(said, own, column.name)

    def _fits(self, schema: Any, wire: str, column: Column) -> tuple[float, str]:
        """How well a column's type can hold a field's values: a factor, 0 when it cannot."""
        kind = self.shapes.of(schema).type
        if not kind:
            return 1.0, ""
        text = self._format(schema)
        if set(words(wire)) & SECRETS and column.type in ("text", "binary"):
            return 1.0, ""
        if column.type not in _JSON_KINDS.get(kind, {column.type}):
            return 0.0, ""
        if kind == "string" and column.type == "number":
            return 0.7, ""
        wanted = _FORMATS.get(text)
        if wanted:
            return (1.08, "alike, and of the same type") if column.type in wanted else (0.9, "")
        if kind == "string" and column.type in ("date", "datetime", "time"):
            return 0.8, ""
        if kind == "boolean" and column.type != "boolean":
            return 0.92, ""
        enum = self._enum(schema)
        if enum and words(column.name)[-1:] == ("id",) and "id" not in words(wire):
            return 0.0, ""  # a list of words names no rows
        if enum and column.enum and not set(enum) <= set(column.enum):
            return 0.6, ""
        length = keyword(self.shapes.document, schema, "maxLength")
        if length and length == column.length:
            return 1.05, "alike, and of the same length"
        return 1.0, ""

    def transform(self, schema: Any, wire: str, column: str) -> Transform | None:
        """How a value changes on its way into a column, as far as names and types tell."""
        own = set(words(column))
        held = self.table.columns[column]
        said = set(words(wire))
        if own & HASHES and not said & HASHES:
            return "hashed"
        if said & SECRETS and held.type in ("text", "binary"):
            return "hashed"
        kind = self.shapes.of(schema).type
        if kind == "number" and held.type == "integer" and (own & CENTS or said & MONEY):
            return "cents"
        return None

    def _rivals(
        self,
        scored: Iterable[tuple[float, str, str, str]],
        wire: str,
        name: str,
        score: float,
        taken: set[str],
    ) -> tuple[str, ...]:
        """Other free columns that are nearly as likely, and not likelier for another field."""
        return tuple(
            other
            for alike, field, other, _ in scored
            if field == wire and other != name and other not in taken and alike > score - 0.06
        )

    def _is_key(self, wire: str, column: Column) -> bool:
        """`id`, `orderNumber` of an order: the only key column, whatever it is called."""
        if self.table.primary_key != (column.name,) or self.table.foreign_key(column.name):
            return False
        said = words(wire)
        bare_id = said in (("id",), ("uuid",), ("key",), ("code",), ("number",))
        own = words(singular(self.resource))
        return bare_id or (said[:-1] == own and said[-1] in ("id", "number", "code", "key", "no"))

    def _own_key(self, name: str) -> str:
        """`orderId` in an order is its key, unless a column has that very name."""
        key = self.table.primary_key
        own = {f"{singular(bare(one))}_id" for one in (self.resource, self.table.name)}
        return key[0] if len(key) == 1 and name in own else ""

    @cached_property
    def _around(self) -> Words:
        return tuple(
            dict.fromkeys((*words(singular(self.resource)), *words(bare(self.table.name))))
        )

    def _format(self, schema: Any) -> str:
        return str(keyword(self.shapes.document, schema, "format", ""))

    def _enum(self, schema: Any) -> tuple[str, ...]:
        found = keyword(self.shapes.document, schema, "enum", ())
        return tuple(str(value) for value in found if value is not None) if found else ()


def _told(said: Words, own: Words, name: str) -> str:
    more = [word for word in own if word not in said]
    if not more:
        return "the same words"
    if all(word in UNITS for word in more):
        return f"the same name, in {' '.join(more)}"
    if all(word in own for word in said):
        return f"the same name, and `{'_'.join(more)}`"
    return f"`{name}` reads like it"
