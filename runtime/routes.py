"""Where the operations of a spec are: the path that its servers put before theirs, who calls by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from ..mapping.model import MappingFile
from ..mapping.resolved import Resolved
from ..spec.model import Operation


@dataclass(frozen=True)
class Routes:
    """The operations by label; `app_path` is the path of the address that the API is reached at.

    `base_path` replaces what the spec says. `callers` are the actors that operations are called as
    where the spec demands no credentials and the API does. Nothing is known of other requests: their
    paths go out as they are.
    """

    operations: Mapping[str, Operation] = field(default_factory=dict)
    app_path: str = ""
    base_path: str | None = None
    callers: Mapping[str, str] = field(default_factory=dict)

    def path_before(self, label: str) -> str:
        """The path before that of an operation: "" where the address of the API has it already."""
        operation = self.operations.get(label)
        if operation is None:
            return ""
        before = operation.base_path if self.base_path is None else self.base_path.rstrip("/")
        return "" if before and self.app_path.endswith(before) else before

    def has_no_body(self, label: str) -> bool:
        """The spec documents the operation, and no body of it."""
        operation = self.operations.get(label)
        return operation is not None and operation.request_body is None

    def caller(self, label: str) -> str | None:
        """Who calls an operation where nobody is named and the API demands somebody."""
        return self.callers.get(label)


def routes(mapping: MappingFile, resolved: Resolved) -> Routes:
    """The routes of a suite."""
    app = mapping.target.app
    operations = {one.label: one for one in resolved.document.operations}
    first = next((name for name, actor in mapping.actors.items() if actor.has_credentials), None)
    usual = {label: write.actor for label, write in resolved.operations.items() if write.actor}
    callers = {
        label: usual.get(label, first)
        for label, operation in operations.items()
        if not resolved.sends_credentials(operation)
    }
    return Routes(
        operations,
        app_path=urlsplit(app.url or "").path.rstrip("/") if app else "",
        base_path=app.base_path if app else None,
        callers={
            label: name
            for label, name in callers.items()
            if name and mapping.actors[name].has_credentials
        },
    )


def filled(url: str, path: Mapping[str, object]) -> str:
    """The path with its parameters in it, quoted: each stays one segment, whatever it holds."""
    for name, value in path.items():
        url = url.replace(f"{{{name}}}", _segment(str(value)))
    return url


def _segment(text: str) -> str:
    """`.` and `..` are quoted too: as they are they name another path."""
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")
