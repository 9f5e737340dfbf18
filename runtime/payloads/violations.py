"""All violations of an operation: of its body, of how the body is sent, of its parameters."""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ...mapping.leniency import Leniency
from . import media, parameters
from .breach import Breach
from .breaches import breaches
from .columns import Scope
from .errors import CannotBreak, NoPayload
from .node import Node
from .routes import DROP, Route, Step, applied
from .schemas import ENDLESS
from .series import MISSING
from .violation import PLACES, Sent, Violation
from .walk import Walker

if TYPE_CHECKING:
    from ...spec.model import MediaType, Operation

DEEPEST = 6  # levels of a body that are broken
MOST = 120  # breaches of one body; those at its top are never left out
_OTHER_TYPES = ("text/plain", "application/xml", "application/octet-stream")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A breach and where it goes."""

    pointer: str
    route: Route
    node: Node
    breach: Breach

    @property
    def name(self) -> str:
        if self.breach.rule == "required":
            return f"missing {self.pointer}"
        return f"{self.pointer or 'body'}: {self.breach.said}"


def breaches_below(
    walker: Walker,
    node: Node,
    scope: Scope | None = None,
    route: Route = (),
    pointer: str = "",
    open_: tuple[Node, ...] = (),
) -> Iterator[Found]:
    """The breaches of a node and of all that it holds; nothing is entered a second time inside itself."""
    if walker.schemas.height(node) == ENDLESS:
        return
    if node.choices and node.enum is None:
        yield from _of_choice(walker, node, scope, route, pointer, open_)
        return
    yield from (Found(pointer, route, node, breach) for breach in breaches(node, walker, scope))
    if node.enum is None:
        yield from _inside(walker, node, scope, route, pointer, (*open_, node))


def _inside(
    walker: Walker,
    node: Node,
    scope: Scope | None,
    route: Route,
    pointer: str,
    open_: tuple[Node, ...],
) -> Iterator[Found]:
    if len(open_) > DEEPEST:
        return
    start = f"{pointer}/" if pointer else ""
    kinds = node.kinds()
    if "object" in kinds:
        drop = Breach("required", "missing", lambda _: DROP)
        for name in walker.schemas.required(node):
            child = walker.schemas.property(node, name)
            yield Found(start + name, (*route, Step(node, name)), child, drop)
        for name, child in walker.schemas.writable(node).items():
            if child not in open_:
                below, way = scope.child(name) if scope else None, (*route, Step(node, name))
                yield from breaches_below(walker, child, below, way, start + name, open_)
    elif "array" in kinds and node.max_items != 0:
        for index in range(max(1, len(node.prefix))):
            child = walker.schemas.item(node, index)
            if child not in open_:
                below, way = scope.child("*") if scope else None, (*route, Step(node, index))
                yield from breaches_below(walker, child, below, way, f"{start}{index}", open_)


def _of_choice(
    walker: Walker,
    node: Node,
    scope: Scope | None,
    route: Route,
    pointer: str,
    open_: tuple[Node, ...],
) -> Iterator[Found]:
    """Breaches of one alternative, those that no other alternative takes for a value of its own."""
    seen: set[str] = set()
    for branch in walker.alternatives(node):
        for found in breaches_below(walker, branch, scope, (), pointer, open_):
            if found.name in seen or not _refused(walker, node, branch, found):
                continue
            seen.add(found.name)
            yield Found(
                found.pointer, _through(route, found.route, node, branch), found.node, found.breach
            )


def _through(route: Route, inner: Route, node: Node, branch: Node) -> Route:
    """The inner route's first step goes through the chosen branch of the node."""
    if not inner:
        return route
    first = inner[0]
    return (*route, Step(first.node, first.key, first.chosen or branch, node), *inner[1:])


