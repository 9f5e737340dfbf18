"""Finding a request that an operation accepts: by body, by caller, by the state of the rows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..errors import GenSuiteError
from ..mapping.expression import is_expression
from ..mapping.infer.observed import Trial
from ..mapping.infer.seen_remarks import told
from ..mapping.names import snake, words
from ..mapping.paths import parameters
from ..mapping.schema import Column, Table
from .learn_body import SMALLEST, candidates
from .learn_request import Plan, Sender
from .learn_rows import State

MOST_STATES = 60
"""Requests with rows in another state before an operation is given up."""
MOST_FIELDS = 12
"""Fields of an update that are tried one at a time."""
MOST_ERRORS = 3
"""Server errors before an operation is given up: it is broken, not choosy."""
_UNKNOWN = (401, 403)
_NOT_THEIRS = (401, 403, 404)
"""Refusals that another caller may not get, with rows of its own: a teacher is shown no student's."""
_INVALID = (400, 422)
"""Refusals of what the body holds."""
_NOT_OF_ROWS = (401, 405, 406, 411, 413, 415, 429, 501)
"""Refusals that no other state of the rows takes away."""
_PLENTY = 100_000


@dataclass
class Search:
    """One operation's search. `callers` are tried in turn; `last` is the last refusal, `told_most`
    the one that got furthest: of a body rather than of a caller, the first of its kind. After
    `seconds` no further state of the rows is tried."""

    sender: Sender
    callers: tuple[str, ...]
    seconds: float = 60.0
    last: Trial | None = None
    told_most: Trial | None = None
    troubles: list[str] = field(default_factory=list)
    _errors: int = 0
    _refused_fields: dict[str, None] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    @property
    def is_spent(self) -> bool:
        """The time is over that the operation is worth."""
        return time.monotonic() - self._began > self.seconds

    def find(self) -> tuple[Plan, Trial] | None:
        """A plan that succeeds, and its trial."""
        refused: list[Plan] = []
        for caller in self.callers:
            found = self._bodies(caller, refused)
            if found or self._hopeless:
                return found
            if self.last is not None and self.last.status not in _NOT_THEIRS and refused:
                break
        return (
            self._repeating(refused)
            or self._unused(refused)
            or self._made(refused)
            or self._states(refused)
        )

    @property
    def _only_makes(self) -> bool:
        """The key stands at the path's end, and the spec speaks of rows that are made, no others."""
        operation = self.sender.write.operation
        if not operation.path.endswith("}"):
            return False
        made = "201" in operation.success and "200" not in operation.success
        return operation.method == "POST" or (operation.method == "PUT" and made)

    def _unused(self, refused: list[Plan]) -> tuple[Plan, Trial] | None:
        """With a key in the path that no row has: a PUT or POST on one thing may make it."""
        operation = self.sender.write.operation
        makes = operation.method in ("PUT", "POST") and operation.path.endswith("}")
        if self._only_makes or not makes:
            return None
        for plan in [replace(plan, unused=True) for plan in refused[:2]]:
            trial = self.attempt(plan)
            if trial is not None and trial.succeeded:
                return plan, trial
        return None

    def _repeating(self, refused: list[Plan]) -> tuple[Plan, Trial] | None:
        """With what the path says in the fields of the body that repeat it: `PUT /users/{user_id}` may
        refuse a body whose `id` is another one."""
        if self.told_most is None or self.told_most.status not in (400, 409, 422):
            return None
        for plan in refused[:2]:
            repeats = dict(repeated_fields(plan.body, parameters(self.sender.write.operation.path)))
            if not repeats:
                continue
            repeating = replace(plan, repeats=repeats)
            trial = self.attempt(repeating)
            if trial is not None and trial.succeeded:
                return repeating, trial
        return None

    def _made(self, refused: list[Plan]) -> tuple[Plan, Trial] | None:
        """With what path and body name made by the API itself: arranged rows may lack something."""
        status = self.told_most.status if self.told_most is not None else 0
        if not self.sender.can_be_made or status in _NOT_OF_ROWS:
            return None
        operation = self.sender.write.operation
        makes = operation.method in ("PUT", "POST") and operation.path.endswith("}")
        plans = refused[:2] or [Plan(self.callers[0], next(self._plain_bodies()))]
        for plan in plans:
            for unused in (True, False) if makes else (False,):
                made = replace(plan, made=True, unused=unused)
                trial = self.attempt(made)
                if trial is not None and trial.succeeded:
                    return made, trial
                if found := self._repeating([made]):
                    return found
        return None

    def _plain_bodies(self) -> Iterator[Any]:
        updates = self.sender.write.kind == "updates"
        return (body for _, body in candidates(self.sender.space, smallest_last=updates))

    @property
    def _hopeless(self) -> bool:
        return self._errors >= MOST_ERRORS

    def _bodies(self, caller: str, refused: list[Plan]) -> tuple[Plan, Trial] | None:
        updates = self.sender.write.kind == "updates"
        whole: Any = None  # a body that was forbidden
        invalid: Any = None  # one that holds what is refused
        for name, body in candidates(self.sender.space, smallest_last=updates):
            if updates and name == SMALLEST and refused:
                found = self._grown(caller, body, refused[0].body)
                if found or self._hopeless:
                    return found
            plan = Plan(caller, body, unused=self._only_makes)
            trial = self.attempt(plan)
            if trial is not None and trial.succeeded:
                smallest = invalid is not None and name == SMALLEST and not updates
                return (smallest and self._grown(caller, body, invalid)) or (plan, trial)
            if plan.unused:
                plan = replace(plan, unused=False)
                trial = self.attempt(plan)
                if trial is not None and trial.succeeded:
                    return plan, trial
            if self._hopeless or (trial is not None and trial.status == 401 and self._is_secured):
                return None
            # Of 403 the reason may be a value, `admin: true`: a smaller body is tried.
            if trial is not None and trial.status in _INVALID:
                invalid = body if invalid is None else invalid
                found = self._without_named(plan, trial)
                if found or self._hopeless:
                    return found
            if trial is None or trial.status not in _UNKNOWN or not self._is_secured:
                refused.append(plan)
            elif whole is None:
                whole = body
            if name == SMALLEST and whole is not None and not updates:
                found = self._grown(caller, body, whole)
                if found or self._hopeless:
                    return found
        return None

    @property
    def _is_secured(self) -> bool:
        return self.sender.shows_caller

    def _grown(self, caller: str, body: Any, whole: Any) -> tuple[Plan, Trial] | None:
        """The smallest body with each further field that is accepted beside those before it.

        An update of nothing is accepted as a rule, and shows nothing.
        """
        if not isinstance(body, dict) or not isinstance(whole, dict):
            return None
        found = None
        for name in [one for one in whole if one not in body][:MOST_FIELDS]:
            plan = Plan(caller, {**body, name: whole[name]})
            trial = self.attempt(plan)
            if self._hopeless or (trial is not None and trial.status == 401):
                return found
            if trial is not None and trial.succeeded:
                found, body = (plan, trial), plan.body
            elif trial is not None and trial.status in _INVALID:
                self._refused_fields[name] = None
        return found

    def _without_named(self, plan: Plan, refused: Trial) -> tuple[Plan, Trial] | None:
        """The request without the optional fields that the refusal names, and those that the next
        one does."""
        trial: Trial | None = refused
        named: list[str] = []
        while trial is not None and trial.status in _INVALID and len(named) < MOST_FIELDS:
            here = self._named(plan.body, trial)
            if not here:
                return None
            named += here
            plan = replace(plan, body={k: v for k, v in plan.body.items() if k not in here})
            trial = self.attempt(plan)
        if trial is None or not trial.succeeded:
            return None
        self._refused_fields |= dict.fromkeys(named)
        return plan, trial

    def _named(self, body: Any, refused: Trial) -> list[str]:
        """The optional fields of a body that a refusal speaks of."""
        if not isinstance(body, dict):
            return []
        said, needed = told(refused.answer), self.sender.space.example()
        return [
            name
            for name in body
            if name not in needed and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)
        ]

    def left_out(self, plan: Plan) -> tuple[str, ...]:
        """The optional fields that were refused and that the request which succeeded does not send."""
        sent = plan.body if isinstance(plan.body, dict) else {}
        return tuple(name for name in self._refused_fields if sent and name not in sent)

    def _states(self, refused: list[Plan]) -> tuple[Plan, Trial] | None:
        """Rows that are there already, then other states of the arranged ones."""
        if self.told_most is not None and self.told_most.status in _NOT_OF_ROWS:
            return None
        tried = 0
        for plan in refused[:2]:
            existing = [replace(plan, existing=n) for n in range(3)] if self.involved() else []
            for other in (*self._changed(plan), *existing):
                tried += 1
                if tried > MOST_STATES or self._hopeless or self.is_spent:
                    return None
                trial = self.attempt(other)
                if trial is not None and trial.succeeded:
                    return other, trial
        return None

    def attempt(self, plan: Plan) -> Trial | None:
        """One request; None when it could not even be made."""
        try:
            trial = self.sender.try_(plan)
        except GenSuiteError as error:
            if error.message not in self.troubles:
                self.troubles.append(error.message)
            return None
        if not trial.succeeded:
            self.last = trial
            if self.told_most is None or _reach(trial) > _reach(self.told_most):
                self.told_most = trial
            self._errors += trial.status >= 500
        return trial

    def _changed(self, plan: Plan) -> list[Plan]:
        """The same with rows in another state, first what the refusal speaks of."""
        said = set(words(told(self.told_most.answer))) if self.told_most is not None else set()

        def silent(state: tuple[str, dict[str, Any]]) -> bool:
            told_of = {word for name in state[1] for word in words(name)}
            return not said & told_of

        states = sorted(self.states(), key=silent)
        return [plan.with_state(resource, values) for resource, values in states]

    def states(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(resource, column values) that rows of a request could have instead."""
        for resource, table in self.involved():
            arranged = self._arranged(resource.partition("#")[0])
            new = self.sender.new_states.get(table.qualified, {})
            for column in table.columns.values():
                texts = self.sender.state_texts.get((table.qualified, column.name), ())
                usual = arranged.get(column.name, new.get(column.name))
                values = [text for text in texts if text != usual]
                if not texts and _is_state(table, column):
                    values = _values(column, usual)
                for value in values:
                    yield resource, {column.name: value}

    def usual(self, state: State) -> Iterator[tuple[str, dict[str, Any]]]:
        """What rows have where nothing else is stated, if a request needed something else."""
        for resource, values in state.items():
            arranged = self._arranged(resource.partition("#")[0])
            for name in values:
                if name in arranged and not is_expression(arranged[name]):
                    yield resource, {name: arranged[name]}

    def _arranged(self, resource: str) -> Mapping[str, Any]:
        found = self.sender.session.suite.resolved.resources.get(resource)
        return found.arrange if found else {}

    def involved(self) -> list[tuple[str, Table]]:
        """The resources whose rows a request names, the addressed one first."""
        write, schema = self.sender.write, self.sender.session.suite.resolved.schema
        named: dict[str, str] = {}
        if write.resource is not None and write.kind != "creates":
            named[write.resource.name] = write.resource.table
        for binding in reversed(write.path):
            if binding.resource:
                named.setdefault(binding.resource, binding.table)
        counted: dict[str, int] = {}
        for reference in write.references:
            if not reference.resource:
                continue
            named.setdefault(reference.resource, reference.table)
            number = counted.get(reference.resource, 0)
            counted[reference.resource] = number + 1
            if number and "*" not in reference.pointer:
                named[f"{reference.resource}#{number}"] = reference.table
        tables = [
            (resource, schema.table(name) if schema else None) for resource, name in named.items()
        ]
        return [(resource, table) for resource, table in tables if table is not None]


def repeated_fields(body: Any, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(place in the body, path parameter) of fields that may have to say the same as the path.

    A field called like the parameter, or an `id` where the path ends with one; also in an envelope.
    """
    if not isinstance(body, Mapping):
        return
    last = names[-1] if names else ""
    for field_name, value in body.items():
        if isinstance(value, Mapping) and len(body) <= 2:
            for place, name in repeated_fields(value, names):
                yield f"{field_name}/{place}", name
        for name in names:
            alike = snake(field_name) == snake(name)
            if alike or (snake(field_name) == "id" and name == last):
                yield field_name, name


def _reach(trial: Trial) -> int:
    """How far a refused request got, by its status: past the caller, past the address, past the body."""
    if trial.status in _UNKNOWN:
        return 0
    if trial.status in (404, 405):
        return 1
    return 2 if trial.status < 500 else 3


def _is_state(table: Table, column: Column) -> bool:
    """Whether a column could be what an operation looks at before it acts."""
    if column.name in table.primary_key or column.generated or table.foreign_key(column.name):
        return False
    if column.type in ("enum", "boolean", "datetime", "date"):
        return column.type not in ("datetime", "date") or column.nullable
    return column.type in ("integer", "number")


def _values(column: Column, usual: Any) -> list[Any]:
    """Other values worth a try, the likeliest first."""
    if column.type == "enum":
        return [value for value in column.enum if value != usual]
    if column.type == "boolean":
        return [not usual] if isinstance(usual, bool) else [True, False]
    if column.type in ("datetime", "date"):
        moment = datetime(2024, 1, 15, 9, 30)
        return [moment if column.type == "datetime" else moment.date()]
    most = column.maximum if column.maximum is not None else _PLENTY
    least = column.minimum if column.minimum is not None else 0
    tried: tuple[int, ...] = (0, 1, _PLENTY)
    if isinstance(usual, int | float) and usual > _PLENTY:
        tried = (_PLENTY, 1000, 0, 1)
    found = [value for value in tried if least <= value <= most and value != usual]
    if column.precision is not None:
        room = 10 ** (column.precision - (column.scale or 0))
        found = [value for value in found if value < room]
    return found
