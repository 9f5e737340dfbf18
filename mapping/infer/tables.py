"""Which table keeps what a path speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..names import plural, singular, squashed, words
from ..schema import Schema, Table
from ..scope import bare
from .likeness import TABLE_WORDS, Words, likeness, told_words, word_likeness

CLOSE = 0.07
"""Two tables this near to each other in score are equally likely."""


@dataclass(frozen=True, slots=True)
class Match:
    """A table for a thing of the API, and how sure that is."""

    table: str
    score: float
    evidence: str
    others: tuple[str, ...] = ()
    view: bool = False


@dataclass(frozen=True)
class Tables:
    """The tables of a schema, looked up by what they are called and by what columns they have."""

    schema: Schema

    def named(self, noun: str, parents: tuple[str, ...] = ()) -> list[Match]:
        """Tables that a noun of the API may name, likeliest first, by name alone.

        `parents` are the nouns of the path before it, nearest last.
        """
        wanted = _thing(noun)
        before = tuple(_thing(parent) for parent in parents if parent)
        found = []
        for table in self._near(wanted, before):
            score, why = self._by_name(table, wanted, before)
            if score >= 0.35:
                found.append(Match(table, score, why))
        return sorted(found, key=lambda match: (-match.score, match.table))

    def of_view(self, noun: str) -> Match | None:
        """The table whose rows a view of this very name shows; one of several, if it joins them."""
        for name, read in self.schema.views.items():
            if read and _thing(bare(name)) == _thing(noun):
                told = f"`{name}` is a view of `{read[0]}`"
                if len(read) == 1:
                    return Match(read[0], 0.8, told, view=True)
                both = " and ".join(f"`{one}`" for one in read)
                return Match(read[0], 0.5, f"`{name}` is a view of {both}", read[1:], view=True)
        return None

    def plainly(self, table: str) -> str:
        """What a table keeps one of, without prefixes."""
        return "_".join(self._stripped[table])

    def by_columns(self, fields: Iterable[str], *, most: int = 3) -> list[tuple[str, float]]:
        """The tables that have most columns named as some fields, with the share of them."""
        names = {squashed(field) for field in fields}
        counted: Counter[str] = Counter()
        for name in names:
            counted.update(self._holders.get(name, ()))
        return [(table, count / len(names)) for table, count in counted.most_common(most)]

    def _by_name(self, table: str, wanted: Words, before: tuple[Words, ...]) -> tuple[float, str]:
        own = self._words[table]
        shown = f"`{table}`"
        if own == wanted:
            return 0.97, f"{shown} is named so"
        for parent in reversed(before):
            if own == parent + wanted:
                return 0.95, f"{shown} names the parent and the thing"
        stripped = self._stripped[table]
        if stripped == wanted:
            return 0.92, f"{shown} without what its name begins with"
        for parent in reversed(before):
            if stripped == parent + wanted:
                return 0.9, f"{shown} names the parent and the thing"
        return self._by_likeness(table, stripped, wanted, before)

    def _by_likeness(
        self, table: str, own: Words, wanted: Words, before: tuple[Words, ...]
    ) -> tuple[float, str]:
        around = tuple(word for parent in before for word in parent)
        alike = likeness(wanted, own, around)
        if len(own) > len(wanted) and own[-len(wanted) :] == wanted:
            said = all(any(word_likeness(w, a) > 0.8 for a in around) for w in own[: -len(wanted)])
            return (0.9 if said else 0.66), f"`{table}` ends with it"
        if len(own) > len(wanted) and own[: len(wanted)] == wanted:
            return 0.5, f"`{table}` begins with it"
        return min(0.82, alike * 0.86), f"`{table}` reads like it"

    def _near(self, wanted: Words, before: tuple[Words, ...]) -> Iterable[str]:
        """The tables worth comparing with."""
        if len(self.schema.tables) <= 40:
            return self.schema.tables
        from rapidfuzz import fuzz, process

        found: dict[str, None] = {}
        asked = {"_".join(wanted), *("_".join(parent + wanted) for parent in before[-1:])}
        for text in asked:
            for name in self._by_words.get(text, ()):
                found[name] = None
            for scorer in (fuzz.ratio, fuzz.partial_ratio):
                near = process.extract(text, self._texts, scorer=scorer, limit=6, score_cutoff=60)
                found |= dict.fromkeys(key for _, _, key in near)
        for word in wanted:
            found |= dict.fromkeys(self._by_letter.get(word[0], ()) if len(wanted) == 1 else ())
        return found

    @cached_property
    def _words(self) -> Mapping[str, Words]:
        return {name: _thing(bare(name)) for name in self.schema.tables}

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {name: "_".join(found) for name, found in self._words.items()}

    @cached_property
    def _by_words(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.schema.tables:
            for text in {"_".join(self._words[name]), "_".join(self._stripped[name])}:
                found.setdefault(text, []).append(name)
        return found

    @cached_property
    def _by_letter(self) -> Mapping[str, list[str]]:
        """Tables of one short word, by its first letter: they may be abbreviations."""
        found: dict[str, list[str]] = {}
        for name, own in self._stripped.items():
            if len(own) == 1 and len(own[0]) <= 5:
                found.setdefault(own[0][0], []).append(name)
        return found

    @cached_property
    def _stripped(self) -> Mapping[str, Words]:
        """Names without the application's prefix and without words that say nothing."""
        prefixes = self.prefixes
        found = {}
        for name, own in self._words.items():
            rest = own[1:] if len(own) > 1 and own[0] in prefixes else own
            found[name] = told_words(rest)
        return found

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """First words that tables share because they belong to one part of the application.

        A first word that is itself a table is a parent: `order_items` beside `orders`.
        """
        things = {"_".join(told_words(own)) for own in self._words.values()}
        counted = Counter(own[0] for own in self._words.values() if len(own) > 1)
        return frozenset(
            word
            for word, count in counted.items()
            if word not in things
            and (count >= 2 or word in TABLE_WORDS)
            and not any(word_likeness(word, thing) >= 0.85 for thing in things if "_" not in thing)
        )

    @cached_property
    def _holders(self) -> Mapping[str, list[str]]:
        """By column, letters and digits only: the tables that have it; too common ones left out."""
        found: dict[str, list[str]] = {}
        for name, table in self.schema.tables.items():
            for column in table.columns:
                found.setdefault(squashed(column), []).append(name)
        most = max(8, len(self.schema.tables) // 5)
        return {column: names for column, names in found.items() if len(names) <= most}


def points_at(table: Table, other: str) -> str | None:
    """The column by which a table's rows belong to rows of another, the first if several do."""
    return next((key.columns[0] for key in table.foreign_keys if key.table == other), None)


def _thing(noun: str) -> Words:
    """The words of a name, the last in the singular."""
    return words(singular(noun))


def guessed_table(noun: str) -> str:
    """What the table is usually called, when nobody can look: the plural."""
    return plural(singular(noun))
