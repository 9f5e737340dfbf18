"""Where in a body the resource stands: at its root, in a wrapper, in each element of an array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..fields import ENVELOPES
from ..names import same_thing, words
from ..pointer import join
from ..shapes import ELEMENT, Shapes

WRAPPERS = ENVELOPES | {
    "results",
    "items",
    "rows",
    "records",
    "values",
    "body",
    "response",
    "entity",
}

FILTERS = frozenset(["filter", "filters", "criteria", "criterion", "predicate"])
"""Words of components that say which rows are asked for: none of them is a row."""

Covers = Callable[[Any], float]
"""How many of an object schema's fields are columns of the table in question."""


@dataclass(frozen=True, slots=True)
class Place:
    """`steps` lead to the object; `*` among them stands for each element of an array."""

    steps: tuple[str, ...]
    schema: Any
    covered: float

    @property
    def is_many(self) -> bool:
        return ELEMENT in self.steps

    @property
    def array(self) -> tuple[str, ...]:
        """The steps to the array, where there is one."""
        return self.steps[: self.steps.index(ELEMENT)] if self.is_many else ()

    @property
    def pointer(self) -> str:
        """The JSON pointer to the object, or to the array that holds many."""
        return join(*(self.array if self.is_many else self.steps))


def find_place(shapes: Shapes, schema: Any, names: tuple[str, ...], covers: Covers) -> Place | None:
    """The place in a body with most columns of the table; the outermost of equals.

    `names` are what a wrapper may be called besides the words that say nothing.
    """
    if schema is None:
        return None
    places = [
        Place(steps, inner, covers(inner)) for steps, inner in _candidates(shapes, schema, names)
    ]
    return max(places, key=lambda place: (place.covered, -len(place.steps)), default=None)


def _candidates(
    shapes: Shapes, schema: Any, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    shape = shapes.of(schema)
    if shape.is_array:
        yield (ELEMENT,), shape.items
        return
    yield (), schema
    for wire, inner in shape.properties.items():
        if _asks_for_rows(inner):
            continue
        within = shapes.of(inner)
        named = wire in WRAPPERS or any(same_thing(wire, name) for name in names)
        alone = len(shape.properties) <= 2
        if not (named or alone) or not within.is_nested:
            continue
        if within.is_array:
            if within.items is not None and shapes.of(within.items).properties:
                yield (wire, ELEMENT), within.items
        else:
            yield (wire,), inner
            for deeper, innermost in within.properties.items():
                if deeper in WRAPPERS and shapes.of(innermost).properties:
                    yield (wire, deeper), innermost


def _asks_for_rows(schema: Any) -> bool:
    """The schema is a component that is called a filter, or null beside one."""
    if not isinstance(schema, Mapping):
        return False
    reference = schema.get("$ref")
    if isinstance(reference, str) and FILTERS & set(words(reference.rpartition("/")[2])):
        return True
    several = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key) or ()]
    return any(_asks_for_rows(one) for one in several)
