"""One write operation as its templates see it: names, calls and lines of source text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..mapping.expression import is_expression, read_value
from ..mapping.resolve import FieldPair
from ..matrix.replaced import required_fields, reset_fields
from ..spec.schema import keyword
from .beside import beside
from .checking import own_check, sources
from .code import call, identifier, keywords, literal, mapping
from .code import comparison as compare
from .expressions import fact
from .holding import number
from .kept import Kept
from .related import is_relative
from .request import Request
from .side_rows import SideRowsView

if TYPE_CHECKING:
    from .stress import Stress


@dataclass(frozen=True)
class View(SideRowsView):
    """What a template may ask of its operation: the answer, and all rows that it writes."""

    @property
    def new(self) -> str:
        """The variable that holds the row an operation made."""
        if self.resource is None:
            return "row"
        rows, name = self.request.rows, self.resource.name
        if self.request.names_its_own_kind:
            return rows.names.row(("new", name), f"new_{name}")
        return rows.name_of(name)

    @property
    def fields(self) -> str:
        """The name of the constant that says which field is which column."""
        return self.request.rows.constant(self.resource.name if self.resource else "row")

    @property
    def pairs(self) -> tuple[FieldPair, ...]:
        """Fields that are sent or claimed, each once."""
        return tuple({p.wire: p for p in (*self.write.fields, *self.write.claimed)}.values())

    @property
    def constants(self) -> dict[str, str]:
        """Module constants by name: which field is which column."""
        named = {self.fields: self.pairs}
        named |= {
            self.request.rows.constant(table): pairs for table, pairs in self.write.elements.items()
        }
        found = {
            name: mapping(
                f"{name}: Fields = " if self.typed else f"{name} = ",
                [(literal(p.wire), _target(p)) for p in pairs],
            )
            for name, pairs in named.items()
            if pairs
        }
        if self.pairs:
            reset = [(literal(k), literal(v)) for k, v in reset_fields(self.subject).items()]
            found[self.reset] = mapping(f"{self.reset} = ", reset)
        return found

    @property
    def typed(self) -> bool:
        """Emitted functions have annotations."""
        return self.subject.resolved.mapping.typed

    @property
    def own_modules(self) -> list[str]:
        """The user's modules whose functions the constants name."""
        elements = (pair for pairs in self.write.elements.values() for pair in pairs)
        functions = [
            p.transform for p in (*self.pairs, *elements) if p.transform and "." in p.transform
        ]
        return [name.rpartition(".")[0] for name in functions]

    def agrees(
        self, row: str, sent: str | None = None, claimed: str | None = None, *, depth: int = 1
    ) -> list[str]:
        """The assertion that a row holds what was sent and claimed; none where nothing can be said.

        `sent` and `claimed` are source text, "" to leave that side out; by default the request's
        body and the answer.
        """
        sent = self.sent if sent is None and self.request.has_body else sent
        claimed = self.claimed if claimed is None else claimed
        parts = [f"sent={sent}"] if sent and self.write.fields else []
        parts += [f"claimed={claimed}"] if claimed and self.write.claimed else []
        if not parts:
            return []
        return [compare(row, "==", call("stored", [*parts, f"fields={self.fields}"]), depth=depth)]

    @property
    def tables(self) -> list[str]:
        """The tables an operation may change, as literals."""
        noise = [name for name in self.request.entry.ignores if "." not in name]
        named = [*self.write.tables, *noise]
        return [literal(table) for table in dict.fromkeys(t for t in named if t)]

    def own_columns(self, row: str, *, caller: bool = True, before: str = "") -> list[str]:
        """Assertions on what the operation sets without being told by the body.

        With `caller` also the tenant and owner that the caller tells, and the parent in the path.
        `before` is the variable that holds the row as it was, by default its fixture.
        """
        entry = self.request.entry
        told = {pair.column for pair in self.write.claimed}
        stated = {**entry.values, **entry.set_}
        shown = {c for c, v in stated.items() if c in told and "$response" in str(v)}
        asserted = {c: v for c, v in stated.items() if c not in shown}
        relative = {c: v for c, v in asserted.items() if is_relative(v)}
        held = {c: self._source(v, before) for c, v in asserted.items() if c not in relative}
        if caller:
            held = {c: v for c, v in self._outside_columns().items() if c not in stated} | held
        lines = [call(f"assert {row}.holds", keywords(held.items()))] if held else []
        return lines + [self._moved_column(row, c, v, before) for c, v in relative.items()]

    def _moved_column(self, row: str, column: str, value: Any, before: str) -> str:
        expression = read_value(value, relative=True)
        amount = str(expression.constant)
        if is_expression(value):
            amount = number(self.request, None, expression, self._source(value, before))
        moved = f"{before or self.row}[{literal(column)}] {expression.sign} {amount}"
        return compare(f"{row}[{literal(column)}]", "==", moved)

    def _outside_columns(self) -> dict[str, str]:
        parents = {
            binding.through: self.request.path[binding.parameter]
            for binding in self.write.path
            if binding.through
        }
        if self.write.new_key:
            parents[self.write.new_key.column] = self.request.new_row_key
        return self._caller_columns() | parents

    def _caller_columns(self) -> dict[str, str]:
        if self.resource is None or not self.actor:
            return {}
        facts = self.subject.resolved.mapping.actors[self.actor].facts
        told = {pair.column for pair in self.write.fields}
        wanted = {self.resource.tenant: "tenant", self.resource.owner: "id"}
        return {
            column: fact(self.actor, name)
            for column, name in wanted.items()
            if column and name in facts and column not in told
        }

    @property
    def created(self) -> str | None:
        return self.resource.timestamps.created if self.resource else None

    @property
    def deleted(self) -> str | None:
        return self.resource.timestamps.deleted if self.resource else None

    @property
    def elements(self) -> str:
        """Source text of the elements of a bulk request."""
        return self._within(self.request.entry.for_each, "body")

    @property
    def keys(self) -> list[str]:
        """Keyword arguments that tell the addressed row from all others."""
        columns = self.resource.key if self.resource else ("id",)
        return keywords((column, f"{self.row}[{literal(column)}]") for column in columns)

    @property
    def nothing_else_in_the_row(self) -> str:
        """The assertion that an update left every column alone that it was not told to change."""
        return self.nothing_else_since(self.row)

    def nothing_else_since(self, before: str) -> str:
        """The same, where another variable holds the row as it was."""
        touched = "set()"
        own = [literal(column) for column in self._own_update_columns]
        if self.request.has_body and self.write.fields:
            touched = call("columns", [self._may_change, self.fields, *own])
        elif own:
            touched = f"{{{', '.join(own)}}}"
        return compare(f"changed({before}, after)", "<=", touched)

    @property
    def _may_change(self) -> str:
        """A body with the fields that may change: a replacement may reset what it does not name."""
        optional = set(self.subject.resource_properties) - {*required_fields(self.subject)}
        if self.subject.operation.method != "PUT" or not optional:
            return self.sent
        return self._sent_in(f"complete({self.label_text})")

    @property
    def kept_columns(self) -> str:
        """Source text of the set of columns that a soft delete sets."""
        names = ", ".join(literal(column) for column in self._own_update_columns)
        return f"{{{names}}}" if names else "set()"

    @property
    def _own_update_columns(self) -> list[str]:
        """Columns that change beside those the body names."""
        entry, resource = self.request.entry, self.resource
        if resource is None:
            return []
        own = [*entry.set_, resource.timestamps.updated, resource.version]
        own += [pair.column for pair in self.pairs if pair.transform == "computed"]
        own += [resource.timestamps.deleted] if self.write.kind == "deletes" else []
        sent = {pair.column for pair in self.write.fields}
        own += [
            column
            for table, _, column in (name.rpartition(".") for name in entry.ignores)
            if table == resource.table and column not in sent
        ]
        return [column for column in dict.fromkeys(own) if column]

    @property
    def reset(self) -> str:
        """The name of the constant that says what a replacement makes of fields it leaves out."""
        return self.request.rows.names.of("reset", f"{self.fields}_LEFT_OUT")

    @property
    def least_body(self) -> str:
        """Lines that make a body without the fields that a replacement resets, as far as may be."""
        if not self.subject.optional_lists:
            return f"body = example({self.label_text})"
        left_out = f"for name in {self.reset}:\n    {self.sent}.pop(name, None)"
        return f"body = complete({self.label_text})\n{left_out}"

    @property
    def reset_but_sent(self) -> str:
        """Source text of what the row holds after that: a body may have to name some field."""
        document, schema = self.subject.resolved.document, self.subject.resource_schema
        least = keyword(document, schema, "minProperties", 0)
        if isinstance(least, int) and least > len(required_fields(self.subject)):
            return f"{{**{self.reset}, **{self.sent}}}"
        return self.reset

    @property
    def beside(self) -> str:
        """The decorator that puts another such row there, "" where there can be none."""
        return beside(self.request)

    # ---- rows and fields that the caller has no right to

    @property
    def foreign_rows(self) -> list[tuple[str, Request]]:
        """(row, request) for each reference of the body, to a row of another tenant instead."""
        found = []
        for reference in self.subject.foreign_references:
            rows, resource = self.request.rows, str(reference.resource)
            field = identifier(reference.pointer.rpartition("/")[2]).removesuffix("_id")
            name = rows.name_of(resource, f"foreign_{field}")
            self.request.local[name] = rows.own(name, resource, actor=self.subject.stranger_tenant)
            found.append((name, self.request.naming(reference.pointer, name)))
        return found

    @property
    def other_parents(self) -> list[tuple[str, Request]]:
        """(row, request) for each parent in the path, with another parent instead."""
        found = []
        for binding in self.subject.parents:
            rows, resource = self.request.rows, str(binding.resource)
            name = rows.name_of(resource, f"other_{resource}")
            self.request.local[name] = rows.own(name, resource)
            found.append((name, self.request.naming(binding.parameter, name)))
        return found

    @property
    def defaults(self) -> str:
        """Source text of the defaults that the spec states."""
        items = [f"{literal(k)}: {literal(v)}" for k, v in self.subject.defaults.items()]
        return f"{{{', '.join(items)}}}"

    @property
    def kept(self) -> Kept:
        """How its tests look at the stored side."""
        return Kept(self.request, lambda: self.row, self.claimed)

    @property
    def checks(self) -> list[list[str]]:
        """The lines of each own check of the mapping."""
        return [own_check(check, self._source) for check in self.request.entry.verify]

    @property
    def checks_speak_of(self) -> set[str]:
        """The sources of their expressions; a field of the request may be one that is left out."""
        return sources(self.request.entry.verify)

    # ---- the changes beside the main row

    def watch(self, stands_for: Collection[str]) -> str:
        """The watch of a test; one that looks at transactions has to ask for them."""
        return "database.watch(" + "transactions=True" * ("one_transaction" in stands_for) + ")"

    def silence(self, stress: Stress, stands_for: Collection[str]) -> list[str]:
        """Assertions that nobody was told anything, where the test looks at that too."""
        return stress.effects.silent if "tells_nobody" in stands_for else []

    def also(self, stands_for: Collection[str]) -> list[str]:
        """Assertions of the tests that this one stands for."""
        lines = ["assert changes.one_transaction()"] if "one_transaction" in stands_for else []
        return lines + ([self.conforms] if "answers_as_documented" in stands_for else [])

    @property
    def related_changes(self) -> list[str]:
        """Assertions on every other expected change, and that nothing undeclared came with them."""
        lines = [line for change in self.related for line in change.lines]
        return [*lines, self.nothing_undeclared]

    @property
    def nothing_undeclared(self) -> str:
        """The assertion that no row of any other table changed."""
        if not self.tables:
            return "assert changes.none()"
        return call("assert changes.only", self.tables)

    @property
    def grouped_changes(self) -> list[tuple[str, list[str]]]:
        """(name of the test, assertions): the rows that change, and the rows that are added."""
        added = [r for r in self.related if r.change.kind == "inserts"]
        others = [r for r in self.related if r.change.kind != "inserts"]
        groups = {
            "changes_the_other_rows_it_should": others,
            "adds_the_rows_that_go_with_it": added,
        }
        tests = [
            (slug, [line for one in group for line in one.lines])
            for slug, group in groups.items()
            if group
        ]
        tests[-1][1].append(self.nothing_undeclared)
        return tests


def _target(pair: FieldPair) -> str:
    column = literal(pair.column)
    if pair.transform and "." in pair.transform:
        return f"transformed({column}, {pair.transform})"
    return f"{pair.transform}({column})" if pair.transform else column
