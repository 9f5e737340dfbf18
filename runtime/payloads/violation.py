"""One breach of the contract, with a name for reports, applied to a request that is valid otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from ...mapping.leniency import Leniency
from .series import MISSING

PLACES = {"path": "path", "query": "params", "header": "headers", "cookie": "cookies"}
"""Where a parameter stands -> the argument of an httpx-like client that carries it."""

Sent = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """`str()` is the name: `email: not an email`. `rule` is the broken keyword, `pointer` its place."""

    name: str
    place: str
    pointer: str
    rule: str
    _break: Callable[[Any, Sent], dict[str, Any]] = field(repr=False, compare=False)
    coercible: Leniency | None = None
    """What a reader that takes it on purpose is lenient with; the mapping's `lenient` leaves it out."""
    padded: bool = False
    """Whether a reader that trims texts makes a right one of it."""

    def __str__(self) -> str:
        return self.name

    def of(
        self,
        *,
        json: Any = MISSING,
        data: Any = MISSING,
        body: Any = MISSING,
        params: Sent | None = None,
        headers: Sent | None = None,
        path: Sent | None = None,
        cookies: Sent | None = None,
    ) -> dict[str, Any]:
        """The arguments of a request that is the given valid one but for this breach.

        `json` (or `data`, or `body`, whatever its media type) is the body as `example()` makes it;
        without one, that example is taken. What is given stays as it is: bodies are copied.

        Raises: CannotBreak where the body leaves no room for the breach.
        """
        body = next((one for one in (json, data, body) if one is not MISSING), MISSING)
        given = {"params": params, "headers": headers, "path": path, "cookies": cookies}
        sent = {name: dict(value) for name, value in given.items() if value is not None}
        found = self._break(deepcopy(body), sent)
        merged = {**sent, **found}
        if "headers" in sent and "headers" in found and self.place != "header":
            merged["headers"] = {**sent["headers"], **found["headers"]}
        return merged
