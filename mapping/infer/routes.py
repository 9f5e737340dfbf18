"""What the path, the method and the bodies of an operation say of what it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...spec.model import Document, Operation
from ..defaults import READING
from ..names import singular, words
from ..paths import parameters
from ..shapes import Shapes
from .abbreviations import these

_PARAMETER = re.compile(r"\{([^{}]+)\}")
_VERSION = re.compile(r"v\d+(?:[._]\d+)*|api|rest|rpc|service|services|public|internal|odata")
BULK = frozenset(["bulk", "batch", "import", "many", "mass", "upload"])
VERBS = these(
    """
    activate add apply approve archive assign attach authorize block book borrow cancel capture
    charge check checkin checkout claim clone close complete confirm copy create deactivate
    decline delete disable dispatch duplicate edit enable end execute expire export finish
    follow fulfill generate get hold insert issue join leave like lock login logout mark merge
    modify move new open pause pay place post process publish purchase put read receive refresh
    refund register reject release remove rename renew rent reopen replace request reset resend
    restock restore resume return revoke reverse run save send set settle share ship sign start
    stop submit subscribe suspend sync toggle transfer trigger unblock unlock unpublish
    unsubscribe update upsert use validate verify void withdraw deposit redeem reserve signin
    signout signup deliver
    """
)
ASKING = these("get list read paginate fetch is has")
"""First words of an operation's id that say it only asks, unless the path ends with them too: to
read a message may mark it."""
QUIET = these(
    "validate verify check test history next stats statistics status counts summary render"
)
"""Words of what may write nothing: that is so where it was seen to write nothing."""
CREATING = these("create add insert new register save post upsert")
PROCESS = these(
    """
    shutdown restart reboot maintenance terminate quit kill halt proxy flush off poweroff drain
    reload gc stop
    """
)
"""What is done to the application's process rather than to rows, where a path names no row."""
UPDATING = these("update edit modify replace change set put rename")
DELETING = frozenset(["delete", "remove", "destroy", "drop"])
_DECORATION = these(
    """
    new create created creation update updated patch patched put post request response req res
    resp input output in out dto body payload model schema base read write full partial public
    view envelope result item data fields detail details summary form list page collection
    params attributes serializer type object edit
    """
)


@dataclass(frozen=True, slots=True)
class Step:
    """A word of the path and the parameter behind it, "" if there is none."""

    word: str
    parameter: str = ""


@dataclass(frozen=True)
class Route:
    """An operation's path taken apart: `steps` lead from the outermost parent to what it is about.

    `action` is what is left at the end when it names no thing: a verb, `bulk`, `search`.
    """

    operation: Operation
    steps: tuple[Step, ...]
    action: tuple[str, ...] = ()

    @property
    def target(self) -> Step | None:
        return self.steps[-1] if self.steps else None

    @property
    def parents(self) -> tuple[Step, ...]:
        """The things that the path names before its own, nearest last."""
        return tuple(step for step in self.steps[:-1] if step.parameter)

    @property
    def names_a_row(self) -> bool:
        return bool(self.steps) and bool(self.steps[-1].parameter)

    @cached_property
    def is_bulk(self) -> bool:
        return bool(BULK & set(self.action))

    @cached_property
    def is_reading(self) -> bool:
        """A POST that only asks: search, count, preview."""
        said = {singular(word) for word in self.action} | set(self.action)
        first = words(self.operation.operation_id)[:1]
        if len(self.steps) == 1 and not self.steps[0].parameter:
            first += words(self.steps[0].word)[:1]
        asks = bool(said & READING) or bool(set(first) & (READING | (ASKING - said)))
        return self.operation.method == "POST" and asks

    @cached_property
    def may_only_read(self) -> bool:
        """A POST that is likely to write nothing by purpose, if it wrote nothing."""
        said = {*self.action, *words(self.operation.operation_id)}
        said |= {word for step in self.steps[-1:] for word in words(step.word)}
        return self.is_reading or (
            self.operation.method == "POST" and bool(said & (QUIET | READING | ASKING))
        )

    @cached_property
    def is_about_the_process(self) -> bool:
        """It ends, drains or reconfigures the application itself: `POST /shutdown`."""
        if path_parameters(self.operation) or self.operation.method == "GET":
            return False
        segments = [words(part) for part in self.operation.path.split("/") if part]
        return bool(segments) and bool(set(segments[-1]) & PROCESS)

    def without_last(self) -> Route:
        """The same, its last word taken as what is done instead of what it is done to."""
        last = self.steps[-1]
        return Route(self.operation, self.steps[:-1], (*words(last.word), *self.action))


