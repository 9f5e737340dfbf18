"""Which of two fields of an object comes first: a booking ends after it starts.

CHECK constraints say so, and where they do not, the usual names. A body whose fields are the other way round
gets them swapped; one whose fields are equal, or may not be swapped, gets one of them moved. That happens
after drawing and depends on nothing else, so that shrinking and replay work as ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...mapping.checks import Order
from ...mapping.likely import repeats
from ...mapping.names import snake
from .errors import CannotBreak, NoPayload
from .faults import faults
from .numbers import as_number, step_of

if TYPE_CHECKING:
    from .columns import Scope
    from .node import Node
    from .walk import Walker

_NAMES = (
    ("start", "end"), ("starts", "ends"), ("begin", "end"), ("begins", "ends"),
    ("from", "to"), ("from", "until"), ("from", "till"), ("since", "until"),
    ("check_in", "check_out"), ("checkin", "checkout"), ("opens", "closes"),
    ("min", "max"), ("minimum", "maximum"), ("lower", "upper"),
)  # fmt: skip
_BOUNDS = frozenset({"min", "minimum", "lower"})
"""Names of a lower bound: with numbers, these alone tell that one field comes first."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d.*)?", re.DOTALL)
_TIME = re.compile(r"\d\d:\d\d(:\d\d.*)?", re.DOTALL)
_ROUNDS = 3

Place = tuple[Any, ...]
"""Where a value stands among others of its kind; values of two kinds have no order."""


def by_names(names: Iterable[str]) -> Iterator[Order]:
    """The orders that the names of fields tell: `startsAt` comes before `endsAt`."""
    known = {f"_{snake(name)}_": name for name in names}
    for padded, name in known.items():
        for low, high in _NAMES:
            other = known.get(padded.replace(f"_{low}_", f"_{high}_", 1))
            # `from_wallet_id` and `to_wallet_id` name two rows.
            if other is not None and other != name and not padded.endswith("_id_"):
                yield Order(name, other)


def orders_of(names: Iterable[str], scope: Scope | None) -> tuple[Order, ...]:
    """The orders among the fields of an object; what a CHECK says of two of them is all there is."""
    told = scope.orders if scope else ()
    known = {frozenset((one.lower, one.upper)) for one in told}
    guessed = by_names(names)
    return (*told, *(one for one in guessed if {one.lower, one.upper} not in known))


def in_order(
    walker: Walker,
    node: Node,
    scope: Scope | None,
    body: dict[str, Any],
    fixed: Collection[str] = (),
) -> dict[str, Any]:
    """The body with its ordered fields in order, as far as their rules leave room; `fixed` ones stay.

    What repeats another field is the same.
    """
    body = repeating(body, fixed)
    pairs = orders_of(body, scope)
    if not pairs:
        return body
    stays = {*fixed, *(name for name in body if _is_unique(scope, name))}
    fields = {
        name: (walker.schemas.property(node, name), scope and scope.child(name)) for name in body
    }
    rules = {name: walker.tight(child, below) for name, (child, below) in fields.items()}
    found = body
    for _ in range(_ROUNDS):
        wrong = [order for order in pairs if not _holds(order, found)]
        if not wrong:
            break
        for order in wrong:
            found = {**found, **_mended(order, found, rules, stays)}
    return found


def repeating(body: dict[str, Any], fixed: Collection[str] = ()) -> dict[str, Any]:
    """The body in which a field that says another one again, `password_confirm`, is the same text."""
    found = dict(body)
    for name, other in repeats(body).items():
        if isinstance(body[name], str) and isinstance(body[other], str):
            told, follows = (name, other) if name in fixed else (other, name)
            found[follows] = body[told]
    return found


def left_alone(
    body: Mapping[str, Any], names: Iterable[str], scope: Scope | None
) -> dict[str, str]:
    """Each field that the body has without its ordered neighbour among `names` -> that neighbour."""
    pairs = [(one.lower, one.upper) for one in orders_of(names, scope)]
    both = [*pairs, *(pair[::-1] for pair in pairs)]
    return {name: other for name, other in both if name in body and other not in body}


def keeps_order(scope: Scope | None, body: Mapping[str, Any]) -> bool:
    """Whether the ordered fields of an object are in order."""
    return all(_holds(order, body) for order in orders_of(body, scope))


