"""Collections of things, told by paths alone: which one a path parameter picks a member of.

`{orderId}` of `/users/{userId}/orders/{orderId}/lines` picks a member of `/users/{}/orders`, and so does
`{id}` of `/users/{user}/orders/{id}`: names of parameters do not matter. What makes a member is a POST to
its collection or a PUT to a new member, which is how RESTler tells producers from consumers
(Atlidakis et al., "RESTler: Stateful REST API Fuzzing", ICSE 2019).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..spec.model import Operation
from .names import snake

_PARAMETER = re.compile(r"\{[^{}]*\}")


def collection_of(path: str, parameter: str) -> str:
    """The collection that a parameter picks a member of; "" where it is no whole segment of the path."""
    before, _, rest = path.partition(f"/{{{parameter}}}")
    whole = before != path and (not rest or rest.startswith("/"))
    return _unnamed(before) if whole else ""


def collection_made(operation: Operation) -> str:
    """The collection that a success of the operation may add a member to; "" for none."""
    path = operation.path.rstrip("/")
    if operation.method == "POST" and not path.endswith("}"):
        return _unnamed(path)
    if operation.method in ("PUT", "POST") and path.endswith("}"):
        return collection_of(path, path.rpartition("/{")[2].removesuffix("}"))
    return ""


def key_told(operation: Operation, path: Mapping[str, Any], answer: Any, parameter: str) -> Any:
    """What another path says, as `parameter`, for the thing that a request made.

    That is what stands at the end of its own path; else the field of the answer that the parameter is
    named for, else the answer's `id`. None where there is neither.
    """
    if operation.path.endswith("}"):
        return path.get(operation.path.rpartition("{")[2].removesuffix("}"))
    for name in (snake(parameter), snake(parameter).rpartition("_")[2], "id"):
        for field_name, value in _scalars(answer):
            if snake(field_name) == name:
                return value
    return None


def _scalars(node: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(name, value) of the fields of an object that hold a text or a number, the outer ones first."""
    if not isinstance(node, Mapping) or depth > 2:
        return
    for name, value in node.items():
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield name, value
    for value in node.values():
        yield from _scalars(value, depth + 1)


def _unnamed(path: str) -> str:
    return _PARAMETER.sub("{}", path.rstrip("/"))
