"""Actors: named callers, and the two that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..errors import MappingError
from ..mapping.model import Actor
from ..mapping.names import did_you_mean

ANONYMOUS: Final = "anonymous"
"""Calls without any credentials."""

IMPOSTOR: Final = "impostor"
"""Calls with credentials of the right form that were never given out."""


def impostor(name: str) -> str:
    """The caller with credentials of the form that an actor has, which were never given out."""
    return f"{IMPOSTOR} of {name}"


def copied(caller: str) -> str | None:
    """The actor whose form of credentials `impostor` took; None for any other caller."""
    word, _, name = caller.partition(" of ")
    return name if word == IMPOSTOR and name else None


class Actors(Mapping[str, Actor]):
    """The actors of the mapping by name; `actors["alice"].tenant` and any other fact it states."""

    def __init__(self, actors: Mapping[str, Actor]) -> None:
        self._actors = actors

    def __getitem__(self, name: str) -> Actor:
        if name not in self._actors:
            raise MappingError(
                f"there is no actor {name!r} in the mapping",
                hint=did_you_mean(name, self._actors) or "name one under `actors:`",
            )
        return self._actors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actors)

    def __len__(self) -> int:
        return len(self._actors)
