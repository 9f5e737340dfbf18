"""Expected changes beside the main row, as the assertions of an emitted test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..mapping.expression import is_expression, parse, read_value
from ..mapping.model import Change
from .code import INDENT, call, comparison, keywords, literal
from .expressions import source
from .holding import held
from .request import Request

DONE = {"inserts": "inserted", "updates": "updated", "deletes": "deleted"}


@dataclass(frozen=True, slots=True)
class Related:
    """One expected change, and the lines that assert it.

    `child` is the fixture of the row that changes, where one is arranged; `key` its key columns.
    `fields` names the constant of what is stored of each element of `for_each`, "" for nothing;
    `parent` are the keyword arguments that say whose these rows are. `at_most` is how many rows all
    changes of this table reach together, 0 where that is not known or said elsewhere. `answer` is the
    variable that holds the answer.
    """

    change: Change
    request: Request
    child: str = ""
    key: tuple[str, ...] = ()
    fields: str = ""
    parent: tuple[str, ...] = ()
    at_most: int = 0
    answer: str = "response"

    @property
    def lines(self) -> list[str]:
        """Assertions, laid out for one level of indent; a loop and what it repeats are one of them."""
        if self.change.for_each and not self.child:
            return list(self._for_each(self._elements))
        deltas, fixed = _parted({**self.change.values, **self.change.set_})
        lines = [self._moved(column, value) for column, value in deltas.items()]
        if self.child:
            key = [(column, f"{self.child}[{literal(column)}]") for column in self.key]
            more = {column: v for column, v in fixed.items() if column not in self.key}
            return [call(f"assert {self._rows}.one", self._keywords(more, key)), *lines]
        if fixed or not lines:
            lines.append(call(f"assert {self._found}.one", self._keywords(fixed)))
        if self.at_most:
            lines.append(comparison(f"len({self._rows})", "<=", str(self.at_most)))
        return lines

    @property
    def _elements(self) -> str:
        """The list in the request that this change goes through; nothing where it may be left out."""
        steps = parse(str(self.change.for_each)).steps
        if len(steps) == 1 and steps[0] in self.request.subject.optional_lists:
            return f"body.get({literal(steps[0])}, [])"
        return self._source(self.change.for_each)

    @property
    def _rows(self) -> str:
        return f"changes.{DONE[self.change.kind]}({literal(self.change.table)})"

    @property
    def _found(self) -> str:
        """The rows of this change, narrowed by what `where` says and `set` leaves as it was."""
        change = self.change
        where = {c: v for c, v in change.where.items() if not _by_item(v) and c not in change.set_}
        if not where:
            return self._rows
        return f"{self._rows}.where({', '.join(self._keywords(where))})"

    def _for_each(self, elements: str) -> Iterator[str]:
        change = self.change
        deltas, fixed = _parted(change.set_)
        apart = self._rows_apart
        for column, value in deltas.items():
            yield (
                self._moved_each(column, value, elements)
                if apart
                else self._moved(column, value, elements)
            )
        if change.kind == "updates":
            yield from self._updates(fixed, elements)
            return
        by_item = any(_by_item(value) for value in change.values.values())
        fixed = {} if by_item else change.values
        found = self._rows
        told = self.fields and not by_item
        if fixed or told:
            name = self.request.rows.variable("rows", change.table)
            narrowed = call(f"{name} = {found}.where", self._keywords(fixed))
            yield narrowed if fixed else f"{name} = {found}"
            found = name
        yield comparison(f"len({found})", "==", f"len({elements})")
        if told:
            if self.parent:
                yield call(f"assert {found}.only", self.parent)
            yield _loop(elements, f"assert stored(sent=item, fields={self.fields}) in {found}")
        elif by_item:
            line = call(f"assert {found}.one", self._keywords(change.values), depth=2)
            yield _loop(elements, line)

    def _updates(self, fixed: Mapping[str, Any], elements: str) -> Iterator[str]:
        """That no row but those of the elements changed, and that each holds what is set."""
        named = self._named_by_items
        if named:
            yield call(f"assert {self._rows}.only", named)
            # The row of all elements holds what the last of them says, whichever that is.
            fixed = {column: v for column, v in fixed.items() if not _by_item(v)}
        if not fixed:
            return
        told = {**self.change.where, **fixed}
        if any(_by_item(value) for value in told.values()):
            line = call(f"assert {self._rows}.where", self._keywords(told), depth=2)
            yield _loop(elements, line)
        else:
            yield call(f"assert {self._found}.only", self._keywords(fixed))

    @property
    def _named_by_items(self) -> list[str]:
        """`id=product["id"]`: the row that all elements name, where they name one."""
        each = parse(str(self.change.for_each))
        for column, value in self.change.where.items():
            if _by_item(value):
                pointer = "/".join((*each.steps, "*", *parse(value).steps))
                row = self.request.row_at(pointer)
                if row:
                    return keywords([(column, f"{row}[{literal(column)}]")])
        return []

    @property
    def _rows_apart(self) -> bool:
        """Each element names a row of its own, by one field."""
        named = {
            "/".join((*parse(str(self.change.for_each)).steps, "*", *parse(value).steps))
            for value in self.change.where.values()
            if _by_item(value)
        }
        references = self.request.write.references
        lone = {r.pointer for r in references if self.request.names_rows_apart(r)}
        return bool(named & lone)

    def _moved_each(self, column: str, value: Any, elements: str) -> str:
        """The assertion, for each element, that its row changed by what it says."""
        found = f"{self._rows}.where({', '.join(self._keywords(self.change.where))})"
        expression = read_value(value, relative=True)
        amount = self._source(value) if is_expression(value) else str(expression.constant)
        sign = "-" if expression.sign == "-" else ""
        moved = f"{found}.moved({literal(column)})"
        return _loop(elements, comparison(moved, "==", f"{sign}{amount}", depth=2))

    def _moved(self, column: str, value: Any, elements: str = "") -> str:
        expression = read_value(value, relative=True)
        amount = self._source(value) if is_expression(value) else str(expression.constant)
        if elements:
            amount = f"sum({amount} for item in {elements})"
        sign = "-" if expression.sign == "-" else ""
        return comparison(f"{self._found}.moved({literal(column)})", "==", f"{sign}{amount}")

    def _keywords(
        self, columns: Mapping[str, Any], first: Iterable[tuple[str, str]] = ()
    ) -> list[str]:
        """Keyword arguments of values of the mapping, behind those of (column, source text)."""
        told = held(self.request, self.change.table, columns, self.answer)
        return keywords([*first, *told])

    def _source(self, value: Any) -> str:
        request = self.request
        return source(
            value,
            actor=request.actor,
            path=request.path,
            row_of=request.row_of,
            answer=self.answer,
        )


def is_relative(value: Any) -> bool:
    """Whether a value of `set` is a difference to the row before."""
    read = read_value(value, relative=True)
    return bool(getattr(read, "sign", ""))


def _parted(stated: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is stated as a difference to the row before, and what is stated as it is."""
    deltas = {column: value for column, value in stated.items() if is_relative(value)}
    return deltas, {column: value for column, value in stated.items() if column not in deltas}


