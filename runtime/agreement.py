"""The three-way comparison: what was sent, what the API claims, what the database holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ..comparison import is_just, same, unchanged
from .database import Row, RowChange

MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Stored:
    """A field that is not stored as it is sent: `column`, and how the wire value becomes its value."""

    column: str
    name: str
    convert: Callable[[Any], Any]


def lowercase(column: str) -> Stored:
    """Stored in lower case."""
    return Stored(column, "lowercase", lambda value: _text(value, str.lower))


def uppercase(column: str) -> Stored:
    """Stored in upper case."""
    return Stored(column, "uppercase", lambda value: _text(value, str.upper))


def trimmed(column: str) -> Stored:
    """Stored without the space around it."""
    return Stored(column, "trimmed", lambda value: _text(value, str.strip))


def cents(column: str) -> Stored:
    """Sent as a decimal amount, stored as an integer number of hundredths."""
    return Stored(column, "cents", lambda value: None if value is None else _hundredths(value))


def hashed(column: str) -> Stored:
    """Stored as something else than was sent: any text that does not contain it."""
    return Stored(column, "hashed", lambda value: None if value is None else Hashed(str(value)))


def computed(column: str) -> Stored:
    """Stored as the API computes it, whatever is sent: never empty, and what the answer claims."""
    return Stored(column, "computed", lambda value: value)


def json_member(column: str) -> Stored:
    """Stored in the JSON document of the column, under the field's own name."""
    return Stored(column, "json_member", lambda value: value)


def transformed(column: str, convert: Callable[[Any], Any]) -> Stored:
    """Stored as a function makes it; null stays null. The answer may show it either way."""
    return Stored(column, "transformed", lambda value: None if value is None else convert(value))


@dataclass(frozen=True)
class Hashed:
    """Equal to any stored text that does not give the plain one away."""

    plain: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str | bytes) and bool(other) and not self._given_away(other)

    def _given_away(self, stored: str | bytes) -> bool:
        text = stored if isinstance(stored, str) else stored.decode(errors="replace")
        unsalted = hashlib.md5(self.plain.encode(), usedforsecurity=False).hexdigest()
        return self.plain in text or unsalted == text

    def __hash__(self) -> int:
        return hash(self.plain)

    def __repr__(self) -> str:
        return "(a hash)"


Fields = Mapping[str, str | Stored]
"""Name on the wire -> column, or a Stored where the value changes on the way."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One field on which sent, claimed and stored are not one."""

    field: str
    column: str
    sent: Any
    claimed: Any
    stored: Any
    verdict: str

    def __str__(self) -> str:
        shown = [
            f"{name} {value!r}"
            for name, value in (
                ("sent", self.sent),
                ("claimed", self.claimed),
                (f"stored in {self.column}", self.stored),
            )
            if value is not MISSING
        ]
        return f"{self.field}: {', '.join(shown)}\n    {self.verdict}"


class Agreement:
    """What a row must hold after a request: equal to each row that agrees with sent and claimed."""

    def __init__(self, sent: Any, claimed: Any, fields: Fields) -> None:
        self.sent = sent
        self.claimed = claimed
        self.fields = fields

    def __eq__(self, row: object) -> bool:
        return isinstance(row, Mapping) and not list(self.disagreements(row))

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        sides = (("sent", self.sent), ("claimed", self.claimed))
        return f"stored({', '.join(f'{n}={side!r}' for n, side in sides if side is not MISSING)})"

    def _incomparable(self) -> Iterator[Disagreement]:
        """A side that shows none of the fields: it would agree with any row.

        A body may leave all of its fields out, an answer that claims something must name something.
        """
        if self.sent is not MISSING and not isinstance(self.sent, Mapping):
            verdict = "the body that was sent is no object: none of its fields can be compared"
            yield Disagreement("the body", "", self.sent, MISSING, MISSING, verdict)
        if self.claimed is MISSING:
            return
        verdict = ""
        if not isinstance(self.claimed, Mapping):
            verdict = "the answer shows no object where it should show the row"
        elif all(field_of(self.claimed, name) is MISSING for name in self.fields):
            verdict = f"the answer shows none of {', '.join(self.fields)} where it should"
        if verdict:
            yield Disagreement("the answer", "", MISSING, self.claimed, MISSING, verdict)

    def disagreements(self, row: Mapping[str, Any]) -> Iterator[Disagreement]:
        """Each field on which the row departs from what was sent or what was claimed."""
        yield from self._incomparable()
        for name, target in self.fields.items():
            field = target if isinstance(target, Stored) else plain(target)
            sent = field_of(self.sent, name)
            claimed = field_of(self.claimed, name)
            if field.name == "hashed":
                claimed = MISSING
            if field.name == "hashed" and field.column not in row:
                continue  # no request shows a hash
            held = row[field.column]
            if field.name == "json_member":
                held = member_of(held, name)
                sides = (sent, claimed)
                sent_ok, claimed_ok = (one is MISSING or same(one, held) for one in sides)
                if not (sent_ok and claimed_ok):
                    verdict = _verdict(sent_ok, claimed_ok, sent, claimed, field)
                    yield Disagreement(name, field.column, sent, claimed, held, verdict)
                continue
            if field.name == "computed":
                if held is None and (sent, claimed) != (MISSING, MISSING):
                    verdict = "the column is empty: nothing was computed"
                    yield Disagreement(name, field.column, sent, claimed, held, verdict)
                    continue
                sent = MISSING
            sent_ok = sent is MISSING or _same(field.convert(sent), row, field.column)
            claimed_ok = claimed is MISSING or _same(field.convert(claimed), row, field.column)
            if _shows_whole(claimed, held):
                # What the API adds to a document is no departure from the request, if it is shown.
                claimed_ok, sent_ok = True, sent_ok or _holds_whole(sent, held)
            if field.name == "transformed":
                claimed_ok = claimed_ok or _same(claimed, row, field.column)
            if not (sent_ok and claimed_ok):
                verdict = _verdict(sent_ok, claimed_ok, sent, claimed, field)
                yield Disagreement(name, field.column, sent, claimed, held, verdict)


