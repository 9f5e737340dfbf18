"""One request of the learner: its rows arranged, its references filled in, sent, watched, undone."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from html import unescape
from typing import TYPE_CHECKING, Any

from ..errors import GenSuiteError, TargetError
from ..machine import Limit
from ..mapping.expression import is_expression, parse
from ..mapping.infer.observed import RowSeen, Seen, Trial
from ..mapping.members import collection_of
from ..mapping.paths import parameters
from ..mapping.references import holds_a_reference
from ..mapping.resolved import Reference, Write
from .learn_members import Makers, Member
from .learn_rows import Rows, State
from .request_values import in_format, json_value, text_value
from .requests import unique

if TYPE_CHECKING:
    import httpx

    from .database import Changes
    from .payloads import PayloadSpace
    from .payloads.option import Option
    from .session import Session


LONGEST_TEXT = 20_000
"""Characters of an answer that is no JSON which are looked at."""
_UNREAD = re.compile(r"<(style|script|head)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
LATEST = 4.0
SOON = 0.8
QUIET = 0.5
"""Seconds that work after the answer is given, that it is given where nothing speaks of any, and without
a change that are taken for its end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one request is made.

    `actor` calls, the rows are those of `owner` (by default the same). `ahead`: rows are put into
    the operation's table before, so that keys are not the same each time. `child`: the table
    and column of a row to put there because it belongs to the addressed one. `again_as` is who sends
    the second of two requests, by default the same. `unused`: the key at the path's end is one that no
    row has, so that the request may make the row. `made`: what path and body name is made by its own
    operation where one is known, and arranged otherwise. `repeats`: place in the body -> the path parameter
    whose value stands there too.
    """

    actor: str
    body: Any = None
    owner: str = ""
    state: State = field(default_factory=dict)
    existing: int | None = None
    ahead: int = 0
    child: tuple[str, str] | None = None
    key: str = ""
    again_as: str = ""
    unused: bool = False
    made: bool = False
    repeats: Mapping[str, str] = field(default_factory=dict)
    option: Option | None = None
    """A parameter that the request would do without."""

    def with_state(self, resource: str, values: Mapping[str, Any]) -> Plan:
        """The same with further column values for the rows of a resource."""
        state = {**self.state, resource: {**self.state.get(resource, {}), **values}}
        return replace(self, state=state)


@dataclass
class Sender:
    """Sends the requests of one operation."""

    session: Session
    write: Write
    facts: Mapping[str, Mapping[str, Any]]
    noise: frozenset[str] = frozenset()
    """What requests that only read write too; it says nothing of this one."""
    new_states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By table: texts that the API itself puts into a new row."""
    state_texts: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    """By table and column: texts that operations put there by themselves."""
    callers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By table: columns that the API itself fills with the caller's id."""

    makers: Makers = field(default_factory=Makers)
    """The operations that make what path and body name."""

    refusal_writes: set[str] = field(default_factory=set)
    """What requests wrote that were refused, as `table` or `table.column`."""

    _is_followed: bool | None = None
    """Whether rows change after the answer; None until the first success has shown it."""

    @cached_property
    def space(self) -> PayloadSpace:
        """The payloads; without the columns' limits where a wrong guess leaves no value."""
        from .payloads import payloads_for

        operation = self.write.operation
        space = self.session.suite.payloads(operation.label)
        try:
            space.complete()
        except GenSuiteError:
            return payloads_for(self.session.suite.resolved.document, operation)
        return space

    def try_(self, plan: Plan, *, twice: bool = False, late: bool = False) -> Trial:
        """Arrange, send, watch and undo.

        With `twice` only what the second of two requests does is seen, with `late` only what the
        worker does after the answer. Raises TargetError when rows cannot be arranged or no answer
        comes.
        """
        database = self.session.database()
        mark = database.mark()
        try:
            return self._try(plan, twice, late)
        finally:
            database.undo(mark)

    def _try(self, plan: Plan, twice: bool, late: bool) -> Trial:
        database = self.session.database()
        resolved = self.session.suite.resolved
        owner = plan.owner or plan.actor
        facts = self.facts.get(owner, {})
        rows = Rows(
            database,
            resolved,
            facts,
            plan.state,
            plan.existing,
            self._named,
            self.new_states,
            self.callers,
        )
        for _ in range(plan.ahead):
            self._ahead(rows)
        options = self._options(plan, rows)
        children = self._children(plan, rows)
        if twice:
            with database.watch() as first:
                response = self._send(plan, options)
                if response.is_success and self._is_followed:
                    _settle(first, len(first))
            plan = replace(plan, actor=plan.again_as or plan.actor)
        began = _now()
        later_rows: tuple[RowSeen, ...] = ()
        if late:
            response = self._send(plan, options)
            with database.watch() as changes, self.session.worker_process().running():
                _settle(changes)
        elif self._is_followed is False:
            with database.watch() as changes:
                response = self._send(plan, options)
        else:
            with database.watch() as all_changes:
                with database.watch() as changes:
                    response = self._send(plan, options)
                if response.is_success:
                    self._await_later(all_changes, changes, response.status_code)
            later_rows = _later(rows_of(changes), rows_of(all_changes))
            if response.is_success:
                self._is_followed = bool(later_rows)
        rows_seen = tuple(row for row in rows_of(changes) if not row.names <= self.noise)
        if 400 <= response.status_code < 500:
            self.refusal_writes.update(name for row in rows_seen for name in row.names)
        return Trial(
            actor=plan.actor,
            status=response.status_code,
            path=options["path"],
            query=options["params"],
            body=options.get("_body"),
            answer=_answer(response),
            headers=dict(response.headers),
            rows=rows_seen,
            later_rows=tuple(row for row in later_rows if not row.names <= self.noise),
            arranged=dict(rows.made),
            twins=rows.twins,
            children=children,
            made={place: member.label for place, member in rows.members.items()},
            began=began,
            ended=_now(),
        )

    def _await_later(self, all_changes: Changes, changes: Changes, status: int) -> None:
        """Wait for rows that change after the answer, which must not come into the next request.

        The first success shows whether there are any. 202, and a success that wrote nothing, are more
        likely to have work left than others.
        """
        before = len(changes)
        unfinished = self._is_followed or status == 202 or not before
        _settle(all_changes, before, LATEST if unfinished else SOON)

    @cached_property
    def _named(self) -> frozenset[tuple[str, str]]:
        """(table, column) of what path, query and body name rows by."""
        return frozenset(
            [
                *((one.table, one.column) for one in self.write.path),
                *((one.table, one.target_column) for one in self.write.references),
            ]
        )

    def _ahead(self, rows: Rows) -> None:
        """One more row in the operation's own table."""
        resource = self.write.resource
        if resource is None:
            return
        apart = Rows(
            rows.database,
            rows.resolved,
            rows.facts,
            rows.state,
            new_states=rows.new_states,
            callers=rows.callers,
        )
        try:
            apart.of(resource.table, resource.name)
        except GenSuiteError:
            return  # it only keeps keys from being the same by chance

    def _children(self, plan: Plan, rows: Rows) -> dict[str, Mapping[str, Any]]:
        if plan.child is None or self.write.resource is None:
            return {}
        table, column = plan.child
        own = rows.of(self.write.resource.table, self.write.resource.name)
        return {table: rows.child(table, column, own[self.write.resource.key[0]])}

    def _send(self, plan: Plan, options: Mapping[str, Any]) -> httpx.Response:
        operation = self.write.operation
        given = {name: value for name, value in options.items() if not name.startswith("_")}
        return self.session.client().request(
            operation.method,
            operation.path,
            actor=plan.actor if self.shows_caller else None,
            **given,
        )

    @property
    def shows_caller(self) -> bool:
        """Credentials are sent: the spec speaks of them, or says nothing and the mapping has some."""
        operation = self.write.operation
        resolved = self.session.suite.resolved
        return bool(operation.security) or resolved.sends_credentials(operation)

    # ---- what the API itself makes

    @property
    def can_be_made(self) -> bool:
        """Something that path or body name is what an operation makes."""
        places = [*self._collections().values(), *(one.table for one in self.write.references)]
        known = {**self.makers.by_collection, **self.makers.by_table}
        return any(place in known for place in places)

    def _collections(self) -> dict[str, str]:
        """Path parameter -> the collection that it picks a member of."""
        path = self.write.operation.path
        named = ((name, collection_of(path, name)) for name in parameters(path))
        return {name: collection for name, collection in named if collection}

    def _make_named(self, rows: Rows, plan: Plan) -> dict[str, Any]:
        """Make what the request names, as far as operations are known that do; path parameter -> key."""
        keys: dict[str, Any] = {}
        collections = self._collections()
        if plan.unused:
            collections.pop(parameters(self.write.operation.path)[-1], None)
        bound = {binding.parameter: binding for binding in self.write.path}
        for name, collection in collections.items():
            member = self._member(collection, self.makers.by_collection, rows, plan)
            if member is None:
                continue
            keys[name] = member.key(name)
            if binding := bound.get(name):
                row = member.row(binding.table, binding.column, name)
                rows.keep(binding.table, binding.resource, row)
        for reference in self.write.references:
            member = self._member(reference.table, self.makers.by_table, rows, plan)
            if member is not None:
                row = member.row(reference.table, reference.target_column, reference.pointer)
                rows.keep(reference.table, reference.resource, row)
        return {name: key for name, key in keys.items() if key is not None}

    def _member(
        self, place: str, makers: Mapping[str, Seen], rows: Rows, plan: Plan
    ) -> Member | None:
        """What is made of a collection or table, once for each request."""
        if place in makers and place not in rows.members and place not in rows.making:
            rows.making.add(place)  # a folder's own parent is a folder too
            seen = makers[place]
            writes = self.session.suite.resolved.operations
            maker = replace(self, write=writes[seen.label], refusal_writes=set())
            rows.members[place] = maker._make(seen, rows, plan)
        return rows.members.get(place)

    def _make(self, seen: Seen, rows: Rows, plan: Plan) -> Member:
        """Send the operation's own request, as the caller whose rows are asked for.

        Raises TargetError where it is refused.
        """
        trial = seen.trials[0]
        operation = self.write.operation
        own = Plan(plan.owner or plan.actor, trial.body, state=plan.state, made=True)
        if operation.path.endswith("}"):
            own = replace(own, unused=True)
        options = self._options(own, rows)
        with rows.database.watch() as changes:
            response = self._send(own, options)
            if response.is_success and seen.late:
                _settle(changes, len(changes), LATEST)  # it must not come into what is watched then
        if not response.is_success:
            raise TargetError(f"{seen.label} answered {response.status_code} where a row is needed")
        return Member(operation, options["path"], _answer(response), rows_of(changes))

    # ---- what is sent

    def _options(self, plan: Plan, rows: Rows) -> dict[str, Any]:
        space = self.space
        made = self._make_named(rows, plan) if plan.made else {}
        path = self._path(rows, plan, made)
        body = copy.deepcopy(plan.body)
        if body is not None:
            self._fill(body, rows, plan, path)
        params = {**space.parameter_example("query"), **self._query(rows)}
        options: dict[str, Any] = {"path": path, "params": params, "_body": body}
        options |= space.request(body) if body is not None else {}
        typed = options.get("headers", {})  # of the body: its media type
        options["headers"] = {**typed, **self._headers(plan, path)}
        return options | plan.option.of(**options) if plan.option else options

    def _path(self, rows: Rows, plan: Plan, made: Mapping[str, Any]) -> dict[str, Any]:
        space = self.space
        own = plan.unused and self.write.resource
        bound = {**made}
        bound |= {
            binding.parameter: json_value(rows.of(binding.table, binding.resource)[binding.column])
            for binding in self.write.path
            if binding.query is None and not (own and binding.table == own.table)
        }
        names = [one.name for one in self.write.operation.parameters if one.location == "path"]
        if (unused := self._unused(names, bound, plan)) is not None:
            bound[unused] = space.unused_key(unused)
        if all(name in bound for name in names):
            return bound
        return {**space.parameter_example("path"), **bound}

    def _unused(self, names: list[str], bound: Mapping[str, Any], plan: Plan) -> str | None:
        """The parameter at the path's end where it may name a row that the request makes."""
        operation = self.write.operation
        last = parameters(operation.path)[-1:] if operation.path.endswith("}") else ()
        makes = operation.method in ("PUT", "POST")
        for name in last if makes else ():
            if name in names and (plan.unused or name not in bound):
                return name
        return None

    def _query(self, rows: Rows) -> dict[str, Any]:
        """The query parameters that pick the row: `?id=eq.7`."""
        return {
            one.parameter: f"{one.query}{text_value(rows.of(one.table, one.resource)[one.column])}"
            for one in self.write.path
            if one.query is not None
        }

    def _fill(self, body: Any, rows: Rows, plan: Plan, path: Mapping[str, Any]) -> None:
        """What `fill` states comes behind the references, unless it holds some; last what the path says."""
        fill = self.write.entry.fill if self.write.entry else {}
        references = [one for one in self.write.references if not one.fixed]
        whole = {p: v for p, v in fill.items() if holds_a_reference(p, references)}
        self._fill_stated(body, rows, whole, path)
        used: dict[str, int] = {}
        for reference in references:
            self._refer(body, reference, rows, used)
        self._fill_stated(body, rows, {p: v for p, v in fill.items() if p not in whole}, path)
        repeated = {pointer: path[name] for pointer, name in plan.repeats.items() if name in path}
        self._fill_stated(body, rows, repeated, path)

    def _fill_stated(
        self, body: Any, rows: Rows, stated: Mapping[str, Any], path: Mapping[str, Any]
    ) -> None:
        for pointer, value in stated.items():
            for holder, last in _holders(body, pointer.strip("/").split("/")):
                holder[last] = copy.deepcopy(self._filled(value, rows, path))

    def _refer(self, body: Any, reference: Reference, rows: Rows, used: dict[str, int]) -> None:
        """Point a field at an arranged row, each element of an array at one of its own."""
        for holder, last in _holders(body, reference.pointer.split("/")):
            if isinstance(holder, Mapping) and last not in holder:
                continue
            number = used.get(reference.table, 0)
            used[reference.table] = number + 1
            row = rows.of(reference.table, reference.resource, number)
            holder[last] = in_format(row[reference.target_column], reference.form)

    def _filled(self, value: Any, rows: Rows, path: Mapping[str, Any]) -> Any:
        if not is_expression(value):
            return value
        expression = parse(value)
        if expression.source == "actor":
            return rows.facts.get(expression.name)
        if expression.source == "request.path":
            return path.get(expression.name)
        resource = self.session.suite.resolved.resources[expression.source]
        return json_value(rows.of(resource.table, resource.name)[expression.name])

    def _headers(self, plan: Plan, path: Mapping[str, Any]) -> dict[str, str]:
        space = self.space
        found = {name: str(value) for name, value in space.parameter_example("header").items()}
        entry = self.write.entry
        header = entry.idempotency.header if entry and entry.idempotency else None
        demanded = header is not None and header.lower() in {name.lower() for name in found}
        if header and (demanded or plan.key):
            found[header] = plan.key or unique()
        if any(name.lower() == "if-match" for name in found):
            given = self.session.client().get(
                self.write.operation.path, path=path, actor=plan.actor
            )
            found = {name: v for name, v in found.items() if name.lower() != "if-match"}
            found["If-Match"] = given.headers.get("ETag", "*")
        return found


