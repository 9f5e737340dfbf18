"""What an operation does to columns of its own row that no request names: constants, times, owners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ...comparison import same
from ..names import snake
from ..pointer import join
from ..resolved import Write
from ..schema import Table
from .guess import THRESHOLD, Guess
from .observed import Observations
from .seen_changes import Changes, is_of_request
from .seen_rows import Own, Sample
from .seen_values import equal, is_hash, is_now, is_sent, leaves, relation, telling
from .seen_which import Group
from .special import Roles, timestamps

LONGEST = 60


@dataclass(frozen=True, slots=True)
class OwnColumns:
    """`constants` go to `values` or `set`; `unexplained` changed in no way that can be stated."""

    constants: Mapping[str, Any]
    unexplained: tuple[str, ...] = ()
    deleted: str = ""


def own_columns(
    own: Own, table: Table, changes: Changes, stored: frozenset[str], write: Write
) -> OwnColumns:
    """Columns that the operation fills in by itself."""
    if own.kind == "creates":
        return OwnColumns(_created(own, table, changes, stored))
    if own.kind == "updates":
        return _updated(own, table, changes, write)
    return OwnColumns({})


def _created(own: Own, table: Table, changes: Changes, stored: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if own.many or len(own.samples) < 2:
        return found
    kept = {*table.primary_key, *(guess.value for guess in timestamps(table).values())}
    for name, column in table.columns.items():
        if name in kept or name in stored or column.generated or column.type in ("json", "binary"):
            continue
        values = [sample.row.row.get(name) for sample in own.samples]
        caller = _of_caller(name, own, table, changes)
        if caller:
            found[name] = caller
        elif _same(values) and _is_constant(values[0]) and not table.foreign_key(name):
            if is_of_request(name, values[0], [sample.trial for sample in own.samples]):
                continue
            if values[0] is not None or _is_shown(name, own):
                found[name] = values[0]
        elif (
            _same(values)
            and values[0] is not None
            and not changes.facts
            and table.foreign_key(name)
        ):
            found[name] = values[0]
    return found


def _of_caller(name: str, own: Own, table: Table, changes: Changes) -> str:
    """`$actor.id` in a column that points at users, unless it is where owners stand anyway; in one
    that points nowhere the caller's name."""
    if not table.foreign_key(name):
        return "$actor.name" if _is_name_of_caller(name, own, changes) else ""
    told = {
        equal(sample.row.row.get(name), changes.facts.get(sample.trial.actor, {}).get("id"))
        for sample in own.samples
    }
    named_by_request = any(
        equal(sample.row.row.get(name), value)
        for sample in own.samples
        for value in (*sample.trial.path.values(), *sample.sent.values())
    )
    if told != {True} or named_by_request or _is_tenants(name, own, changes):
        return ""
    return "$actor.id"


def _is_name_of_caller(name: str, own: Own, changes: Changes) -> bool:
    return all(
        equal(sample.row.row.get(name), changes.facts.get(sample.trial.actor, {}).get("name"))
        and not any(equal(sample.row.row.get(name), value) for value in sample.sent.values())
        for sample in own.samples
    )


def _is_tenants(name: str, own: Own, changes: Changes) -> bool:
    held = [(sample.row.row.get(name), sample.trial) for sample in own.samples]
    return changes.is_tenants(own.table, name, held)


def _updated(own: Own, table: Table, changes: Changes, write: Write) -> OwnColumns:
    sent = {pair.column for pair in write.fields}
    stamped = timestamps(table)
    kept = {guess.value for guess in stamped.values()}
    names = dict.fromkeys(name for sample in own.samples for name in sample.row.changed)
    group = Group(
        own.table, "update", tuple((sample.trial, (sample.row,)) for sample in own.samples)
    )
    constants: dict[str, Any] = {}
    unexplained: list[str] = []
    deleted = ""
    for name in names:
        if "deleted" in stamped and name == stamped["deleted"].value:
            deleted = name
        if name in kept or (name in sent and _follows(own, name, write)):
            continue
        told = changes.movement(group, name, None)
        if told is None and all(name in sample.row.changed for sample in own.samples):
            told = _answered(name, own) or _caller(name, own, changes)
        if told is not None and _holds_what_is_sent(told, own):
            continue  # a document: it is no constant because only one request changed it
        if told is not None or _becomes_null(name, own):
            constants[name] = told
        elif not _becomes_sent(name, own):
            unexplained.append(name)
    return OwnColumns(constants, tuple(unexplained), deleted)


def _becomes_sent(column: str, own: Own) -> bool:
    """The column becomes what the request sends each time, whichever field that is: it is no noise."""
    moved = [sample for sample in own.samples if column in sample.row.changed]
    return all(is_sent(sample.row.row.get(column), sample.trial) for sample in moved)


def _holds_what_is_sent(constant: Any, own: Own) -> bool:
    """A text or a document in which a value of the request stands."""
    text = str(constant)
    return any(
        isinstance(value, str) and telling(value) > 0.5 and value in text and value != text
        for sample in own.samples
        for _, value in leaves(sample.trial.body)
    )


def _follows(own: Own, column: str, write: Write) -> bool:
    """What the column became is what a field said: `retail` that is stored as `RET` is not."""
    wires = [pair.wire for pair in write.fields if pair.column == column]
    for sample in own.samples:
        told = {"/".join(steps): value for steps, value in leaves(sample.sent)}
        for wire in wires:
            if wire not in told and wire.partition("/")[0] in sample.sent:
                return True  # a list or an object: its parts are not told apart
            stored = sample.row.row.get(column)
            if wire in told and (relation(told[wire], stored) or is_hash(told[wire], stored)):
                return True
    return False


