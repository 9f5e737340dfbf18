"""The names that `list` uses, against the spec and the schema."""

from __future__ import annotations

from dataclasses import dataclass

from ..spec.model import Operation
from .check import At, EntryCheck
from .environment import shown
from .listed import ListEntry
from .names import did_you_mean
from .pointer import join


@dataclass(frozen=True)
class ListCheck:
    """Adds a problem for each name of one `list` that spec or schema does not know."""

    check: EntryCheck
    entry: ListEntry

    @property
    def at(self) -> At:
        return (*self.check.at, "list")

    def run(self) -> None:
        """Check the GET, its parameters, the places in its answer, and the columns of `where`."""
        listing = self._operation()
        if listing is not None:
            self._parameters(listing)
            self._places(listing)
        resource = self.check.scope.mapping.resources.get(self.check.entry.resource or "")
        table = resource.table if resource else None
        self.check.columns((*self.at, "where"), table, self.entry.where, None)

    def _operation(self) -> Operation | None:
        gets = {
            operation.label: operation
            for operation in self.check.scope.shapes.document.operations
            if operation.method == "GET"
        }
        label = self.entry.request
        if label is None:
            return gets.get(f"GET {self.check.operation.path}")
        if label not in gets:
            message = f"the spec has no operation `{shown(label)}` that lists"
            hint = did_you_mean(shown(label), gets)
            self.check.scope.problems.add(join(*self.at, "request"), message, hint)
        return gets.get(label)

    def _parameters(self, listing: Operation) -> None:
        known = [one.name for one in listing.parameters if one.location == "query"]
        for key, name in self.entry.parameters.items():
            if name not in known:
                message = f"`{listing.label}` has no query parameter `{shown(name)}`"
                hint = did_you_mean(shown(name), known)
                self.check.scope.problems.add(join(*self.at, key), message, hint)

    def _places(self, listing: Operation) -> None:
        answer = self.check.scope.shapes.answer(listing)
        for name in ("rows", "total", "next"):
            text = getattr(self.entry, name)
            if text is not None:
                self.check.leads((*self.at, name), text, answer)
