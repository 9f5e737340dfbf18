"""The names that an operation's entry uses, against the spec and the schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..spec.model import Operation
from ..spec.schema import properties, required
from .entry import Change, OperationEntry
from .environment import shown
from .expression import Expression, read_value
from .names import did_you_mean
from .paths import parameters
from .pointer import join
from .scope import Scope
from .shapes import ELEMENT, Found
from .verify import Verify

At = tuple[str | int, ...]
_ELSEWHERE = re.compile(r"[A-Z]+ https?://")


_NOT_YET_SENT = ("request.body", "request.query", "request.header", "request.cookie")
"""Sources that a field of the body cannot be made of."""


@dataclass(frozen=True)
class EntryCheck:
    """Adds a problem for each name of one entry that spec or schema does not know."""

    scope: Scope
    operation: Operation
    entry: OperationEntry
    body: Any
    answer: Any
    at: At = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", ("operations", self.operation.label))

    def run(self) -> None:
        entry = self.entry
        resource = self.scope.mapping.resources.get(entry.resource or "")
        table = resource.table if resource else None
        for name in ("for_each", "sends", "returns"):
            text = getattr(entry, name)
            if text is not None:
                self._value((*self.at, name), text, entry.for_each, table)
        self._array((*self.at, "for_each"), entry.for_each)
        self._columns((*self.at, "set"), table, entry.set_, entry.for_each)
        self._columns((*self.at, "values"), table, entry.values, entry.for_each)
        self._path()
        self._fill(self.at, entry.fill)
        self._leave_out()
        self._arrange(self.at, entry.arrange)
        for place, situation in entry.situations:
            self._fill((*self.at, *place), situation.fill)
            self._arrange((*self.at, *place), situation.arrange)
        self._key()
        for number, change in enumerate(entry.changes):
            self._change((*self.at, "changes", number), change)
        for number, check in enumerate(entry.verify):
            self._verify((*self.at, "verify", number), check)
        check_ignores(self.scope, (*self.at, "ignores"), entry.ignores)

    def _verify(self, at: At, check: Verify) -> None:
        """Each `:name` stands for something, and what it stands for is there."""
        for name in check.bind:
            if name not in check.parameters:
                hint = did_you_mean(name, check.parameters)
                self._add((*at, "bind", name), f"the SQL has no `:{name}`", hint)
        known = parameters(self.operation.path)
        for name, value in check.bound(known, self.entry.returns).bind.items():
            stated = name in check.bind
            self._value((*at, "bind", name) if stated else (*at, "sql"), value, None, None)
        for column, value in check.values.items():
            self._value((*at, "values", column), value, None, None)

    def columns(
        self, at: At, table: str | None, values: Mapping[str, Any], each: str | None
    ) -> None:
        """Columns must be in the table, and what their expressions lead to must be there."""
        self._columns(at, table, values, each)

    def leads(self, at: At, text: str, answer: Any) -> None:
        """An expression must lead somewhere in an answer that is not this operation's."""
        read = read_value(text)
        if isinstance(read, Expression) and read.source == "response.body":
            self._lead(at, read, answer, read.steps, "the answer")

    def _change(self, at: At, change: Change) -> None:
        known = self.scope.known_table(join(*at, change.kind), change.table)
        if known is None and self.scope.schema is not None:
            return
        if change.for_each is not None:
            self._value((*at, "for_each"), change.for_each, None, None)
            self._array((*at, "for_each"), change.for_each)
        each = change.for_each or self.entry.for_each
        for name, values in (
            ("where", change.where),
            ("set", change.set_),
            ("values", change.values),
        ):
            self._columns((*at, name), change.table, values, each)

    def _columns(
        self, at: At, table: str | None, values: Mapping[str, Any], each: str | None
    ) -> None:
        for column, value in values.items():
            if table is not None:
                self.scope.check_column(join(*at, column), table, column)
            self._value((*at, column), value, each, table)

    def _value(self, at: At, value: Any, each: str | None, table: str | None) -> None:
        """What an expression leads to must be there."""
        read = read_value(value, relative=True)
        if not isinstance(read, Expression):
            return
        match read.source:
            case "request.body":
                self._lead(at, read, self.body, read.steps, "the request body")
            case "response.body":
                self._lead(at, read, self.answer, read.steps, "the answer")
            case "item":
                self._item(at, read, each)
            case "request.path" | "request.query":
                place = read.source.removeprefix("request.")
                known = [one.name for one in self.operation.parameters if one.location == place]
                if read.name not in known:
                    message = f"`{read}`: the operation has no {place} parameter `{read.name}`"
                    self._add(at, message, did_you_mean(read.name, known))
            case "actor":
                self._fact(at, read)
            case "row" if table is not None:
                self.scope.check_column(join(*at), table, read.name)
            case _ if read.resource in self.scope.mapping.resources:
                resource = self.scope.mapping.resources[read.resource]
                self.scope.check_column(join(*at), resource.table, read.name)

    def _lead(self, at: At, read: Expression, schema: Any, steps: Iterable[str], what: str) -> None:
        if schema is None:
            self._add(at, f"`{read}`: the spec knows no {what.removeprefix('the ')} here", "")
            return
        self._missing(at, f"`{read}`: {what}", self.scope.shapes.at(schema, steps))

    def _item(self, at: At, read: Expression, each: str | None) -> None:
        expression = read_value(each)
        if not isinstance(expression, Expression):
            return
        root = self.answer if expression.source == "response.body" else self.body
        found = self.scope.shapes.at(root, (*expression.steps, ELEMENT))
        if found.schema is not None:
            at_item = self.scope.shapes.at(found.schema, read.steps)
            self._missing(at, f"`{read}`: an element of `{each}`", at_item)

    def _missing(self, at: At, what: str, found: Found) -> None:
        if found.schema is None and found.choices and found.step != ELEMENT:
            message = f"{what} has no field `{found.step}`"
            self._add(at, message, did_you_mean(found.step, found.choices))

    def _array(self, at: At, text: str | None) -> None:
        read = read_value(text)
        if not isinstance(read, Expression):
            return
        root = self.answer if read.source == "response.body" else self.body
        found = self.scope.shapes.at(root, read.steps).schema
        if found is not None and self.scope.shapes.of(found).is_no_array:
            self._add(at, f"`{read}` is no array", "`for_each` goes through an array")

    def _fact(self, at: At, read: Expression) -> None:
        facts = {fact for actor in self.scope.mapping.actors.values() for fact in actor.facts}
        if read.name not in facts:
            hint = did_you_mean(read.name, facts) or f"give the actors a key `{read.name}`"
            self._add(at, f"`{read}`: no actor has the fact `{read.name}`", hint)

    def _path(self) -> None:
        asked = [one.name for one in self.operation.parameters if one.location == "query"]
        known = (*parameters(self.operation.path), *asked)
        for name, text in self.entry.path.items():
            if name not in known:
                message = f"neither path nor query has a parameter `{name}`"
                self._add((*self.at, "path", name), message, did_you_mean(name, known))
            owner, _, column = text.removeprefix("$").rpartition(".")
            table = self._owner_table((*self.at, "path", name), owner, text)
            if table is not None:
                self.scope.check_column(join(*self.at, "path", name), table, column)

    def _key(self) -> None:
        """The fields that tell a request from another are fields of the request."""
        stated = self.entry.idempotency
        fields = [*stated.natural, *([stated.field] if stated.field else [])] if stated else []
        for name in fields:
            at = (*self.at, "idempotency", "field" if stated and stated.field else "natural")
            self._lead_to(at, name)

    def _lead_to(self, at: At, pointer: str) -> None:
        if self.body is not None:
            steps = pointer.strip("/").split("/")
            self._missing(at, "the request body", self.scope.shapes.at(self.body, steps))

    def _leave_out(self) -> None:
        """Fields that a request need not send: `leave_out`, of parameters too, and `resets`."""
        document = self.scope.shapes.document
        known = properties(document, self.body)
        options = [option.name for option in self.operation.options]
        inside = () if self.entry.sends else self.entry.resets
        stated: list[tuple[str, int | str]] = [(name, name) for name in inside]
        stated += [(name, number) for number, name in enumerate(self.entry.leave_out)]
        for name, place in stated:
            at = (*self.at, "resets" if name == place else "leave_out", place)
            if name in options and place != name:
                continue
            if name not in known:
                message = f"the request body has no field `{shown(name)}`"
                self._add(at, message, did_you_mean(shown(name), [*known, *options]))
            elif name in required(document, self.body):
                self._add(
                    at,
                    f"the request must send `{shown(name)}`",
                    "only optional fields can be left out",
                )

    def _fill(self, where: At, values: Mapping[str, Any]) -> None:
        for pointer, value in values.items():
            at = (*where, "fill", pointer)
            self._lead_to(at, pointer)
            read = read_value(value)
            if isinstance(read, Expression) and read.source in _NOT_YET_SENT:
                hint = "a parameter of the path: `$request.path.id`"
                self._add(at, f"`{read}` cannot stand here: the body is being made", hint)
            else:
                self._value(at, value, None, None)

    def _arrange(self, where: At, rows: Mapping[str, Mapping[str, Any]]) -> None:
        for name, values in rows.items():
            at = (*where, "arrange", name)
            table = self._owner_table(at, name, f"{name}.")
            for column, value in values.items():
                if table is not None:
                    self.scope.check_column(join(*at, column), table, column)
                self._value((*at, column), value, None, None)

    def _owner_table(self, at: At, owner: str, text: str) -> str | None:
        """The table of a resource, or the table itself, that the mapping names."""
        resource = self.scope.mapping.resources.get(owner)
        if resource is not None:
            return resource.table
        if not owner:
            self._add(at, f"`{shown(text)}` names no column", "write `resource.column`")
            return None
        tables = self.scope.schema.tables if self.scope.schema else {}
        if owner in tables:
            return owner
        if self.scope.schema is not None or "." not in text.strip("."):
            known = {*self.scope.mapping.resources, *tables}
            self._add(at, f"unknown resource `{shown(owner)}`", did_you_mean(owner, known))
        return None

    def _add(self, at: At, message: str, hint: str) -> None:
        self.scope.problems.add(join(*at), message, hint)