def _refused(walker: Walker, node: Node, branch: Node, found: Found) -> bool:
    """Whether the node as a whole refuses its branch's value with the breach."""
    try:
        value = walker.value(branch)
        if not walker.judge.accepts(node, value):
            return False
        broken = applied(walker, found.route, found.node, found.breach, value)
    except (NoPayload, CannotBreak):
        return False
    if broken is DROP or not walker.judge.knows(node):
        return False
    return found.breach.rule == "format" or not walker.judge.accepts(node, broken)


def of_body(
    walker: Walker,
    node: Node,
    scope: Scope | None,
    found_media: MediaType,
    example: Any,
    required: bool,
) -> Iterator[Violation]:
    """Everything that can be wrong with the body. `example()` gives one where the caller has none."""
    kind = media.kind_of_media(found_media.type)

    def sent(found: Found, body: Any, _: Sent) -> dict[str, Any]:
        whole = example() if body is MISSING else body
        broken = applied(walker, found.route, found.node, found.breach, whole)
        return media.request(found_media, broken)

    if kind in ("json", "form", "multipart", "text"):
        for found in _in_turns(breaches_below(walker, node, scope)):
            no_body = found.breach.rule == "null" and not found.route and not required
            if _shows(kind, found) and not no_body:
                yield Violation(
                    found.name,
                    "body",
                    found.pointer,
                    found.breach.rule,
                    partial(sent, found),
                    _coercible(walker, found),
                    found.breach.padded,
                )
    if kind == "json":
        yield from _of_json(found_media, example)
    if required:
        # No text at all is the empty text: that is a matter of its length.
        yield from _of_sending(found_media, example, with_empty=kind != "text")


def _in_turns(found: Iterable[Found]) -> list[Found]:
    """All breaches at the top of the body and, of what lies deeper, so many that there are MOST:
    the fields at the top take turns, then those inside each."""
    breaches = list(found)
    if len(breaches) <= MOST:
        return breaches
    kept = [one for one in breaches if len(one.route) <= 1]
    fields: dict[str, dict[str, deque[Found]]] = defaultdict(lambda: defaultdict(deque))
    for one in breaches:
        if len(one.route) > 1:
            fields[one.pointer.partition("/")[0]][one.pointer].append(one)
    waiting = deque(deque(inner.values()) for inner in fields.values())
    while waiting and len(kept) < MOST:
        inner = waiting.popleft()
        place = inner.popleft()
        kept.append(place.popleft())
        inner.extend([place] if place else [])
        waiting.extend([inner] if inner else [])
    chosen = {id(one) for one in kept}
    return [one for one in breaches if id(one) in chosen]


def _coercible(walker: Walker, found: Found) -> Leniency | None:
    """Null in place of a field that may be left out is read by many as if it were."""
    if found.breach.rule == "null" and found.route:
        last = found.route[-1]
        may_be_absent = last.key not in walker.schemas.required(last.chosen or last.node)
        return "nulls" if may_be_absent and isinstance(last.key, str) else None
    return found.breach.coercible


def _shows(kind: str, found: Found) -> bool:
    """A form is text throughout: null and a text in place of a text do not show in it."""
    if kind in ("json", "text"):
        return kind == "json" or found.breach.rule in _OF_TEXT
    if not found.route or found.breach.rule == "null" or found.node.is_file:
        return found.breach.rule == "required"
    return found.breach.rule != "type" or not _reads_well(found.node, found.breach.change(MISSING))


def _of_json(found_media: MediaType, example: Any) -> Iterator[Violation]:
    def malformed(body: Any, _: Sent) -> dict[str, Any]:
        whole = example() if body is MISSING else body
        content = json.dumps(whole).encode()[:-1] + b","
        return {"content": content, "headers": {"Content-Type": _sendable(found_media)}}

    yield Violation("body: malformed JSON", "body", "", "malformed", malformed)


def _sendable(found_media: MediaType) -> str:
    return "application/json" if "*" in found_media.type else found_media.type or "application/json"


