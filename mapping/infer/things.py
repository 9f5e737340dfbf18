"""What each operation is about and does to it: a table, and creates, updates or deletes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...spec.model import Document, Operation
from ..names import same_thing, singular
from ..resolved import Kind
from ..schema import Schema
from ..shapes import Shapes
from .columns import Columns
from .envelopes import Place, find_place
from .routes import (
    CREATING,
    DELETING,
    UPDATING,
    VERBS,
    Route,
    bodies,
    route,
    schema_nouns,
    verb_and_noun,
)
from .tables import CLOSE, Match, Tables, guessed_table, points_at

ITSELF = frozenset(["me", "self", "profile", "account", "current", "whoami"])
_KINDS: Mapping[str, Kind] = {
    "POST": "creates",
    "PUT": "updates",
    "PATCH": "updates",
    "DELETE": "deletes",
}
MOST = 8
"""Tables that are compared field by field."""
_PLAIN = 0.9
SURE = 0.72
"""From here on a table is taken for what a word at the end of a path names."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What one write operation seems to do."""

    operation: Operation
    route: Route
    kind: Kind | None = None
    match: Match | None = None
    noun: str = ""
    confidence: float = 0.0
    sent: Place | None = None
    answered: Place | None = None
    note: str = ""

    @property
    def table(self) -> str | None:
        return self.match.table if self.match else None


