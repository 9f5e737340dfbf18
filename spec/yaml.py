"""YAML 1.2 read quickly, for OpenAPI documents and the table-mapping file alike.

py-yaml12 reads 10 MB in a third of a second and keeps `no`, `OFF` and dates as text, as YAML 1.2
says. What it cannot read goes to the patient reader in `compose`. Two things are read as people
write them, beyond YAML 1.2: merge keys (`<<`), and keys that are no text (`200:` becomes `"200"`,
as JSON has it).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml12

from ..errors import GenSuiteError, Location, SpecError
from .bounds import MAX_DEPTH, deep_line, expands_too_far
from .compose import YamlError, compose, construct
from .position import locate
from .text import line_and_column

__all__ = ["load_yaml", "locate"]

_SLOW_LIMIT = 5_000_000  # characters; the patient reader needs about a second for 600,000
_POSITION = re.compile(r" at byte \d+ line (\d+) column (\d+)$")
_TEXT = {str}


def load_yaml(text: str, file: Path, *, error: type[GenSuiteError] = SpecError) -> Any:
    """The data of the first YAML document in `text`; `file` is only named in messages.

    Mappings come as dict with text keys, in order. Raises `error`, with line and column, for text
    that is no YAML, nests deeper than MAX_DEPTH levels, or whose aliases stand for too much.
    """
    offset = deep_line(text)
    if offset >= 0:
        line, _ = line_and_column(text, offset)
        raise error(f"nested deeper than {MAX_DEPTH} levels", where=Location(file, line, 1))
    try:
        data = _read(text)
    except YamlError as failure:
        message = f"not readable as YAML: {failure.message}"
        raise error(message, where=Location(file, failure.line, failure.column)) from None
    return _plain(data, merge="<<" in text)


def _read(text: str) -> Any:
    if expands_too_far(text):
        return _read_slowly(text)
    try:
        return yaml12.parse_yaml(text)
    except (ValueError, UnicodeEncodeError) as failure:
        quick = _unreadable(str(failure))
    if len(text) > _SLOW_LIMIT or "recursion limit" in quick.message:
        raise quick
    try:
        return _read_slowly(text)
    except YamlError as slow:
        # Both refuse: the one that knows the place speaks.
        raise (slow if slow.line else quick) from None


def _read_slowly(text: str) -> Any:
    root = compose(text)
    return None if root is None else construct(root)


def _unreadable(message: str) -> YamlError:
    place = _POSITION.search(message)
    message = _POSITION.sub("", message).removeprefix("YAML parse error: ")
    return YamlError(message, int(place[1]), int(place[2])) if place else YamlError(message)


def _plain(data: Any, *, merge: bool) -> Any:
    """`data` with text keys, without tags, merge keys applied; in place, without recursion."""
    holder = [data]
    stack: list[Any] = [holder]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for key in node if isinstance(node, dict) else range(len(node)):
            value = node[key]
            kind = type(value)
            if kind is yaml12.Yaml:
                value = node[key] = _untagged(value)
                kind = type(value)
            if kind is dict:
                if not value:
                    continue
                if set(map(type, value)) != _TEXT or (merge and "<<" in value):
                    value = node[key] = _with_text_keys(value)
                stack.append(value)
            elif kind is list and value:
                stack.append(value)
    return holder[0]


def _untagged(value: Any) -> Any:
    while isinstance(value, yaml12.Yaml):
        value = value.value
    return value


def _with_text_keys(mapping: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in mapping.items():
        if key == "<<":
            for name, merged in _merged(value).items():
                if name not in mapping:
                    found.setdefault(_text_key(name), merged)
        else:
            found[_text_key(key)] = value
    return found


def _merged(value: Any) -> dict[Any, Any]:
    """What a merge key brings: one mapping, or a list of which the earlier ones win."""
    value = _untagged(value)
    if isinstance(value, list):
        parts = [_merged(part) for part in reversed(value)]
        return {name: item for part in parts for name, item in part.items()}
    if not isinstance(value, dict):
        return {}
    own = {name: item for name, item in value.items() if name != "<<"}
    return {**_merged(value["<<"]), **own} if "<<" in value else own


def _text_key(key: Any) -> str:
    key = _untagged(key)
    if isinstance(key, str):
        return key
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)
