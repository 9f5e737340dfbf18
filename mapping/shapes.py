"""The schemas of a spec as trees of named fields: what a pointer into a body leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..spec.model import Document, MediaType, Operation
from ..spec.schema import keyword, properties, required, type_of

ELEMENT = "*"
"""The step of a pointer that stands for each element of an array."""

_DEEPEST = 8
_COMPOSED = frozenset({"$ref", "allOf", "oneOf", "anyOf", "properties", "items", "required"})
"""Keywords without which a schema says all by its `type`; most are so, hence worth a shortcut."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a pointer leads: a schema, or None.

    When it is None, `step` is the name that does not exist among `choices`; without choices the
    spec says nothing of what is there, so nothing can be wrong. `required`: each step on the way
    must be sent.
    """

    schema: Any = None
    step: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema says: named fields, elements if it is an array, its JSON type or ""."""

    schema: Any
    """Kept so that its id, by which shapes are remembered, is not given to another one."""
    type: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Any = None

    @property
    def is_array(self) -> bool:
        return self.type == "array" or self.items is not None

    @property
    def is_nested(self) -> bool:
        """Whether values are objects or arrays, which a plain column cannot hold."""
        return self.is_array or self.type == "object" or bool(self.properties)

    @property
    def is_no_array(self) -> bool:
        """Whether the schema says what its values are, and that they are no arrays."""
        return not self.is_array and (bool(self.type) or bool(self.properties))


@dataclass(frozen=True, slots=True)
class Shapes:
    """Questions about the schemas of one document, each answered once."""

    document: Document
    _known: dict[int, Shape] = field(default_factory=dict)

    def request(self, operation: Operation) -> Any:
        """The schema of the JSON body, else of the first body; None when there is none."""
        body = operation.request_body
        if body is None:
            return None
        media = operation.json_body or next(iter(body.content.values()), None)
        return media.schema if media else None

    def answer(self, operation: Operation) -> Any:
        """The schema of the first documented success that has a body; None when there is none."""
        for status in operation.success:
            media = _json_first(operation.responses[status].content.values())
            if media is not None:
                return media.schema
        return None

    def of(self, schema: Any) -> Shape:
        """The shape of a schema, over references and allOf; of oneOf and anyOf all alternatives."""
        known = self._known.get(id(schema))
        if known is None:
            known = self._known[id(schema)] = self._shape(schema)
        return known

    def flag(self, schema: Any, name: str) -> bool:
        """Whether `readOnly` or `writeOnly` is set, beside a reference or behind it."""
        if isinstance(schema, dict) and not _COMPOSED & schema.keys():
            return schema.get(name) is True
        return keyword(self.document, schema, name) is True

    def at(self, schema: Any, steps: Iterable[str]) -> Found:
        """What lies at the end of some steps: property names, indexes, or `*`."""
        demanded = True
        for step in steps:
            shape = self.of(schema)
            if shape.items is not None and (step == ELEMENT or step.isdigit()):
                schema = shape.items
                continue
            if step not in shape.properties:
                return Found(None, step, tuple(shape.properties))
            demanded = demanded and step in shape.required
            schema = shape.properties[step]
        return Found(schema, required=demanded)

    def _shape(self, schema: Any) -> Shape:
        if not isinstance(schema, dict):
            return Shape(schema)
        if isinstance(schema.get("type"), str) and not _COMPOSED & schema.keys():
            return Shape(schema, schema["type"])
        return Shape(
            schema,
            type_of(self.document, schema),
            self._properties(schema, 0),
            required(self.document, schema),
            keyword(self.document, schema, "items"),
        )

    def _properties(self, schema: Any, depth: int) -> Mapping[str, Any]:
        found = dict(properties(self.document, schema))
        for name in ("oneOf", "anyOf"):
            branches = keyword(self.document, schema, name)
            if isinstance(branches, list) and depth < _DEEPEST:
                for branch in branches:
                    found = {**self._properties(branch, depth + 1), **found}
        return found


def _json_first(content: Iterable[MediaType]) -> MediaType | None:
    media = [one for one in content if one.schema is not None]
    return next((one for one in media if one.is_json), media[0] if media else None)
