"""References inside one document: which there are, what they point at, what was meant.

A reference is a mapping whose key `$ref` holds text. A property that is called `$ref` holds a
schema, and is none. Real documents put references where the standard has none, so every place
counts; where a document holds data (examples, defaults, extensions) one that leads nowhere is data
too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .pointer import MISSING, escape, fragment_tokens, get, join, split, step

Path = tuple[str, ...]

FILES = "x-gen-suite-files"
"""The key under which other files stand in a document, by path relative to its folder."""

_DATA = frozenset({"example", "default", "enum", "const", "value", "dataValue"})
# Members of these are named by the author: a property may be called `default` or `$ref`.
# fmt: off
_NAMED = frozenset({
    "$defs", "callbacks", "content", "definitions", "dependentSchemas", "encoding", "examples",
    "headers", "links", "mapping", "parameters", "pathItems", "paths", "patternProperties",
    "properties", "requestBodies", "responses", "schemas", "securityDefinitions",
    "securitySchemes", "variables", "webhooks", FILES,
})
# fmt: on


def survey(root: Any, max_depth: int) -> set[str] | None:
    """All texts under keys `$ref`; None if `root` nests deeper than `max_depth`.

    Level by level, which is quicker than a stack and bounds the depth: the one walk over everything
    that each reading makes.
    """
    found: set[Any] = set()
    level: list[Any] = [root]
    depth = 0
    while level:
        depth += 1
        if depth > max_depth:
            return None
        below: list[Any] = []
        for node in level:
            if type(node) is dict:
                if "$ref" in node and type(node["$ref"]) is str:
                    found.add(node["$ref"])
                node = node.values()
            below += [child for child in node if type(child) is dict or type(child) is list]
        level = below
    return found


def references(root: Any) -> Iterator[tuple[Path, dict[str, Any], bool]]:
    """Every reference below `root`: its path, the mapping that holds it, whether it is in data."""
    stack: list[tuple[Path, Any, bool, bool]] = [((), root, False, False)]
    while stack:
        path, node, named, data = stack.pop()
        if isinstance(node, list):
            items = enumerate(node)
            stack.extend(((*path, str(i)), item, False, data) for i, item in items if _nests(item))
        elif isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield path, node, data
            for key, child in node.items():
                if _nests(child):
                    inside = data or (not named and _holds_data(key, child))
                    stack.append(((*path, key), child, not named and key in _NAMED, inside))


def _nests(value: Any) -> bool:
    return isinstance(value, dict | list)


def _holds_data(key: str, child: Any) -> bool:
    extension = key.startswith("x-") and key != FILES
    return extension or key in _DATA or (key == "examples" and isinstance(child, list))


def is_reference(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("$ref"), str)


def target(root: Any, ref: str) -> Any:
    """What an internal reference (`#...`) names, or MISSING; references on the way are followed."""
    if not ref.startswith("#"):
        return MISSING
    fragment = ref[1:]
    if fragment and not fragment.startswith("/"):
        return get(root, anchors(root).get(fragment, "/\0"))
    for tokens in fragment_tokens(fragment):
        found = _descend(root, tokens)
        if found is not MISSING:
            return found
    return MISSING


def _descend(root: Any, tokens: list[str], hops: int = 0) -> Any:
    node = root
    for token in tokens:
        while is_reference(node) and token not in node:
            hops += 1
            following = node["$ref"]
            if hops > 50 or not following.startswith("#/"):
                return MISSING
            node = _descend(root, split(following), hops)
        node = step(node, token)
        if node is MISSING:
            return MISSING
    return node


def anchors(root: Any) -> dict[str, str]:
    """Pointers of what `$anchor` names (OpenAPI 3.1), by a walk over everything."""
    found: dict[str, str] = {}
    stack: list[tuple[Path, Any]] = [((), root)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(key), str):
                    found.setdefault(node[key], join(*path))
        items = node.items() if isinstance(node, dict) else enumerate(node)
        stack.extend(((*path, str(key)), child) for key, child in items if _nests(child))
    return found


def nearest(root: Any, ref: str) -> str:
    """A sentence that names the reference most like `ref` that leads somewhere."""
    from rapidfuzz import process

    tokens = split(ref[ref.find("#") :] if "#" in ref else ref)
    candidates = list(_component_references(root))
    node, passed = root, ""
    for token in tokens:
        following = step(node, token)
        if following is MISSING:
            break
        node, passed = following, f"{passed}/{escape(token)}"
    if isinstance(node, dict) and passed:
        candidates += [f"#{passed}/{escape(key)}" for key in node]
    best = process.extractOne(ref, candidates, score_cutoff=60)
    if best:
        return f"Did you mean {best[0]!r}?"
    name = process.extractOne(tokens[-1] if tokens else ref, _last(candidates), score_cutoff=75)
    return f"Did you mean {name[2]!r}?" if name else "Add what it names, or correct the reference."


def _last(candidates: list[str]) -> Mapping[str, str]:
    return {candidate: split(candidate)[-1] for candidate in candidates}


def _component_references(root: Any) -> Iterator[str]:
    components = step(root, "components")
    sections = components if isinstance(components, dict) else {}
    old = {key: step(root, key) for key in ("definitions", "parameters", "responses")}
    for prefix, mapping in (("#/components", sections), ("#", old)):
        for section, members in mapping.items():
            if isinstance(members, dict):
                yield from (f"{prefix}/{section}/{escape(name)}" for name in members)
