"""A request as an older document has it, for the tests that its clients are still served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from ..matrix.older import older_subjects
from .answer import AnswerView
from .code import identifier, literal
from .request import Request
from .view import View


@dataclass(frozen=True)
class OlderClient(AnswerView):
    """What a client of an older document sends, and what it is answered."""

    @property
    def spec(self) -> str:
        """The older document's file name, as a literal."""
        return literal(self.request.spec)

    @property
    def slug(self) -> str:
        """The older document's name, for that of a test."""
        return identifier(PurePath(self.request.spec).stem)

    @property
    def bodies(self) -> str:
        """Source text of the strategy that draws its bodies; "" where it sends none."""
        if not self.request.has_body:
            return ""
        return f"bodies({self.label_text}, spec={self.spec})"


def older_clients(view: View) -> Iterator[OlderClient]:
    """The clients of each older document that has this operation."""
    for name, subject in older_subjects(view.subject):
        request = Request(subject, view.request.rows, view.request.local, spec=name)
        yield OlderClient(subject, request, view.name)
