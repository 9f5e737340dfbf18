"""Who may call an operation, from the statuses that callers got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .guess import Guess, Tree
from .observed import Observations, Seen

NOBODY = "none"
"""The role of a caller whom no operation accepts."""
_REFUSED = (401, 403)


@dataclass(frozen=True)
class CallerStudy:
    """The callers of a whole run. `stated` is what the mapping already says of each."""

    observations: Observations
    stated: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def facts(self) -> dict[str, dict[str, Any]]:
        """`id`, `role` and `tenant` by actor; a caller whom nothing accepts has the role "none"."""
        found: dict[str, dict[str, Any]] = {}
        for name, known in self.observations.actors.items():
            facts = dict(known)
            if self.is_nobody(name):
                facts["role"] = NOBODY
            elif "role" not in facts and self._matters():
                facts["role"] = name
            found[name] = facts
        return found

    def is_nobody(self, name: str) -> bool:
        told = self._statuses(name)
        unknown = all(status == 401 for status in told) and not self.is_distrusted(name)
        return len(told) >= 2 and unknown

    def is_distrusted(self, name: str) -> bool:
        """A caller of whom the mapping knows a role or tenant is a stranger by a wrong token only."""
        told, known = self._statuses(name), self.stated.get(name, {})
        someone = known.get("role") != NOBODY and ("role" in known or "tenant" in known)
        return bool(told) and someone and all(status == 401 for status in told)

    def distrusted(self) -> tuple[str, ...]:
        """The callers of whom nothing is learned."""
        return tuple(name for name in self.observations.actors if self.is_distrusted(name))

    def _statuses(self, name: str) -> list[int]:
        return [
            seen.callers.own[name]
            for seen in self.observations.operations.values()
            if name in seen.callers.own
        ]

    def _matters(self) -> bool:
        """Some operation tells callers apart."""
        return any(
            status == 403
            for seen in self.observations.operations.values()
            for status in seen.callers.own.values()
        )

    def allow(self, seen: Seen) -> Tree:
        """`allow:` of one operation; empty where every caller may do everything."""
        facts = self.facts()
        doubted = self.distrusted()
        own = {name: status for name, status in seen.callers.own.items() if name not in doubted}
        allowed = [name for name, status in own.items() if 200 <= status < 300]
        refused = [name for name, status in own.items() if status in _REFUSED]
        refused += [name for name in facts if own and self.is_nobody(name)]
        found: dict[str, Guess] = {}
        roles = _roles(allowed, facts)
        if refused and roles and not set(roles) & set(_roles(refused, facts)):
            found["role"] = Guess(roles, 1.0, "seen")
        home = facts.get(seen.actor, {})
        for name in allowed:
            status = seen.callers.foreign.get(name)
            if name == seen.actor or status is None or status < 400:
                continue
            theirs = facts.get(name, {})
            if theirs.get("tenant") != home.get("tenant"):
                found["tenant"] = Guess("own", 1.0, "seen")
            elif theirs.get("id") != home.get("id"):
                found["owner"] = Guess("own", 1.0, "seen")
        return found

    def is_open(self, seen: Seen) -> bool:
        """A caller of another tenant succeeded with rows of the first one's."""
        home = self.facts().get(seen.actor, {}).get("tenant")
        return any(
            status < 300 and self.facts().get(name, {}).get("tenant") != home
            for name, status in seen.callers.foreign.items()
        )

    def default_actor(self, allow: Tree) -> str | None:
        """Who is taken when `as` is left out."""
        roles = allow["role"].value if "role" in allow else None
        facts = self.facts()
        return next(
            (name for name, known in facts.items() if roles is None or known.get("role") in roles),
            None,
        )


def _roles(names: Iterable[str], facts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    roles = [facts[name]["role"] for name in names if "role" in facts.get(name, {})]
    return list(dict.fromkeys(str(role) for role in roles))
