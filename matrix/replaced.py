"""What a replacement resets: the fields that a PUT does not name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..spec.schema import required
from .subject import Subject

UNLIKE = ("hashed", "computed", "json_member")


def reset_fields(subject: Subject) -> dict[str, Any]:
    """Optional field of the resource -> what it becomes where a PUT leaves it out.

    What the mapping says, else the default that the spec states, else null where that may be sent; of
    others nothing is known.
    """
    write, document = subject.write, subject.resolved.document
    body = subject.body
    if subject.operation.method != "PUT" or write.kind != "updates" or body is None:
        return {}
    if write.entry is None or not subject.has_json_body:
        return {}
    fixed = {one.pointer for one in write.references} | {*write.entry.fill}
    needed = required_fields(subject)
    kept = {p.wire for p in write.fields if p.transform not in UNLIKE and p.wire not in fixed}
    found: dict[str, Any] = {}
    for name, raw in subject.resource_properties.items():
        schema = document.follow(raw)
        if name in needed or name not in kept or not isinstance(schema, Mapping):
            continue
        if name in write.entry.resets:
            found[name] = write.entry.resets[name]
        elif "default" in schema:
            found[name] = schema["default"]
        elif _may_be_null(schema, document):
            found[name] = None
    return found


def required_fields(subject: Subject) -> tuple[str, ...]:
    """The fields of the resource that a request must send, inside its envelope."""
    return tuple(required(subject.resolved.document, subject.resource_schema))


def _may_be_null(schema: Mapping[str, Any], document: Any) -> bool:
    kinds = schema.get("type")
    if schema.get("nullable") is True or kinds == "null" or "null" in (kinds or ()):
        return True
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return any(_may_be_null(document.follow(branch), document) for branch in branches)
