"""Everything that can be sent to one operation: valid bodies, examples, parameters, violations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

from ...mapping.checks import Order
from ...mapping.leniency import Leniency
from . import media, parameters
from .breach import Breach
from .columns import ColumnLimit, Known, Scope, scope_of
from .deprecated import deprecated_alone
from .edges import edge_bodies
from .errors import CannotBreak, NoPayload
from .examples import Example, told_examples, with_unique
from .excess import Spot, excesses, spots
from .findings import findings_of
from .judge import Judge
from .marked import marked_fields
from .node import Node, copied
from .option import Option
from .optional import optional_in, unsure
from .orders import left_alone
from .routes import DROP, applied
from .schemas import Schemas
from .series import MISSING
from .unique import unique_value
from .violation import Sent, Violation
from .violations import of_body, of_parameters
from .walk import Walker

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ...spec.model import Document, MediaType, Operation
    from .strategies import Compiler

NO_COLUMNS: Mapping[str, ColumnLimit] = {}
CHOICES = 6  # values of an enumerated parameter that are tried
SHOWN = 60
MOST_LEFT_OUT = 60  # optional properties that are left out in turn, those at the top first


class PayloadSpace:
    """The payloads of one operation. Deterministic but for unique values and what Hypothesis draws."""

    def __init__(
        self,
        walker: Walker,
        operation: Operation,
        *,
        scope: Scope | None = None,
        hostile: bool = False,
        lenient: Collection[Leniency] = (),
        trims: bool = False,
        updates: bool = False,
        leave_out: Collection[str] = (),
    ) -> None:
        self._leave_out = leave_out
        self._updates = updates
        self._lenient = lenient
        self._trims = trims
        self.operation = operation
        self._walker = walker
        self._scope = scope
        self._hostile = hostile
        self._compiler: Compiler | None = None
        self._without: dict[int, dict[str, Any]] = {}

    def media(self, media_type: str | None = None) -> MediaType | None:
        """The media type that is written: JSON before forms before the rest; None without a body.

        Raises: NoPayload if none of the operation's types can be written.
        """
        return media.chosen(self.operation, media_type)

    def _node(self, found: MediaType) -> Node:
        raw = True if found.schema is None else found.schema
        if not self._leave_out:
            return self._walker.schemas.node(raw)
        if id(raw) not in self._without:
            # What only answers have no request sends.
            hidden = {name: {"readOnly": True} for name in self._leave_out}
            self._without[id(raw)] = {"allOf": [raw], "properties": hidden}
        return self._walker.schemas.node(self._without[id(raw)])

    def bodies(
        self, media_type: str | None = None, *, beyond: str | None = None
    ) -> SearchStrategy[Any]:
        """Valid bodies: a JSON value, a dict for forms, a dict with `FilePart`s for multipart, a text.

        `beyond` is the pointer of a field that gets a value which the contract allows and its
        column cannot hold.

        Raises: NoPayload where the schema or the media type allows none.
        """
        from hypothesis import strategies as st

        found = self.media(media_type)
        if found is None:
            return st.none()
        node = self._node(found)
        kind = media.kind_of_media(found.type)
        self._walked(found, full=False)  # what cannot be built is told now, not at the first draw
        if kind == "binary" or (kind == "text" and not node.allows("string")):
            return st.sampled_from(
                [self._plain_content(found, word) for word in ("amber", "birch")]
            )
        drawn = self._strategies.strategy(node, self._scope)
        if beyond is not None:
            return drawn.flatmap(partial(self._beyond, beyond))
        if kind == "multipart":
            return drawn.map(partial(media.with_files, self._walker.schemas, node, found))
        return drawn

    @property
    def _strategies(self) -> Compiler:
        if self._compiler is None:
            from .strategies import Compiler

            self._compiler = Compiler(self._walker, hostile=self._hostile, updates=self._updates)
        return self._compiler

    def example(self) -> Any:
        """The smallest body: what is required and one element per required array; None without one."""
        return self._walked(self.media(), full=False)

    def complete(self) -> Any:
        """A body with every property that a request may send."""
        return self._walked(self.media(), full=True)

    def _walked(self, found: MediaType | None, *, full: bool) -> Any:
        if found is None:
            return None
        node = self._node(found)
        kind = media.kind_of_media(found.type)
        if kind == "binary" or (kind == "text" and not node.allows("string")):
            return self._plain_content(found, "amber")
        try:
            body = self._walker.value(node, self._scope, full=full)
        except NoPayload as reason:
            raise NoPayload(f"{self.operation.label}: {reason}") from None
        if kind == "multipart":
            return media.with_files(self._walker.schemas, node, found, body)
        return body

    def _plain_content(self, found: MediaType, word: str) -> Any:
        part = media.file_part(word, media.essence(found.type))
        return part.content if media.kind_of_media(found.type) == "binary" else word

    def without(self) -> tuple[tuple[str, Any], ...]:
        """The complete body with each optional property left out in turn: (its pointer, the body)."""
        found = self.media()
        if found is None or media.kind_of_media(found.type) not in ("json", "form", "multipart"):
            return ()
        node = self._node(found)
        drop = Breach("optional", "left out", lambda _: DROP)
        whole = self.complete()
        result = []
        optional = list(optional_in(self._walker, node, whole, (), 0))
        # Those at the top first, where there are many.
        deepest = sorted(len(route) for _, route in optional)[:MOST_LEFT_OUT][-1:]
        optional = [one for one in optional if [len(one[1])] <= deepest][:MOST_LEFT_OUT]
        for pointer, route in optional:
            body = with_unique(self._walker, node, self._scope, copied(whole))
            body = applied(self._walker, route, node, drop, body)
            if self._updates and len(route) == 1 and not node.choices:
                lone = left_alone(body, whole, self._scope)
                body = {k: v for k, v in body.items() if k not in lone or k in node.required}
            if not unsure(node, route) or self._walker.judge.accepts(node, body):
                result.append((pointer, body))
        return tuple(result)

    def edges(self, skip: Collection[str] = ()) -> tuple[Example, ...]:
        """The complete body, then it again with each field at each edge of contract and column.

        Between them the smallest body with each deprecated field, as clients send it that never changed.

        `skip` are pointers of fields that stay as they are, references above all. At most 60 bodies;
        fields take turns for them. Without a JSON or form body there is only what `complete()` gives.
        """
        found = self.media()
        if found is None:
            return ()
        plain = Example("every field", self.complete())
        kind = media.kind_of_media(found.type)
        if kind not in ("json", "form"):
            return (plain,)
        node, null = self._node(found), kind == "json"
        old = deprecated_alone(self._walker, node, self._scope, plain.body, self.example, skip)
        rest = edge_bodies(self._walker, node, self._scope, plain.body, skip, shows_null=null)
        return (plain, *old, *rest)

    def examples(self) -> tuple[Example, ...]:
        """The document's own examples and defaults that are valid, with fresh unique values."""
        return self._told[0]

    @property
    def _told(self) -> tuple[tuple[Example, ...], tuple[str, ...]]:
        found = self.media()
        if found is None or media.kind_of_media(found.type) not in ("json", "form"):
            return (), ()
        return told_examples(self._walker, found, self._node(found), self._scope)

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """What to know of the body: where contract and columns differ, what cannot be sent, examples
        of the document that break its own schema."""
        found = self.media()
        if found is None:
            return ()
        unsent = (f"{name}: never sent, `leave_out` says so" for name in self._leave_out)
        of_node = findings_of(self._walker, self._node(found), self._scope)
        return (*unsent, *of_node, *self._told[1])

    def request(self, body: Any, media_type: str | None = None) -> dict[str, Any]:
        """The arguments with which an httpx-like client sends the body: `json`, `data`, `files` ..."""
        found = self.media(media_type)
        return {} if found is None else media.request(found, body)

    def parameters(self, location: str) -> SearchStrategy[dict[str, Any]]:
        """Valid `path`, `query`, `header` or `cookie` parameters, as they travel; never hostile ones,
        much of which no address and no header can carry."""
        from .strategies import Compiler

        node = self._walker.parameters(self.operation, location)
        drawn = Compiler(self._walker).strategy(node)
        return drawn.map(partial(parameters.wire, self.operation, location))

    def parameter_example(self, location: str) -> dict[str, Any]:
        """The required parameters of one place."""
        if not parameters.parameters_in(self.operation, location):
            return {}
        values = self._walker.value(self._walker.parameters(self.operation, location))
        return parameters.wire(self.operation, location, values)

    def unused_key(self, parameter: str) -> Any:
        """A value of a path parameter that nobody has used yet, where its schema leaves room for one."""
        walker = self._walker
        node = walker.schemas.property(walker.parameters(self.operation, "path"), parameter)
        drawn = walker.value(node)
        return unique_value(node, drawn, f"{self.operation.label} {parameter}")

    def options(self) -> tuple[Option, ...]:
        """Each parameter that a request may leave out: every value of an enumeration, else one."""
        found = []
        for parameter in self.operation.options:
            if parameter.name in self._leave_out:
                continue
            place = parameter.location
            node = self._walker.parameters(self.operation, place)
            whole = self._walker.value(node, full=True)
            raw = self._walker.schemas.node(parameters.schema_of(parameter)).raw
            choices = raw.get("enum", []) if isinstance(raw, Mapping) else []
            for value in choices[:CHOICES] or [whole[parameter.name]]:
                sent = parameters.wire(self.operation, place, {parameter.name: value})
                said = repr((place, parameter.name, raw, value))
                name = f"{parameter.name}: {value}"[:SHOWN]
                found.append(Option(name, place, sent, parameter.name, said))
        return tuple(found)

    def violations(self) -> tuple[Violation, ...]:
        """One breach of each constraint, of the body first, then of the parameters."""
        found = self.media()
        result: list[Violation] = []
        if found is not None and self.operation.request_body is not None:
            required = self.operation.request_body.required
            node = self._node(found)
            result += of_body(self._walker, node, self._scope, found, self.example, required)
        for location in parameters.LOCATIONS:
            result += of_parameters(self._walker, self.operation, location, self._sent)
        if self._lenient:
            result = [one for one in result if one.coercible not in self._lenient]
        if self._trims:
            result = [violation for violation in result if not violation.padded]
        return tuple({violation.name: violation for violation in reversed(result)}.values())[::-1]

    def _sent(self, body: Any) -> dict[str, Any]:
        return self.request(self.example() if body is MISSING else body)

    def overflows(self) -> tuple[Violation, ...]:
        """What the contract allows and a column cannot hold: to be refused, or stored whole."""

        def sent(spot: Spot, breach: Breach, body: Any, _: Sent) -> dict[str, Any]:
            whole = self.example() if body is MISSING else body
            return self._sent(applied(self._walker, spot.route, spot.node, breach, whole))

        return tuple(
            Violation(
                f"{spot.pointer}: {breach.said}",
                "body",
                spot.pointer,
                breach.rule,
                partial(sent, spot, breach),
            )
            for spot, breach in self._excesses()
        )

    def _excesses(self) -> Iterator[tuple[Spot, Breach]]:
        media_type = self.media()
        if media_type is None:
            return
        for spot in spots(self._walker, self._node(media_type), self._scope):
            if spot.scope.limit:
                found = excesses(spot, spot.scope.limit, updates=self._updates)
                yield from ((spot, breach) for breach in found)

    def _beyond(self, pointer: str, body: Any) -> SearchStrategy[Any]:
        """The body with each value that is too much for the field's column."""
        from hypothesis import strategies as st

        found = [pair for pair in self._excesses() if pair[0].scope.pointer == pointer]
        if not found:
            raise CannotBreak(f"{pointer}: the contract allows nothing that its column cannot hold")
        return st.sampled_from(found).map(
            lambda pair: applied(self._walker, pair[0].route, pair[0].node, pair[1], copied(body))
        )


