"""A document against the models: pydantic's findings in the words of the mapping file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .model import TEST_ENVIRONMENTS, MappingFile
from .names import did_you_mean, nearest
from .pointer import MISSING, join, walk
from .problems import Problems, Rank

_SECRET = re.compile(r"/actors/[^/]*/(auth|login)(/|$)|/target/(app/env|database)(/|$)")
_NEEDED: Mapping[str, str] = {
    "bool_parsing": "true or false",
    "string_type": "a text",
    "bool_type": "true or false",
    "float_type": "a number",
    "float_parsing": "a number",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "tuple_type": "a list",
    "list_type": "a list",
}
_RETRIES = 8


def validate(
    filled: Any, written: Any, path: Path, text: str, problems: Problems
) -> MappingFile | None:
    """The model of a document, and problems for all that does not fit.

    `written` is the document before the environment filled it: messages quote that one.
    With problems the model holds what does fit, so that later checks can speak too; None when
    nothing is left of it.
    """
    for attempt in range(_RETRIES):
        try:
            return MappingFile.of(filled, path, text)
        except ValidationError as error:
            details = error.errors(include_url=False)
            if attempt == 0:
                for detail in details:
                    _report(detail, written, problems)
            for detail in reversed(details):
                filled = _mended(filled, detail)
    return None


def _mended(filled: Any, detail: ErrorDetails) -> Any:
    """The document without what does not fit; the parts around it can still be checked."""
    steps = detail["loc"]
    if detail["type"] == "extra_forbidden":
        meant = nearest(str(steps[-1]), _keys_at(MappingFile, steps[:-1]))
        return _without(filled, steps, renamed=meant)
    if detail["type"] != "missing":
        return _without(filled, steps)
    if len(steps) == 1 and isinstance(filled, dict):
        return {**filled, steps[0]: "-"}
    return _without(filled, steps[:-1])


def _report(detail: ErrorDetails, written: Any, problems: Problems) -> None:
    steps = detail["loc"]
    pointer = join(*steps)
    name = str(steps[-1]) if steps else ""
    if pointer == "/target/environment":
        _refuse(written, problems)
        return
    match detail["type"]:
        case "extra_forbidden":
            allowed = _keys_at(MappingFile, steps[:-1])
            message, hint = f"unknown key `{name}`", did_you_mean(name, allowed, most=20)
        case "missing":
            pointer = join(*steps[:-1])
            inside = f"`{steps[-2]}`" if len(steps) > 1 else "the file"
            message, hint = f"{inside} needs the key `{name}`", ""
        case "literal_error":
            message, hint = _not_among(name, detail, pointer, written)
        case "value_error":
            message, hint = str(detail["ctx"]["error"]), ""
        case kind:
            needed = _NEEDED.get(kind, detail["msg"])
            what = f"`{name}`" if steps else "the file"
            message = f"{what} must be {needed}{_not_what(written, pointer)}"
            hint = "put it in quotes" if needed == "a text" and _scalar(written, pointer) else ""
    problems.add(pointer, message, hint, Rank.SHAPE)


def _refuse(written: Any, problems: Problems) -> None:
    pointer = "/target/environment"
    problems.add(
        pointer,
        f"`{walk(written, pointer)}` is no test environment",
        "tests write to the target's database; only these are tested: "
        + ", ".join(TEST_ENVIRONMENTS),
        Rank.SAFETY,
    )


def _not_among(name: str, detail: ErrorDetails, pointer: str, written: Any) -> tuple[str, str]:
    choices = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
    value = walk(written, pointer)
    listed = ", ".join(f"`{choice}`" for choice in choices)
    message = f"`{name}` must be one of {listed}{_not_what(written, pointer)}"
    near = did_you_mean(str(value), choices) if isinstance(value, str) else ""
    return message, near if near.startswith("did you mean") else ""


def _not_what(written: Any, pointer: str) -> str:
    """The end of a message: what the file says instead, in short; never a credential."""
    value = walk(written, pointer)
    if _SECRET.search(pointer):
        return ""
    if isinstance(value, dict):
        return ", not a mapping"
    if isinstance(value, list):
        return ", not a list"
    if value is None or value is MISSING:
        return ", not empty"
    if isinstance(value, bool):
        return f", not `{str(value).lower()}`"
    return f", not `{value}`"


def _scalar(written: Any, pointer: str) -> bool:
    return not isinstance(walk(written, pointer), dict | list | type(None))


def _keys_at(model: Any, steps: Iterable[str | int]) -> list[str]:
    """The keys that the models allow at a place."""
    for step in steps:
        model = _inside(model, step)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _inside(kind: Any, step: str | int) -> Any:
    """The type of what a step leads to."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if step == (field.alias or name):
                return _bare(field.annotation)
        return None
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return _bare(arguments[1])
    return _bare(arguments[0]) if arguments else None


def _bare(kind: Any) -> Any:
    """A type without its annotations and without None."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return _bare(next(one for one in get_args(kind) if one is not type(None)))
    return kind


def _without(node: Any, steps: tuple[str | int, ...], *, renamed: str | None = None) -> Any:
    """The document without one of its nodes, or with the node under another name."""
    if not steps:
        return {}
    head, rest = steps[0], steps[1:]
    if isinstance(node, dict) and head in node:
        if rest:
            return {**node, head: _without(node[head], rest, renamed=renamed)}
        kept = {key: value for key, value in node.items() if key != head}
        return kept if renamed is None or renamed in kept else {**kept, renamed: node[head]}
    if isinstance(node, list) and isinstance(head, int) and head < len(node) and rest:
        inside = _without(node[head], rest, renamed=renamed)
        return [*node[:head], inside, *node[head + 1 :]]
    return []  # a list without one element would shift the places of the others
