"""Which rows an operation changes beside its own, and what tells them from all others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..mapping.expression import is_expression
from ..mapping.model import Change
from .code import keywords, literal
from .reading import ReadingView
from .related import Related, child_column


@dataclass(frozen=True)
class SideRowsView(ReadingView):
    """What a template may ask about the rows that change beside the main one."""

    @cached_property
    def related(self) -> tuple[Related, ...]:
        """The expected changes beside the main row, rows of children arranged where they must be."""
        found = [self._related(c) for c in self.write.changes if c.within is None]
        places = {one.change.table: place for place, one in enumerate(found)}
        for table, place in places.items():
            found[place] = replace(found[place], at_most=self._reached(table))
        beside_own = self.inserts_beside_own
        return tuple(
            replace(
                one,
                inserts=self._inserts_beside(one.change),
                beside_own=beside_own if one.change in beside_own else (),
            )
            for one in found
        )

    def _inserts_beside(self, change: Change) -> tuple[Change, ...]:
        """All rows that are added to the table of one that is, where they are several."""
        changes = self.write.changes
        adding = [c for c in changes if c.inserts == change.inserts and c.within is None]
        return tuple(adding) if change.kind == "inserts" and len(adding) > 1 else ()

    def _reached(self, table: str) -> int:
        """How many rows of a table are changed by their keys, where all that change are; else 0."""
        changes = [change for change in self.write.changes if change.table == table]
        schema = self.subject.resolved.schema
        known = schema.table(table) if schema else None
        if known is None or table == self.table or not known.primary_key:
            return 0
        told = [
            change.kind == "updates"
            and not (change.for_each or change.within or change.rows)
            and {*change.where} >= {*known.primary_key}
            for change in changes
        ]
        return len(changes) if all(told) else 0

    def _parent_of(self, table: str) -> tuple[str, ...]:
        """`order_id=changes.inserted("orders").one()["id"]`: whose the new rows of a table are."""
        resource, schema = self.resource, self.subject.resolved.schema
        known = schema.table(table) if schema else None
        if known is None or resource is None or self.write.kind != "creates":
            return ()
        keys = [k for k in known.foreign_keys if k.table == resource.table and len(k.columns) == 1]
        new = self.new_row
        return tuple(
            keywords(
                (key.columns[0], f"{new}[{literal(key.target_columns[0])}]") for key in keys[:1]
            )
        )

    def _related(self, change: Change) -> Related:
        resolved, rows = self.subject.resolved, self.request.rows
        addressed = bool(self.request.path) and bool(self.table)
        column = child_column(self.request, change, self.table) if addressed else None
        if column is None and self.write.elements.get(change.table):
            fields, parent = rows.constant(change.table), self._parent_of(change.table)
            return Related(change, self.request, fields=fields, parent=parent)
        if column is None:
            return Related(change, self.request)
        resource = resolved.resource_of(change.table)
        table = resolved.schema.table(change.table) if resolved.schema else None
        # A row of the resource is arranged without a parent where it needs none.
        bound = table is None or not table.columns[column].nullable
        if resource is not None and bound:
            name = self.request.row_of(resource.name)
        else:
            name = rows.name_of_table(change.table)
            told = {c: v for c, v in change.where.items() if not is_expression(v)}
            self.request.local[name] = rows.child(
                name, change.table, column=column, parent=self.row, key=self.key, told=told
            )
        return Related(change, self.request, child=name, key=table.primary_key if table else ())
