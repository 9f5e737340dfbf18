"""The request of an operation as source text: its path, options, body, and what must be arranged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from ..mapping.element_keys import lone_references
from ..mapping.environment import FromEnvironment
from ..mapping.expression import Expression, is_expression, parse, read_value
from ..mapping.model import OperationEntry
from ..mapping.names import singular
from ..mapping.references import holds_a_reference
from ..mapping.resolve import PathBinding, Reference, Write
from ..mapping.shapes import ELEMENT, Shapes
from ..matrix.subject import Subject
from ..spec.schema import nullable
from .code import INDENT, behind, call, identifier, keywords, literal
from .expressions import access, in_form, source
from .request_fixture import RequestFixture
from .rows import MADE_ANEW, RowFixture, Rows

Assign = Callable[[str, int], str]
"""From the place of a field and the depth of the line: the source text that sets it."""

NO_ENTRY = OperationEntry()
"""Of an operation that the mapping says nothing about."""
PLAIN_JSON = ("application/json", "application/*", "*/*")


@dataclass(frozen=True)
class Request:
    """How emitted code sends one operation.

    `local` are row fixtures that its module makes itself. `instead` maps a path parameter, or the
    pointer of a reference, to the row that is named instead of the right one. `key` is the source
    text of the idempotency key; without it one is made where the spec demands it. `body_name` is
    the variable that holds the body, `spec` the older document that the request is made by.

    `fixture` sends it, where what is different about it can be said by keywords; else the lines that
    make it stand in the test. One that `is_bare` leaves the body to the fixture, one that `is_partial`
    may lack any field, and one that `shares_etag` is sent again with the ETag of the first time.
    """

    subject: Subject
    rows: Rows
    local: dict[str, RowFixture] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    body_name: str = "body"
    spec: str = ""
    fixture: RequestFixture | None = None
    is_bare: bool = False
    is_partial: bool = False
    shares_etag: bool = False

    def naming(self, place: str, row: str) -> Request:
        """The same request with another row at one place."""
        return replace(self, instead={place: row})

    def __post_init__(self) -> None:
        if self.instead:
            return
        for resource, overrides in self.entry.arrange.items():
            name = self.rows.name_of(resource)
            self.local[name] = self.rows.own(name, resource, overrides)

    @property
    def write(self) -> Write:
        return self.subject.write

    @property
    def entry(self) -> OperationEntry:
        return self.write.entry or NO_ENTRY

    @property
    def actor(self) -> str:
        return self.write.actor or ""

    @property
    def has_body(self) -> bool:
        return self.subject.body is not None

    @cached_property
    def path(self) -> dict[str, str]:
        """Path parameter, or one of the query that picks the row -> source text of what it holds."""
        held = {
            binding.parameter: f"{self._bound(binding)}[{literal(binding.column)}]"
            for binding in self.write.path
        }
        made = {self.write.new_key.parameter: self.new_row_key} if self.write.new_key else {}
        return held | made

    @property
    def new_row_key(self) -> str:
        """The variable that holds the key by which the path names the row that is made; or ""."""
        if self.write.new_key is None:
            return ""
        name = identifier(self.write.new_key.parameter)
        return self.rows.names.of("new key", name, f"new_{name}")

    @property
    def _new_row_key_line(self) -> str:
        assert self.write.new_key is not None
        named = [self._named, literal(self.write.new_key.parameter)]
        return call(f"{self.new_row_key} = unused_key", named)

    def _bound(self, binding: PathBinding) -> str:
        if binding.parameter in self.instead:
            return self.instead[binding.parameter]
        if binding.resource:
            return self.row_of(binding.resource)
        return self.rows.of_table(binding.table)

    def row_of(self, resource: str) -> str:
        """The fixture of a row of a resource: the module's own where it has one, else the shared."""
        name = self.rows.name_of(resource)
        return name if name in self.local else self.rows.of_resource(resource)

    @property
    def callers_own(self) -> str:
        """The line that reads the addressed row where no path names it, as it is the caller's.

        `PUT /tenant` is about the caller's tenant, `PATCH /me` about the caller.
        """
        resource = self.write.resource
        if self.write.kind in (None, "creates") or resource is None:
            return ""
        if any(binding.names(resource) for binding in self.write.path):
            return ""
        fact = "tenant" if self._holds_tenants(resource.table) else "id"
        who = f"actors[{literal(self.actor)}].{fact}"
        arguments = [literal(resource.table), *keywords([(resource.key[0], who)])]
        return call(f"{self.own_row} = database.row", arguments)

    @property
    def own_row(self) -> str:
        """The variable that holds the row which is the caller's own."""
        assert self.write.resource is not None
        name = self.write.resource.name
        if self.names_its_own_kind:
            return self.rows.names.row(("own", name), f"own_{name}")
        return self.rows.name_of(name)

    @property
    def names_its_own_kind(self) -> bool:
        """It names another row of the resource that it writes: in its path, its body, its mapping.

        `POST /folders/{folderId}/folders`: the fixture `folder` is the parent, not what is made.
        """
        resource = self.write.resource
        if resource is None:
            return False
        tables = {binding.table for binding in self.write.path}
        tables |= {reference.table for reference in self._open_references}
        return resource.table in tables or _speaks_of(resource.name, self.entry.model_dump())

    def _holds_tenants(self, table: str) -> bool:
        """Tenant columns of other resources point at this table."""
        resolved = self.subject.resolved
        for other in resolved.resources.values():
            known = resolved.schema.table(other.table) if resolved.schema else None
            key = known.foreign_key(other.tenant) if known and other.tenant else None
            if key is not None and key.table == table:
                return True
        return False

    # ---- sent by the module's fixture

    @property
    def bare(self) -> Self:
        """The same with the body that the fixture makes, unless the test has to change that."""
        if self._by_fixture and not [*self._own_lines()]:
            return replace(self, is_bare=True)
        return self

    @property
    def partial(self) -> Self:
        """The same for bodies that may lack any field."""
        return replace(self, is_partial=True)

    def given(self, body: str) -> Self:
        """The same with the source text of a body that nothing else in the test speaks of."""
        if self._by_fixture and not [*self._own_lines()]:
            return replace(self, body_name=body)
        return self

    @property
    def inline(self) -> Self:
        """The same, its lines written out in the test."""
        return replace(self, fixture=None)

    @property
    def sharing_etag(self) -> Self:
        """The same, sent more than once with one ETag."""
        return replace(self, shares_etag=True)

    @property
    def is_sent_by_fixture(self) -> bool:
        """The module's fixture sends it, not lines of the test."""
        return self._by_fixture

    @property
    def bare_of_body(self) -> Self:
        """The same, its body left to whoever calls."""
        return replace(self, is_bare=True)

    def partial_call(self, name: str) -> str:
        """The line that gives the call of the fixture a name, `send`."""
        line = self._sent_by_fixture("", 1)
        head, _, arguments = line.partition("(")
        if arguments == ")":
            return f"{name} = {head}"
        return f"{name} = partial({head}, {arguments}"

    @cached_property
    def _by_fixture(self) -> bool:
        """The module's fixture can send it: keywords can say what is different."""
        if self.fixture is None or self.spec:
            return False
        base = self._base
        if any(base.names_rows_apart(reference) for reference in base._open_references):
            return False
        if self.is_partial and [*base._fills(True)] != [*base._fills(False)]:
            return False
        if not all(self._is_said_by_keyword(place) for place in self.instead):
            return False
        # The fixture arranges the usual rows too, beside those that stand in for them.
        return not any(self._excludes(usual, other) for usual, other in self._other_rows().items())

    @cached_property
    def _base(self) -> Request:
        """The request that the fixture sends without any keyword."""
        return Request(self.subject, self.rows, self.local)

    def _is_said_by_keyword(self, place: str) -> bool:
        """The row that stands at a place of the usual request stands at no other one."""
        usual = self._base.row_at_place(place)
        return (
            bool(usual) and self._base.rows_named.count(usual) == 1 and self._is_always_sent(place)
        )

    def _excludes(self, usual: str, other: str) -> bool:
        """Two rows that hold the same in all columns of a key, or of a unique constraint."""
        made = {row.name: row for row in (*self.rows.fixtures, *self.local.values())}
        if usual not in made or other not in made or made[usual].table != made[other].table:
            return False
        schema = self.subject.resolved.schema
        table = schema.table(made[usual].table) if schema else None
        same = {
            column
            for column, value in {*made[usual].values} & {*made[other].values}
            if value not in MADE_ANEW
        }
        alone = (*table.unique, table.primary_key) if table else ()
        return any(columns and same.issuperset(columns) for columns in alone)

    def _is_always_sent(self, place: str) -> bool:
        """The usual request has this place: a path parameter, or a reference that is not left out."""
        for reference in self._open_references:
            if reference.pointer == place:
                steps = tuple(place.split("/"))
                return reference.required or steps not in self._may_be_absent(steps)
        return True

    def row_at_place(self, place: str) -> str:
        """The fixture of the row that a path parameter or a reference names; "" for none."""
        for binding in self.write.path:
            if binding.parameter == place:
                return self._bound(binding)
        return self.row_at(place)

    @cached_property
    def rows_named(self) -> list[str]:
        """The fixtures of all rows that path, references and `fill` name, each as often as it is named."""
        named = [self._bound(binding) for binding in self.write.path]
        named += [self._row_for(reference) for reference in self._open_references]
        for value in self.entry.fill.values():
            read = None if isinstance(value, FromEnvironment) else read_value(value)
            if isinstance(read, Expression) and read.resource:
                named.append(self.row_of(read.resource))
        return named

    def _other_rows(self) -> dict[str, str]:
        """Keyword -> row: those that stand in for the usual ones."""
        return {self._base.row_at_place(place): row for place, row in self.instead.items()}

    def _last_rows(self) -> dict[str, tuple[str, str]]:
        """Keyword -> (row, the line that names it): those of the last element of a list alone."""
        return {}

    def _own_lines(self) -> Iterator[str]:
        """The lines by which a test changes the body before the fixture sends it."""
        yield from ()

    def sent_lines(self, *, keyed: bool, etag: bool) -> list[str]:
        """The lines of the fixture that fill in the body, and make what the request needs."""
        lines = []
        if self.write.new_key:
            name, made = self.new_row_key, self._new_row_key_line.partition(" = ")[2]
            lines.append(f"{name} = {made} if {name} is None else {name}")
        if self.has_body:
            lines += [*self._fills(False), *self._kept_fields(moving=False)]
        known = self.subject.idempotency
        if keyed and known and known.field:
            place = access("body", tuple(known.field.strip("/").split("/")))
            lines.append(f"if key is not None:\n{INDENT}{place} = key")
        if self._etag:
            made = self._etag_line.partition(" = ")[2]
            lines.append(f"etag = {made} if etag is None else etag" if etag else f"etag = {made}")
        if keyed and known and known.header:
            sent = f"{{{literal(known.header)}: key}}"
            lines.append(f"keyed = {{}} if key is None else {sent}")
        return lines

    def sent_options(self, *, keyed: bool, path: bool) -> list[str]:
        """What the fixture sends beside the caller, as keyword arguments."""
        known = self.subject.idempotency
        options = [o for o in self.options if not (path and o.startswith("path="))]
        if path:
            options.insert(0, "path=path")
        if not (keyed and known and known.header):
            return options
        headers = next((o for o in options if o.startswith("headers=")), "")
        others = [o for o in options if o != headers]
        if not headers:
            return ["headers=keyed", *others]
        made = headers.removeprefix("headers=")
        plain = made[1:-1] if made.startswith("{") else f"**{made}"
        return [f"headers={{{plain}, **keyed}}", *others]

    @property
    def path_text(self) -> str:
        """Source text of the path parameters."""
        return self._path_option.removeprefix("path=")

    def _sent_by_fixture(self, head: str, depth: int, **different: str) -> str:
        """The line that calls the fixture; `different` are keywords and their source text."""
        assert self.fixture is not None
        fixture = self.fixture
        fixture.is_used = True
        arguments = [self.body_name] if self.has_body and not self.is_bare else []
        said = {
            "actor": "str",
            "change": "Change | None",
            "path": "dict[str, object] | None",
        }
        caller = self.caller[0].removeprefix("actor=") if self.caller else "None"
        for name, text in different.items():
            default = caller if name == "actor" else "None"
            kind = "str | None" if name == "actor" and default == "None" else said[name]
            fixture.asks(name, f"{kind} = {default}")
            arguments.append(f"{name}={text}")
        for usual, row in self._other_rows().items():
            fixture.asks(usual, f"Row = {usual}")
            arguments.append(f"{usual}={row}")
        for keyword, (row, line) in self._last_rows().items():
            fixture.asks(keyword, "Row | None = None", line)
            arguments.append(f"{keyword}={row}")
        if self.write.new_key and not self.is_bare:
            fixture.asks(self.new_row_key, "str | int | None = None")
            arguments.append(f"{self.new_row_key}={self.new_row_key}")
        if self.key:
            fixture.asks("key", "str | None = None")
            arguments.append(f"key={self.key}")
        if self._etag and self.shares_etag:
            fixture.asks("etag", "str | None = None")
            arguments.append("etag=etag")
        return call(f"{head} {fixture.name}".lstrip(), arguments, depth=depth)

    # ---- arranging

    def prepare(
        self,
        body: str = "",
        *,
        addressed: bool = False,
        stays: bool = False,
    ) -> str:
        """Arranging lines: where the body comes from, its references filled in, the ETag read.

        One that `stays` leaves the row at its address. What the fixture does is left to it.
        """
        fixture = self._by_fixture
        lines = [self._new_row_key_line] if self.write.new_key and not self.is_bare else []
        named = body and self.has_body and not self.is_bare and body != self.body_name
        lines += [f"body = {body}"] if named else []
        if fixture:
            lines += [*self._own_lines()]
            lines += self._kept_fields(moving=True) if self.moving and stays else []
        elif self.has_body:
            lines += [*self._fills(self.is_partial), *self._kept_fields(moving=stays)]
        lines += [self.callers_own] if addressed and self.callers_own else []
        lines += [self.etag_line] if self._etag and (self.shares_etag or not fixture) else []
        return "\n".join(lines)

    def _fills(self, partial: bool) -> Iterator[str]:
        """Values of `fill` that hold references come before these, all others behind them."""
        references = self._open_references
        whole = [p for p in self.entry.fill if holds_a_reference(p, references)]
        for pointer in whole:
            yield from self._fill_stated(pointer, partial)
        for reference in references:
            yield from self._refer(reference)
        for pair in self.write.fields:
            if self.write.new_key and pair.column == self.write.new_key.column:
                pointer = "/".join((*self._sends, pair.wire))
                yield from self._fill(pointer, self.new_row_key, always=not partial)
        for pointer in self.entry.fill:
            if pointer not in whole:
                yield from self._fill_stated(pointer, partial)

    @cached_property
    def _addressing(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Column that tells the addressed row -> what the row holds, and the field that changes it."""
        resource = self.write.resource
        bound = next((b for b in self.write.path if resource and b.names(resource)), None)
        if self.write.kind != "updates" or resource is None or bound is None or self.entry.for_each:
            return {}
        columns = {b.column for b in self.write.path if b.names(resource)}
        row, before = self._bound(bound), self._sends
        return {
            pair.column: (f"{row}[{literal(pair.column)}]", (*before, *pair.wire.split("/")))
            for pair in self.write.fields
            if pair.transform is None and pair.column in columns | set(resource.key)
        }

    @property
    def addressing_fields(self) -> set[str]:
        """The fields of the body by which an update changes the key or the address of the row."""
        return {steps[0] for _, steps in self._addressing.values()}

    @property
    def moving(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Those by which an update gives the row another address: a slug, but no key."""
        key = self.write.resource.key if self.write.resource else ()
        return {c: found for c, found in self._addressing.items() if c not in key}

    def _kept_fields(self, *, moving: bool) -> Iterator[str]:
        """The lines that leave the row its key, and its address unless it is `moving` by purpose."""
        for column, (value, steps) in self._addressing.items():
            if "/".join(steps) in self.entry.fill:
                continue  # it is set already
            if moving or column not in self.moving:
                absent = self._may_be_absent(steps)
                yield from self._set_field(
                    steps, _assigned(value), always=steps not in absent, absent=absent
                )

    @property
    def path_after(self) -> dict[str, str]:
        """The path of the row once the request has succeeded: at its new address, if it moves."""
        found = dict(self.path)
        for binding in self.write.path:
            if binding.column in self.moving and binding.table == self.write.tables[0]:
                value, steps = self.moving[binding.column]
                holder = access("body", steps[:-1])
                sent = steps not in self._may_be_absent(steps)
                field = literal(steps[-1])
                found[binding.parameter] = (
                    f"{holder}[{field}]" if sent else f"{holder}.get({field}, {value})"
                )
        return found

    def _fill_stated(self, pointer: str, partial: bool) -> Iterator[str]:
        value = self._filled(pointer, self.entry.fill[pointer])
        yield from self._fill(pointer.strip("/"), value, always=not partial)

    def _refer(self, reference: Reference) -> Iterator[str]:
        """A reference that is optional is set where it is sent, unless the request is about it."""
        if self.names_rows_apart(reference):
            assign = self._another_row(reference)
        else:
            assign = _assigned(self.referred(reference, self._row_for(reference)))
        steps = tuple(reference.pointer.split("/"))
        absent = self._may_be_absent(steps)
        must = self._must_be_sent(reference)
        if must and len(steps) > 1 and steps[:1] in absent:
            whole = f"complete({self.rows.label(self.subject.label)})"
            yield f"{access('body', steps[:1])} = {access(whole, steps[:1])}"
            absent -= {steps[:1]}
        always = must or reference.required or steps not in absent
        yield from self._set_field(steps, assign, always=always, absent=absent)

    def names_rows_apart(self, reference: Reference) -> bool:
        """Each element of a list names a row of its own, as no two of them may share one."""
        if reference.pointer in self.instead or self.subject.unwatched:
            return False
        return reference.pointer in self._lone_references

    @cached_property
    def _lone_references(self) -> frozenset[str]:
        return lone_references(self.write, self.subject.resolved)

    def _another_row(self, reference: Reference) -> Assign:
        """Arranges a row for each element: `item["productId"] = database.arrange(...)["id"]`."""
        row = self._arranged_for(reference)
        head, _, tail = in_form("database.arrange()", reference.form).partition("()")
        tail = f"[{literal(reference.target_column)}]{tail}"
        arguments = [literal(row.table), *keywords(row.values)]
        return lambda place, depth: call(f"{place} = {head}", arguments, depth=depth, tail=tail)

    def _arranged_for(self, reference: Reference) -> RowFixture:
        """What a row holds that one element names, besides what the schema demands."""
        if reference.resource is None:
            return self.rows.plain(reference.table)
        overrides = self.entry.arrange.get(reference.resource, {})
        return self.rows.own(reference.resource, reference.resource, overrides)

    def _fill(self, pointer: str, value: str, *, always: bool) -> Iterator[str]:
        steps = tuple(pointer.split("/"))
        absent = self._may_be_absent(steps)
        return self._set_field(steps, _assigned(value), always=always, absent=absent)

    @property
    def _body_schema(self) -> Any:
        return self.subject.body.schema if self.subject.body else None

    @cached_property
    def _shapes(self) -> Shapes:
        return Shapes(self.subject.resolved.document)

    def _may_be_absent(self, steps: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
        """The places on the way to a field that a body may leave out, those before it also as null."""
        schema, found = self._body_schema, set()
        for count, step in enumerate(steps, 1):
            shape = self._shapes.of(schema)
            inner = self._shapes.at(schema, (step,)).schema
            null = count < len(steps) and nullable(self._shapes.document, inner)
            if step in shape.properties and (step not in shape.required or null):
                found.add(steps[:count])
            schema = inner
        return frozenset(found)

    def _must_be_sent(self, reference: Reference) -> bool:
        """The request is about the row that this field names, so that it may not be left out."""
        return reference.pointer in self.instead

    def referred(self, reference: Reference, row: str) -> str:
        """Source text of what a field holds that names a row: the key, in the form of the field."""
        return in_form(f"{row}[{literal(reference.target_column)}]", reference.form)

    def _set_field(
        self,
        steps: tuple[str, ...],
        assign: Assign,
        *,
        always: bool,
        absent: Collection[tuple[str, ...]],
    ) -> Iterator[str]:
        """The lines that set one field of the body, in a loop for each `*` on its way.

        `absent` are the places on the way that a body may not have. Without `always` the field is set
        only where the body has it.
        """
        root, depth, done = "body", 0, 0
        while ELEMENT in steps[done:]:
            place = steps.index(ELEMENT, done)
            item = "item" if depth == 0 else self._element(steps[done:place])
            elements, sure = _reach(root, steps, (done, place), absent)
            yield f"{INDENT * depth}for {item} in {elements if sure else f'{elements} or []'}:"
            root, depth, done = item, depth + 1, place + 1
        last = len(steps) - 1
        holder, sure = _reach(root, steps, (done, last), absent)
        if not always:
            there = holder if sure else f"({holder} or {{}})"
            yield f"{INDENT * depth}if {literal(steps[last])} in {there}:"
        elif not sure:
            yield f"{INDENT * depth}if {holder}:"
        depth += not (always and sure)
        yield f"{INDENT * depth}{assign(access(root, steps[done:]), depth + 1)}"

    def _element(self, steps: tuple[str, ...]) -> str:
        """The variable of a loop inside of a loop: an element of the list that the steps lead to."""
        name = identifier(singular(steps[-1] if steps else "element"))
        return self.rows.names.of(("element", *steps), name, f"{name}_item")

    @property
    def _sends(self) -> tuple[str, ...]:
        """Where the body has the resource."""
        return parse(self.entry.sends).steps if self.entry.sends else ()

    def _filled(self, pointer: str, value: Any) -> str:
        """A value of `fill`; one that came from the environment stays out of the code."""
        if isinstance(value, FromEnvironment):
            return f"filled({self._named}, {literal(pointer)}{self._by_spec})"
        return source(value, actor=self.actor, path=self.path, row_of=self.row_of)

    @property
    def _open_references(self) -> list[Reference]:
        """References that the mapping does not fix otherwise."""
        return [reference for reference in self.write.references if not reference.fixed]

    def row_at(self, pointer: str) -> str:
        """The fixture that a field of the body is made to point at; "" for none, or for several."""
        open_ = self._open_references
        found = (r for r in open_ if r.pointer == pointer and not self.names_rows_apart(r))
        return next(map(self._row_for, found), "")

    def _row_for(self, reference: Reference) -> str:
        """The fixture a reference points at; one of its own where a body points at two such rows."""
        if reference.pointer in self.instead:
            return self.instead[reference.pointer]
        twins = [other for other in self._open_references if other.table == reference.table]
        if reference.resource is None:
            return self.rows.of_table(reference.table)
        if len(twins) == 1:
            return self.row_of(reference.resource)
        wire = identifier(reference.pointer.rpartition("/")[2])
        name = self.rows.name_of(reference.resource, wire.removesuffix("_id"))
        if name not in self.local:
            overrides = self.entry.arrange.get(reference.resource, {})
            self.local[name] = self.rows.own(name, reference.resource, overrides)
        return name

    # ---- sending

    def call(self, *, actor: str = "", depth: int = 1, head: str = "response =") -> str:
        """The line that sends it as the usual caller, or as the source text `actor`."""
        if self._by_fixture:
            return self._sent_by_fixture(head, depth, **({"actor": actor} if actor else {}))
        return self._call(self.options, actor, depth, head)

    def call_missing(self) -> str:
        """The same about a row that is not there: the last path parameter names none."""
        *parents, last = self._held(in_query=False).items()
        named = [f"{literal(name)}: {value}" for name, value in parents]
        named.append(f"{literal(last[0])}: missing({last[1]})")
        path = f"{{{', '.join(named)}}}"
        if self._by_fixture:
            return self._sent_by_fixture("response =", 1, path=path)
        others = [option for option in self.options if not option.startswith("path=")]
        return self._call([f"path={path}", *others], "", 1)

    def call_broken(self, *, depth: int = 1) -> str:
        """The same with a violation applied to what is sent."""
        return self._call_changed("violation", depth)

    def broken_call(self) -> str:
        """The call of the fixture alone, with a violation applied."""
        return self._sent_by_fixture("", 1, change="violation")

    def call_with_option(self, *, depth: int = 1) -> str:
        """The same with one parameter more."""
        return self._call_changed("option", depth)

    def _call_changed(self, change: str, depth: int) -> str:
        if self._by_fixture:
            return self._sent_by_fixture("response =", depth, change=change)
        return self._call([*self.options, f"change={change}"], "", depth)

    def _call(self, options: list[str], actor: str, depth: int, head: str = "response =") -> str:
        operation = self.subject.operation
        caller = [f"actor={actor}"] if actor else self.caller
        arguments = [literal(operation.path), *options, *caller]
        return call(f"{head} api.{operation.method.lower()}".lstrip(), arguments, depth=depth)

    @property
    def whole_first(self) -> str:
        """The line that sends every field before, so that null and empty are changes; or "".

        Left out where it needs more than that: an ETag that it would outdate, rows to refer to.
        """
        if self._etag or self.write.references or self.entry.fill or not self.has_body:
            return ""
        body = f"complete({self.rows.label(self.subject.label)})"
        if self._addressing:
            pairs = {s[0]: v for v, s in self._addressing.values() if len(s) == 1}
            if len(pairs) < len(self._addressing):
                return ""
            body += f" | {_mapping(pairs)}"
        return replace(self, body_name=body).call(head="")

    @property
    def caller(self) -> list[str]:
        """The keyword argument that says who calls; none where it shows no credentials."""
        return (
            [f"actor={literal(self.actor)}"]
            if self.actor and self.subject.sends_credentials
            else []
        )

    @property
    def options(self) -> list[str]:
        """Everything of a request but its caller, as keyword arguments."""
        body = [f"{self.body_option}={self.body_name}"] if self.has_body else []
        return [
            option
            for option in (self._path_option, self._params, self._headers, self._cookies)
            if option
        ] + body

    @property
    def body_option(self) -> str:
        """The keyword argument that takes the body: `body` travels as the type that the spec says."""
        body = self.subject.body
        plain = body is None or body.type.partition(";")[0].strip().lower() in PLAIN_JSON
        return "json" if plain else "body"

    @property
    def _path_option(self) -> str:
        held = self._held(in_query=False)
        return f"path={_mapping(held)}" if held else ""

    def _held(self, *, in_query: bool) -> dict[str, str]:
        """Parameter -> source text of what it holds, of the path or of the query."""
        made = {self.write.new_key.parameter: self.new_row_key} if self.write.new_key else {}
        held = {
            binding.parameter: _picking(binding.query or "", self.path[binding.parameter])
            for binding in self.write.path
            if (binding.query is not None) == in_query
        }
        return held if in_query else held | made

    @property
    def _params(self) -> str:
        made = f"params({self._named}{self._by_spec})"
        picked = self._held(in_query=True)
        others = [name for name in self._required("query") if name not in picked]
        if picked:
            return f"params={_mapping(picked, *([made] if others else []))}"
        return f"params={made}" if others else ""

    @property
    def _named(self) -> str:
        return self.rows.label(self.subject.label)

    @property
    def _by_spec(self) -> str:
        """The last argument of what makes parts of a request, where an older document has them."""
        return f", spec={literal(self.spec)}" if self.spec else ""

    @property
    def _cookies(self) -> str:
        return (
            f"cookies=cookies({self.rows.label(self.subject.label)})"
            if self._required("cookie")
            else ""
        )

    @property
    def _headers(self) -> str:
        stated = {"If-Match": "etag"} if self._etag else {}
        required = {name.lower() for name in self._required("header")}
        known = self.subject.idempotency
        if known and known.header and (self.key or known.header.lower() in required):
            stated[known.header] = self.key or self.new_key
        here = {name.lower() for name in stated}
        made = f"headers({self._named}{self._by_spec})"
        if not all(name.lower() in here for name in self._required("header")):
            pairs = [f"**{made}"]
        elif stated:
            pairs = []
        else:
            return ""
        pairs += [f"{literal(name)}: {value}" for name, value in stated.items()]
        return f"headers={made}" if pairs == [f"**{made}"] else f"headers={{{', '.join(pairs)}}}"

    @property
    def new_key(self) -> str:
        """Source text of an idempotency key that nobody sent before."""
        subject = self.subject
        named = subject.idempotency
        schemas = [
            p.schema for p in subject.operation.parameters if named and p.name == named.header
        ]
        schemas += [subject.body_properties.get(named.field)] if named and named.field else []
        followed = (subject.resolved.document.follow(schema) for schema in schemas)
        uuid = any(isinstance(one, dict) and one.get("format") == "uuid" for one in followed)
        return "str(uuid4())" if uuid else "unique()"

    def _required(self, location: str) -> list[str]:
        parameters = self.subject.operation.parameters
        return [p.name for p in parameters if p.location == location and p.required]

    @property
    def needs_etag(self) -> bool:
        """It is sent with the ETag of the row as it was last."""
        return self._etag

    @property
    def _etag(self) -> bool:
        """An If-Match is demanded, and a GET of the same path gives what it must be."""
        return self.subject.demands_version and self.subject.read_back is not None

    @property
    def etag_line(self) -> str:
        """`etag = api.get(...).headers.get("ETag", "*")`, "" where it is sent without one."""
        return self._etag_line if self._etag else ""

    @property
    def _etag_line(self) -> str:
        arguments = [literal(self.subject.operation.path), self._path_option, *self.caller]
        # Any version where there is no such row: then the API has to say so.
        tail = '.headers.get("ETag", "*")'
        return call("etag = api.get", [a for a in arguments if a], tail=tail)


def _mapping(held: Mapping[str, str], *made: str) -> str:
    """Source text of a dict: what is made elsewhere, then the pairs."""
    pairs = [f"**{one}" for one in made]
    pairs += [f"{literal(name)}: {value}" for name, value in held.items()]
    return f"{{{', '.join(pairs)}}}"


def _picking(operator: str, value: str) -> str:
    """The value, behind the operator of a filter if there is one: `f"eq.{film['id']}"`."""
    return behind(operator, value) if operator else value


def _speaks_of(resource: str, stated: Any) -> bool:
    """Whether an expression in what the mapping states names a row of a resource: `$folder.id`."""
    if isinstance(stated, Mapping):
        return any(_speaks_of(resource, value) for value in stated.values())
    if isinstance(stated, list | tuple):
        return any(_speaks_of(resource, value) for value in stated)
    return is_expression(stated) and parse(stated).source == resource


def _assigned(value: str) -> Assign:
    return lambda place, _: f"{place} = {value}"


def _reach(
    root: str,
    steps: tuple[str, ...],
    stretch: tuple[int, int],
    absent: Collection[tuple[str, ...]],
) -> tuple[str, bool]:
    """Source text of what lies at the end of a stretch of steps, and whether it is there for sure."""
    text, sure = root, True
    for number in range(*stretch):
        if sure and steps[: number + 1] not in absent:
            text = access(text, (steps[number],))
            continue
        text = f"{text if sure else f'({text} or {{}})'}.get({literal(steps[number])})"
        sure = False
    return text, sure
