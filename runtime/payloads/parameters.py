"""Path, query, header and cookie parameters: one object schema per place, values as they travel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .media import as_text, bracketed
from .node import Node, Raw
from .schemas import Schemas

if TYPE_CHECKING:
    from ...spec.model import Operation, Parameter

LOCATIONS = ("path", "query", "header", "cookie")
# The standard has them described elsewhere: by the body, the responses and the security schemes.
_ELSEWHERE = frozenset({"accept", "content-type", "authorization"})
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def parameters_in(operation: Operation, location: str) -> tuple[Parameter, ...]:
    """The operation's parameters of one place."""
    return tuple(
        parameter
        for parameter in operation.parameters
        if parameter.location == location
        and not (location == "header" and parameter.name.lower() in _ELSEWHERE)
    )


def object_node(schemas: Schemas, operation: Operation, location: str) -> Node:
    """The parameters of one place as one closed object."""
    found = parameters_in(operation, location)
    return schemas.node(
        {
            "type": "object",
            "properties": {p.name: _tight(schemas, p) for p in found},
            "required": [p.name for p in found if p.required or location == "path"],
            "additionalProperties": False,
        }
    )


def _tight(schemas: Schemas, parameter: Parameter) -> Raw:
    """The parameter's schema without what an address or a header cannot carry.

    An empty text is no parameter at all, and so is an empty list; text becomes words with hyphens.
    """
    raw = schema_of(parameter)
    if parameter.content is not None:
        return raw
    return _without_null(schemas, _wordy(schemas, raw))


def _wordy(schemas: Schemas, raw: Raw) -> Raw:
    node = schemas.node(raw)
    kinds = node.kinds()
    if "array" in kinds and not node.choices:
        items = _wordy(schemas, schemas.item(node, 0).raw)
        return {"allOf": [raw, {"minItems": 1, "items": items}]}
    if "string" not in kinds or node.choices or node.enum is not None:
        return raw
    rules: dict[str, Any] = {"minLength": 1}
    if not node.patterns and not node.formats:
        rules["format"] = "token"
    return {"allOf": [raw, rules]}


def _without_null(schemas: Schemas, raw: Raw) -> Raw:
    types = schemas.node(raw).types
    if types is None or "null" not in types or types == ("null",):
        return raw
    return {"allOf": [raw, {"type": [kind for kind in types if kind != "null"]}]}


def schema_of(parameter: Parameter) -> Raw:
    """The raw schema of a parameter, also of one that is described by `content`."""
    raw = parameter.content.schema if parameter.content is not None else parameter.schema
    return raw if isinstance(raw, Mapping | bool) else True


def wire(operation: Operation, location: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they travel, by the parameters' `style` and `explode`."""
    found: dict[str, Any] = {}
    for parameter in parameters_in(operation, location):
        if parameter.name in values:
            found.update(_styled(parameter, values[parameter.name]))
    return found


def _styled(parameter: Parameter, value: Any) -> Iterator[tuple[str, Any]]:
    name = parameter.name
    if parameter.content is not None:
        yield name, json.dumps(value)
    elif parameter.location in ("path", "header"):
        yield name, _prefixed(parameter, value)
    elif isinstance(value, Mapping) and parameter.style == "deepObject":
        yield from bracketed(name, value)
    elif isinstance(value, Mapping) and parameter.explode:
        yield from ((str(key), as_text(part)) for key, part in value.items())
    elif isinstance(value, Mapping | list) and not (isinstance(value, list) and parameter.explode):
        yield name, _SEPARATORS.get(parameter.style, ",").join(_listed(value, explode=False))
    elif isinstance(value, list):
        yield name, [as_text(part) for part in value]
    else:
        yield name, as_text(value) if parameter.location == "cookie" else _plain(value)


def _plain(value: Any) -> Any:
    """Numbers stay numbers, for the eye; the client writes them the same way."""
    return as_text(value) if isinstance(value, bool) or value is None else value


def _listed(value: Any, *, explode: bool) -> list[str]:
    if isinstance(value, Mapping):
        pairs = [(str(key), as_text(part)) for key, part in value.items()]
        if explode:
            return [f"{key}={part}" for key, part in pairs]
        return [text for pair in pairs for text in pair]
    return [as_text(part) for part in value]


def _prefixed(parameter: Parameter, value: Any) -> Any:
    """Paths and headers: `simple`, `label` (`.a.b`) and `matrix` (`;name=a`)."""
    if not isinstance(value, Mapping | list):
        text = as_text(value)
        if parameter.style == "label":
            return f".{text}"
        if parameter.style == "matrix":
            return f";{parameter.name}={text}"
        return text if parameter.location == "header" else _plain(value)
    parts = _listed(value, explode=parameter.explode)
    if parameter.style == "label":
        return "." + ("." if parameter.explode else ",").join(parts)
    if parameter.style == "matrix":
        if parameter.explode and isinstance(value, list):
            return "".join(f";{parameter.name}={part}" for part in parts)
        if parameter.explode:
            return "".join(f";{part}" for part in parts)
        return f";{parameter.name}={','.join(parts)}"
    return ",".join(parts)
