"""One parameter that a request may carry, applied to a request without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .violation import PLACES


@dataclass(frozen=True, slots=True)
class Option:
    """`str()` names it: `source: phone`. `sent` has the parameter as it travels."""

    name: str
    place: str
    sent: Mapping[str, Any]
    parameter: str = ""
    schema: str = ""
    """What the spec says of the parameter, and the value: alike in every operation that has it."""

    def __str__(self) -> str:
        return self.name

    def of(self, **request: Any) -> dict[str, Any]:
        """The arguments of the given request, and this parameter among them."""
        argument = PLACES[self.place]
        return {**request, argument: {**request.get(argument, {}), **self.sent}}
