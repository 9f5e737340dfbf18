"""A proposal in the words of a mapping file that is there: its resources' names, its actors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..model import MappingFile
from .guess import Guess, Proposal, Tree

_NAMED = re.compile(r"\$([A-Za-z_][\w-]*)\.")
_VERBS = ("creates", "updates", "deletes")


def adapted(proposal: Proposal, mapping: MappingFile, written: Any) -> Proposal:
    """The proposal with resources called as in the file, and with the file's own actors and target.

    `written` is the file's data as it is written, environment variables unfilled: credentials must
    not pass through.
    """
    ours = {node["table"].value: name for name, node in proposal.tree.get("resources", {}).items()}
    rename = {
        ours[resource.table]: name
        for name, resource in reversed(mapping.resources.items())
        if resource.table in ours
    }
    tree = dict(proposal.tree)
    if "resources" in tree:
        tree["resources"] = {rename.get(name, name): one for name, one in tree["resources"].items()}
    if "operations" in tree:
        tree["operations"] = {
            label: _operation(entry, rename) for label, entry in tree["operations"].items()
        }
    actors = written.get("actors") if isinstance(written, Mapping) else None
    if isinstance(actors, Mapping) and actors:
        named = {
            name: one
            for name, one in tree.get("actors", {}).items()
            if all(guess.confidence == 1 for guess in one.values())
        }
        theirs = {
            name: _written(one, tree.get("actors", {}).get(name, {}))
            for name, one in actors.items()
            if isinstance(one, Mapping)
        }
        tree["actors"] = {**named, **theirs}
    target = written.get("target") if isinstance(written, Mapping) else None
    if isinstance(target, Mapping) and "target" in tree:
        tree["target"] = {
            key: node for key, node in tree["target"].items() if key not in target or _stated(node)
        }
    return replace(proposal, tree=tree)


def _stated(node: Tree | Guess) -> bool:
    """Somebody said so on the command line: what is merely guessed never replaces what is written."""
    if isinstance(node, Guess):
        return node.confidence == 1
    return any(_stated(one) for one in node.values())


def _written(actor: Mapping[str, Any], proposed: Tree) -> Tree:
    """An actor as the file has it; what is proposed word for word keeps its evidence."""
    if {key: one.value for key, one in proposed.items()} == dict(actor):
        return proposed
    return {str(key): Guess(value, 1.0) for key, value in actor.items()}


def _operation(entry: Tree, rename: Mapping[str, str]) -> Tree:
    found: dict[str, Any] = {}
    for key, node in entry.items():
        if key in _VERBS and isinstance(node, Guess):
            found[key] = replace(node, value=rename.get(node.value, node.value))
        elif key == "arrange":
            found[key] = {rename.get(name, name): one for name, one in node.items()}
        else:
            found[key] = _within(node, rename, dotted=key == "path")
    return found


def _within(node: Any, rename: Mapping[str, str], *, dotted: bool) -> Any:
    if isinstance(node, Guess):
        return replace(node, value=_value(node.value, rename, dotted=dotted))
    return {key: _within(one, rename, dotted=dotted) for key, one in node.items()}


def _value(value: Any, rename: Mapping[str, str], *, dotted: bool) -> Any:
    if isinstance(value, str):
        if dotted:
            owner, dot, column = value.rpartition(".")
            return f"{rename.get(owner, owner)}{dot}{column}"
        return _NAMED.sub(lambda found: f"${rename.get(found[1], found[1])}.", value)
    if isinstance(value, Mapping):
        return {key: _value(one, rename, dotted=dotted) for key, one in value.items()}
    if isinstance(value, list):
        return [_value(one, rename, dotted=dotted) for one in value]
    return value