@dataclass
class Things:
    """Finds the deeds of all operations of a document, each table looked up once."""

    document: Document
    schema: Schema | None
    shapes: Shapes
    tables: Tables | None = None
    _matched: dict[tuple[Any, ...], Match | None] = field(default_factory=dict)
    _columns: dict[tuple[str, str], Columns] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = Tables(self.schema) if self.schema is not None else None

    def deeds(self, operations: Iterable[Operation]) -> list[Deed]:
        """The deeds of all operations; those about one thing agree on its table."""
        found = [self.deed(operation) for operation in operations]
        best: dict[tuple[str, ...], Deed] = {}
        for deed in found:
            key = _words_of(deed.route)
            if deed.match and (key not in best or best[key].confidence < deed.confidence):
                best[key] = deed
        return [self._agreeing(deed, best.get(_words_of(deed.route))) for deed in found]

    def _agreeing(self, deed: Deed, other: Deed | None) -> Deed:
        """The deed about the table that another operation on the same path is surer of."""
        plain = not deed.route.action or deed.route.is_bulk
        if other is None or other.match is None or not plain or other.route.action:
            return deed
        if deed.confidence >= other.confidence:
            return deed
        sure = round(other.confidence * 0.97, 2)
        kind = deed.kind or self._kind(deed.route)
        if deed.table == other.table:
            return replace(deed, confidence=sure)
        made = replace(
            deed, kind=kind, match=other.match, noun=other.noun, confidence=sure, note=""
        )
        return self._with_places(made)

    def deed(self, operation: Operation) -> Deed:
        """What an operation does, as far as anything tells."""
        found = route(operation)
        if found.is_reading:
            return Deed(operation, found, note="it reads only, as its name says")
        own = self._deed_of(found)
        last = found.target
        if last and not last.parameter and len(found.steps) > 1:
            own = self._thing_or_action(found, own)
        return self._with_places(own)

    def _thing_or_action(self, found: Route, own: Deed) -> Deed:
        """The word behind a parameter names a thing of its own, or what is done to the parent."""
        if own.match and own.confidence >= SURE:
            return own
        last = found.steps[-1].word
        if self.schema is None and found.operation.method == "POST" and singular(last) != last:
            return own
        action = found.without_last()
        if action.target is None or not action.target.parameter:
            return own
        parent = self._deed_of(action)
        verb = bool(set(action.action) & VERBS) or found.operation.method != "POST"
        sure = parent.confidence * (0.97 if verb else 0.62)
        kind: Kind = "updates"
        unlooked = self.schema is None and verb
        if parent.match is None or (sure <= own.confidence and not unlooked):
            return own
        return replace(parent, kind=kind, confidence=sure)

    def _deed_of(self, found: Route) -> Deed:
        operation = found.operation
        kind = self._kind(found)
        match, noun = self._match(found)
        if match is None:
            return Deed(operation, found, note=self._nothing(found))
        sure = match.score
        if found.action and found.names_a_row and self._is_child(match.table, noun):
            sure = min(sure, 0.8)
            noun = self.tables.plainly(match.table) if self.tables else noun
            kind = "creates" if operation.method == "POST" else kind
        if kind != "creates" and not found.names_a_row:
            return self._singleton(Deed(operation, found, kind, match, noun, sure))
        return Deed(operation, found, kind, match, noun, sure)

    def _is_child(self, table: str, noun: str) -> bool:
        """A table that belongs to the thing an action is done to: to borrow a book makes a loan."""
        if self.tables is None or self.schema is None:
            return False
        parent = next(iter(self.tables.named(noun)), None)
        if parent is None or parent.table == table or parent.score < SURE:
            return False
        return points_at(self.schema.tables[table], parent.table) is not None

    def _kind(self, found: Route) -> Kind:
        action = set(found.action)
        if found.is_bulk and action & DELETING:
            return "deletes"
        if found.is_bulk and action & UPDATING:
            return "updates"
        if found.is_bulk:
            return "creates" if found.operation.method == "POST" else "updates"
        verb = verb_and_noun(found.steps[-1].word)[0] if len(found.steps) == 1 else ""
        said = action | ({verb} if verb else set())
        if said & DELETING:
            return "deletes"
        if said & CREATING and not found.names_a_row:
            return "creates"
        if (said & UPDATING) or (found.names_a_row and found.operation.method == "POST"):
            return "updates"
        if action and found.operation.method == "POST" and not found.is_bulk:
            return "updates"
        return _KINDS[found.operation.method]

    def _singleton(self, deed: Deed) -> Deed:
        """An update without a row in its path is about the caller's own, or about many rows."""
        last = deed.route.target
        word = last.word if last else ""
        if word in ITSELF or (same_thing(word, singular(word)) and singular(word) == word):
            return deed
        return replace(deed, confidence=min(deed.confidence, 0.7))

    def _match(self, found: Route) -> tuple[Match | None, str]:
        """The table of a route's last thing, and the noun that led to it."""
        last = found.target
        shown = self.tables.of_view(last.word) if last and self.tables else None
        if last is not None and shown is not None:
            return shown, last.word
        # What an action makes belongs to the thing it is done to.
        above = found.steps if found.action and found.names_a_row else found.steps[:-1]
        parents = tuple(step.word for step in above)
        word = verb_and_noun(last.word)[1] if last and len(found.steps) == 1 else ""
        noun = word or (last.word if last else "")
        request, answer = bodies(self.shapes, found.operation)
        sent = (
            (request, answer) if found.operation.method in ("POST", "PUT", "PATCH") else (answer,)
        )
        nouns = schema_nouns(self.document, [one for one in sent if one is not None])
        key = (noun, parents, nouns, found.names_a_row, id(request), id(answer))
        if key not in self._matched:
            self._matched[key] = self._best(noun, parents, nouns, request, answer)
        return self._matched[key], noun

    def _best(
        self, noun: str, parents: tuple[str, ...], nouns: tuple[str, ...], request: Any, answer: Any
    ) -> Match | None:
        if self.tables is None or self.schema is None:
            return _unlooked(noun, nouns)
        scored: dict[str, Match] = {}
        asked = [(noun, 1.0, "the path")] if noun else []
        asked += [(one, 0.93, f"the schema `{one}`") for one in nouns]
        for word, weight, where in asked:
            for match in self.tables.named(word, parents)[:8]:
                score = match.score * weight
                told = match.evidence if where == "the path" else f"{match.evidence}, by {where}"
                old = scored.get(match.table)
                if old is None or old.score < score:
                    scored[match.table] = Match(match.table, score, told)
        for table, share in self._holders(request, answer):
            scored.setdefault(table, Match(table, 0.3 + 0.3 * share, "its columns"))
        for table in self._children(parents):
            scored.setdefault(table, Match(table, 0.42, "its place below its parent"))
        likely = sorted(scored.values(), key=lambda match: -match.score)[:MOST]
        judged: list[Match] = []
        for one in likely:
            # What is named less alike cannot come near a table that names and fields speak for.
            if judged and judged[0].score >= _PLAIN and one.score < judged[0].score - 0.1:
                break
            judged.append(self._judged(one, noun, parents, request, answer))
        judged.sort(key=lambda match: (-match.score, match.table))
        return _with_rivals(judged)

    def _children(self, parents: tuple[str, ...]) -> list[str]:
        """Tables that belong to the thing the path names before."""
        if not parents or self.tables is None or self.schema is None:
            return []
        nearest = next(iter(self.tables.named(parents[-1], parents[:-1])), None)
        if nearest is None or nearest.score < SURE:
            return []
        return [
            name
            for name, table in self.schema.tables.items()
            if name != nearest.table and points_at(table, nearest.table)
        ]

    def _holders(self, request: Any, answer: Any) -> list[tuple[str, float]]:
        fields: set[str] = set()
        for schema in (request, answer):
            place = find_place(
                self.shapes, schema, (), lambda one: len(self.shapes.of(one).properties)
            )
            if place is not None:
                fields |= set(self.shapes.of(place.schema).properties)
        if self.tables is None or len(fields) < 3:
            return []
        return [one for one in self.tables.by_columns(fields) if one[1] >= 0.5]

    def _judged(
        self, match: Match, noun: str, parents: tuple[str, ...], request: Any, answer: Any
    ) -> Match:
        """The match with what the fields and the foreign keys say of it."""
        covered = self.covered(match.table, noun, request, answer)
        assert self.schema is not None
        table = self.schema.tables[match.table]
        score, told = match.score, match.evidence
        if covered is not None:
            share, count = covered
            score *= 0.6 + 0.4 * min(1.0, share / 0.9)
            if share >= 0.7 and count >= 4:
                score = max(score, 0.55 + 0.3 * share)
            told += f"; {round(share * 100)} % of {count} fields are columns"
        if parents and self.tables is not None:
            nearest = next(iter(self.tables.named(parents[-1], parents[:-1])), None)
            if nearest and points_at(table, nearest.table):
                score = min(0.99, score + 0.06)
                told += f"; it points at `{nearest.table}`"
        return Match(match.table, round(min(score, 0.99), 3), told)

    def covered(self, table: str, noun: str, *schemas: Any) -> tuple[float, int] | None:
        """(share, number) of the fields of some bodies that are columns; None without fields."""
        columns = self.columns(table, noun)
        best: tuple[float, int] | None = None
        for schema in schemas:
            place = find_place(self.shapes, schema, (noun, table), columns.covered)
            if place is None:
                continue
            count = len(self.shapes.of(place.schema).properties)
            if count and (best is None or _weight(place.covered, count) > _weight(*best)):
                best = (place.covered, count)
        return best

    def columns(self, table: str, noun: str) -> Columns:
        if (table, noun) not in self._columns:
            assert self.schema is not None
            self._columns[table, noun] = Columns(self.shapes, self.schema.tables[table], noun)
        return self._columns[table, noun]

    def _with_places(self, deed: Deed) -> Deed:
        if deed.table is None or self.schema is None:
            return deed
        request, answer = bodies(self.shapes, deed.operation)
        columns = self.columns(deed.table, deed.noun)
        names = (deed.noun, deed.table)
        return replace(
            deed,
            sent=find_place(self.shapes, request, names, columns.covered),
            answered=find_place(self.shapes, answer, names, columns.covered),
        )

    def _nothing(self, found: Route) -> str:
        label = found.operation.label
        if self.schema is not None and not self.schema.tables:
            return f"{label}: the database has no tables; run its migrations, then again"
        return (
            "no table is named like it, nor has its fields as columns; of a view, name the table "
            "whose rows it shows"
        )


def _weight(share: float, count: int) -> float:
    """Few fields tell little."""
    return share * (1 - 0.5 / count)


def _words_of(found: Route) -> tuple[str, ...]:
    return tuple(step.word for step in found.steps)


def _unlooked(noun: str, nouns: tuple[str, ...]) -> Match | None:
    """What the table is probably called, when nobody can look."""
    said = verb_and_noun(noun)[1] if verb_and_noun(noun)[0] else noun
    if noun in VERBS and nouns:
        return Match(guessed_table(nouns[0]), 0.62, "what its schema is called; nobody looked")
    if not said:
        return None
    return Match(guessed_table(said), 0.7, "the plural of its name; nobody looked")


def _with_rivals(judged: list[Match]) -> Match | None:
    """The best, less sure when another is nearly as likely; both are shown then."""
    if not judged or judged[0].score < 0.4:
        return None
    best, *rest = judged
    near = tuple(one.table for one in rest if one.score > best.score - CLOSE)
    if not near:
        return best
    return replace(best, score=min(best.score, 0.55), others=near)
