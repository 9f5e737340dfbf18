"""One schema with its references followed and its `allOf` merged: what every other step reads.

Children stay raw schemas, so that a document's recursion costs nothing until somebody walks into it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

Raw: TypeAlias = Mapping[str, Any] | bool
"""A schema as the document holds it; it may hold `$ref`."""

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of a number; `strict` where the limit itself is not allowed."""

    value: Fraction
    strict: bool = False

    def __str__(self) -> str:
        return plain(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One `oneOf` (exclusive) or `anyOf`; `key` tells where it was declared."""

    key: int
    branches: tuple[Raw, ...]
    exclusive: bool = False
    discriminator: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A merged schema. Compared by identity: equal nodes of different places stay different."""

    raw: Raw = True
    types: tuple[str, ...] | None = None  # None: the schema does not say
    enum: tuple[Any, ...] | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    multiples: tuple[Fraction, ...] = ()
    min_length: int = 0
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    likely: str = ""
    """The format that its name or its column tells, where the contract says none: it refuses nothing."""
    min_items: int = 0
    max_items: int | None = None
    unique_items: bool = False
    prefix: tuple[Raw, ...] = ()
    items: Raw = True
    properties: Mapping[str, Raw] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Raw = True
    pattern_properties: Mapping[str, Raw] = field(default_factory=dict)
    names: tuple[Raw, ...] = ()
    min_properties: int = 0
    max_properties: int | None = None
    dependent: Mapping[str, frozenset[str]] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    judged: bool = (
        False  # holds `not`, `if`, `contains` and the like, which only a validator can tell
    )
    read_only: bool = False
    vague_null: bool = False  # `nullable` where the standard does not say what it means
    examples: tuple[Any, ...] = ()
    default: tuple[Any, ...] = ()  # none or one
    is_file: bool = False
    unique: bool = False  # `x-unique`

    def allows(self, kind: str) -> bool:
        """Whether a value of this JSON type may be valid; an integer is a number, too."""
        if self.types is None or kind in self.types:
            return True
        return kind == "integer" and "number" in self.types

    def kinds(self) -> tuple[str, ...]:
        """The JSON types to make values of, the most telling one first."""
        return self.types if self.types is not None else _implied(self)

    @property
    def closed(self) -> bool:
        """Whether a property that is not declared breaks the schema."""
        return self.additional is False and not self.pattern_properties


def _implied(node: Node) -> tuple[str, ...]:
    """The type that a schema without `type` most likely means, by the keywords it uses."""
    if (
        node.properties
        or node.required
        or node.min_properties
        or node.pattern_properties
        or node.additional is not True
    ):
        return ("object",)
    if node.prefix or node.items is not True or node.min_items or node.unique_items:
        return ("array",)
    if node.patterns or node.min_length or node.max_length is not None:
        return ("string",)
    if node.minimum or node.maximum or node.multiples:
        return ("number",)
    return ("string", "integer", "boolean")


def plain(value: Fraction) -> str:
    """A number as a person writes it: `1`, `0.01`."""
    return str(value.numerator) if value.denominator == 1 else repr(float(value))


def same(value: Any) -> str:
    """A key under which JSON values are equal exactly when JSON Schema calls them equal."""
    return json.dumps(_numbers(value), sort_keys=True, default=str)


def _numbers(value: Any) -> Any:
    """1.0 and 1 are one number in JSON Schema; Python writes them differently."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(name): _numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_numbers(part) for part in value]
    return value


def copied(value: Any) -> Any:
    """A JSON value of its own."""
    if isinstance(value, dict):
        return {name: copied(part) for name, part in value.items()}
    return [copied(part) for part in value] if isinstance(value, list) else value
