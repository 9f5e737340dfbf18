"""Whether the text that is about to be written says what was proposed, and nothing else.

Names of a proposal come from a spec that anybody may have written. What the text means is read back
and compared, so that a slip in writing it becomes an error and never a key nobody proposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import Location, MappingError
from ...spec.yaml import load_yaml
from .guess import THRESHOLD, Guess, Proposal, is_list

_LISTED = "*"
_Place = tuple[str, ...]


def check_exact(
    text: str, proposal: Proposal, file: Path, *, before: str = "", threshold: float = THRESHOLD
) -> None:
    """Raise MappingError unless `text` has exactly the keys proposed, beside those of `before`.

    `before` is the text of the file that the proposal was merged into; all its entries must be left.
    """
    written = set(_keys(load_yaml(text, file, error=MappingError)))
    stood = set(_keys(load_yaml(before, file, error=MappingError))) if before.strip() else set()
    needed = stood if before.strip() else set(_keys(proposal.sure(threshold)))
    added = written - stood - set(_proposed(proposal.tree))
    lost = {place for place in needed if len(place) <= 2} - written
    for place in (*sorted(added, key=len), *sorted(lost, key=len)):
        told = "a key that nobody proposed" if place in added else "not what was proposed"
        raise MappingError(
            f"the file would hold {told}: {' > '.join(map(repr, place))}",
            where=Location(file),
            hint="nothing was written; look for odd names in the spec, and please report it",
        )


def _keys(node: Any, before: _Place = ()) -> Iterator[_Place]:
    """The places of all keys; those of a list's elements as one."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield (*before, str(key))
            yield from _keys(value, (*before, str(key)))
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _keys(value, (*before, _LISTED))


def _proposed(node: Any, before: _Place = ()) -> Iterator[_Place]:
    """The same of a tree of guesses, sure or not."""
    if isinstance(node, Guess):
        yield from _keys(node.value, before)
    elif is_list(node):
        for row in node.values():
            yield from _proposed(row, (*before, _LISTED))
    else:
        for key, inner in node.items():
            yield (*before, key)
            yield from _proposed(inner, (*before, key))
