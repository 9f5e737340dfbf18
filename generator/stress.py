"""What the templates of rollback, idempotency, concurrency and effects ask of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .bulk import Many
from .code import literal
from .effects import Effects
from .faults import Faults
from .races import Races
from .replays import Replays
from .stressed import StressedRequest
from .variants import others_rows
from .view import View


@dataclass(frozen=True)
class Stress:
    """An operation that fails half-way, is repeated, meets another one, and has effects elsewhere."""

    view: View

    @cached_property
    def faults(self) -> Faults:
        return Faults(self.view)

    @property
    def own_rows(self) -> tuple[str, StressedRequest]:
        """(actor as source text, request) of a caller of another role who names its own rows."""
        actors, name = self.view.subject.resolved.mapping.actors, self.view.subject.wrong_role
        assert name is not None
        request = others_rows(self.faults.request, name, actors[name], actors[self.view.actor])
        return literal(name), request

    @cached_property
    def replays(self) -> Replays:
        return Replays(self.view, self.faults)

    @cached_property
    def many(self) -> Many:
        return Many(self.view)

    @cached_property
    def races(self) -> Races:
        return Races(self.view, self.faults)

    @cached_property
    def effects(self) -> Effects:
        return Effects(self.view, self.faults)
