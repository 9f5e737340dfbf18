"""The share of tested cells as a badge that needs no service."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from .badge import LABEL, colour_of, message
from .view import View

HEX = {
    "brightgreen": "#2c7a3f",
    "green": "#4b7a12",
    "yellow": "#8a6d00",
    "orange": "#a14f00",
    "red": "#b3261e",
}
"""White text on each of them can be read."""
LETTER = 6.6
"""Average width of a letter at 11 pixels."""
EDGE = 10


def matrix(view: View) -> str:
    """The same as `gaps`."""
    return gaps(view)


def gaps(view: View) -> str:
    """An image of 20 pixels height."""
    text = message(view)
    left, right = (round(LETTER * len(part)) + EDGE for part in (LABEL, text))
    colour = HEX[colour_of(view.coverage.percent)]
    image: str = _template().render(label=LABEL, text=text, left=left, right=right, colour=colour)
    return image


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    source = files("gen_suite.templates") / "report" / "svg.j2"
    return environment.from_string(source.read_text(encoding="utf-8"))
