"""The fixture by which a module sends its request: valid as it stands, keywords say what is different."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import indent
from typing import TYPE_CHECKING

from .code import INDENT, call, literal, signature
from .function import Function, names

if TYPE_CHECKING:
    from .request import Request

FIRST = ("path", "actor", "change")
"""Keywords in the order of the signature; those of rows follow by name, then those of headers."""
LAST = ("key", "etag")


@dataclass
class RequestFixture:
    """The name of the fixture, and the keywords that the tests of its module use.

    `keywords` maps a keyword to its annotation and default as source text, `lines` to what it does to
    the body.
    """

    name: str
    keywords: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    is_used: bool = False

    def asks(self, keyword: str, annotated: str, line: str = "") -> None:
        """A test uses this keyword."""
        self.keywords.setdefault(keyword, annotated)
        if line:
            self.lines.setdefault(keyword, line)

    def function(
        self,
        request: Request,
        rows_known: Callable[[], Mapping[str, str]],
        example: str,
        *,
        typed: bool,
    ) -> Function:
        """The fixture: `request` is the module's own, `example` the source text of its usual body.

        `rows_known` tells fixtures of rows with their types, asked once its lines have made those that
        they need.
        """
        lines = self._lines(request, example)
        rows = rows_known()
        ordered = [
            *(name for name in FIRST if name in self.keywords),
            *sorted(self.keywords.keys() - {*FIRST, *LAST}),
            *(name for name in LAST if name in self.keywords),
        ]
        parameters = ["body: Body = None"] if request.has_body else []
        parameters += ["*"] if ordered else []
        parameters += [f"{name}: {self.keywords[name]}" for name in ordered]
        read = names("\n".join(lines).replace("return ", "sent = "))
        types = {"database": "Database", "actors": "Actors", **rows}
        asked = [name for name in types if name in read]
        fixtures = ["api: Client", *(f"{name}: {types[name]}" for name in asked)]
        head = signature(self.name, fixtures, "Send", typed=typed)
        inner = signature("send", parameters, "Response", typed=typed)
        sending = indent(f"{inner}\n" + indent("\n".join(lines), INDENT), INDENT)
        title = '"""Sends a valid request; keywords say what is different."""'
        text = f"@pytest.fixture\n{head}\n{INDENT}{title}\n\n{sending}\n\n{INDENT}return send"
        return Function(text, frozenset(asked))

    def _lines(self, request: Request, example: str) -> list[str]:
        lines = []
        if request.has_body:
            lines.append(f"body = {example} if body is None else body")
        lines += request.sent_lines(keyed="key" in self.keywords, etag="etag" in self.keywords)
        for keyword, line in self.lines.items():
            lines.append(f"if {keyword} is not None:\n{indent(line, INDENT)}")
        options = request.sent_options(keyed="key" in self.keywords, path="path" in self.keywords)
        if "path" in self.keywords:
            lines.append(f"path = {request.path_text} if path is None else path")
        caller = ["actor=actor"] if "actor" in self.keywords else request.caller
        change = ["change=change"] if "change" in self.keywords else []
        operation = request.subject.operation
        arguments = [literal(operation.path), *options, *caller, *change]
        lines.append(call(f"return api.{operation.method.lower()}", arguments, depth=2))
        return lines