def _becomes_null(name: str, own: Own) -> bool:
    return all(
        sample.row.changed[name][1] is None for sample in own.samples if name in sample.row.changed
    )


def _answered(name: str, own: Own) -> str | None:
    """A moment of the server's choosing that the answer tells."""
    for sample in own.samples[:1]:
        value = sample.row.row.get(name)
        if not isinstance(value, datetime | date) or not is_now(value, sample.trial):
            return None
        fitting = [
            wire
            for wire, told in sample.claimed.items()
            if told is not None and relation(told, value) == "same"
        ]
        if fitting:
            wire = next((one for one in fitting if snake(one) == name), fitting[0])
            return f"$response.body#{join(*_way(sample), wire)}"
    return None


def _way(sample: Sample) -> tuple[str, ...]:
    """The steps from the answer's root to the object that is the resource."""
    answer = sample.trial.answer
    if answer is sample.claimed or not isinstance(answer, Mapping):
        return ()
    return next(((key,) for key, inner in answer.items() if inner is sample.claimed), ())


def _caller(name: str, own: Own, changes: Changes) -> str | None:
    told = {
        equal(sample.row.row.get(name), changes.facts.get(sample.trial.actor, {}).get("id"))
        for sample in own.samples
    }
    return "$actor.id" if told == {True} and not _is_tenants(name, own, changes) else None


def stamps(table: Table, owns: Mapping[str, Own], guessed: Mapping[str, Guess]) -> dict[str, Guess]:
    """`timestamps:`: those named so and seen to be set, and others that were seen to move."""
    found = dict(guessed)
    samples = {
        kind: [s for own in owns.values() if own.kind == kind for s in own.samples if s.row.after]
        for kind in ("creates", "updates")
    }
    for name, kind in (("created", "creates"), ("updated", "updates")):
        if name in found:
            column = found[name].value
            seen = [is_now(sample.row.row.get(column), sample.trial) for sample in samples[kind]]
            if seen and all(seen):
                found[name] = Guess(column, 1.0, "seen")
            elif seen and not any(seen):
                del found[name]
        elif samples[kind]:
            moved = [
                column
                for column, one in table.columns.items()
                if one.type == "datetime"
                and column not in {guess.value for guess in found.values()}
                and all(is_now(s.row.row.get(column), s.trial) for s in samples[kind])
                and _is_quiet(column, samples[kind])
            ]
            several = sum(own.kind == "updates" for own in owns.values()) > 1
            if len(moved) == 1 and (name == "created" or several):
                found[name] = Guess(moved[0], 1.0, "seen")
    return found


def _is_quiet(column: str, samples: list[Sample]) -> bool:
    """No request sends it."""
    return not any(
        relation(value, sample.row.row.get(column)) == "same"
        for sample in samples
        for value in sample.sent.values()
        if isinstance(value, str)
    )


def owner_columns(
    table: Table,
    owns: Mapping[str, Own],
    observations: Observations,
    roles: Roles,
    node: Mapping[str, Any],
) -> tuple[Guess | None, Guess | None]:
    """(tenant, owner) columns, by what was written for whom and who was refused."""
    facts = observations.actors
    created = [s for own in owns.values() if own.kind == "creates" for s in own.samples]
    tenant: Guess | None = node.get("tenant")
    if tenant and created and all(_is_fact(s, tenant.value, "tenant", facts) for s in created):
        tenant = Guess(tenant.value, 1.0, "seen")
    owner: Guess | None = node.get("owner")
    guarded = any(_guards_owner(observations, label) for label in owns)
    candidates = [
        name
        for name in table.columns
        if (key := table.foreign_key(name)) and key.table == roles.users
        and created and all(_is_fact(s, name, "id", facts) for s in created)
    ]  # fmt: skip
    if owner and owner.value in candidates and (guarded or owner.confidence >= THRESHOLD):
        owner = Guess(owner.value, 1.0, "seen")
    elif guarded and len(candidates) == 1:
        owner = Guess(candidates[0], 1.0, "seen: others are refused")
    return tenant, owner


def _is_fact(
    sample: Sample, column: str, fact: str, facts: Mapping[str, Mapping[str, Any]]
) -> bool:
    known = facts.get(sample.trial.actor, {}).get(fact)
    return known is not None and same(known, sample.row.row.get(column))


def _guards_owner(observations: Observations, label: str) -> bool:
    """A caller of the same tenant who may do it to rows of its own was refused another's."""
    seen = observations.operations[label]
    home = observations.actors.get(seen.actor, {})
    return any(
        seen.callers.own.get(name, 0) < 300 <= status
        and observations.actors.get(name, {}).get("tenant") == home.get("tenant")
        and observations.actors.get(name, {}).get("id") != home.get("id")
        for name, status in seen.callers.foreign.items()
    )


def _same(values: list[Any]) -> bool:
    return all(equal(values[0], one) or (values[0] is None and one is None) for one in values)


def _is_constant(value: Any) -> bool:
    return (
        value is None
        or isinstance(value, bool | int)
        or (isinstance(value, str) and len(value) <= LONGEST)
    )


def _is_shown(column: str, own: Own) -> bool:
    """Some field of the answer is null where the column is: it is about this column."""
    return any(
        snake(wire) == column and value is None
        for sample in own.samples
        for wire, value in sample.claimed.items()
    )
