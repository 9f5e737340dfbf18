"""How a value on the wire and a stored one belong together; where a stored value came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from ...comparison import same
from ..pointer import join
from .observed import Trial

Relation = Literal["same", "lowercase", "uppercase", "trimmed", "cents", "hashed"]
SLACK = timedelta(seconds=5)
_SHORTEST_HASH = 16
_MOST_LEAVES = 400


def relation(wire: Any, stored: Any) -> Relation | None:
    """What makes the stored value of the one on the wire; None when nothing known does."""
    if isinstance(wire, str) and isinstance(stored, str) and wire != stored:
        changes: tuple[tuple[Relation, str], ...] = (
            ("lowercase", wire.lower()), ("uppercase", wire.upper()), ("trimmed", wire.strip()),
        )  # fmt: skip
        if changed := next((name for name, made in changes if made == stored), None):
            return changed
    if same(wire, stored):
        return "same"
    if _is_number(wire) and isinstance(stored, int) and not isinstance(stored, bool):
        return "cents" if Decimal(str(wire)) * 100 == stored else None
    return None


def is_hash(wire: Any, stored: Any) -> bool:
    """A stored text that does not give the one on the wire away."""
    if not isinstance(wire, str) or not isinstance(stored, str | bytes):
        return False
    text = stored if isinstance(stored, str) else stored.hex()
    return len(text) >= _SHORTEST_HASH and wire not in text and " " not in text


def telling(value: Any) -> float:
    """How much a match of this value says: many columns hold false, 0 or 1."""
    if value is None or isinstance(value, bool) or value in (0, 1, "", [], {}):
        return 0.1
    if isinstance(value, int | float | Decimal):
        return 0.6 if -10 < value < 10 else 0.9
    return 1.0 if len(str(value)) >= 4 else 0.6


def is_sent(stored: Any, trial: Trial) -> bool:
    """A value that some field of the request explains, and that few others would."""
    return telling(stored) > 0.5 and any(
        relation(value, stored) is not None
        for value in (*(value for _, value in leaves(trial.body)), *_containers(trial.body))
    )


def _containers(node: Any) -> Iterator[Any]:
    """The lists and objects in a body, that a column may hold whole."""
    inner = node.values() if isinstance(node, Mapping) else ()
    for value in inner:
        if isinstance(value, Mapping | list):
            yield value
            yield from _containers(value)


def is_now(value: Any, trial: Trial) -> bool:
    """A moment while the request ran; a clock of the database in another zone is forgiven."""
    if not isinstance(value, datetime):
        return isinstance(value, str) and is_now(_moment(value), trial)
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if trial.began - SLACK <= plain <= trial.ended + SLACK:
        return True
    # Whole quarters of an hour apart: local time in a column without zone.
    off = (plain - trial.began).total_seconds()
    rest = abs(off) % 900
    return abs(off) <= 14 * 3600 + 5 and min(rest, 900 - rest) <= SLACK.total_seconds() / 2


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def leaves(node: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(steps, value) of each plain value in a body; elements of arrays are left out."""
    if isinstance(node, Mapping):
        for number, (key, inner) in enumerate(node.items()):
            if number < _MOST_LEAVES:
                yield from leaves(inner, (*before, str(key)))
    elif not isinstance(node, list) and before:
        yield before, node


def arrays(node: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """(steps, elements) of the arrays of objects in a body."""
    if isinstance(node, list):
        if all(isinstance(one, Mapping) for one in node):
            yield before, node
    elif isinstance(node, Mapping):
        for key, inner in node.items():
            yield from arrays(inner, (*before, str(key)))


def equal(one: Any, other: Any) -> bool:
    """The same by meaning and of one kind: a UUID is its text, `4` is not `"4"`, `True` not `1`. Two
    values that are not there are not equal: NULL in a column says nothing of where it came from."""
    if one is None or other is None:
        return False
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return _is_number(one) == _is_number(other) and same(one, other)


def sources(value: Any, trial: Trial, facts: Mapping[str, Any]) -> Iterator[str]:
    """Expressions that give this value for this request, the most meaningful first."""
    for name in ("id", "tenant", "name"):
        if name in facts and equal(facts[name], value):
            yield f"$actor.{name}"
    for name, given in trial.path.items():
        if equal(given, value):
            yield f"$request.path.{name}"
    for steps, given in leaves(trial.body):
        if equal(given, value):
            yield f"$request.body#{join(*steps)}"
    for name, row in {**trial.children, **trial.arranged}.items():
        for column, given in row.items():
            if given is not None and equal(given, value):
                yield f"${name}.{column}"
    for steps, given in leaves(trial.answer):
        if equal(given, value):
            yield f"$response.body#{join(*steps)}"


def item_sources(value: Any, item: Any) -> Iterator[str]:
    """Expressions that give this value for one element of an array."""
    for steps, given in leaves(item):
        if equal(given, value):
            yield f"$item.{steps[0]}" + (f"#{join(*steps[1:])}" if steps[1:] else "")


def difference(before: Any, after: Any) -> Decimal | None:
    """By how much a number changed; None when it is none."""
    if not (_is_number(before) and _is_number(after)):
        return None
    return Decimal(str(after)) - Decimal(str(before))


def as_number(value: Decimal) -> int | float:
    """The number as YAML has it: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