def _by_item(value: Any) -> bool:
    """A value tells of the element of `for_each` at hand."""
    read = read_value(value, relative=True)
    return getattr(read, "source", "") == "item"


def _loop(elements: str, line: str) -> str:
    """A loop through elements; whoever takes some assertions of a change takes it whole."""
    return f"for item in {elements}:\n{INDENT}{line}"


def child_column(request: Request, change: Change, table: str) -> str | None:
    """The column by which a changed table's rows belong to rows of `table`, if they do."""
    schema = request.subject.resolved.schema
    if schema is None or change.kind == "inserts" or change.table not in schema.tables:
        return None
    keys = schema.tables[change.table].foreign_keys
    found = next((k.columns[0] for k in keys if k.table == table and len(k.columns) == 1), None)
    told = {column for column, value in change.where.items() if is_expression(value)}
    if found is None or not told:
        return found
    return found if told == {found} and _addresses(request, change.where[found], table) else None


def _addresses(request: Request, value: Any, table: str) -> bool:
    """An expression of `where` is the key of the addressed row: `$request.path.id`, `$order.id`."""
    read, resource = parse(value), request.write.resource
    if resource is None or read.sign:
        return False
    if read.source == "request.path":
        bound = [b for b in request.write.path if b.parameter == read.name]
        return any(b.table == table and b.column == resource.key[0] for b in bound)
    return read.source == resource.name and read.name == resource.key[0]