def stored(*, sent: Any = MISSING, claimed: Any = MISSING, fields: Fields) -> Agreement:
    """What a row must equal: each field of `fields` that was sent or claimed, as it is stored.

    `sent` is the request's body, `claimed` the answer's; a field in neither is not compared, a side
    that is given must be an object, and `claimed` have one of the fields at least. Values are compared
    by meaning: "2026-01-02T03:04:05Z" and a datetime, "12.50" and a Decimal, 1 and True where the
    column holds a boolean.
    """
    return Agreement(sent, claimed, fields)


def columns(body: Any, fields: Fields, *own: str) -> set[str]:
    """The columns that the fields of a body are stored in, and those that the API sets by itself."""
    return {
        target.column if isinstance(target, Stored) else target
        for name, target in fields.items()
        if field_of(body, name) is not MISSING
    } | {*own}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The columns in which two rows differ."""
    return {c for c in after if c not in before or not unchanged(before[c], after[c])}


def field_of(body: Any, name: str) -> Any:
    """The field of a body that a name leads to; a slash leads into a field inside another."""
    for step in name.split("/"):
        if not isinstance(body, Mapping) or step not in body:
            return MISSING
        body = body[step]
    return body


def member_of(document: Any, name: str) -> Any:
    """What a JSON document, as text or read, holds of a field: at its whole way, else by its last name.

    None where it holds nothing of that name.
    """
    document = _document(document)
    whole = field_of(document, name)
    held = field_of(document, name.rpartition("/")[2]) if whole is MISSING else whole
    return None if held is MISSING else held


def plain(column: str) -> Stored:
    return Stored(column, "plain", lambda value: value)


def _verdict(sent_ok: bool, claimed_ok: bool, sent: Any, claimed: Any, field: Stored) -> str:
    if sent is MISSING:
        return "the answer claims what is not in the row: the serializer, or a write after it"
    if claimed is MISSING:
        return "the row does not hold what was sent: the write path changes or drops the field"
    if sent_ok:
        return "the row is right, the answer is not: the serializer shows something else"
    if claimed_ok:
        return "the API stored something else than was sent, and says so: the write path changes it"
    if same(field.convert(claimed), field.convert(sent)):
        return (
            "echoed and never stored: the answer repeats the request, the row holds something else"
        )
    return "sent, claimed and stored all differ: the write path and the serializer"


def _same(wire: Any, row: Mapping[str, Any], column: str) -> bool:
    """Whether a wire value, after its conversion, is what the row holds."""
    if isinstance(wire, Hashed):
        return bool(wire == row[column])
    if isinstance(content := getattr(wire, "content", None), bytes):
        wire = content  # a file of a form: what counts is what is in it
    return row.means(column, wire) if isinstance(row, Row | RowChange) else same(wire, row[column])


def _shows_whole(claimed: Any, held: Any) -> bool:
    """An answered object that shows all of a stored document, and members beside it: its id, its age."""
    document = _document(held)
    return (
        isinstance(claimed, Mapping)
        and isinstance(document, Mapping)
        and all(name in claimed and same(claimed[name], value) for name, value in document.items())
    )


def _holds_whole(sent: Any, held: Any) -> bool:
    """A stored document that has all members of the object that was sent."""
    return isinstance(sent, Mapping) and _shows_whole(_document(held), sent)


def _document(held: Any) -> Any:
    """A JSON document that a column holds, read; None for a text that is none."""
    if not isinstance(held, str | bytes):
        return held
    try:
        return json.loads(held)
    except ValueError:
        return None


def just_now(moment: Any, within: float = 60.0) -> bool:
    """Whether a stored moment lies within so many seconds of now; one without a zone counts as UTC."""
    return is_just(moment, datetime.now(UTC), within)


def _hundredths(value: Any) -> Any:
    try:
        return Decimal(str(value)) * 100
    except InvalidOperation:
        return value


def _text(value: Any, change: Callable[[str], str]) -> Any:
    return change(value) if isinstance(value, str) else value
