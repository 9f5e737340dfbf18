"""The list that shows what an operation creates: which GET it is, how it is paged, by usual names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..spec.model import Document, Operation
from ..spec.schema import keyword, properties, type_of
from .expression import parse
from .listed import ListEntry
from .names import same_thing, singular, snake, squashed
from .paging import Paging
from .resolved import Resolved, ResolvedResource, Write
from .shapes import Shapes

SIZE = ("limit", "perpage", "pagesize", "size", "pagelimit", "take", "top", "first", "maxresults")
OFFSET = ("offset", "skip", "start", "pageoffset", "startindex")
PAGE = ("page", "pagenumber", "pageno", "pageindex", "p")
CURSOR = ("cursor", "pagetoken", "after", "pageafter", "pagecursor", "nexttoken", "marker")
NEXT = ("nextcursor", "nextpagetoken", "nexttoken", "next", "endcursor", "nextmarker", "cursor")
TOTAL = ("total", "totalcount", "totalitems", "totalelements", "totalresults", "totalrows", "count")
TOTAL_HEADERS = ("xtotalcount", "xtotal", "totalcount", "xpaginationtotal")
ROWS = ("data", "items", "results", "rows", "content", "records", "entries", "values", "list")
INSIDE = ("meta", "page", "pagination", "paging", "pageinfo", "links", "data", "embedded")
"""Names by their letters and digits; nearest to what they usually mean first."""


@dataclass(frozen=True, slots=True)
class Listing(Paging):
    """A GET that shows rows; `key` are the fields of its elements that tell rows apart, each with its
    column."""

    operation: Operation
    key: tuple[tuple[str, str], ...]


def find_listing(resolved: Resolved, write: Write) -> Listing | str:
    """The list of what an operation creates; else why it cannot be tested, "" where there is none."""
    resource, entry = write.resource, write.entry
    if write.kind != "creates" or resource is None or entry is None or entry.for_each:
        return ""
    operation = list_operation(resolved.document, write.operation, resource, entry.list_)
    if operation is None:
        return ""
    return _Finder(resolved.document, operation, entry.list_ or ListEntry()).listing(
        resource, {binding.through for binding in write.path}
    )


def list_operation(
    document: Document, create: Operation, resource: ResolvedResource, entry: ListEntry | None
) -> Operation | None:
    """The GET that the mapping names, else that of the same path, else one named as the resource."""
    gets = {o.path: o for o in document.operations if o.method == "GET"}
    if entry is not None and entry.request:
        return gets.get(entry.request.partition(" ")[2])
    if create.path in gets:
        return gets[create.path]
    posts = {o.path for o in document.operations if o.method == "POST"}
    alone = [
        operation
        for path, operation in gets.items()
        if "{" not in path
        and path not in posts
        and same_thing(path.rpartition("/")[2], resource.name)
    ]
    return alone[0] if len(alone) == 1 else None


@dataclass(frozen=True, slots=True)
class _Finder:
    """Looks at one GET; what the entry says goes before what names tell."""

    document: Document
    operation: Operation
    entry: ListEntry

    def listing(self, resource: ResolvedResource, given: set[str | None]) -> Listing | str:
        label = self.operation.label
        answer = Shapes(self.document).answer(self.operation)
        rows = self._rows(answer, resource)
        if rows is None:
            return f"{label} answers no array that is told by its name: list: {{rows: ...}}"
        others = [p.name for p in self.operation.parameters if p.location == "query" and p.required]
        element = keyword(self.document, self._at(answer, rows), "items")
        key = tuple(self._key(resource, element, given))
        if len(key) < len([column for column in resource.key if column not in given]):
            return f"the elements of {label} do not show the key {', '.join(resource.key)}"
        found = self._paging(answer)
        known = {found.get("size"), found.get("page"), found.get("offset")}
        missing = [name for name in others if name not in known]
        if missing:
            return f"{label} demands the query parameter {missing[0]}"
        total, header = self._total(answer)
        place: dict[str, Any] = {"rows": rows, "total": total, "total_header": header}
        return Listing(self.operation, key, **place, **found, **self._bounds(found))

    # ---- the answer

    def _rows(self, answer: Any, resource: ResolvedResource) -> str | None:
        if self.entry.rows:
            return "/".join(parse(self.entry.rows).steps)
        if type_of(self.document, answer) == "array":
            return ""
        arrays = [
            wire
            for wire, schema in self._fields(answer)
            if type_of(self.document, schema) == "array"
        ]
        own = [a for a in arrays if same_thing(a.rpartition("/")[2], resource.name)]
        usual = [a for name in ROWS for a in arrays if squashed(a.rpartition("/")[2]) == name]
        return next(iter(own or usual or (arrays if len(arrays) == 1 else [])), None)

    def _fields(self, answer: Any) -> Iterator[tuple[str, Any]]:
        """The fields of the answer, and those of the objects that usually wrap such things."""
        for wire, schema in properties(self.document, answer).items():
            yield wire, schema
            if squashed(wire) in INSIDE:
                inner = properties(self.document, schema)
                yield from ((f"{wire}/{name}", one) for name, one in inner.items())

    def _at(self, schema: Any, place: str) -> Any:
        for step in filter(None, place.split("/")):
            schema = properties(self.document, schema).get(step, {})
        return schema

    def _key(
        self, resource: ResolvedResource, element: Any, given: set[str | None]
    ) -> Iterator[tuple[str, str]]:
        shown = properties(self.document, element)
        own = f"{singular(resource.name)}_id"
        for column in (column for column in resource.key if column not in given):
            names = [w for w in shown if resource.wire_to_column.get(w, snake(w)) == column]
            names += [w for w in shown if snake(w) == own and len(resource.key) == 1]
            yield from ((name, column) for name in names[:1])

    def _total(self, answer: Any) -> tuple[str, str]:
        if self.entry.total:
            told = parse(self.entry.total)
            if told.source == "response.header":
                return "", told.name
            return "/".join(told.steps), ""
        numbers = {
            wire: squashed(wire.rpartition("/")[2])
            for wire, schema in self._fields(answer)
            if type_of(self.document, schema) in ("integer", "number")
        }
        total = next((w for name in TOTAL for w, n in numbers.items() if n == name), "")
        header = next((h for h in self._headers if squashed(h) in TOTAL_HEADERS), "")
        return (total, "") if total else ("", header)

    @property
    def _headers(self) -> tuple[str, ...]:
        """The headers of the first documented success."""
        answers = [self.operation.responses[status] for status in self.operation.success]
        return tuple(answers[0].headers) if answers else ()

    # ---- the way to the next page

    def _paging(self, answer: Any) -> dict[str, Any]:
        named = self.entry.parameters
        size = named.get("size") or self._parameter(SIZE)
        found: dict[str, Any] = {"size": size}
        if self.entry.next:
            told = parse(self.entry.next)
            if told.source == "response.header":
                return found | {"link": True}
            return found | {
                "next": "/".join(told.steps),
                "cursor": named.get("cursor") or self._parameter(CURSOR),
            }
        if "page" in named or "offset" in named:
            return found | {key: named[key] for key in ("page", "offset") if key in named}
        cursor, after = self._parameter(CURSOR), self._next(answer)
        if cursor and after:
            return found | {"cursor": cursor, "next": after}
        for key, names in (("offset", OFFSET), ("page", PAGE)):
            if name := self._parameter(names):
                return found | {key: name}
        return found | {"link": "link" in map(str.lower, self._headers), "next": after}

    def _next(self, answer: Any) -> str:
        texts = {
            wire: squashed(wire.rpartition("/")[2])
            for wire, schema in self._fields(answer)
            if type_of(self.document, schema) in ("string", "")
        }
        return next((wire for name in NEXT for wire, n in texts.items() if n == name), "")

    def _parameter(self, names: tuple[str, ...]) -> str:
        query = {
            squashed(p.name): p.name for p in self.operation.parameters if p.location == "query"
        }
        return next((query[name] for name in names if name in query), "")

    def _bounds(self, found: dict[str, Any]) -> dict[str, Any]:
        size, page = self._schema(found["size"]), self._schema(found.get("page", ""))
        first = page.get("minimum", page.get("default", 1))
        return {
            "least": _whole(size.get("minimum"), 1),
            "most": _whole(size.get("maximum"), None),
            "first": _whole(first, 1),
        }

    def _schema(self, name: str) -> dict[str, Any]:
        schemas = [p.schema for p in self.operation.parameters if p.name == name and name]
        followed = self.document.follow(schemas[0]) if schemas else None
        return followed if isinstance(followed, dict) else {}


def _whole(value: Any, otherwise: int | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