def _holders(body: Any, steps: list[str]) -> Iterator[tuple[Any, Any]]:
    """(container, key) of each place that a pointer with `*` leads to."""
    first, *rest = steps
    if first == "*":
        for number, inner in enumerate(body if isinstance(body, list) else ()):
            if rest:
                yield from _holders(inner, rest)
            else:
                yield body, number
    elif not rest:
        if isinstance(body, dict):
            yield body, first
    elif isinstance(body, dict) and first in body:
        yield from _holders(body[first], rest)
    elif isinstance(body, list) and first.isdigit() and int(first) < len(body):
        yield from _holders(body[int(first)], rest)


def _settle(changes: Changes, before: int = 0, longest: float = LATEST) -> None:
    """Wait until all is done that comes after the answer; `before` rows had changed by then."""
    seen, quiet, limit = before, Limit(QUIET), Limit(longest)
    while not limit.is_over:
        time.sleep(0.1)
        count = len(changes)
        if count != seen:
            seen, quiet = count, Limit(QUIET)
        elif seen > before and quiet.is_over:
            return


def _later(at_once: Sequence[RowSeen], all_rows: Sequence[RowSeen]) -> tuple[RowSeen, ...]:
    """What became of rows after the answer, from what had changed by then and what has in the end."""
    by_key = {(row.table, str(row.key)): row for row in at_once}
    later = []
    for row in all_rows:
        former = by_key.get((row.table, str(row.key)))
        if former is None:
            later.append(row)
        elif former.after is not None and row.after is not None and former.after != row.after:
            later.append(replace(row, kind="update", before=former.after))
    return tuple(later)


def rows_of(changes: Changes) -> tuple[RowSeen, ...]:
    """The rows that changed, as plain data."""
    return tuple(
        RowSeen(
            one.table,
            one.kind,
            dict(one.key),
            None if one.before is None else dict(one.before),
            None if one.after is None else dict(one.after),
        )
        for one in changes
    )


def _answer(response: httpx.Response) -> Any:
    """The JSON of an answer; of an error in plain text or HTML what it says to people."""
    try:
        return response.json()
    except ValueError:
        kind = response.headers.get("Content-Type", "")
    if not response.is_error or not kind.startswith("text/"):
        return None
    text = response.text[:LONGEST_TEXT]
    if "html" in kind:
        text = unescape(_TAGS.sub(" ", _UNREAD.sub(" ", text)))
    return " ".join(text.split()) or None


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC).replace(tzinfo=None)