def check_ignores(scope: Scope, at: At, ignores: Iterable[str]) -> None:
    """`table` and `table.column` must be in the database."""
    if scope.schema is None:
        return
    for number, text in enumerate(ignores):
        table, _, column = text.rpartition(".")
        if text in scope.schema.tables:
            continue
        # One alone may stand without a list: its place is that of the key then.
        pointer = join(*at, number)
        if table in scope.schema.tables:
            scope.check_column(pointer, table, column)
        else:
            scope.known_table(pointer, table or text)


def _token_endpoints(scope: Scope) -> Iterator[str]:
    """`POST /token` for each OAuth2 flow of the spec."""
    for scheme in scope.shapes.document.security_schemes.values():
        for flow in scheme.flows.values():
            url = flow.get("tokenUrl") if isinstance(flow, dict) else None
            if isinstance(url, str):
                path = re.sub(r"^[a-z]+://[^/]*", "", url.partition("?")[0])
                yield f"POST /{path.lstrip('/')}"


def check_tables(scope: Scope) -> None:
    """The names in `tables`, and the columns that their `arrange` gives."""
    for name, entry in scope.mapping.tables.items():
        if scope.known_table(join("tables", name), name) is not None:
            for column in entry.arrange:
                scope.check_column(join("tables", name, "arrange", column), name, column)


def check_logins(scope: Scope, labels: Iterable[str]) -> None:
    """The operations by which actors log in must be in the spec, if only as a token endpoint."""
    known = {*labels, *_token_endpoints(scope)}
    for name, actor in scope.mapping.actors.items():
        if actor.login is None or _ELSEWHERE.match(actor.login.request):
            continue
        if actor.login.request not in known:
            label = shown(actor.login.request)
            pointer = join("actors", name, "login", "request")
            hint = did_you_mean(label, known)
            scope.problems.add(pointer, f"the spec has no operation `{label}`", hint)
