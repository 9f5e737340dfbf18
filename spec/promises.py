"""What an older document allowed its clients, and a newer one does not any more.

Told in sentences, for people: whether the application really breaks a client is for tests to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .model import Document, Operation
from .schema import items, keyword, nullable, properties, required, type_of

_DEEPEST = 8
_LOWER = ("maxLength", "maxItems", "maxProperties", "maximum")
"""Keywords whose lower value takes something away; a higher one of those below does."""
_HIGHER = ("minLength", "minItems", "minProperties", "minimum")


def same_operation(older: Operation, document: Document) -> Operation | None:
    """The operation of another document with this method and path, however its parameters are called."""
    wanted = older.method, shape_of(older.path)
    found = (o for o in document.operations if (o.method, shape_of(o.path)) == wanted)
    return next(found, None)


def shape_of(path: str) -> str:
    """A path without the names of its parameters: `/orders/{}`."""
    return re.sub(r"{[^{}]*}", "{}", path)


def broken_promises(older: Document, newer: Document) -> Iterator[str]:
    """One sentence for each thing that clients of the older document can no longer rely on."""
    for operation in older.operations:
        now = same_operation(operation, newer)
        if now is None:
            yield f"{operation.label} is gone"
            continue
        for told in _Pair(older, newer).of(operation, now):
            yield f"{operation.label} {told}"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two documents, side by side."""

    older: Document
    newer: Document

    def of(self, old: Operation, new: Operation) -> Iterator[str]:
        yield from self._parameters(old, new)
        yield from self._request(old, new)
        for status, answer in old.responses.items():
            if not status.startswith("2"):
                continue
            if status not in new.responses:
                yield f"no longer answers {status}"
                continue
            for kind, media in answer.content.items():
                there = new.responses[status].content.get(kind)
                if there is None:
                    yield f"no longer answers {status} as {kind}"
                else:
                    yield from self._answered(media.schema, there.schema, "", 0)

    def _parameters(self, old: Operation, new: Operation) -> Iterator[str]:
        before = {(p.location, p.name.lower()): p for p in old.parameters if p.location != "path"}
        after = {(p.location, p.name.lower()): p for p in new.parameters if p.location != "path"}
        for key, parameter in before.items():
            if key not in after:
                yield f"no longer takes the {parameter.location} parameter {parameter.name}"
        for key, parameter in after.items():
            if parameter.required and not (key in before and before[key].required):
                yield f"now demands the {parameter.location} parameter {parameter.name}"

    def _request(self, old: Operation, new: Operation) -> Iterator[str]:
        before, after = old.request_body, new.request_body
        if after is not None and after.required and not (before and before.required):
            yield "now demands a body"
        if before is None or after is None:
            return
        for kind, media in before.content.items():
            there = after.content.get(kind)
            if there is None:
                yield f"no longer takes {kind}"
            else:
                yield from self._sent(media.schema, there.schema, "", 0)

    def _sent(self, old: Any, new: Any, at: str, depth: int) -> Iterator[str]:
        """What may be sent must still be taken."""
        yield from self._values(old, new, at, "takes")
        before = _without(self.older, properties(self.older, old), "readOnly")
        after = _without(self.newer, properties(self.newer, new), "readOnly")
        demanded = required(self.newer, new) - required(self.older, old)
        for name in sorted(demanded & after.keys()):
            yield f"now demands the field {at}{name}"
        closed = keyword(self.newer, new, "additionalProperties") is False
        for name, schema in before.items():
            if name not in after:
                yield from [f"no longer takes the field {at}{name}"] if closed or after else []
            elif depth < _DEEPEST:
                yield from self._sent(schema, after[name], f"{at}{name}/", depth + 1)
        if type_of(self.older, old) == "array" and depth < _DEEPEST:
            inner = items(self.older, old), items(self.newer, new)
            yield from self._sent(*inner, f"{at}*/", depth + 1)

    def _answered(self, old: Any, new: Any, at: str, depth: int) -> Iterator[str]:
        """What clients read must still be there, and be what it was."""
        yield from self._values(new, old, at, "answers")
        before = _without(self.older, properties(self.older, old), "writeOnly")
        after = _without(self.newer, properties(self.newer, new), "writeOnly")
        for name, schema in before.items():
            if name not in after:
                yield f"no longer answers the field {at}{name}"
                continue
            sure = name in required(self.older, old)
            if sure and name not in required(self.newer, new):
                yield f"no longer promises the field {at}{name} in its answer"
            if depth < _DEEPEST:
                yield from self._answered(schema, after[name], f"{at}{name}/", depth + 1)
        if type_of(self.older, old) == "array" and depth < _DEEPEST:
            inner = items(self.older, old), items(self.newer, new)
            yield from self._answered(*inner, f"{at}*/", depth + 1)

    def _values(self, wide: Any, narrow: Any, at: str, does: str) -> Iterator[str]:
        """The values of `wide` that `narrow` does not have: what is sent, or what is answered now."""
        sent = does == "takes"
        one, other = (self.older, self.newer) if sent else (self.newer, self.older)
        field = f"the field {at.rstrip('/')}" if at else "the body"
        kinds = type_of(one, wide), type_of(other, narrow)
        if all(kinds) and kinds[0] != kinds[1] and kinds != ("integer", "number"):
            before, now = kinds if sent else kinds[::-1]
            yield f"{does} {field} as {now}, no longer as {before}"
            return
        if nullable(one, wide) and not nullable(other, narrow):
            yield f"no longer takes null in {field}" if sent else f"may answer null in {field} now"
        yield from self._enums(
            keyword(one, wide, "enum"), keyword(other, narrow, "enum"), field, sent
        )
        if sent:
            yield from self._bounds(wide, narrow, field)

    def _enums(self, wide: Any, narrow: Any, field: str, sent: bool) -> Iterator[str]:
        if isinstance(wide, list) and isinstance(narrow, list):
            more = ", ".join(
                repr(value) for value in wide if value not in narrow and value is not None
            )
            if more:
                yield (
                    f"no longer takes {more} in {field}"
                    if sent
                    else f"may answer {more} in {field} now"
                )

    def _bounds(self, old: Any, new: Any, field: str) -> Iterator[str]:
        for names, sign in ((_LOWER, 1), (_HIGHER, -1)):
            for name in names:
                before, now = keyword(self.older, old, name), keyword(self.newer, new, name)
                number = isinstance(now, int | float) and not isinstance(now, bool)
                if number and (not isinstance(before, int | float) or sign * before > sign * now):
                    yield f"limits {field} to {name} {now} now"


def _without(document: Document, fields: dict[str, Any], flag: str) -> dict[str, Any]:
    return {n: one for n, one in fields.items() if keyword(document, one, flag) is not True}
