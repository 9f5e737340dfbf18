"""A schema of the document as JSON Schema 2020-12, compiled by jsonschema-rs.

Used where building a value cannot promise that it is valid: `not`, `if`, `oneOf` whose branches overlap,
and the document's own examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .node import Node, Raw
from .reading import keywords

if TYPE_CHECKING:
    import jsonschema_rs

    from .schemas import Schemas

_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
           "unevaluatedProperties", "unevaluatedItems")  # fmt: skip
_PLAIN = ("enum", "const", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems",
          "minProperties", "maxProperties", "multipleOf", "dependentRequired", "minContains",
          "maxContains", "format")  # fmt: skip


class Judge:
    """Validators of a document's schemas, each compiled when first asked for."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._compiled: dict[int, tuple[Raw, jsonschema_rs.Validator | None]] = {}

    def accepts(self, node: Node, value: Any) -> bool:
        """Whether the value is valid as a request; True where the schema cannot be compiled."""
        validator = self._validator(node.raw)
        return validator is None or validator.is_valid(value)

    def knows(self, node: Node) -> bool:
        """Whether the node's schema can be compiled."""
        return self._validator(node.raw) is not None

    def complaint(self, node: Node, value: Any) -> str:
        """Why the value is not valid, "" if it is."""
        validator = self._validator(node.raw)
        error = next(iter(validator.iter_errors(value)), None) if validator else None
        return "" if error is None else str(error.message)

    def _validator(self, raw: Raw) -> jsonschema_rs.Validator | None:
        known = self._compiled.get(id(raw))
        if known is None:
            known = (raw, self._compile(raw))
            self._compiled[id(raw)] = known
        return known[1]

    def _compile(self, raw: Raw) -> jsonschema_rs.Validator | None:
        import jsonschema_rs

        for patterns in (True, False):
            schema = _Bundle(self._schemas, patterns=patterns).bundled(raw)
            try:
                return jsonschema_rs.Draft202012Validator(schema, validate_formats=False)
            except (ValueError, jsonschema_rs.ReferencingError):
                continue  # most often a pattern that is none: the rest can still be held
        return None


class _Bundle:
    """One schema with everything that it refers to under `$defs`."""

    def __init__(self, schemas: Schemas, *, patterns: bool) -> None:
        self._schemas = schemas
        self._patterns = patterns
        self._names: dict[int, str] = {}
        self._defs: dict[str, Any] = {}
        self._waiting: list[tuple[str, Raw]] = []

    def bundled(self, raw: Raw) -> Any:
        schema = self._plain(raw)
        while self._waiting:
            name, target = self._waiting.pop()
            self._defs[name] = self._plain(target)
        if isinstance(schema, dict) and self._defs:
            schema["$defs"] = self._defs
        return schema

    def _named(self, target: Raw) -> str:
        name = self._names.get(id(target))
        if name is None:
            name = self._names[id(target)] = f"s{len(self._names)}"
            self._waiting.append((name, target))
        return f"#/$defs/{name}"

    def _plain(self, raw: Raw) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        out: dict[str, Any] = {}
        if isinstance(raw.get("$ref"), str):
            out["$ref"] = self._named(self._schemas.document.follow(raw))
            if not self._schemas.modern:
                return out
        out.update({word: raw[word] for word in _PLAIN if word in raw})
        if not self._patterns:
            out.pop("pattern", None)
        self._types_and_bounds(raw, out)
        for word in _SINGLE:
            if isinstance(raw.get(word), Mapping | bool):
                out[word] = self._plain(raw[word])
        for word in _LISTS:
            if isinstance(raw.get(word), list):
                out[word] = [self._plain(part) for part in raw[word]]
        for word in _NAMED:
            if isinstance(raw.get(word), Mapping):
                out[word] = {str(name): self._plain(part) for name, part in raw[word].items()}
        out = self._without_read_only(raw, out)
        # `nullable` where the standard leaves it open: most servers take null, so the judge does.
        return {"anyOf": [{"type": "null"}, out]} if raw.get("nullable") is True else out

    def _types_and_bounds(self, raw: Mapping[str, Any], out: dict[str, Any]) -> None:
        own = keywords(raw, modern=self._schemas.modern)
        if own.types is not None:
            out["type"] = list(own.types)
        for bound, word, strict in (
            (own.minimum, "minimum", "exclusiveMinimum"),
            (own.maximum, "maximum", "exclusiveMaximum"),
        ):
            if bound is not None:
                number = bound.value
                value = int(number) if number.denominator == 1 else float(number)
                out[strict if bound.strict else word] = value

    def _without_read_only(self, raw: Mapping[str, Any], out: dict[str, Any]) -> dict[str, Any]:
        """A request leaves read-only properties out, also those that are required."""
        wanted = raw.get("required")
        if isinstance(wanted, list):
            known = raw.get("properties") or {}
            out["required"] = [
                name
                for name in wanted
                if name not in known or not self._schemas.node(known[name]).read_only
            ]
        return out