def route(operation: Operation) -> Route:
    """Take a path apart. Words in front that every path may have (`/api/v1`) are left out."""
    steps: list[Step] = []
    action: tuple[str, ...] = ()
    for segment in (part for part in operation.path.split("/") if part):
        names = _PARAMETER.findall(segment)
        text, mark, custom = _PARAMETER.sub("", segment).partition(":")
        if not names and not steps and _VERSION.fullmatch(text.lower()):
            continue
        if names and steps and not steps[-1].parameter and not text:
            steps[-1] = Step(steps[-1].word, names[0])
        elif names:
            steps.append(Step(text.strip("().=") or _stem(names[0]), names[0]))
        elif text:
            steps.append(Step(text))
        if mark:
            action = words(custom)
    return _with_action(Route(operation, tuple(steps), action))


def _with_action(found: Route) -> Route:
    """Words at the end that can only be verbs or say how many are not what it is about."""
    while len(found.steps) > 1 and not found.steps[-1].parameter:
        last = words(found.steps[-1].word)
        plainly = set(last) & (BULK | READING) or (last and last[0] in VERBS and len(last) == 1)
        if not plainly:
            break
        found = found.without_last()
    return found


def _stem(parameter: str) -> str:
    found = [word for word in words(parameter) if word not in ("id", "uuid", "key", "no", "code")]
    return "_".join(found) or parameter


def verb_and_noun(text: str) -> tuple[str, str]:
    """`createOrder` is ("create", "order"), `orders` ("", "orders")."""
    first, *rest = words(text) or ("",)
    if rest and first in VERBS:
        return first, "_".join(rest)
    return "", "_".join((first, *rest))


def schema_nouns(document: Document, schemas: Sequence[Any]) -> tuple[str, ...]:
    """What the names of components say: `NewOrder` and `OrderOut` are about `order`."""
    found: dict[str, None] = {}
    for schema in schemas:
        for name in _component_names(document, schema, 0):
            told = [word for word in words(name) if word not in _DECORATION]
            if told:
                found["_".join(told)] = None
    return tuple(found)


def _component_names(document: Document, schema: Any, depth: int) -> list[str]:
    """Names of components at the root, in an array, or in an envelope of one field."""
    if not isinstance(schema, Mapping) or depth > 3:
        return []
    reference = schema.get("$ref")
    if isinstance(reference, str):
        own = [reference.rpartition("/")[2]]
        return own + _component_names(document, document.follow(schema), depth + 1)
    if isinstance(schema.get("items"), Mapping):
        return _component_names(document, schema["items"], depth + 1)
    inner = schema.get("properties")
    if isinstance(inner, Mapping) and len(inner) == 1:
        return _component_names(document, next(iter(inner.values())), depth + 1)
    return []


def path_parameters(operation: Operation) -> tuple[str, ...]:
    """The names of an operation's path parameters, in order."""
    return parameters(operation.path)


def query_keys(operation: Operation) -> tuple[str, ...]:
    """Query parameters that an operation without a row in its path may pick its rows by."""
    if path_parameters(operation) or operation.method == "POST":
        return ()
    return tuple(one.name for one in operation.parameters if one.location == "query")


def bodies(shapes: Shapes, operation: Operation) -> tuple[Any, Any]:
    """The schemas of request and answer; None where there is none."""
    return shapes.request(operation), shapes.answer(operation)