def _of_sending(found_media: MediaType, example: Any, *, with_empty: bool) -> Iterator[Violation]:
    """What is wrong with a body that must be sent; one that may be left out may be overlooked."""

    other = next((name for name in _OTHER_TYPES if name != media.essence(found_media.type)), "")

    def mistyped(body: Any, _: Sent) -> dict[str, Any]:
        whole = example() if body is MISSING else body
        content = whole if isinstance(whole, bytes) else json.dumps(whole, default=str).encode()
        return {"content": content, "headers": {"Content-Type": other}}

    def empty(_: Any, __: Sent) -> dict[str, Any]:
        return {"content": b"", "headers": {"Content-Type": _sendable(found_media)}}

    if "*" not in found_media.type:
        yield Violation("body: wrong media type", "body", "", "media type", mistyped)
    if with_empty:
        yield Violation("body: empty", "body", "", "empty", empty)


def of_parameters(
    walker: Walker,
    operation: Operation,
    location: str,
    request: Callable[[Any], dict[str, Any]],
) -> Iterator[Violation]:
    """Everything that can be wrong with the parameters of one place.

    `request` gives the arguments that send a body, also where there is none.
    """
    node = walker.parameters(operation, location)
    styles = {found.name: found for found in parameters.parameters_in(operation, location)}

    def sent(found: Found, name: str, body: Any, given: Sent) -> dict[str, Any]:
        argument = PLACES[location]
        values = walker.value(node)
        standing = dict(given.get(argument) or parameters.wire(operation, location, values))
        standing = {key: value for key, value in standing.items() if key.partition("[")[0] != name}
        broken = applied(walker, found.route, found.node, found.breach, values)
        if name in broken:
            standing |= parameters.wire(operation, location, {name: broken[name]})
        arguments = request(body)
        if argument == "headers":
            standing = {**arguments.get("headers", {}), **standing}
        return {**arguments, argument: standing}

    for found in _inside(walker, node, None, (), "", ()):
        name = found.pointer.partition("/")[0]
        if styles[name].content is not None or not _travels(location, found, walker):
            continue
        said = f"{location} {found.pointer}: {found.breach.said}"
        missing = found.breach.rule == "required"
        label = f"missing {location} {found.pointer}" if missing else said
        yield Violation(
            label,
            location,
            found.pointer,
            found.breach.rule,
            partial(sent, found, name),
            found.breach.coercible,
        )


def _travels(location: str, found: Found, walker: Walker) -> bool:
    """Whether the breach is still one when it has become text in an address or a header."""
    rule = found.breach.rule
    if rule == "required":
        return location != "path" and len(found.route) == 1
    if rule in ("null", "minProperties", "additionalProperties"):
        return False
    try:
        value = found.breach.change(MISSING) if rule not in _OF_ARRAYS else ["text"]
    except (CannotBreak, NoPayload):
        return False
    if rule == "type" and _reads_well(found.node, value):
        return False
    if rule in ("minItems",) and found.node.min_items <= 1:
        return False
    text = str(value)
    if not isinstance(value, str):
        return True
    if not text or (location == "path" and (set(text) & set("/?#\\%") or text in (".", ".."))):
        return False
    return location == "query" or (text.isascii() and text.isprintable() and text == text.strip())


def _reads_well(node: Node, value: Any) -> bool:
    """Whether a value of the wrong type, once it is text, is one of the right type or a mere word."""
    kinds, text = set(node.kinds()), media.as_text(value)
    if kinds & {"string", "array", "object"} or text in ("true", "false"):
        return True
    whole = "integer" in kinds and re.fullmatch(r"-?\d+", text) is not None
    return whole or ("number" in kinds and re.fullmatch(r"-?\d+(\.\d+)?", text) is not None)


_OF_TEXT = frozenset({"minLength", "maxLength", "pattern", "format", "enum"})
_OF_ARRAYS = frozenset({"minItems", "maxItems", "uniqueItems"})
