"""Nodes as Hypothesis strategies.

Scalars draw one number each (see `series`), objects draw which optional properties they have, and what
lies below is compiled when it is first drawn: building costs nothing, however large the document is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from .columns import Scope
from .distinct import keys_of
from .ecma import translated
from .errors import NoPayload
from .hostile import hostile_text
from .maps import free_name, is_map
from .node import Node, copied, same
from .numbers import everyday
from .obstacles import obstacle
from .orders import in_order, left_alone
from .overlap import disjoint
from .scalars import SCALARS, enum_values, scalar_series
from .schemas import ENDLESS
from .series import MISSING
from .unique import unique_value
from .walk import Walker, ordered, with_dependents

DEEPEST = 4  # below, objects have what is required and arrays what is least
_OPTIONAL = (12, 5, 3, 2)  # the most optional properties drawn at each depth
_ITEMS = (4, 3, 2, 1)  # the most elements drawn beyond the fewest


class Compiler:
    """Strategies of one document, each made once."""

    def __init__(self, walker: Walker, *, hostile: bool = False, updates: bool = False) -> None:
        self.updates = updates
        self.walker = walker
        self.schemas = walker.schemas
        self.hostile = hostile
        self._made: dict[tuple[Node, Scope | None, int], SearchStrategy[Any]] = {}

    def strategy(
        self, node: Node, scope: Scope | None = None, depth: int = 0
    ) -> SearchStrategy[Any]:
        """Values that the node and the columns of its scope allow.

        Raises: NoPayload where there is none.
        """
        key = (node, scope, min(depth, DEEPEST))
        if key not in self._made:
            self._made[key] = self._compiled(node, scope, depth)
        return self._made[key]

    def _compiled(self, node: Node, scope: Scope | None, depth: int) -> SearchStrategy[Any]:
        tight = self.walker.tight(node, scope)
        if self.schemas.height(tight) == ENDLESS:
            raise NoPayload(obstacle(self.schemas, tight) or "no value satisfies it")
        found = self._values(tight, scope, depth)
        if scope and scope.unique:
            key = scope.key
            return found.map(lambda drawn: unique_value(tight, drawn, key))
        return found

    def _values(self, node: Node, scope: Scope | None, depth: int) -> SearchStrategy[Any]:
        if node.enum is not None:
            allowed = enum_values(node)
            if not allowed:
                raise NoPayload(f"none of its {len(node.enum)} enum values satisfies it")
            drawn = st.sampled_from(allowed)
            # A test may write into what it is given.
            return drawn.map(copied) if any(isinstance(v, dict | list) for v in allowed) else drawn
        if node.choices:
            return self._of_choice(node, scope, depth)
        kinds = node.kinds()
        if len(kinds) > 1 and depth >= DEEPEST:
            kinds = kinds[:1]
        found = self._any([partial(self._of_kind, node, kind, scope, depth) for kind in kinds])
        return self._filtered(node, found) if node.judged else found

    def _any(self, makers: list[Callable[[], SearchStrategy[Any]]]) -> SearchStrategy[Any]:
        """One of those that can be made."""
        found, reasons = [], []
        for make in makers:
            try:
                found.append(make())
            except NoPayload as reason:
                reasons.append(reason)
        if not found:
            raise reasons[0] if reasons else NoPayload("no alternative satisfies it")
        return found[0] if len(found) == 1 else st.one_of(found)

    def _of_choice(self, node: Node, scope: Scope | None, depth: int) -> SearchStrategy[Any]:
        branches = list(self.walker.alternatives(node))
        if depth >= DEEPEST:
            lowest = min(map(self.schemas.height, branches))
            branches = [branch for branch in branches if self.schemas.height(branch) == lowest]
        found = self._any([partial(self._values, branch, scope, depth) for branch in branches])
        if node.choices[0].exclusive and not disjoint(self.schemas, node):
            return self._filtered(node, found)
        return found

    def _filtered(self, node: Node, found: SearchStrategy[Any]) -> SearchStrategy[Any]:
        judge = self.walker.judge
        return found.filter(lambda value: judge.accepts(node, value))

    def _of_kind(
        self, node: Node, kind: str, scope: Scope | None, depth: int
    ) -> SearchStrategy[Any]:
        if kind == "string":
            return self._text(node)
        if kind in SCALARS:
            usual = scope is not None and not (self.hostile or scope.unique)
            return self._scalar(everyday(node, scope.limit) if usual and scope else node, kind)
        if kind == "array":
            return self._array(node, scope, depth)
        return self._object(node, scope, depth)

    def _scalar(self, node: Node, kind: str) -> SearchStrategy[Any]:
        if kind == "null":
            return st.none()
        if kind == "boolean":
            return st.booleans()
        found = scalar_series(node, kind, wide=self.hostile)
        if found is None or found.first() is MISSING:
            raise NoPayload(f"no {kind} lies between its bounds")
        if kind == "integer" and not node.multiples:
            return st.integers(found.low, found.high)
        return st.integers(found.low, found.high).map(found.at)

    def _text(self, node: Node) -> SearchStrategy[str]:
        found = scalar_series(node, "string")
        if found is None:
            return self._by_regex(node)
        if found.first() is MISSING:
            raise NoPayload("no text satisfies its format, pattern and length together")
        plain = st.integers(0, found.size - 1).map(found.at)
        free = self.hostile and not node.formats and not node.likely and not node.is_file
        wild = hostile_text(node) if free else None
        return plain if wild is None else st.one_of(plain, wild)

    def _by_regex(self, node: Node) -> SearchStrategy[str]:
        """Hypothesis' own reading of a pattern, where it cannot be numbered."""
        from .faults import faults

        printable = st.characters(min_codepoint=32, max_codepoint=126)
        try:
            found = st.from_regex(translated(node.patterns[0]), alphabet=printable)
            found.validate()
        except (HypothesisException, re.error, OverflowError) as error:
            raise NoPayload(f"the pattern {node.patterns[0]} cannot be read: {error}") from None
        return found.filter(lambda text: not faults(node, text))

    def _array(self, node: Node, scope: Scope | None, depth: int) -> SearchStrategy[Any]:
        inner = scope.child("*") if scope else None
        if node.prefix:
            return self._tuple(node, inner, depth)
        more = 0 if depth >= DEEPEST else _ITEMS[depth]
        most = node.min_items + more
        most = most if node.max_items is None else min(most, node.max_items)
        item = self.schemas.item(node, 0)
        if most == 0 or (node.min_items == 0 and not self.walker.makes(item)):
            return st.builds(list)
        elements = self.strategy(item, inner, depth + 1)
        if node.unique_items and item.enum is not None and inner is None:
            most = min(most, len(enum_values(item)))
        keys = (*([same] if node.unique_items else []), *keys_of(inner))
        return st.lists(elements, min_size=node.min_items, max_size=most, unique_by=keys or None)

    def _tuple(self, node: Node, inner: Scope | None, depth: int) -> SearchStrategy[Any]:
        count = max(node.min_items, len(node.prefix))
        count = count if node.max_items is None else min(count, node.max_items)
        parts = [self.strategy(self.schemas.item(node, i), inner, depth + 1) for i in range(count)]
        return st.tuples(*parts).map(list)

    def _object(self, node: Node, scope: Scope | None, depth: int) -> SearchStrategy[Any]:
        required = dict.fromkeys(self.schemas.required(node))
        optional = [] if depth >= DEEPEST else self._optional(node, required)
        most = min(len(optional), _OPTIONAL[min(depth, DEEPEST - 1)])
        if node.max_properties is not None:
            most = min(most, node.max_properties - len(required))
        entries = None
        if optional and most > 0:
            # A name beside its value: what belongs together is left out together in shrinking.
            entry = _entry(self, node, scope, depth, st.sampled_from(optional))
            entries = st.lists(entry, unique_by=_name, max_size=most)
        least = max(0, min(node.min_properties - len(required), len(optional)))
        sure = dict.fromkeys([*required, *optional[:least]])
        extras = self._extras(node, depth, len(sure))
        return _drawn(self, node, scope, depth, (required, sure), entries, extras)

    def _optional(self, node: Node, required: dict[str, None]) -> list[str]:
        """The optional properties that can be drawn."""
        found = []
        for name, child in self.schemas.writable(node).items():
            if name not in required and self.walker.makes(child):
                found.append(name)
        return found

    def addable(self, node: Node) -> list[str]:
        """The properties that an object can have, where nothing limits their number."""
        return [] if node.max_properties is not None else self._optional(node, {})

    def property(
        self, node: Node, scope: Scope | None, depth: int, name: str
    ) -> SearchStrategy[Any]:
        """The values of one property."""
        inner = scope.child(name) if scope else None
        return self.strategy(self.schemas.property(node, name), inner, depth + 1)

    def _extras(self, node: Node, depth: int, sure: int) -> SearchStrategy[int] | None:
        """How many undeclared properties: some for maps, what `minProperties` still wants."""
        least = max(0, node.min_properties - sure)
        if not is_map(node) or depth >= DEEPEST:
            return st.just(least) if least else None
        most = min(least + 2, node.max_properties or least + 2)
        return st.integers(least, max(least, most))

    def free_properties(
        self, node: Node, count: int, body: dict[str, Any], depth: int
    ) -> dict[str, SearchStrategy[Any]]:
        """That many undeclared names with the strategies of their values."""
        found: dict[str, SearchStrategy[Any]] = {}
        for number in range(count + len(body) + 8):
            name = free_name(self.schemas, node, number)
            if len(found) == count:
                break
            if name is None or name in body or name in node.properties:
                continue
            child = self.schemas.property(node, name)
            if self.walker.makes(child):
                found[name] = self.strategy(child, None, depth + 1)
        return found


