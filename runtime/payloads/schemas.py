"""A document's schemas as nodes: references followed, `allOf` merged, alternatives laid out.

Every raw schema is read once; what two schemas allow together is one schema for the same two, so that
recursion ends even where it runs through `allOf`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ...mapping.likely import likely_format
from .limits import MOST_COMBINATIONS, check_count
from .merge import item_at, merge, property_of
from .node import Choice, Node, Raw
from .reading import keywords

if TYPE_CHECKING:
    from ...spec.model import Document

ENDLESS = math.inf
_DEEPEST = 60  # no finite payload of a real API nests deeper
_ANNOTATIONS = {"$ref", "description", "summary", "title", "deprecated", "externalDocs"}
# OpenAPI 3.0 ignores what stands beside a reference; people mean these two all the same.
_MEANT = {"readOnly", "nullable"}


class Schemas:
    """The schemas of one document; keeps what it has read."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.modern = document.version.startswith(("3.1", "3.2"))
        self._nodes: dict[int, Node] = {}
        self._keep: list[Raw] = []  # ids are keys: what they name has to stay alive
        self._pairs: dict[tuple[int, ...], Raw] = {}
        self._branches: dict[Node, tuple[Node, ...]] = {}
        self._heights: dict[Node, float] = {}
        self._writable: dict[Node, dict[str, Node]] = {}

    def node(self, raw: Raw) -> Node:
        """The merged schema; the same node for the same raw schema.

        Raises: SpecError where a reference leads nowhere.
        """
        return self._read(raw, frozenset())

    def _read(self, raw: Raw, open_: frozenset[int]) -> Node:
        known = self._nodes.get(id(raw))
        if known is not None:
            return known
        if not isinstance(raw, Mapping):
            node = Node(raw=raw, types=None if raw else ())
        else:
            node = self._merged(raw, open_ | {id(raw)})
        self._keep.append(raw)
        self._nodes[id(raw)] = node
        return node

    def _merged(self, raw: Mapping[str, object], open_: frozenset[int]) -> Node:
        parts: list[Raw] = []
        if isinstance(raw.get("$ref"), str):
            target: Raw = self.document.follow(raw)
            if self._is_plain(raw):
                return self._read(target, open_) if id(target) not in open_ else Node()
            if not self.modern:
                beside = keywords({word: raw[word] for word in _MEANT & raw.keys()}, modern=False)
                node = self._read(target, open_) if id(target) not in open_ else Node()
                hidden, vague = beside.read_only or node.read_only, beside.vague_null
                return replace(node, read_only=hidden, vague_null=vague or node.vague_null)
            parts.append(target)
        several = raw.get("allOf")
        if isinstance(several, list):
            parts += [part for part in several if isinstance(part, Mapping | bool)]
        node = keywords(raw, modern=self.modern)
        alone = [c for c in node.choices if len(c.branches) == 1 and not c.discriminator]
        parts += [choice.branches[0] for choice in alone]
        node = replace(node, choices=tuple(c for c in node.choices if c not in alone))
        for part in parts:
            # A schema that contains itself through `allOf` adds nothing to itself.
            inner = self._target(part)
            if id(inner) not in open_:
                node = merge(node, self._read(inner, open_), self.combine)
        return replace(self._or_null(node), raw=raw)

    def _or_null(self, node: Node) -> Node:
        """`anyOf: [X, {type: null}]`, the usual spelling of an optional value, as one plain node."""
        if len(node.choices) != 1 or node.types is not None or len(node.choices[0].branches) != 2:
            return node
        first, second = (self.node(branch) for branch in node.choices[0].branches)
        value, other = (second, first) if first.types == ("null",) else (first, second)
        if other.types != ("null",) or value.types is None or value.choices or value.vague_null:
            return node
        enum = None if value.enum is None else (*value.enum, None)
        value = replace(value, types=(*value.types, "null"), enum=enum)
        return merge(replace(node, choices=()), value, self.combine)

    def _target(self, raw: Raw) -> Raw:
        """Past plain references, so that one schema has one identity."""
        if isinstance(raw, Mapping) and isinstance(raw.get("$ref"), str) and self._is_plain(raw):
            target: Raw = self.document.follow(raw)
            return target
        return raw

    def _is_plain(self, raw: Mapping[str, object]) -> bool:
        """Whether nothing beside the reference says anything."""
        return not (raw.keys() - _ANNOTATIONS if self.modern else raw.keys() & _MEANT)

    def combine(self, left: Raw, right: Raw) -> Raw:
        """A schema for what both allow; the same object whenever the same two are joined."""
        if left is False or right is False:
            return False
        if left is True or right is True:
            return right if left is True else left
        parts: dict[int, Raw] = {}
        for raw in (self._target(left), self._target(right)):
            joined = self._pairs_of(raw)
            parts.update({id(part): part for part in joined})
        if len(parts) == 1:
            return next(iter(parts.values()))
        key = tuple(parts)
        if key not in self._pairs:
            self._pairs[key] = {"allOf": list(parts.values())}
            self._keep.append(self._pairs[key])
        return self._pairs[key]

    def _pairs_of(self, raw: Raw) -> list[Raw]:
        if isinstance(raw, Mapping) and raw.keys() == {"allOf"}:
            return [self._target(part) for part in raw["allOf"]]
        return [raw]

    def writable(self, node: Node) -> dict[str, Node]:
        """The properties that a request may send, in the document's order; read-only ones are not."""
        if node not in self._writable:
            both = {
                name: _likely(self.node(property_of(node, name, self.combine)), name)
                for name in node.properties
            }
            self._writable[node] = {
                name: child for name, child in both.items() if not child.read_only
            }
        return self._writable[node]

    def required(self, node: Node) -> tuple[str, ...]:
        """The properties that a request has to send, declared ones first, in the document's order."""
        hidden = node.properties.keys() - self.writable(node).keys()
        declared = [name for name in node.properties if name in node.required]
        others = sorted(node.required - node.properties.keys())
        return tuple(name for name in (*declared, *others) if name not in hidden)

    def property(self, node: Node, name: str) -> Node:
        """The schema of a property, also of one that is not declared."""
        found = self.writable(node).get(name)
        return found if found is not None else self.node(property_of(node, name, self.combine))

    def item(self, node: Node, index: int) -> Node:
        """The schema of an array's element."""
        return self.node(item_at(node, index))

    def branches(self, node: Node) -> tuple[Node, ...]:
        """The alternatives of the node's first choice, each merged with the rest of the node."""
        if node not in self._branches:
            combinations = math.prod(len(choice.branches) for choice in node.choices)
            check_count(combinations, MOST_COMBINATIONS, "combinations of its alternatives:")
            rest = replace(node, choices=node.choices[1:], examples=(), default=())
            found = tuple(self._chosen(rest, node.choices[0]))
            self._branches[node] = tuple(branch for branch in found if branch.types != ())
        return self._branches[node]

    def _chosen(self, rest: Node, choice: Choice) -> Iterator[Node]:
        for index, raw in enumerate(choice.branches):
            branch = merge(rest, self.node(raw), self.combine)
            # An heir repeats the choice of its parent: it has been made.
            left = tuple(other for other in branch.choices if other.key != choice.key)
            branch = replace(branch, choices=left)
            if choice.discriminator and choice.names[index]:
                branch = self._named(branch, choice.discriminator, choice.names[index])
            yield branch

    def _named(self, branch: Node, prop: str, name: str) -> Node:
        """The branch with its discriminator set, unless its own schema says something else."""
        known = self.node(property_of(branch, prop, self.combine))
        if known.types == ():
            return replace(branch, types=())  # closed against its own discriminator
        if (known.enum is not None and name not in known.enum) or not known.allows("string"):
            return branch
        value: Raw = {"type": "string", "enum": [name]}
        raw = combined if (combined := self.combine(known.raw, value)) is not False else value
        properties = {**branch.properties, prop: raw}
        return replace(branch, properties=properties, required=branch.required | {prop})

    def height(self, node: Node) -> float:
        """How deep the flattest value of the node nests; ENDLESS where there is no value at all."""
        return self._height(node, ())

    def _height(self, node: Node, open_: tuple[Node, ...]) -> float:
        known = self._heights.get(node)
        if known is not None:
            return known
        if node in open_ or len(open_) > _DEEPEST:
            return ENDLESS
        inner = (*open_, node)
        if node.enum is not None:
            height = 0.0 if node.enum else ENDLESS
        elif node.choices:
            height = min((self._height(b, inner) for b in self.branches(node)), default=ENDLESS)
        else:
            kinds = [self._kind_height(node, kind, inner) for kind in node.kinds()]
            height = min(kinds, default=ENDLESS)
        # Endless below an open node may only mean that the node itself was met again.
        if height < ENDLESS or not open_:
            self._heights[node] = height
        return height

    def _kind_height(self, node: Node, kind: str, open_: tuple[Node, ...]) -> float:
        if kind == "object":
            wanted = self.required(node)
            if node.max_properties is not None and len(wanted) > node.max_properties:
                return ENDLESS
            heights = [self._height(self.property(node, name), open_) for name in wanted]
            return 1 + max(heights, default=0)
        if kind == "array":
            if node.max_items is not None and node.min_items > node.max_items:
                return ENDLESS
            count = min(node.min_items, len(node.prefix) + 1)
            heights = [self._height(self.item(node, index), open_) for index in range(count)]
            return 1 + max(heights, default=0)
        if kind == "string":
            longest = node.max_length
            return ENDLESS if longest is not None and longest < node.min_length else 0
        return 0


def _likely(node: Node, name: str) -> Node:
    """The node with the format that its name tells, where it is a text of which nothing is said."""
    plain = node.types and "string" in node.types and node.enum is None and not node.choices
    if not plain or node.formats or node.patterns or node.is_file or node.read_only:
        return node
    told = likely_format(name)
    return replace(node, likely=told) if told else node
