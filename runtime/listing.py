"""Lists, page by page: every row once, in one order, and as many as are stored.

COINS = Listing("/coins", key={"id": "id"}, rows="data", size="limit", offset="offset")
coins = database.rows("coins", tenant_id="acme")
listed = paginate(api, COINS, coins, pages=3, actor="alice")
assert listed.holds_once(coins)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from ..comparison import same
from ..mapping.paging import Paging
from .database import Check, Row

if TYPE_CHECKING:
    import httpx

    from .client import Client

PATIENCE = 50
"""Pages, beyond two for each stored row, after which a list counts as one that never ends."""

NOT_FOUND = 404
"""What some lists answer to a page behind the last one."""

SHOWN = 3
"""Rows that a reason names."""


@dataclass(frozen=True, slots=True)
class Listing(Paging):
    """How a GET shows the rows of a table.

    `key`: fields of its elements that tell rows apart, each with its column.
    """

    path: str
    key: Mapping[str, str]

    def of(self, answer: httpx.Response) -> list[Any]:
        """The elements in an answer; AssertionError when it is no success, or has no array there."""
        assert answer.is_success, f"GET {self.path} answered {answer.status_code}"
        found = _at(answer.json(), self.rows)
        assert isinstance(found, list), f"GET {self.path} has no array at {self.rows or 'its root'}"
        return found

    def sized(self, rows: int) -> dict[str, Any]:
        """The query that asks for so many rows a page, as near as the list allows."""
        if not self.size:
            return {}
        return {self.size: max(self.least, min(rows, self.most or rows))}

    def key_of(self, element: Any) -> tuple[str, ...]:
        """What tells an element from all others, as text."""
        return tuple(str(_at(element, wire)) for wire in self.key)

    def key_of_row(self, row: Row) -> tuple[str, ...]:
        """The same of a stored row, for a person to read."""
        return tuple(str(row[column]) for column in self.key.values())

    def shows(self, element: Any, row: Row) -> bool:
        """Whether an element is that row, its key compared by meaning."""
        return all(row.means(column, _at(element, wire)) for wire, column in self.key.items())


@dataclass
class Walk:
    """All pages of a list, from the first to the last; `totals` is what each says of all rows."""

    listing: Listing
    pages: list[list[Any]] = field(default_factory=list)
    totals: list[Any] = field(default_factory=list)
    asked: int = 2
    repeat: Callable[[int], Walk] | None = None
    failure: str = ""
    verdict: str = ""

    @property
    def rows(self) -> list[Any]:
        """The elements of all pages."""
        return [row for page in self.pages for row in page]

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """What tells the elements apart, in the order in which they came."""
        return [self.listing.key_of(row) for row in self.rows]

    def is_whole(self, stored: int) -> bool:
        """All rows came that the list says there are, and as many as are stored: no page follows."""
        total = self.totals[-1] if self.totals else None
        if not isinstance(total, int):
            return False
        asked_for = len(self.pages) * len(self.pages[0])
        return min(asked_for, len(set(self.keys))) >= max(total, stored)

    def again(self, *, pages: int) -> Walk:
        """The same list once more, on about so many pages."""
        assert self.repeat is not None
        return self.repeat(pages)

    @property
    def shown(self) -> Check:
        """Whether there was a border between two pages at which something could go wrong."""
        enough = not self.listing.paged or len(self.pages) >= min(self.asked, 2)
        return Check(enough, f"GET {self.listing.path} came on one page: no border was crossed")

    def holds_once(self, stored: Sequence[Row]) -> Check:
        """Holds when each stored row came exactly once, nothing else came, and each total is right."""
        wrong = next(iter(self._wrong(stored)), "")
        if wrong:
            self.verdict = wrong
        return Check(not wrong, wrong)

    def beside(self, stored: Sequence[Row]) -> list[tuple[Row, Any]]:
        """Each stored row with the element that shows it; AssertionError when none is shown."""
        pairs = [
            (row, element)
            for row in stored
            for element in self.rows
            if self.listing.shows(element, row)
        ]
        assert pairs, f"GET {self.listing.path} shows none of {len(stored)} stored rows"
        return pairs

    def _wrong(self, stored: Sequence[Row]) -> Iterator[str]:
        path, listing = self.listing.path, self.listing
        twice = [key for key, times in Counter(self.keys).items() if times > 1]
        elements = dict(zip(self.keys, self.rows, strict=True))
        lost = [
            listing.key_of_row(row)
            for row in stored
            if not any(listing.shows(element, row) for element in elements.values())
        ]
        strange = [
            key
            for key, element in elements.items()
            if not any(listing.shows(element, row) for row in stored)
        ]
        if twice:
            yield f"GET {path} shows {_named(twice)} more than once: {self._where(twice[0])}"
        if lost:
            yield (
                f"GET {path} never shows {_named(lost)} of {len(stored)} stored rows: "
                f"lost, or left out by a rule that the mapping's `list: {{where: ...}}` should tell"
            )
        if strange:
            yield f"GET {path} shows {_named(strange)}, which is none of the {len(stored)} rows"
        wrong = [total for total in self.totals if not same(total, len(stored))]
        if wrong:
            yield f"GET {path} says {wrong[0]!r} rows in all; {len(stored)} are stored"

    def _where(self, key: tuple[str, ...]) -> str:
        places = [
            f"on page {number}"
            for number, page in enumerate(self.pages, 1)
            for element in page
            if self.listing.key_of(element) == key
        ]
        return " and ".join(places)

    def same_order_as(self, other: Walk) -> Check:
        """Holds when both walks met the same rows in the same order, whatever their pages."""
        pairs = zip(other.keys, self.keys, strict=False)
        place = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), None)
        if place is None:
            return Check(True)
        self.verdict = (
            f"GET {self.listing.path} has no stable order: row {place} was {_named([other.keys[place - 1]])},"
            f" and in other pages {_named([self.keys[place - 1]])}"
        )
        return Check(False, self.verdict)

    def __repr__(self) -> str:
        counts = ", ".join(str(len(page)) for page in self.pages)
        return f"GET {self.listing.path} on {len(self.pages)} pages of {counts} rows"


def paginate(
    api: Client,
    listing: Listing,
    stored: Sequence[Row],
    *,
    pages: int = 3,
    **request: Any,
) -> Walk:
    """Asks for one page after the other until one is empty, or none is said to follow.

    The size is chosen so that the `stored` rows fill about so many `pages`, as far as the list lets
    a client choose. `request` is what `api.get` takes: `actor`, `path`.
    """
    size = listing.sized(ceil(len(stored) / pages) or 1)
    walked = Walk(listing, asked=pages)
    walked.repeat = lambda wanted: paginate(api, listing, stored, pages=wanted, **request)
    api.evidence.saw(walked)
    step: tuple[str, dict[str, Any]] | None = (listing.path, size | _first(listing))
    while step is not None:
        url, params = step
        answer = _get(api, listing, url, params, request)
        if walked.pages and answer.status_code == NOT_FOUND:
            break
        page = listing.of(answer)
        if page or not walked.pages:
            walked.pages.append(page)
            walked.totals += _total(listing, answer)
        step = None if walked.is_whole(len(stored)) else _next(listing, answer, page, params)
        endless = len(walked.pages) > PATIENCE + 2 * len(stored)
        assert not endless, f"GET {listing.path} has no end: {walked!r}"[:300]
    return walked


def _get(
    api: Client, listing: Listing, url: str, params: dict[str, Any], request: Mapping[str, Any]
) -> httpx.Response:
    """One page; an address that the answer before gave stands for path and query."""
    if url == listing.path:
        return api.get(url, params=params, **request)
    return api.get(url, **{name: one for name, one in request.items() if name != "path"})


def _first(listing: Listing) -> dict[str, Any]:
    if listing.offset:
        return {listing.offset: 0}
    return {listing.page: listing.first} if listing.page else {}


def _next(
    listing: Listing, answer: httpx.Response, page: Sequence[Any], params: dict[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """Address and query of the next page, None after the last."""
    if listing.link:
        url = answer.links.get("next", {}).get("url")
        return (_here(answer, url), {}) if url else None
    if listing.next:
        told = _at(answer.json(), listing.next)
        if not told:
            return None
        if listing.cursor:
            return listing.path, params | {listing.cursor: told}
        return _here(answer, str(told)), {}
    if not page or not listing.paged:
        return None
    if listing.offset:
        wide = params.get(listing.size) or len(page)
        return listing.path, params | {listing.offset: params[listing.offset] + wide}
    return listing.path, params | {listing.page: params[listing.page] + 1}


def _here(answer: httpx.Response, address: str) -> str:
    """Path and query of an address; its host is left out: credentials go to the API alone."""
    return answer.url.join(address).raw_path.decode()


def _total(listing: Listing, answer: httpx.Response) -> list[Any]:
    if listing.total_header:
        told = answer.headers.get(listing.total_header, "")
        return [int(told) if told.isdecimal() else told]
    return [_at(answer.json(), listing.total)] if listing.total else []


def _at(value: Any, place: str) -> Any:
    """What stands at a place of the answer; None where there is nothing."""
    for step in filter(None, place.split("/")):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _named(keys: Sequence[tuple[str, ...]]) -> str:
    named = ", ".join("/".join(key) for key in keys[:SHOWN])
    return named + (f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else "")
