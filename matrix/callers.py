"""Who calls an operation: those who may, those who may not, and whose rows a request names."""

from __future__ import annotations

from dataclasses import dataclass

from ..mapping.model import Actor
from ..mapping.resolve import PathBinding, Reference, Resolved, Write
from ..spec.model import Operation

NOBODY = "none"
"""The role of an actor whom nothing accepts."""


def _form(actor: Actor) -> str:
    """How an actor shows credentials: the kind, and the header or parameter that carries them."""
    if actor.login is not None:
        if actor.login.header == "Authorization":
            return actor.login.prefix.strip().lower() if actor.login.token else "cookie"
        return f"header {actor.login.header}"
    if actor.auth is None:
        return ""
    shown = [(kind, getattr(actor.auth, kind)) for kind in actor.auth.kinds]
    return " and ".join(
        f"{kind} {', '.join(named)}" if isinstance(named, dict) else kind for kind, named in shown
    )


@dataclass(frozen=True)
class Called:
    """A write operation, and the callers that the mapping names."""

    write: Write
    resolved: Resolved

    @property
    def operation(self) -> Operation:
        return self.write.operation

    @property
    def label(self) -> str:
        return self.operation.label

    @property
    def is_secured(self) -> bool:
        """Some credentials are demanded: no alternative of `security` is empty."""
        security = self.operation.security
        return bool(security) and all(security)

    @property
    def sends_credentials(self) -> bool:
        """Its caller shows who it is, also where the spec says nothing of credentials."""
        return self.resolved.sends_credentials(self.operation)

    @property
    def strangers(self) -> tuple[str, ...]:
        """Actors whose credentials are no longer good: expired, revoked, of a user switched off."""
        return tuple(n for n, a in self.resolved.mapping.actors.items() if a.role == NOBODY)

    @property
    def other_schemes(self) -> tuple[str, ...]:
        """One actor for each further way to show credentials than the first actor's."""
        by_form: dict[str, str] = {}
        for name, actor in self.resolved.mapping.actors.items():
            if actor.role != NOBODY and (form := _form(actor)):
                by_form.setdefault(form, name)
        return tuple(by_form.values())[1:]

    @property
    def outsiders(self) -> tuple[tuple[str, str], ...]:
        """(actor, why) of every named caller that `allow` keeps out, besides the default one."""
        entry = self.write.entry
        actors = self.resolved.mapping.actors
        if entry is None or self.write.actor is None:
            return ()
        home, allow, found = actors[self.write.actor], entry.allow, []
        for name, actor in actors.items():
            if actor.role == NOBODY:
                continue
            if allow.role and actor.role not in allow.role:
                found.append((name, f"{name}, role {actor.role}"))
            elif allow.tenant == "own" and actor.tenant != home.tenant and self._names_a_row:
                found.append((name, f"{name}, tenant {actor.tenant}"))
            elif allow.owner == "own" and actor.id != home.id and self._names_an_owned_row:
                found.append((name, f"{name}, not the owner"))
        return tuple(found)

    @property
    def wrong_role(self) -> str | None:
        """A caller of a role that `allow` leaves out, who has rows of its own to name: with the first
        caller's it might be refused for them, whatever its role. None where they are nobody's."""
        entry, actors = self.write.entry, self.resolved.mapping.actors
        if entry is None or self.write.actor is None or not entry.allow.role:
            return None
        home = actors[self.write.actor]
        others = {n: a for n, a in actors.items() if a.role not in (*entry.allow.role, NOBODY)}
        apart = [name for name, actor in others.items() if self._has_own_rows(actor, home)]
        return apart[0] if apart and len(apart) == len(others) else None

    def _has_own_rows(self, actor: Actor, home: Actor) -> bool:
        """The rows that a request names are this caller's or another's."""
        resources = self.resolved.resources
        named = [b.resource for b in self.write.path]
        named += [one.resource for one in self.write.references if not one.fixed]
        found = [resources[name] for name in named if name]
        facts = {"tenant": (actor.tenant, home.tenant), "owner": (actor.id, home.id)}
        kept = {kind for one in found for kind in facts if getattr(one, kind)}
        known = all(facts[kind][0] is not None for kind in kept)
        return known and any(facts[kind][0] != facts[kind][1] for kind in kept)

    @property
    def stranger_tenant(self) -> str | None:
        """An actor of another tenant, where the mapping names one."""
        actors = self.resolved.mapping.actors
        if self.write.actor is None:
            return None
        home = actors[self.write.actor].tenant
        return next((n for n, a in actors.items() if a.tenant not in (None, home)), None)

    @property
    def foreign_references(self) -> tuple[Reference, ...]:
        """Fields of the body that could name a row of another tenant."""
        if self.stranger_tenant is None:
            return ()
        resources = self.resolved.resources
        return tuple(
            reference
            for reference in self.write.references
            if reference.resource and resources[reference.resource].tenant and not reference.fixed
        )

    @property
    def parents(self) -> tuple[PathBinding, ...]:
        """Path parameters that name the parent of the row which the path addresses."""
        if self.write.kind not in ("updates", "deletes"):
            return ()
        return tuple(b for b in self.write.path if b.through and b.resource)

    @property
    def _names_a_row(self) -> bool:
        return bool(self.write.path or self.write.references)

    @property
    def _names_an_owned_row(self) -> bool:
        resources = self.resolved.resources
        named = [b.resource for b in self.write.path] + [r.resource for r in self.write.references]
        return any(resources[name].owner for name in named if name)
