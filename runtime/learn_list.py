"""Which rows a list shows to a caller, and which of the same tenant it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..errors import GenSuiteError
from ..mapping.infer.observed import Listed
from ..mapping.listing import Listing as Named
from ..mapping.listing import find_listing
from ..mapping.paging import Paging
from ..mapping.resolved import ResolvedResource, Write
from .learn_rows import Rows
from .listing import Listing, paginate

if TYPE_CHECKING:
    from .session import Session

Facts = Mapping[str, Mapping[str, Any]]
OWN = 2
"""How many rows of its own the caller is given, and each of its colleagues."""


def look_at_list(
    session: Session,
    write: Write,
    actor: str,
    facts: Facts,
    callers: Mapping[str, tuple[str, ...]] | None = None,
) -> Listed | None:
    """The stored rows of the caller's tenant, by whether the list of what `write` creates shows them.

    `callers` are columns by table that the API itself fills with the caller's id.
    None where there is no list, where it cannot be walked, or where it is one of a parent's rows.
    """
    named = find_listing(session.suite.resolved, write)
    if isinstance(named, str) or write.resource is None or "{" in named.operation.path:
        return None
    database = session.database()
    mark = database.mark()
    try:
        return _look(session, named, write.resource, actor, facts, callers or {})
    except (GenSuiteError, AssertionError):
        return None  # a row that cannot be arranged, or an answer that is no list, shows nothing
    finally:
        database.undo(mark)


def _look(
    session: Session,
    named: Named,
    resource: ResolvedResource,
    actor: str,
    facts: Facts,
    callers: Mapping[str, tuple[str, ...]],
) -> Listed:
    database, listing = session.database(), _listing(named)
    home = facts.get(actor, {}).get("tenant")
    for other in facts.values():
        if other.get("tenant") == home:
            for _ in range(OWN):  # each with parents of its own: the pair may be unique
                rows = Rows(database, session.suite.resolved, other, callers=callers)
                rows.of(resource.table, resource.name)
    where = {resource.tenant: home} if resource.tenant and home is not None else {}
    stored = [row for row in database.rows(resource.table, **where) if _lives(row, resource)]
    came = set(paginate(session.client(), listing, stored, pages=1, actor=actor).keys)
    return Listed(
        actor,
        shown=_those(stored, [listing.key_of_row(row) in came for row in stored]),
        hidden=_those(stored, [listing.key_of_row(row) not in came for row in stored]),
    )


def _listing(named: Named) -> Listing:
    told = {field.name: getattr(named, field.name) for field in fields(Paging)}
    return Listing(named.operation.path, dict(named.key), **told)


def _lives(row: Mapping[str, Any], resource: ResolvedResource) -> bool:
    deleted = resource.timestamps.deleted
    return not deleted or row[deleted] is None


def _those(rows: Sequence[Mapping[str, Any]], wanted: Sequence[bool]) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row) for row, one in zip(rows, wanted, strict=True) if one)
