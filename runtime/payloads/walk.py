"""Bodies made by walking a schema: deterministic but for their unique parts, no Hypothesis involved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from .columns import ColumnLimit, Scope, limited
from .distinct import are_distinct
from .errors import NoPayload
from .faults import faults
from .judge import Judge
from .limits import MOST_CHARACTERS, MOST_ITEMS, MOST_PROPERTIES, check_count
from .maps import free_name, is_map
from .node import Node, same
from .obstacles import obstacle
from .orders import in_order
from .overlap import disjoint
from .parameters import object_node
from .scalars import SCALARS, enum_values, scalar_series
from .schemas import ENDLESS, Schemas
from .series import MISSING
from .unique import unique_value

if TYPE_CHECKING:
    from ...spec.model import Operation

DEEPEST = 8  # where optional parts of a complete body end
_MORE_TRIES = 12


class Walker:
    """Makes one value of a node: the smallest (`full` false) or one with every property."""

    def __init__(self, schemas: Schemas, judge: Judge) -> None:
        self.schemas = schemas
        self.judge = judge
        self._alternatives: dict[Node, tuple[Node, ...]] = {}
        self._makes: dict[Node, bool] = {}
        self._tight: dict[tuple[Node, ColumnLimit], Node] = {}
        self._places: dict[tuple[str, str], Node] = {}
        self._open: list[Node] = []

    def value(
        self, node: Node, scope: Scope | None = None, *, index: int = 0, full: bool = False
    ) -> Any:
        """The index-th value that the node allows; different indexes differ where the node has room.

        Raises: NoPayload where the node allows no value.
        """
        drawn = self._value(self.tight(node, scope), scope, index, full)
        return (
            unique_value(self.tight(node, scope), drawn, scope.key)
            if scope and scope.unique
            else drawn
        )

    def tight(self, node: Node, scope: Scope | None) -> Node:
        """The node as its column limits it; the same node for the same column."""
        if scope is None or scope.limit is None:
            return node
        key = node, scope.limit
        if key not in self._tight:
            self._tight[key] = limited(node, scope.limit)
        return self._tight[key]

    def _value(self, node: Node, scope: Scope | None, index: int, full: bool) -> Any:
        if self.schemas.height(node) == ENDLESS:
            raise NoPayload(obstacle(self.schemas, node) or "no value satisfies it")
        if index == 0 and (told := self._told(node)) is not MISSING:
            return told
        if node.enum is not None:
            allowed = _telling(enum_values(node), node)
            if not allowed:
                raise NoPayload(f"none of its {len(node.enum)} enum values satisfies it")
            return allowed[index % len(allowed)]
        if node.choices:
            return self._of_choice(node, scope, index, full)
        return self._checked(node, scope, index, full)

    def parameters(self, operation: Operation, location: str) -> Node:
        """The parameters of one place of an operation as one closed object."""
        key = operation.label, location
        if key not in self._places:
            self._places[key] = object_node(self.schemas, operation, location)
        return self._places[key]

    def _told(self, node: Node) -> Any:
        """A scalar that the document itself gives as an example, if it is valid."""
        if node.choices or node.judged:
            return MISSING
        for value in node.examples:
            if isinstance(value, str | int | float) and not faults(node, value):
                return value
        return MISSING

    def _of_choice(self, node: Node, scope: Scope | None, index: int, full: bool) -> Any:
        unsure = node.choices[0].exclusive and not disjoint(self.schemas, node)
        reasons = []
        for branch in self._flattest_first(node):
            for whole in (True, False) if full else (False,):
                try:
                    value = self._value(branch, scope, index, whole)
                except NoPayload as reason:
                    reasons.append(str(reason))
                    continue
                if not unsure or self.judge.accepts(node, value):
                    return value
                reasons.append(self.judge.complaint(node, value))
        told = f": {reasons[0]}" if reasons else ""
        raise NoPayload(
            f"none of its {len(node.choices[0].branches)} alternatives can be made{told}"
        )

    def _flattest_first(self, node: Node) -> tuple[Node, ...]:
        """The alternatives in their order, but those that lead back into themselves last."""
        branches = self.alternatives(node)
        if len(self._open) >= DEEPEST:
            return tuple(sorted(branches, key=self.schemas.height))
        return tuple(sorted(branches, key=lambda branch: branch in self._open))

    def _of_kind(self, node: Node, kind: str, scope: Scope | None, index: int, full: bool) -> Any:
        if kind == "boolean":
            return _telling((True, False), node)[index % 2]
        if kind in SCALARS:
            check_count(node.min_length, MOST_CHARACTERS, "minLength")
            found = scalar_series(node, kind)
            value = MISSING if found is None else found.first(index)
            if value is MISSING:
                raise NoPayload(f"no {kind} satisfies {_rules(node)}")
            return value
        self._open.append(node)
        try:
            if kind == "array":
                return self._array(node, scope, index, full)
            return self._object(node, scope, index, full)
        finally:
            self._open.pop()

    def _array(self, node: Node, scope: Scope | None, index: int, full: bool) -> list[Any]:
        inner = scope.child("*") if scope else None
        count = max(node.min_items, len(node.prefix))
        check_count(count, MOST_ITEMS, "minItems")
        # An array of nothing tells little: one element, where there can be one.
        if count == 0 and node.max_items != 0 and self._enters(self.schemas.item(node, 0)):
            count = 1
        found: list[Any] = []
        for place in range(count):
            item = self.schemas.item(node, place)
            apart = node.unique_items or (inner is not None and inner.distinct)
            tries = range(place, place + _MORE_TRIES) if apart else (0,)
            values = (self.value(item, inner, index=index + shift, full=full) for shift in tries)
            found.append(_first_apart(inner, found, values))
        if node.unique_items and len({same(value) for value in found}) < len(found):
            raise NoPayload(f"there are fewer than {count} different elements")
        return found

    def makes(self, node: Node) -> bool:
        """Whether a value of the node can be made at all."""
        if node not in self._makes:
            open_, self._open = self._open, []
            try:
                self.value(node)
            except NoPayload:
                self._makes[node] = False
            else:
                self._makes[node] = True
            finally:
                self._open = open_
        return self._makes[node]

    def _enters(self, child: Node) -> bool:
        """Whether an optional part is taken: not once more inside itself, and not too deep."""
        if self.schemas.height(child) == ENDLESS or len(self._open) >= DEEPEST:
            return False
        return child not in self._open

    def _checked(self, node: Node, scope: Scope | None, index: int, full: bool) -> Any:
        """A value that the judge accepts, where building it cannot promise that."""
        kinds = [kind for kind in node.kinds() if kind != "null"] or ["null"]
        value = self._of_kind(node, kinds[0], scope, index, full)
        if not node.judged or self.judge.accepts(node, value):
            return value
        for whole in (full, not full):
            for shift in range(_MORE_TRIES):
                value = self._of_kind(node, kinds[0], scope, index + shift, whole)
                if self.judge.accepts(node, value):
                    return value
        raise NoPayload(f"no value found: {self.judge.complaint(node, value)}")

    def _object(self, node: Node, scope: Scope | None, index: int, full: bool) -> dict[str, Any]:
        schemas = self.schemas
        names = dict.fromkeys(schemas.required(node))
        optional = [name for name, child in schemas.writable(node).items() if self._enters(child)]
        wanted = len(optional) if full else node.min_properties - len(names)
        for name in (name for name in optional if name not in names):
            if wanted <= 0 or (node.max_properties or ENDLESS) <= len(names):
                break
            names[name] = None
            wanted -= 0 if full else 1
        body: dict[str, Any] = {}
        for name in with_dependents(node, ordered(node, names)):
            child = schemas.property(node, name)
            try:
                body[name] = self.value(
                    child, scope.child(name) if scope else None, index=index, full=full
                )
            except NoPayload as reason:
                if name in node.required:
                    raise NoPayload(f"{name}: {reason}") from None
        body = in_order(self, node, scope, body)
        check_count(node.min_properties - len(body), MOST_PROPERTIES, "minProperties")
        missing = max(node.min_properties - len(body), 1 if full and is_map(node) else 0)
        return body | self.extras(node, missing, body, index) if missing > 0 else body

    def extras(
        self, node: Node, count: int, body: dict[str, Any], index: int = 0
    ) -> dict[str, Any]:
        """That many properties that are not declared."""
        found: dict[str, Any] = {}
        for number in range(count + len(body) + 8):
            if len(found) >= count:
                break
            name = free_name(self.schemas, node, number)
            if name is None or name in body or name in node.properties:
                continue
            child = self.schemas.property(node, name)
            if self.schemas.height(child) < ENDLESS:
                found[name] = self.value(child, index=index + number)
        if len(found) < count and node.min_properties > len(body) + len(found):
            raise NoPayload(f"it wants {node.min_properties} properties and does not allow so many")
        return found

    def alternatives(self, node: Node) -> tuple[Node, ...]:
        """The branches to make values of: possible ones, and under `oneOf` ones that no other takes."""
        if node not in self._alternatives:
            branches = [b for b in self.schemas.branches(node) if self.schemas.height(b) < ENDLESS]
            self._alternatives[node] = tuple(branches)  # a branch may hold the node again
            if node.choices[0].exclusive and not disjoint(self.schemas, node):
                kept = [made for branch in branches if (made := self._exclusive(node, branch))]
                self._alternatives[node] = tuple(kept or branches)
        return self._alternatives[node]

    def _exclusive(self, node: Node, branch: Node) -> Node | None:
        """The branch, or the branch with all its properties required, whose values the node takes."""
        whole = replace(branch, required=branch.required | self.schemas.writable(branch).keys())
        for made in (branch, whole):
            try:
                if self.judge.accepts(node, self._value(made, None, 0, False)):
                    return made
            except NoPayload:
                continue
        return None


def _first_apart(inner: Scope | None, found: list[Any], values: Iterator[Any]) -> Any:
    """The first of the values that rows of the elements found so far leave room for, else the first."""
    first = next(values)
    for value in chain([first], values):
        if are_distinct(inner, [*found, value]):
            return value
    return first


def _telling(values: tuple[Any, ...], node: Node) -> tuple[Any, ...]:
    """The default last: a body that repeats it does not show whether it was read."""
    return tuple(sorted(values, key=lambda value: (value,) == node.default))


def ordered(node: Node, names: dict[str, None]) -> dict[str, None]:
    """The names in the document's order, undeclared ones last."""
    return dict.fromkeys([name for name in node.properties if name in names] + list(names))


def with_dependents(node: Node, names: dict[str, None]) -> dict[str, None]:
    """The names and those that `dependentRequired` wants beside them."""
    if not node.dependent:
        return names
    found = dict(names)
    waiting = list(names)
    while waiting:
        for name in sorted(node.dependent.get(waiting.pop(), frozenset()) - found.keys()):
            found[name] = None
            waiting.append(name)
    return found


def _rules(node: Node) -> str:
    """The rules of a text or number, for messages."""
    said = {
        "pattern": " and ".join(node.patterns),
        "format": " and ".join(node.formats),
        "minLength": node.min_length,
        "maxLength": node.max_length,
        "minimum": node.minimum and str(node.minimum),
        "maximum": node.maximum and str(node.maximum),
    }
    return ", ".join(f"{word} {value}" for word, value in said.items() if value) or "its rules"
