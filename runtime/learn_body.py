"""Bodies for the learner: valid ones, and others of the same shape with different values.

Columns are told apart by their values, so each value of a varied body is one of its own kind: texts
in mixed case, numbers that occur once, two elements in an array.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, zip_longest
from typing import TYPE_CHECKING, Any

from ..mapping.likely import likely_format
from ..spec.model import Document
from ..spec.schema import alternatives, items, keyword, properties, type_of

if TYPE_CHECKING:
    from .payloads import PayloadSpace

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Steps = tuple[str | int, ...]
_WORDS = ("Cedar", "Hazel", "Linden", "Rowan", "Maple", "Alder", "Aspen", "Willow")

SMALLEST = "required fields"
"""The name of the body that has nothing else."""


def candidates(space: PayloadSpace, *, smallest_last: bool = False) -> Iterator[tuple[str, Any]]:
    """Valid bodies, those with most fields first; none where the operation takes no body.

    With `smallest_last` the spec's examples come before the body of the required fields alone.
    """
    if space.media() is None:
        yield "no body", None
        return
    yield "every field", space.complete()
    if not smallest_last:
        yield SMALLEST, space.example()
    for example in space.examples():
        yield f"the example {example.name}", example.body
    if smallest_last:
        yield SMALLEST, space.example()


@dataclass
class Variation:
    """Changes the values of a body; the same one gives ever new values."""

    document: Document
    _numbers: Iterator[int] = field(default_factory=lambda: count(3))

    def vary(self, body: Any, spare: Any, schema: Any, keep: Callable[[Steps], bool]) -> Any:
        """The body with other values, except where `keep` says that a value is bound.

        `spare` is another valid body: second elements of arrays are taken from it, as some of
        their values may have to be unique.
        """
        return self._vary(copy.deepcopy(body), spare, schema, (), keep)

    def reworded(self, body: Any, spare: Any, schema: Any, name: str = "") -> Any:
        """The body with other values for its plain texts: those without enum, format and pattern, of
        whose form the name tells nothing.

        A text that `spare`, another such body, has otherwise is unique: it stays.
        """
        schema = self._present(schema)
        if isinstance(body, Mapping):
            inner = properties(self.document, schema)
            return {
                key: self.reworded(value, _inside(spare, key), inner.get(key, {}), key)
                for key, value in body.items()
            }
        if isinstance(body, list):
            element = items(self.document, schema)
            spares = spare if isinstance(spare, list) else []
            pairs = zip_longest(body, spares[: len(body)])
            return [self.reworded(value, other, element) for value, other in pairs]
        if body != spare:
            return body
        told = any(
            keyword(self.document, schema, one) for one in ("enum", "const", "format", "pattern")
        )
        told = told or bool(likely_format(name))
        plain = isinstance(body, str) and type_of(self.document, schema) == "string" and not told
        return self._text(body, schema, name) if plain else body

    def _vary(
        self, value: Any, spare: Any, schema: Any, at: Steps, keep: Callable[[Steps], bool]
    ) -> Any:
        if keep(at):
            return value
        schema = self._present(schema)
        if isinstance(value, Mapping):
            inner = properties(self.document, schema)
            varied = {
                key: self._vary(one, _inside(spare, key), inner.get(key, {}), (*at, key), keep)
                for key, one in value.items()
            }
            from .payloads.orders import repeating

            return repeating(varied)
        if isinstance(value, list):
            return self._elements(value, spare, schema, at, keep)
        return self._scalar(value, schema, str(at[-1]) if at else "")

    def _present(self, schema: Any) -> Any:
        """The one alternative beside null, if there is one: what `X | None` is in a schema."""
        several = alternatives(self.document, schema)
        others = [one for one in several if not self._is_null(one)]
        return others[0] if len(others) == 1 < len(several) else schema

    def _is_null(self, schema: Any) -> bool:
        kinds = keyword(self.document, schema, "type"), keyword(self.document, schema, "enum")
        return "null" in kinds or [None] in kinds

    def _elements(
        self, value: list[Any], spare: Any, schema: Any, at: Steps, keep: Callable[[Steps], bool]
    ) -> list[Any]:
        """Two elements where one was, if the schema allows it."""
        inner = self._present(items(self.document, schema))
        most = keyword(self.document, schema, "maxItems")
        wanted = list(value)
        several = len(value) == 1 and (most is None or most >= 2)
        if several and isinstance(value[0], Mapping):
            wanted.append(
                copy.deepcopy(spare[0] if isinstance(spare, list) and spare else value[0])
            )
        elif several and (choices := keyword(self.document, inner, "enum")):
            others = [one for one in choices if one not in value]
            return [*value, *others[:1]]
        return [self._vary(one, None, inner, (*at, n), keep) for n, one in enumerate(wanted)]

    def _scalar(self, value: Any, schema: Any, name: str) -> Any:
        choices = keyword(self.document, schema, "enum")
        if choices:
            others = [one for one in choices if one is not None and one != value]
            return others[next(self._numbers) % len(others)] if others else value
        if isinstance(value, bool):
            return not value
        if isinstance(value, int | float):
            return self._number(value, schema)
        return self._text(value, schema, name) if isinstance(value, str) else value

    def _number(self, value: Any, schema: Any) -> Any:
        step = keyword(self.document, schema, "multipleOf") or (
            1 if type_of(self.document, schema) == "integer" else 0.25
        )
        most = keyword(self.document, schema, "maximum")
        for _ in range(3):
            changed = value + step * next(self._numbers)
            if most is None or changed <= most:
                whole = isinstance(value, int) and isinstance(step, int)
                return changed if whole else round(changed, 6)
        return value

    def _text(self, value: str, schema: Any, name: str) -> str:
        stated = keyword(self.document, schema, "format", "")
        kind = stated or likely_format(name) or ("uuid" if _UUID.fullmatch(value) else "")
        made = self._formatted(kind, value) if kind else None
        if made is None:
            number = next(self._numbers)
            made = value if stated else f"{_WORDS[number % len(_WORDS)]} {number}"
        fits = (made, made.replace(" ", ""), value.swapcase(), *self._matching(schema))
        return next((one for one in fits if one != value and self._allows(one, schema)), value)

    def _formatted(self, kind: str, value: str) -> str | None:
        """Another text of the format that the value is of; None where that cannot be made."""
        from .payloads.formats import format_named

        number = next(self._numbers)
        if kind in _FORMATS:
            return _FORMATS[kind](value, number)
        known = format_named(kind)
        return known.make(number % known.size) if known is not None and known.holds(value) else None

    def _matching(self, schema: Any) -> Iterator[str]:
        """Texts made of the pattern, where it allows no word and no other case."""
        from .payloads.patterns import skeletons

        pattern = keyword(self.document, schema, "pattern")
        if not isinstance(pattern, str):
            return
        least = keyword(self.document, schema, "minLength") or 0
        most = keyword(self.document, schema, "maxLength")
        for row in skeletons(pattern, least, most):
            number = next(self._numbers)
            yield "".join(chars[number % len(chars)] for chars in row)

    def _allows(self, text: str, schema: Any) -> bool:
        most = keyword(self.document, schema, "maxLength")
        least = keyword(self.document, schema, "minLength") or 0
        pattern = keyword(self.document, schema, "pattern")
        if not least <= len(text) <= (most if most is not None else len(text)):
            return False
        try:
            return pattern is None or re.search(pattern, text) is not None
        except re.error:
            return False


def _inside(spare: Any, key: str) -> Any:
    return spare.get(key) if isinstance(spare, Mapping) else None


def _email(value: str, number: int) -> str | None:
    name, _, host = value.partition("@")
    if not host:
        return None
    return f"Mixed{name.capitalize()}@{host.capitalize()}"


def _date(value: str, number: int) -> str | None:
    return f"{value[:8]}{number % 27 + 1:02}" if _DATE.match(value) else None


def _moment(value: str, number: int) -> str | None:
    day = _date(value[:10], number)
    return f"{day}{value[10:]}" if day else None


def _url(value: str, number: int) -> str | None:
    return f"{value.rstrip('/')}/{number}" if "://" in value else None


def _uuid(value: str, number: int) -> str:
    from uuid import uuid4

    return str(uuid4())


_FORMATS: Mapping[str, Callable[[str, int], str | None]] = {
    "email": _email,
    "date": _date,
    "date-time": _moment,
    "uuid": _uuid,
    "uri": _url,
    "slug": lambda value, number: f"{value}-{number}",
    "password": lambda value, number: f"{value}{number}",
}
