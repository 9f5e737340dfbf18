"""Expected changes beside the main row, as the assertions of an emitted test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..mapping.expression import is_expression, parse, read_value
from ..mapping.model import Change
from .code import INDENT, call, comparison, keywords, literal
from .expressions import source
from .holding import held
from .request import Request
from .rows import fixture_name

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
        """Assertions, laid out for one level of indent."""
        if self.child:
            key = keywords((c, f"{self.child}[{literal(c)}]") for c in self.key)
            return [call(f"assert {self._rows}.one", key)]
        if self.change.for_each:
            return list(self._for_each(self._source(self.change.for_each)))
        stated = {**self.change.values, **self.change.set_}
        deltas = {column: v for column, v in stated.items() if is_relative(v)}
        fixed = {column: v for column, v in stated.items() if column not in deltas}
        lines = [self._moved(column, value) for column, value in deltas.items()]
        if fixed or not lines:
            lines.append(call(f"assert {self._found}.one", self._keywords(fixed)))
        if self.at_most:
            lines.append(comparison(f"len({self._rows})", "<=", str(self.at_most)))
        return lines

    @property
    def _rows(self) -> str:
        return f"changes.{DONE[self.change.kind]}({literal(self.change.table)})"

    @property
    def _found(self) -> str:
        """The rows of this change, narrowed by `where`."""
        where = {c: v for c, v in self.change.where.items() if "$item" not in str(v)}
        if not where:
            return self._rows
        return f"{self._rows}.where({', '.join(self._keywords(where))})"

    def _for_each(self, elements: str) -> Iterator[str]:
        change = self.change
        deltas = {column: v for column, v in change.set_.items() if is_relative(v)}
        for column, value in deltas.items():
            yield self._moved(column, value, elements)
        if change.kind == "updates":
            if named := self._named_by_items:
                yield call(f"assert {self._rows}.only", named)
            return
        by_item = any("$item" in str(value) for value in change.values.values())
        fixed = {} if by_item else change.values
        found = self._rows
        told = self.fields and not by_item
        if fixed or told:
            name = fixture_name(change.table)
            narrowed = call(f"{name} = {found}.where", self._keywords(fixed))
            yield narrowed if fixed else f"{name} = {found}"
            found = name
        yield comparison(f"len({found})", "==", f"len({elements})")
        if told:
            if self.parent:
                yield call(f"assert {found}.only", self.parent)
            yield f"for item in {elements}:"
            yield f"{INDENT}assert stored(sent=item, fields={self.fields}) in {found}"
        elif by_item:
            yield f"for item in {elements}:"
            yield INDENT + call(f"assert {found}.one", self._keywords(change.values), depth=2)

    @property
    def _named_by_items(self) -> list[str]:
        """`id=product["id"]`: the row that all elements name, where they name one."""
        each = parse(str(self.change.for_each))
        for column, value in self.change.where.items():
            if "$item" in str(value):
                pointer = "/".join((*each.steps, "*", *parse(value).steps))
                row = self.request.row_at(pointer)
                if row:
                    return keywords([(column, f"{row}[{literal(column)}]")])
        return []

    def _moved(self, column: str, value: Any, elements: str = "") -> str:
        expression = read_value(value, relative=True)
        amount = self._source(value) if is_expression(value) else str(expression.constant)
        if elements:
            amount = f"sum({amount} for item in {elements})"
        sign = "-" if expression.sign == "-" else ""
        return comparison(f"{self._found}.moved({literal(column)})", "==", f"{sign}{amount}")

    def _keywords(self, columns: Mapping[str, Any]) -> list[str]:
        return held(self.request, self.change.table, columns, self.answer)

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


def child_column(request: Request, change: Change, table: str) -> str | None:
    """The column by which a changed table's rows belong to rows of `table`, if they do."""
    schema = request.subject.resolved.schema
    if schema is None or change.kind == "inserts" or change.table not in schema.tables:
        return None
    if any(is_expression(v) and parse(v).source != "row" for v in change.where.values()):
        return None
    keys = schema.tables[change.table].foreign_keys
    return next((k.columns[0] for k in keys if k.table == table and len(k.columns) == 1), None)
