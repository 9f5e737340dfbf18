"""What an operation does beside sending and storing fields: states it sets, rows of children,
audit rows, how it is repeated, how bad a fault would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..defaults import HIGH
from ..names import same_thing, singular, words
from ..pointer import join
from ..schema import Schema
from ..scope import bare
from ..shapes import Shapes
from .columns import Columns
from .guess import Guess
from .special import Roles, deletion_flag, participles, state_columns
from .tables import points_at
from .things import Deed

_IDEMPOTENCY = frozenset(["idempotency", "idempotent"])


@dataclass(frozen=True)
class Effects:
    """Guesses about one schema's operations."""

    shapes: Shapes
    schema: Schema
    roles: Roles

    def states(self, deed: Deed) -> dict[str, Guess]:
        """Columns that an action sets by its name: `status: cancelled`, `published: true`."""
        table = self.schema.tables.get(deed.table or "")
        if table is None or deed.kind != "updates" or not deed.route.action:
            return {}
        found: dict[str, Guess] = {}
        for verb in deed.route.action:
            wanted = participles(verb)
            for name, column in state_columns(table):
                for value in column.enum:
                    if value.lower().replace("-", "_").replace(" ", "_") in wanted:
                        found[name] = Guess(value, 0.88, f"what `{verb}` makes of it")
            for name, column in table.columns.items():
                rest = tuple(word for word in words(name) if word != "is")
                if column.type == "boolean" and "_".join(rest) in wanted:
                    found[name] = Guess(True, 0.85, f"what `{verb}` makes of it")
        return found

    def soft_flag(self, deed: Deed) -> dict[str, Guess]:
        """The flag that a delete sets where rows are marked instead of taken away."""
        table = self.schema.tables.get(deed.table or "")
        flag = deletion_flag(table) if table else None
        if deed.kind != "deletes" or flag is None:
            return {}
        return {flag[0]: Guess(flag[1], 0.8, "a flag for deleted rows: marked, not taken away")}

    def children(self, deed: Deed, parent: str) -> Iterator[dict[str, Guess]]:
        """Rows of other tables, one for each element of an array in the body."""
        if deed.sent is None or deed.table is None or deed.kind == "deletes":
            return
        before = deed.sent.steps if not deed.sent.is_many else None
        if before is None:
            return
        for wire, inner in self.shapes.of(deed.sent.schema).properties.items():
            shape = self.shapes.of(inner)
            if not shape.is_array or Columns(
                self.shapes, self.schema.tables[deed.table], parent
            ).exact(wire, inner):
                continue
            found = self._child_table(deed.table, wire, shape.items)
            if found is not None:
                table, sure, why = found
                yield {
                    "inserts": Guess(table, sure, why),
                    "for_each": Guess(f"$request.body#{join(*before, wire)}", sure),
                }

    def _child_table(self, parent: str, wire: str, items: Any) -> tuple[str, float, str] | None:
        """The table that points at the parent and is named, or has columns, like the array."""
        best: tuple[str, float, str] | None = None
        for name, table in self.schema.tables.items():
            column = points_at(table, parent)
            if column is None or name == parent:
                continue
            own = words(singular(bare(name)))
            named = own[-1:] == words(singular(wire))[-1:] or same_thing(name, wire)
            covered = Columns(self.shapes, table, wire).covered(items) if items is not None else 0.0
            sure = min(0.95, (0.55 if named else 0.2) + 0.5 * covered)
            why = f"`{name}` points at `{parent}`" + (" and is named so" if named else "")
            if sure >= 0.5 and (best is None or sure > best[1]):
                best = (name, sure, why)
        return best

    def idempotency(self, deed: Deed) -> Guess | None:
        """The header by which a client marks a request that is to count once."""
        for parameter in deed.operation.parameters:
            said = set(words(parameter.name))
            if parameter.location == "header" and said & _IDEMPOTENCY:
                return Guess({"header": parameter.name}, 0.97, "a header of the operation")
        return None


def risk(deed: Deed) -> Guess:
    """How bad a fault would be, by what the operation does."""
    said = [*words(deed.operation.path), *words(deed.operation.operation_id), *words(deed.noun)]
    found = next((word for word in said if singular(word) in HIGH), None)
    if found is not None:
        return Guess("high", 0.8, f"`{found}` is about money or credentials")
    if deed.kind == "deletes" or deed.operation.method == "DELETE":
        return Guess("high", 0.75, "it deletes")
    return Guess("medium", 0.7, "it writes")
