"""One write operation as the concerns see it: questions about spec, mapping and schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..mapping.expression import parse
from ..mapping.listing import Listing, find_listing
from ..mapping.model import Idempotency
from ..spec.model import MediaType
from ..spec.schema import keyword, properties, required
from .bodies import NOT_SEEN, Bodies
from .callers import Called
from .forbidden import allowed, forbidden_fields


@dataclass(frozen=True)
class Subject(Called):
    """A write operation with everything around it that a concern may ask about."""

    bodies: Bodies = NOT_SEEN

    @property
    def listing(self) -> Listing | None:
        """The list that shows what it creates; None where there is none that can be tested."""
        found = find_listing(self.resolved, self.write)
        return found if isinstance(found, Listing) else None

    @property
    def mapped(self) -> bool:
        """The mapping names what this operation writes."""
        return self.write.kind is not None or bool(self.write.changes)

    @property
    def unwatched(self) -> bool:
        """Nobody looks at the database."""
        return self.resolved.mapping.unwatched

    @property
    def writes_much(self) -> bool:
        """So much beside its own row that this deserves a test of its own."""
        return sum(change.within is None for change in self.write.changes) > 1

    @property
    def keeps_unique_values(self) -> bool:
        """An update that may name a unique value which its row has already."""
        write = self.write
        unique = set(write.resource.unique) if write.resource else set()
        own = any(pair.column in unique for pair in write.fields)
        return write.kind == "updates" and own and not write.references

    @property
    def unbound_path(self) -> tuple[str, ...]:
        """Path parameters of which nothing tells the row they name."""
        bound = {binding.parameter for binding in self.write.path}
        bound |= {self.write.new_key.parameter} if self.write.new_key else set()
        names = [p.name for p in self.operation.parameters if p.location == "path"]
        return tuple(name for name in names if name not in bound)

    @cached_property
    def body(self) -> MediaType | None:
        """The JSON body, else the first body the operation takes."""
        if self.operation.request_body is None:
            return None
        content = self.operation.request_body.content
        return self.operation.json_body or next(iter(content.values()), None)

    @property
    def has_json_body(self) -> bool:
        return self.operation.json_body is not None

    @cached_property
    def body_properties(self) -> Mapping[str, Any]:
        """The properties that a request may send: those that the spec calls readOnly are not."""
        document = self.resolved.document
        known = {} if self.body is None else properties(document, self.body.schema)
        return {n: s for n, s in known.items() if keyword(document, s, "readOnly") is not True}

    @property
    def optional_fields(self) -> tuple[str, ...]:
        if self.body is None:
            return ()
        needed = required(self.resolved.document, self.body.schema)
        return tuple(name for name in self.body_properties if name not in needed)

    @property
    def optional_lists(self) -> frozenset[str]:
        """Fields that may be left out, and with them the rows that their elements make or change."""
        found = [parse(c.for_each).steps for c in self.write.changes if c.for_each]
        return frozenset(steps[0] for steps in found if steps).intersection(self.optional_fields)

    @property
    def may_say_nothing(self) -> bool:
        """An update whose smallest body is `{}`, which changes no row."""
        if self.write.kind != "updates" or not (self.has_json_body and self.body_properties):
            return False
        schema = self.resolved.document.follow(self.body.schema) if self.body else None
        least = schema.get("minProperties", 0) if isinstance(schema, Mapping) else 0
        return not least and len(self.optional_fields) == len(self.body_properties)

    @property
    def has_examples(self) -> bool:
        """The spec gives a body, or a value of one of its properties, as example or default."""
        if self.body is None:
            return False
        follow = self.resolved.document.follow
        schemas = [follow(s) for s in (self.body.schema, *self.body_properties.values())]
        told = {name for schema in schemas if isinstance(schema, Mapping) for name in schema}
        return bool(self.body.examples) or not told.isdisjoint(("example", "examples", "default"))

    @property
    def has_constraints(self) -> bool:
        """The spec says something that a request can get wrong."""
        if self.body is not None and (self.has_json_body or self.body.schema):
            return True
        return any(
            parameter.required or parameter.location != "header"
            for parameter in self.operation.parameters
            if parameter.location != "path" or self._typed(parameter.schema)
        )

    def _typed(self, schema: Any) -> bool:
        followed = self.resolved.document.follow(schema)
        kind = followed.get("type") if isinstance(followed, Mapping) else None
        return kind in ("integer", "number", "boolean") or (
            isinstance(followed, Mapping) and ("format" in followed or "enum" in followed)
        )

    @property
    def forbidden_fields(self) -> tuple[tuple[str, str, Any], ...]:
        """(field, column, value): what the caller must have no say over, though it is a column."""
        if not (self.has_json_body and self.resource_properties):
            return ()
        follow, known = self.resolved.document.follow, self.resource_properties
        found = forbidden_fields(self.write, self.resolved)
        return tuple((wire, c, allowed(v, follow(known.get(wire)))) for wire, c, v in found)

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Fields of the resource whose default the spec states, by their name on the wire."""
        found = {}
        sent = {pair.wire for pair in self.write.fields}
        for name, schema in self.resource_properties.items():
            followed = self.resolved.document.follow(schema)
            if name in sent and isinstance(followed, Mapping) and "default" in followed:
                found[name] = followed["default"]
        return found

    @property
    def resource_schema(self) -> Any:
        """The schema of the resource in the request, inside its envelope."""
        schema, document = self.body.schema if self.body else {}, self.resolved.document
        entry = self.write.entry
        for step in parse(entry.sends).steps if entry and entry.sends else ():
            schema = properties(document, schema).get(step, {})
        return schema

    @property
    def resource_properties(self) -> Mapping[str, Any]:
        """The properties of the resource in the request, inside its envelope."""
        if self.body is None:
            return {}
        return properties(self.resolved.document, self.resource_schema)

    @property
    def success(self) -> tuple[str, ...]:
        """The statuses of its success: those of the spec, and those that the mapping names."""
        entry = self.write.entry
        return (*self.operation.success, *(map(str, entry.success) if entry else ()))

    @property
    def location(self) -> bool:
        """The documented success says where the new thing is, and the spec has a GET of such things."""
        answers = [self.operation.responses[status] for status in self.operation.success]
        stated = any(name.lower() == "location" for a in answers for name in a.headers)
        below = f"{self.operation.path}/{{"
        gets = (o.path for o in self.resolved.document.operations if o.method == "GET")
        # A new thing that the list makes is read below it; other answers may lead anywhere.
        return stated and (self.write.kind != "creates" or any(p.startswith(below) for p in gets))

    @property
    def demands_version(self) -> bool:
        """A request must say in If-Match which version of the row it is about."""
        parameters = self.operation.parameters
        return any(
            p.location == "header" and p.required and p.name.lower() == "if-match"
            for p in parameters
        )

    @property
    def addresses_a_row(self) -> bool:
        """The path names a row that could be missing, and the spec says what happens then."""
        named = any(binding.query is None for binding in self.write.path)
        return named and "404" in self.operation.responses

    @property
    def attempted_key(self) -> tuple[str, str] | None:
        """(field, path parameter): the caller names the key of a new row, and a GET reads it."""
        resource, body = self.write.resource, self.has_json_body
        if resource is None or not body or self.write.kind != "creates" or not self.read_back:
            return None
        entry = self.write.entry
        if entry is None or entry.for_each or entry.sends:
            return None
        bound = {binding.through for binding in self.write.path}
        own = [column for column in resource.key if column not in bound]
        sent = [p.wire for p in self.write.fields if p.column in own and p.transform is None]
        parameter = self.read_back.rpartition("{")[2].rstrip("}")
        return (sent[0], parameter) if len(own) == len(sent) == 1 else None

    @property
    def read_back(self) -> str | None:
        """The label of the GET that reads what this operation wrote, when the spec has one.

        None where a query picks the row: a GET of the same path lists them all.
        """
        path = self.operation.path
        if any(binding.query is not None for binding in self.write.path):
            return None
        candidates = [path]
        if self.write.kind == "creates" and not self.write.new_key:
            candidates = [
                operation.path
                for operation in self.resolved.document.operations
                if operation.path.startswith(f"{path}/{{")
                and operation.path.count("/") == path.count("/") + 1
            ]
        known = {o.path for o in self.resolved.document.operations if o.method == "GET"}
        return next((f"GET {path}" for path in candidates if path in known), None)

    @property
    def idempotency(self) -> Idempotency | None:
        """How a repeated request is known: as the mapping says, else a header that the spec names."""
        entry = self.write.entry
        if entry is not None and entry.idempotency is not None:
            return entry.idempotency
        named = (p.name for p in self.operation.parameters if p.location == "header")
        header = next((name for name in named if "idempot" in name.lower()), None)
        return Idempotency(header=header) if header else None

    @property
    def sends_unique(self) -> bool:
        """A field of the request is stored in a column that no two rows share."""
        resource = self.write.resource
        return resource is not None and any(p.column in resource.unique for p in self.write.fields)

    @property
    def shows_key(self) -> bool:
        """The answer names the row that was written."""
        resource = self.write.resource
        shown = {pair.column for pair in self.write.claimed}
        return resource is not None and shown.issuperset(resource.key)

    @property
    def read_returns(self) -> str | None:
        """Where the answer of that GET has the resource: in an envelope, if this one's has it too."""
        own = self.write.entry.returns if self.write.entry else None
        if own is None or self.read_back is None:
            return None
        read = self.resolved.document.operation(self.read_back)
        answer = next((read.responses[s] for s in read.success), None)
        schema = next((m.schema for m in answer.content.values()), None) if answer else None
        first = own.partition("#/")[2].partition("/")[0]
        return own if schema and first in properties(self.resolved.document, schema) else None
