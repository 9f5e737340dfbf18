"""From deeds to the trees of `resources:` and `operations:`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...spec.schema import keyword
from ..expression import nameable
from ..names import singular, snake, words
from ..pointer import join
from ..schema import Schema, Table
from ..scope import bare
from ..shapes import Shapes
from .arranging import arranged
from .columns import Columns, FieldMatch
from .effects import Effects, risk
from .guess import THRESHOLD, Guess, Tree, rows
from .likeness import Words
from .paths import path_guesses
from .routes import query_keys
from .special import Roles, missing_key, timestamps, unique_columns, version_column
from .things import Deed, Things


@dataclass(frozen=True)
class Assembly:
    """One proposal in the making."""

    shapes: Shapes
    schema: Schema | None
    things: Things
    deeds: tuple[Deed, ...]
    _fields: dict[str, Mapping[str, FieldMatch]] = field(default_factory=dict)

    @cached_property
    def _by_table(self) -> Mapping[str, list[Deed]]:
        found: dict[str, list[Deed]] = {}
        for deed in self.deeds:
            if deed.table is not None:
                found.setdefault(deed.table, []).append(deed)
        return found

    @cached_property
    def roles(self) -> Roles:
        return Roles(self.schema or Schema())

    @cached_property
    def effects(self) -> Effects:
        return Effects(self.shapes, self.schema or Schema(), self.roles)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """By table: the name of its resource."""
        found: dict[str, str] = {}
        for table, deeds in self._by_table.items():
            name = self._name(table, max(deeds, key=lambda deed: deed.confidence))
            while name in found.values():
                name = (
                    f"{name}_row" if name == singular(bare(table)) else snake(singular(bare(table)))
                )
            found[table] = name
        return found

    def _name(self, table: str, deed: Deed) -> str:
        noun = singular(deed.noun)
        own = singular(snake(bare(table)))
        # `product_tag` says more than `tag`, and is what the table is called.
        parents = {singular(step.word) for step in deed.route.steps}
        said = words(own)
        if own.endswith(f"_{noun}") and "_".join(said[: -len(words(noun))]) in parents:
            return own
        return nameable(noun or own)

    def resources(self) -> Tree:
        return {name: self._resource(table, name) for table, name in self.names.items()}

    def _resource(self, table_name: str, name: str) -> Tree:
        deeds = self._by_table[table_name]
        best = max(deeds, key=lambda deed: deed.confidence)
        assert best.match is not None
        found: dict[str, Any] = {
            "table": Guess(table_name, best.confidence, best.match.evidence, best.match.others)
        }
        table = self.schema.tables.get(table_name) if self.schema else None
        if table is None:
            return found
        key = missing_key(table)
        if key is not None:
            found["key"] = key
        found["fields"] = {
            wire: _field(match)
            for wire, match in self.fields(table, name).items()
            if not match.plain
        }
        tenant = self.roles.tenant_column(table)
        owner = self.roles.owner_column(table)
        etag = any(_speaks_of_etag(deed) for deed in deeds)
        version = version_column(table, has_etag=etag)
        optional = {"tenant": tenant, "owner": owner, "timestamps": timestamps(table)}
        if any(deed.kind == "creates" and "409" in deed.operation.responses for deed in deeds):
            optional["unique"] = unique_columns(table)
        optional |= {"version": version, "arrange": arranged(table, self._shown(table, name))}
        found |= {key: node for key, node in optional.items() if node}
        return {key: node for key, node in found.items() if node}

    def fields(self, table: Table, name: str) -> Mapping[str, FieldMatch]:
        """The stored fields of a resource, over all its operations."""
        if table.qualified not in self._fields:
            self._fields[table.qualified] = self._match(table, name)
        return self._fields[table.qualified]

    def _shown(self, table: Table, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Column -> keywords of the fields that show it."""
        found: dict[str, Mapping[str, Any]] = {}
        matches = self.fields(table, name)
        for deed in self._by_table.get(table.qualified, ()):
            places = [place for place in (deed.answered, deed.sent) if place is not None]
            for place in places:
                for wire, schema in self.shapes.of(place.schema).properties.items():
                    if wire in matches and matches[wire].transform is None:
                        told = found.setdefault(matches[wire].column, {})
                        found[matches[wire].column] = {**self._keywords(schema), **told}
        return found

    def _keywords(self, schema: Any) -> Mapping[str, Any]:
        document = self.shapes.document
        told = {key: keyword(document, schema, key) for key in ("type", "enum", "maximum", "items")}
        return {key: value for key, value in told.items() if value is not None}

    def _match(self, table: Table, name: str) -> Mapping[str, FieldMatch]:
        """Each object's fields are matched by themselves: two of them may call a column by two
        names, one of them cannot."""
        columns = Columns(self.shapes, table, name, self._targets(table))
        objects = list(self._objects(table))
        plainly = {
            exact.column
            for fields in objects
            for wire, schema in fields.items()
            if (exact := columns.exact(wire, schema))
        }
        found: dict[str, FieldMatch] = {}
        for fields in objects:
            flat = {w: s for w, s in fields.items() if not self._is_child(table, w, s)}
            matches = [*columns.match(flat).values(), *columns.nested(fields)]
            for match in matches:
                doubtful = match.column in plainly and not match.plain and match.score < THRESHOLD
                known = found.get(match.wire)
                if not doubtful and (known is None or known.score < match.score):
                    found[match.wire] = match
        return found

    def _objects(self, table: Table) -> Iterator[Mapping[str, Any]]:
        """The fields of each object that an operation of the table sends or answers."""
        seen: set[int] = set()
        for deed in self._by_table.get(table.qualified, ()):
            by_name_only = deed.route.action and not deed.route.is_bulk and deed.kind == "updates"
            for place in (deed.sent, deed.answered):
                if place is None or (by_name_only and place is deed.sent):
                    continue
                if id(place.schema) not in seen:
                    seen.add(id(place.schema))
                    yield self.shapes.of(place.schema).properties

    def _is_child(self, table: Table, wire: str, schema: Any) -> bool:
        """Objects and arrays go into columns of JSON, or into other tables; not by likeness."""
        return self.shapes.of(schema).is_nested and not any(
            column.type in ("json", "other") for column in table.columns.values()
        )

    def _targets(self, table: Table) -> Mapping[str, Words]:
        found: dict[str, Words] = {}
        for key in table.foreign_keys:
            name = self.names.get(key.table)
            if name and len(key.columns) == 1:
                found[key.columns[0]] = words(name)
        return found

    # ---- operations

    def operations(self) -> Tree:
        return {deed.operation.label: self._operation(deed) for deed in self.deeds if deed.match}

    def _operation(self, deed: Deed) -> Tree:
        assert deed.match is not None
        name = self.names[deed.match.table]
        found: dict[str, Any] = {}
        if self._names_nobody(deed):
            return self._unnamed(deed)
        flag = self.effects.soft_flag(deed) if self.schema else {}
        kind = "updates" if flag else (deed.kind or "updates")
        evidence = self._kind_evidence(deed)
        evidence += f"; {deed.match.evidence}" if deed.match.view else ""
        found[kind] = Guess(name, deed.confidence, evidence, deed.match.others)
        found |= self._places(deed, name)
        found["path"] = path_guesses(self, deed)
        if self.schema is not None:
            found["set"] = {**self.effects.states(deed), **flag}
            found["changes"] = self._changes(deed, name)
        allow = self._allow(deed)
        found |= {"allow": allow} if allow else {}
        idempotency = self.effects.idempotency(deed)
        found |= {"idempotency": idempotency} if idempotency else {}
        danger = risk(deed)
        found |= {"risk": danger} if danger.value == "high" else {}
        return {key: node for key, node in found.items() if node}

    def _names_nobody(self, deed: Deed) -> bool:
        """`DELETE /session`: neither path nor query says which row, and it is not the caller's."""
        if deed.kind == "creates" or deed.route.names_a_row or self.schema is None:
            return False
        return deed.table not in (self.roles.users, self.roles.tenants) and not query_keys(
            deed.operation
        )

    def _unnamed(self, deed: Deed) -> Tree:
        assert deed.match is not None
        row = Guess(deed.match.table, min(deed.confidence, 0.7), "which row, nothing tells")
        danger = risk(deed)
        found: dict[str, Any] = {"changes": rows([{deed.kind or "updates": row}])}
        return found | ({"risk": danger} if danger.value == "high" else {})

    def _places(self, deed: Deed, name: str) -> Tree:
        """`for_each`, `sends` and `returns`, where resolving does not find them by itself."""
        found: dict[str, Guess] = {}
        sent, answered = deed.sent, deed.answered
        if deed.kind == "deletes":
            return found
        if sent and sent.is_many and sent.covered >= 0.4:
            found["for_each"] = Guess(f"$request.body#{sent.pointer}", 0.85, "an array of them")
        elif sent and sent.steps and sent.covered >= 0.4:
            found["sends"] = Guess(f"$request.body#{sent.pointer}", 0.9, "an envelope")
        if answered and answered.steps and answered.covered >= 0.4:
            steps = answered.array if "for_each" in found else answered.steps
            if answered.is_many and "for_each" not in found:
                steps = tuple("0" if step == "*" else step for step in answered.steps)
            if steps:
                found["returns"] = Guess(f"$response.body#{join(*steps)}", 0.9, "an envelope")
        return found

    def _kind_evidence(self, deed: Deed) -> str:
        method = deed.operation.method
        if deed.route.action and not deed.route.is_bulk:
            return f"{method}, and `{'_'.join(deed.route.action)}` is what is done to it"
        if deed.kind == "creates":
            where = self._key_place(deed)
            return f"{method} on many; {where}" if where else f"{method} on many"
        return f"{method} on one" if deed.route.names_a_row else f"{method} on the caller's own"

    def _key_place(self, deed: Deed) -> str:
        """Where the answer tells the key of what was created."""
        told = []
        table = self.schema.tables.get(deed.table or "") if self.schema else None
        if table is not None and deed.answered is not None and len(table.primary_key) == 1:
            fields = self.fields(table, self.names[table.qualified])
            wires = [w for w, match in fields.items() if match.column == table.primary_key[0]]
            shown = self.shapes.of(deed.answered.schema).properties
            told += [f"`{wire}` in the answer is the key" for wire in wires if wire in shown][:1]
        answers = [deed.operation.responses[status] for status in deed.operation.success]
        if any(name.lower() == "location" for one in answers for name in one.headers):
            told.append("Location names it")
        return ", ".join(told)

    def _changes(self, deed: Deed, name: str) -> Tree:
        return rows(list(self.effects.children(deed, name)))

    def _allow(self, deed: Deed) -> Tree | None:
        """Rows of one tenant are for callers of that tenant."""
        table = self.schema.tables.get(deed.table or "") if self.schema else None
        if table is None or not any(deed.operation.security):
            return None
        named = [table] if deed.route.names_a_row or deed.route.parents else []
        for one in (*named, *self._parents(deed)):
            tenant = self.roles.tenant_column(one)
            if tenant is not None and tenant.confidence >= THRESHOLD:
                whose = "a row" if one is table else f"a row of `{one.name}`"
                return {"tenant": Guess("own", 0.7, f"`{tenant.value}` says whose {whose} is")}
        return None

    def _parents(self, deed: Deed) -> Iterator[Table]:
        """The tables of the rows that the path names before its own, nearest first."""
        tables = self.things.tables
        for step in reversed(deed.route.parents):
            match = next(iter(tables.named(step.word)), None) if tables else None
            if match is not None and match.score >= THRESHOLD and self.schema:
                yield self.schema.tables[match.table]

    # ---- remarks

    def notes(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        if self.roles.audits or self.roles.outboxes:
            found["operations",] = tuple(self._records())
        for deed in self.deeds:
            told = [deed.note] if deed.note else []
            if deed.match and deed.route.operation.method != "POST" and query_keys(deed.operation):
                keys = ", ".join(f"`{name}`" for name in query_keys(deed.operation)[:4])
                if not deed.route.names_a_row and not self._by_key(deed):
                    told.append(f"rows are picked by query parameters: {keys}")
            if told:
                found["operations", deed.operation.label] = tuple(told)
        return found

    def _by_key(self, deed: Deed) -> bool:
        """The query picks rows by their whole key: resolving finds that by itself."""
        table = self.schema.tables.get(deed.table or "") if self.schema else None
        named = {snake(name) for name in query_keys(deed.operation)}
        return table is not None and bool(table.primary_key) and {*table.primary_key} <= named

    def _records(self) -> Iterator[str]:
        """That tables of records are there says not which operations write to them."""
        for what, names in (("audit", self.roles.audits), ("outbox", self.roles.outboxes)):
            for name in names:
                yield f"`{name}` looks like an {what} table (0.50); for operations that write to it:"
                yield f"  changes: [{{inserts: {name}}}]"


def _field(match: FieldMatch) -> Guess:
    value: Any = match.column
    if match.transform:
        value = {"column": match.column, "as": match.transform}
    return Guess(value, round(match.score, 2), match.evidence, match.others)


def _speaks_of_etag(deed: Deed) -> bool:
    asked = any(one.name.lower() == "if-match" for one in deed.operation.parameters)
    answers = [header for one in deed.operation.responses.values() for header in one.headers]
    return asked or any(header.lower() == "etag" for header in answers)
