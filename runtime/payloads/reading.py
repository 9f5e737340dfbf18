"""The keywords of one raw schema, in the dialect of OpenAPI 3.0 or 3.1 -> Node.

Keywords of the wrong kind (`minLength: "3"`, `required: true`) say nothing, as in most validators.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .errors import NoPayload
from .limits import LARGEST
from .node import Bound, Choice, Node, Raw
from .numbers_as_text import numbers_as_text

# What people write where JSON Schema has no such type.
_ALIASES = {
    "file": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "date": "string",
    "datetime": "string",
    "uuid": "string",
}
_JUDGED = ("not", "if", "contains", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems")


def keywords(raw: Mapping[str, Any], *, modern: bool) -> Node:
    """The schema's own keywords, without `$ref` and `allOf`; `modern` is OpenAPI 3.1 and later."""
    types, vague = _types(raw, modern)
    return Node(
        raw=raw,
        types=types,
        enum=_enum(raw),
        minimum=_bound(raw, "minimum", "exclusiveMinimum"),
        maximum=_bound(raw, "maximum", "exclusiveMaximum"),
        multiples=_multiples(raw),
        min_length=_count(raw, "minLength") or 0,
        max_length=_count(raw, "maxLength"),
        patterns=_texts(raw, "pattern"),
        formats=_texts(raw, "format"),
        min_items=_count(raw, "minItems") or 0,
        max_items=_count(raw, "maxItems"),
        unique_items=raw.get("uniqueItems") is True,
        prefix=_prefix(raw),
        items=_items(raw),
        properties=_mapping(raw, "properties"),
        required=_required(raw),
        additional=_schema(raw, "additionalProperties"),
        pattern_properties=_mapping(raw, "patternProperties") if modern else {},
        names=(raw["propertyNames"],) if modern and "propertyNames" in raw else (),
        min_properties=_count(raw, "minProperties") or 0,
        max_properties=_count(raw, "maxProperties"),
        dependent=_dependent(raw) if modern else {},
        choices=_choices(raw),
        judged=any(word in raw for word in _JUDGED),
        read_only=raw.get("readOnly") is True,
        vague_null=vague,
        examples=_examples(raw),
        default=(raw["default"],) if "default" in raw else (),
        is_file=_is_file(raw),
        unique=raw.get("x-unique") is True,
    )


def _types(raw: Mapping[str, Any], modern: bool) -> tuple[tuple[str, ...] | None, bool]:
    """The declared types, and whether null is asked for in a way the standard leaves open."""
    found = raw.get("type")
    names = (found,) if isinstance(found, str) else found
    nullable = raw.get("nullable") is True
    if not isinstance(names, Sequence) or not names:
        return None, nullable
    types = tuple(dict.fromkeys(_ALIASES.get(name, name) for name in names if name))
    if "any" in types:
        return None, nullable
    if nullable and not modern and "null" not in types:
        # An enum beside `nullable` has to list null (OpenAPI 3.0.3), yet most servers accept it.
        if "enum" in raw and None not in raw["enum"]:
            return types, True
        return (*types, "null"), False
    return types, nullable and "null" not in types


def _enum(raw: Mapping[str, Any]) -> tuple[Any, ...] | None:
    if "const" in raw:
        return (raw["const"],)
    found = raw.get("enum")
    return tuple(found) if isinstance(found, list) else None


def _number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NoPayload(
                f"a limit of {len(str(abs(value)))} digits: no number of JSON is so large"
            )
        return Fraction(value)
    return Fraction(str(value)) if math.isfinite(value) else None


def _bound(raw: Mapping[str, Any], inclusive: str, exclusive: str) -> Bound | None:
    """The tighter of both spellings; OpenAPI 3.0 writes `exclusiveMinimum: true`."""
    limit, strict = _number(raw.get(inclusive)), raw.get(exclusive)
    if limit is not None and strict is True:
        return Bound(limit, strict=True)
    beyond = _number(strict)
    if beyond is None:
        return None if limit is None else Bound(limit)
    if limit is None:
        return Bound(beyond, strict=True)
    tighter = limit > beyond if inclusive == "minimum" else limit < beyond
    return Bound(limit) if tighter else Bound(beyond, strict=True)


