"""A bulk request of as many elements as a test wants."""

from __future__ import annotations

from dataclasses import dataclass

from ..matrix.bulk import FEW, most_elements
from .code import INDENT, call
from .request import Request
from .view import View


@dataclass(frozen=True)
class Many:
    """The request of a bulk operation, its elements made one after the other."""

    view: View

    @property
    def request(self) -> Request:
        return self.view.request.inline

    @property
    def few(self) -> int:
        return FEW

    @property
    def count(self) -> int:
        """The elements of the large request."""
        return most_elements(self.view.subject)

    @property
    def lines(self) -> str:
        """The lines that make a body of `elements` elements, each with values of its own."""
        label, elements = self.view.label_text, self.view.elements
        place = elements.removeprefix("body")
        more = call(f"{elements} += example", [label], tail=place, depth=3)
        first = f"body = example({label})\nwhile len({elements}) < elements:\n{INDENT}{more}"
        return "\n".join([first, *filter(None, [self.request.prepare()])])