def _name(entry: tuple[str, Any]) -> str:
    return entry[0]


@st.composite
def _entry(
    draw: st.DrawFn,
    compiler: Compiler,
    node: Node,
    scope: Scope | None,
    depth: int,
    names: SearchStrategy[str],
) -> tuple[str, Any]:
    """One optional property."""
    name = draw(names)
    return name, draw(compiler.property(node, scope, depth, name))


@st.composite
def _drawn(
    draw: st.DrawFn,
    compiler: Compiler,
    node: Node,
    scope: Scope | None,
    depth: int,
    names: tuple[dict[str, None], dict[str, None]],
    entries: SearchStrategy[list[tuple[str, Any]]] | None,
    extras: SearchStrategy[int] | None,
) -> dict[str, Any]:
    """An object: what is required, some of what is optional, and free properties of maps.

    `names` are the required ones, and those that make up the fewest properties.
    """
    required, sure = names
    body = {name: draw(compiler.property(node, scope, depth, name)) for name in required}
    if entries is not None:
        body.update(draw(entries))
    if len(body) < len(sure):
        missing = [name for name in sure if name not in body][: len(sure) - len(body)]
        body |= {name: draw(compiler.property(node, scope, depth, name)) for name in missing}
    for name in with_dependents(node, dict.fromkeys(body)):
        if name not in body:
            body[name] = draw(compiler.property(node, scope, depth, name))
    if compiler.updates:
        # Alone, a field would be held against what the row has in the other.
        known = [*body, *compiler.addable(node)]
        for name in left_alone(body, known, scope).values():
            body[name] = draw(compiler.property(node, scope, depth, name))
    if extras is not None:
        for name, free in compiler.free_properties(node, draw(extras), body, depth).items():
            body[name] = draw(free)
    found = {name: body[name] for name in ordered(node, dict.fromkeys(body))}
    return in_order(compiler.walker, node, scope, found)
