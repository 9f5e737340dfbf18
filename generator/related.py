"""Expected changes beside the main row, as the assertions of an emitted test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..mapping.expression import is_expression, parse, read_value
from ..mapping.model import Change
from .code import INDENT, call, chain, comparison, keywords, literal
from .expressions import source
from .holding import held, number
from .request import Request

DONE = {"inserts": "inserted", "updates": "updated", "deletes": "deleted"}


@dataclass(frozen=True, slots=True)
class Related:
    """One expected change, and the lines that assert it.

    `child` is the fixture of the row that changes, where one is arranged; `key` its key columns.
    `fields` names the constant of what is stored of each element of `for_each`, "" for nothing;
    `parent` are the keyword arguments that say whose these rows are. `at_most` is how many rows all
    changes of this table reach together, 0 where that is not known or said elsewhere. `inserts` are
    all rows that the operation adds to this table, where they are several; `beside_own` likewise where
    it is the table of the row that the operation creates. `answer` is the variable
    that holds the answer.
    """

    change: Change
    request: Request
    child: str = ""
    key: tuple[str, ...] = ()
    fields: str = ""
    parent: tuple[str, ...] = ()
    at_most: int = 0
    inserts: tuple[Change, ...] = ()
    beside_own: tuple[Change, ...] = ()
    answer: str = "response"

    @property
    def lines(self) -> list[str]:
        """Assertions, laid out for one level of indent; a loop and what it repeats are one of them."""
        if self.beside_own:
            return list(self._beside_own())
        if self.change.rows:
            return list(self._several())
        if self.inserts:
            return list(self._among_inserts())
        if self.change.for_each and not self.child:
            return list(self._for_each(self._elements))
        fixed, lines = self._fixed, self.moves
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
    def moves(self) -> list[str]:
        """Those of them that say by how much a number moved: work done twice moves it twice."""
        if self.inserts or self.beside_own or self.change.rows:
            return []
        if self.change.for_each and not self.child:
            elements, stated = self._elements, self.change.set_
        else:
            elements, stated = "", {**self.change.values, **self.change.set_}
        apart = bool(elements) and self._rows_apart
        summed = "" if apart else elements
        moved = {c: self._amount(value, summed) for c, value in _parted(stated)[0].items()}
        where, by = self._where, keywords(moved.items())
        if not moved:
            return []
        if apart:
            each = self._keywords(self.change.where)
            line = chain(self._rows, ("where", each), ("moved_by", by), depth=2)
            return [_loop(elements, line)]
        if where:
            return [chain(self._rows, ("where", where), ("moved_by", by))]
        return [call(f"assert {self._rows}.moved_by", by)]

    def _beside_own(self) -> Iterator[str]:
        """That this row is there beside the operation's own, and how many they are together."""
        changes = self.beside_own
        if self.change is changes[0] and all(c.rows != "any" for c in changes):
            lists = [replace(self, change=c)._elements for c in changes if c.for_each]
            single = 1 + sum(int(c.rows or 1) for c in changes if not c.for_each)
            together = " + ".join([*(f"len({elements})" for elements in lists), str(single)])
            yield comparison(f"len({self._rows})", "==", together)
        if self._fixed and self.change.rows != "any" and not self.change.for_each:
            yield call(f"assert {self._rows}.where", self._keywords(self._fixed))

    def _several(self) -> Iterator[str]:
        """That there are as many rows as are right, and that each holds what is stated of it."""
        change, fixed = self.change, self._fixed
        told = change.values if change.kind == "inserts" and self.inserts else {}
        where = [*self._where, *self._keywords(told)]
        found = f"{self._rows}.where({', '.join(where)})" if where else self._rows
        if change.rows != "any":
            yield comparison(f"len({found})", "==", str(change.rows))
        if fixed and not told:
            yield call(f"assert {found}.only", self._keywords(fixed))

    @property
    def _fixed(self) -> dict[str, Any]:
        """What the change states as it is, no difference to the row before."""
        return _parted({**self.change.values, **self.change.set_})[1]

    def _among_inserts(self) -> Iterator[str]:
        """That this row is there beside the others added to its table, told from them by its values."""
        change, others = self.change, self.inserts
        counted = all(other.rows != "any" for other in others)
        if change is next(other for other in others if not other.rows) and counted:
            yield comparison(f"len({self._rows})", "==", self._inserts_together)
        if change.for_each:
            yield from self._for_each(self._elements)
            return
        same = [other for other in others if other.values == change.values and not other.for_each]
        if not change.values or change is not same[0]:
            return
        where = self._keywords(change.values)
        alike = [other for other in others if not self._apart(other)]
        if len(alike) > len(same):
            yield call(f"assert {self._rows}.where", where)
        elif len(same) > 1:
            yield comparison(f"len({call(f'{self._rows}.where', where)})", "==", str(len(same)))
        else:
            yield chain(self._rows, ("where", where), ("one", ()))

    def _apart(self, other: Change) -> bool:
        """No row can be both: a column holds another literal, or another row's key.

        Two other fields of a request, an amount and a fee, may happen to be the same.
        """
        schema = self.request.subject.resolved.schema
        table = schema.table(self.change.table) if schema else None
        keys = {c for key in table.foreign_keys for c in key.columns} if table else set()
        pairs = [
            (c, v, other.values[c]) for c, v in self.change.values.items() if c in other.values
        ]
        return any(
            mine != others and (c in keys or not (is_expression(mine) or is_expression(others)))
            for c, mine, others in pairs
        )

    @property
    def _inserts_together(self) -> str:
        """Source text of how many rows all inserts of the table add: `len(body["items"]) + 1`."""
        lists = [replace(self, change=c)._elements for c in self.inserts if c.for_each]
        single = sum(int(c.rows or 1) for c in self.inserts if not c.for_each)
        counts = [f"len({elements})" for elements in lists]
        return " + ".join([*counts, *([str(single)] if single else [])])

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
        return f"{self._rows}.where({', '.join(self._where)})" if self._where else self._rows

    @property
    def _where(self) -> list[str]:
        """Keyword arguments of what `where` says and `set` leaves as it was."""
        change = self.change
        where = {c: v for c, v in change.where.items() if not _by_item(v) and c not in change.set_}
        return self._keywords(where)

    def _for_each(self, elements: str) -> Iterator[str]:
        change = self.change
        if not self.inserts:
            yield from self.moves
        if change.kind == "updates":
            yield from self._updates(_parted(change.set_)[1], elements)
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
        if fixed or not self.inserts:
            yield comparison(f"len({found})", "==", f"len({elements})")
        if told:
            if self.parent:
                yield call(f"assert {found}.only", self.parent)
            yield _loop(elements, f"assert stored(sent=item, fields={self.fields}) in {found}")
        elif by_item:
            line = call(f"assert {found}.where", self._keywords(change.values), depth=2)
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

    def _amount(self, value: Any, elements: str) -> str:
        """Source text of the number by which a column moves, summed over elements if there are any."""
        expression = read_value(value, relative=True)
        amount = str(expression.constant)
        if is_expression(value):
            amount = number(self.request, self.change, expression, self._source(value))
        if elements:
            amount = f"sum({amount} for item in {elements})"
        return f"-{amount}" if expression.sign == "-" else amount

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