def out_of_order(
    walker: Walker, node: Node, scope: Scope | None, order: Order, value: Any
) -> dict[str, Any]:
    """The object with the two fields the wrong way round, each of them by itself what it may be.

    Raises CannotBreak where their own rules leave no room for that.
    """
    body = dict(value) if isinstance(value, dict) else {}
    rules = {}
    for name in (order.lower, order.upper):
        below = scope.child(name) if scope else None
        rules[name] = walker.tight(walker.schemas.property(node, name), below)
        if _place(body.get(name)) is None:
            body[name] = _comparable(walker, rules[name])
    low, high = body[order.lower], body[order.upper]
    tries = [{order.lower: high, order.upper: low}]
    tries += [{order.upper: other} for other in _beside(low, high, rules[order.upper], -1)]
    tries += [{order.lower: other} for other in _beside(high, low, rules[order.lower], 1)]
    for changes in tries:
        wrong = {**body, **changes}
        first, second = _place(wrong[order.lower]), _place(wrong[order.upper])
        fits = all(_may_be(rules[name], changed) for name, changed in changes.items())
        if fits and first and second and first[0] == second[0] and first[1] > second[1]:
            return wrong
    raise CannotBreak(f"{order.upper} cannot come before {order.lower}")


def _comparable(walker: Walker, node: Node) -> Any:
    """A value of a field that may also be null, or be left out."""
    for index in range(4):
        value = walker.value(node, index=index)
        if _place(value) is not None:
            return value
    raise CannotBreak("it has no value that comes before or after others")


def refusable(
    walker: Walker, node: Node, scope: Scope | None, names: Iterable[str]
) -> Iterator[Order]:
    """The orders in which the wrong one is to be refused.

    A CHECK says so. Names say so of moments, and of numbers where they speak of bounds: `from` and `to`
    with numbers may be two accounts.
    """
    told = scope.orders if scope else ()
    for order in orders_of(names, scope):
        try:
            wrong = out_of_order(walker, node, scope, order, {})
        except (CannotBreak, NoPayload):
            continue
        place = _place(wrong[order.lower])
        is_bound = not _BOUNDS.isdisjoint(snake(order.lower).split("_"))
        if order in told or is_bound or (place and place[0] != "number"):
            yield order


def _is_unique(scope: Scope | None, name: str) -> bool:
    below = scope.child(name) if scope else None
    return below is not None and below.unique


def _holds(order: Order, body: Mapping[str, Any]) -> bool:
    """Also where one of them is missing, null, or nothing that can be compared."""
    low, high = _place(body.get(order.lower)), _place(body.get(order.upper))
    if low is None or high is None or low[0] != high[0]:
        return True
    return bool(low < high if order.strict else low <= high)


def _mended(
    order: Order, body: Mapping[str, Any], rules: Mapping[str, Node], stays: Collection[str]
) -> dict[str, Any]:
    """The values that change; none where the rules leave no room."""
    low, high = body[order.lower], body[order.upper]
    tries: list[dict[str, Any]] = []
    if order.lower not in stays and order.upper not in stays:
        tries.append({order.lower: high, order.upper: low})
    if order.upper not in stays:
        tries += [{order.upper: value} for value in _beside(low, high, rules[order.upper], 1)]
    if order.lower not in stays:
        tries += [{order.lower: value} for value in _beside(high, low, rules[order.lower], -1)]
    for changes in tries:
        fits = all(_may_be(rules[name], value) for name, value in changes.items())
        if fits and _holds(order, {**body, **changes}):
            return changes
    return {}


def _may_be(node: Node, value: Any) -> bool:
    return not (node.choices or node.judged or faults(node, value))


def _place(value: Any) -> Place | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int | float):
        return ("number", value)
    try:
        if _MOMENT.fullmatch(value):
            return ("moment", _utc(datetime.fromisoformat(value.upper())))
        if _TIME.fullmatch(value):
            return ("time", time.fromisoformat(value.upper()).replace(tzinfo=None))
    except (ValueError, OverflowError):
        pass
    return None


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _beside(value: Any, shape: Any, node: Node, sign: int) -> Iterator[Any]:
    """Values a little above (sign 1) or below another one, written as `shape` is."""
    place = _place(value)
    if place is None:
        return
    kind, at = place
    if kind == "number":
        grid = step_of(node, "number" if node.allows("number") else "integer")
        yield as_number(((sign * Fraction(str(at))) // grid + 1) * sign * grid)
        return
    write, steps = _writer(shape)
    moment = at if kind == "moment" else datetime.combine(date(2024, 1, 1), at, UTC)
    for step in steps:
        try:
            later = moment + sign * step
        except OverflowError:
            continue
        if kind == "moment" or later.date() == moment.date():
            yield write(later)


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def _writer(shape: str) -> tuple[Callable[[datetime], str], tuple[timedelta, ...]]:
    """How a moment is written like the given one, and how far off it goes."""
    ending = "Z" if shape[-1:] in "Zz" else "+00:00" if re.search(r"[+-]\d\d:\d\d$", shape) else ""
    if _TIME.fullmatch(shape):
        return lambda moment: f"{moment:%H:%M:%S}{ending}", (_HOUR, timedelta(minutes=1))
    if len(shape) == len("2024-01-01"):
        return lambda moment: moment.date().isoformat(), (_DAY,)
    between = shape[10]
    return (
        lambda moment: f"{moment.replace(microsecond=0, tzinfo=None).isoformat(between)}{ending}",
        (_HOUR, timedelta(seconds=2)),
    )