def _multiples(raw: Mapping[str, Any]) -> tuple[Fraction, ...]:
    step = _number(raw.get("multipleOf"))
    return (step,) if step is not None and step > 0 else ()


def _count(raw: Mapping[str, Any], keyword: str) -> int | None:
    found = _number(raw.get(keyword))
    return int(found) if found is not None and found.denominator == 1 and found >= 0 else None


def _texts(raw: Mapping[str, Any], keyword: str) -> tuple[str, ...]:
    found = raw.get(keyword)
    return (found,) if isinstance(found, str) else ()


def _schema(raw: Mapping[str, Any], keyword: str) -> Raw:
    found = raw.get(keyword, True)
    return found if isinstance(found, Mapping | bool) else True


def _mapping(raw: Mapping[str, Any], keyword: str) -> Mapping[str, Raw]:
    found = raw.get(keyword)
    if not isinstance(found, Mapping):
        return {}
    return {str(name): part for name, part in found.items() if isinstance(part, Mapping | bool)}


def _prefix(raw: Mapping[str, Any]) -> tuple[Raw, ...]:
    found = raw.get("prefixItems")
    return tuple(found) if isinstance(found, list) else ()


def _items(raw: Mapping[str, Any]) -> Raw:
    return _schema(raw, "items")


def _required(raw: Mapping[str, Any]) -> frozenset[str]:
    found = raw.get("required")
    return frozenset(str(name) for name in found) if isinstance(found, list) else frozenset()


def _dependent(raw: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    found = raw.get("dependentRequired")
    return {name: frozenset(needs) for name, needs in found.items()} if found else {}


def _choices(raw: Mapping[str, Any]) -> tuple[Choice, ...]:
    """`oneOf` and `anyOf`, and a `discriminator` whose mapping names the heirs of this schema."""
    found = raw.get("discriminator")
    told = found if isinstance(found, Mapping) else {}
    prop = told.get("propertyName")
    name = prop if isinstance(prop, str) else None
    mapping = _mapped(told)
    choices = [
        Choice(id(raw[word]), branches, word == "oneOf", name, _names(branches, mapping))
        for word in ("oneOf", "anyOf")
        if isinstance(raw.get(word), list) and (branches := numbers_as_text(tuple(raw[word])))
    ]
    if not choices and name and mapping:
        heirs = tuple({"$ref": _as_ref(target)} for target in mapping.values())
        choices.append(Choice(id(told), heirs, False, name, tuple(map(str, mapping))))
    if isinstance(raw.get("if"), Mapping):
        # Values of the second kind have to break `if`, which the judge sees to.
        then = {"allOf": [raw["if"], raw.get("then", True)]}
        choices.append(Choice(id(raw["if"]), (then, raw.get("else", True)), names=("", "")))
    return tuple(choices)


def _mapped(discriminator: Mapping[str, Any]) -> dict[str, Any]:
    """The discriminator's names and what each of them stands for."""
    found = discriminator.get("mapping")
    return dict(found) if isinstance(found, Mapping) else {}


def _as_ref(target: Any) -> str:
    text = str(target)
    return text if "#" in text or "/" in text else f"#/components/schemas/{text}"


def _names(branches: tuple[Raw, ...], mapping: dict[str, Any]) -> tuple[str, ...]:
    """The discriminator's value for each branch: the mapping's, else the schema's own name."""
    by_ref = {_as_ref(target): str(name) for name, target in reversed(mapping.items())}
    names = []
    for branch in branches:
        ref = branch.get("$ref", "") if isinstance(branch, Mapping) else ""
        names.append(by_ref.get(ref, str(ref).rpartition("/")[2]))
    return tuple(names)


def _examples(raw: Mapping[str, Any]) -> tuple[Any, ...]:
    found = raw.get("examples")
    several = tuple(found) if isinstance(found, list) else ()
    return (raw["example"], *several) if "example" in raw else several


def _is_file(raw: Mapping[str, Any]) -> bool:
    if raw.get("type") == "file" or raw.get("format") == "binary":
        return True
    return "contentMediaType" in raw and "contentEncoding" not in raw