@lru_cache(maxsize=8)
def walker_of(document: Document) -> Walker:
    """What reads the schemas of a document; kept with it."""
    schemas = Schemas(document)
    return Walker(schemas, Judge(schemas))


def payloads_for(
    document: Document,
    operation: Operation,
    *,
    columns: Mapping[str, ColumnLimit] = NO_COLUMNS,
    unique: Collection[str] = (),
    orders: Collection[Order] = (),
    distinct: Collection[tuple[str, ...]] = (),
    hostile: bool = False,
    lenient: Collection[Leniency] = (),
    trims: bool = False,
    updates: bool = False,
    leave_out: Collection[str] = (),
) -> PayloadSpace:
    """The payloads of an operation.

    Keys of `columns` and `unique` are wire pointers without a leading slash: `email`, `items/*/sku`;
    what the document marks with `x-unique: true` is unique, too. `orders` and `distinct` hold pointers as
    well: of two fields one of which comes first, and of those in which no two elements of an array agree.
    `hostile` adds text beyond plain words and numbers beyond everyday ones, all of them valid.
    `lenient` says what the API coerces on purpose: no violation is a value that reads like a right one.
    `trims` says that it cuts off what stands around texts.
    `leave_out` are optional fields at the top of the body that no request sends.
    `updates` says that the operation changes a row: null in an optional field may mean "leave it".
    What is read from the document is kept with the document, for its other operations.
    """
    walker = walker_of(document)
    marked = marked_fields(document, walker, operation)
    scope = scope_of(Known(columns, frozenset({*unique, *marked}), tuple(orders), tuple(distinct)))
    return PayloadSpace(
        walker,
        operation,
        scope=scope,
        hostile=hostile,
        lenient=lenient,
        trims=trims,
        updates=updates,
        leave_out=leave_out,
    )
