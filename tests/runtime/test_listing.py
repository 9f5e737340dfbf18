"""Walks over real answers of a small API, in each way of paging, with and without a bug."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from gen_suite.runtime.actors import Actors
from gen_suite.runtime.client import Client
from gen_suite.runtime.database import Row
from gen_suite.runtime.evidence import Evidence
from gen_suite.runtime.listing import Listing, paginate

COINS = [Row({"id": number, "mark": f"m{number}"}) for number in range(1, 8)]
KEY = {"id": "id"}
OFFSET = Listing("/coins", key=KEY, rows="data", total="total", size="limit", offset="offset")

Query = dict[str, int]
Page = tuple[Any, dict[str, str]]


def rows(start: int, size: int) -> list[dict[str, Any]]:
    return [dict(row) for row in COINS[start : start + size]]


def by_offset(query: Query) -> Page:
    shown = rows(query.get("offset", 0), query.get("limit", 20))
    return {"data": shown, "total": len(COINS)}, {}


def by_page(query: Query) -> Page:
    size = query.get("per_page", 3)
    return rows((query["page"] - 1) * size, size), {"X-Total-Count": str(len(COINS))}


def by_cursor(query: Query) -> Page:
    start, size = query.get("cursor", 0), query.get("limit", 3)
    more = start + size if start + size < len(COINS) else None
    return {"items": rows(start, size), "meta": {"next": more}}, {}


def by_address(query: Query) -> Page:
    page, _ = by_cursor(query)
    more = page["meta"]["next"]
    return {**page, "next": more and f"https://elsewhere.example/coins?cursor={more}"}, {}


def by_link(query: Query) -> Page:
    page, _ = by_cursor(query)
    more = page["meta"]["next"]
    link = {"Link": f'</coins?cursor={more}>; rel="next"'} if more else {}
    return page["items"], link


def all_at_once(query: Query) -> Page:
    return rows(0, 100), {}


def api_of(answer: Callable[[Query], Page]) -> Client:
    """A client of an API whose list answers so; a text instead of a page is a broken answer."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = {k: int(v[0]) for k, v in parse_qs(environ["QUERY_STRING"]).items()}
        body, headers = answer(query)
        status = "500 Broken" if isinstance(body, str) else "200 OK"
        start(status, [("Content-Type", "application/json"), *headers.items()])
        return [json.dumps(body).encode()]

    http = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://coins.example")
    return Client(http, Actors({}), Evidence())


WAYS = {
    "offset": (OFFSET, by_offset, [3, 3, 1]),
    "page": (
        Listing(
            "/coins", key=KEY, total_header="X-Total-Count", size="per_page", page="page", most=2
        ),
        by_page,
        [2, 2, 2, 1],
    ),
    "cursor": (
        Listing("/coins", key=KEY, rows="items", size="limit", cursor="cursor", next="meta/next"),
        by_cursor,
        [3, 3, 1],
    ),
    "address": (Listing("/coins", key=KEY, rows="items", next="next"), by_address, [3, 3, 1]),
    "link": (Listing("/coins", key=KEY, link=True), by_link, [3, 3, 1]),
    "no pages": (Listing("/coins", key=KEY), all_at_once, [7]),
}


@pytest.mark.parametrize(("listing", "answer", "pages"), WAYS.values(), ids=WAYS)
def test_every_row_comes_once_in_each_way_of_paging(
    listing: Listing, answer: Callable[[Query], Page], pages: list[int]
) -> None:
    api = api_of(answer)
    listed = paginate(api, listing, COINS, pages=3)
    assert [len(page) for page in listed.pages] == pages
    assert listed.holds_once(COINS)
    assert listed.again(pages=2).same_order_as(listed)
    assert listed.shown
    assert {one.request.url.host for one in api.evidence.exchanges} == {"coins.example"}


def shifted(by: int) -> Callable[[Query], Page]:
    def answer(query: Query) -> Page:
        start = query.get("offset", 0)
        return by_offset({**query, "offset": max(start + by * (start // query["limit"]), 0)})

    return answer


def changed(**fields: Any) -> Callable[[Query], Page]:
    return lambda query: ({**by_offset(query)[0], **fields}, {})


BUGS = {
    "a row skipped": (shifted(1), "GET /coins never shows 4 of 7 stored rows"),
    "a row repeated": (
        shifted(-1),
        "GET /coins shows 3, 5 more than once: on page 1 and on page 2",
    ),
    "a wrong total": (changed(total=9), "GET /coins says 9 rows in all; 7 are stored"),
    "no total": (changed(total=None), "GET /coins says None rows in all; 7 are stored"),
}


@pytest.mark.parametrize(("answer", "reason"), BUGS.values(), ids=BUGS)
def test_what_is_said_of_a_bug(answer: Callable[[Query], Page], reason: str) -> None:
    listed = paginate(api_of(answer), OFFSET, COINS, pages=3)
    check = listed.holds_once(COINS)
    assert not check
    assert repr(check).startswith(reason)
    assert listed.verdict == repr(check)


def test_rows_that_are_not_stored() -> None:
    check = paginate(api_of(by_offset), OFFSET, COINS[:-1], pages=3).holds_once(COINS[:-1])
    assert repr(check) == "GET /coins shows 7, which is none of the 6 rows"


def test_an_order_that_depends_on_the_page() -> None:
    def answer(query: Query) -> Page:
        page, headers = by_offset(query)
        return {**page, "data": page["data"][::-1]}, headers

    listed = paginate(api_of(answer), OFFSET, COINS, pages=3)
    assert listed.holds_once(COINS)
    check = listed.again(pages=2).same_order_as(listed)
    assert repr(check) == ("GET /coins has no stable order: row 1 was 3, and in other pages 4")


def test_one_page_shows_nothing() -> None:
    api = api_of(lambda query: by_cursor({"limit": 100}))
    listed = paginate(api, WAYS["cursor"][0], COINS)
    assert listed.holds_once(COINS)
    assert api.evidence.unshown() == "GET /coins came on one page: no border was crossed"


def test_a_list_that_breaks_or_never_ends() -> None:
    with pytest.raises(AssertionError, match="GET /coins answered 500"):
        paginate(api_of(lambda query: ("broken", {})), OFFSET, COINS)
    with pytest.raises(AssertionError, match="GET /coins has no array at data"):
        paginate(api_of(lambda query: ({"data": {}}, {})), OFFSET, COINS)
    with pytest.raises(AssertionError, match="GET /coins has no end: GET /coins on 65 pages"):
        paginate(api_of(lambda query: by_offset({"offset": 0, "limit": 1})), OFFSET, COINS)


def test_no_page_is_asked_for_behind_the_last_one() -> None:
    asked: list[int] = []

    def strict(query: Query) -> Page:
        asked.append(query["offset"])
        return by_offset(query) if query["offset"] < len(COINS) else ("broken", {})

    listed = paginate(api_of(strict), OFFSET, COINS, pages=3)
    assert listed.holds_once(COINS)
    assert asked == [0, 3, 6]


def test_a_page_behind_the_last_one_may_be_answered_404() -> None:
    listing = Listing("/coins", key=KEY, size="limit", offset="offset")

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = {k: int(v[0]) for k, v in parse_qs(environ["QUERY_STRING"]).items()}
        page = rows(query["offset"], query["limit"])
        start("200 OK" if page else "404 Not Found", [("Content-Type", "application/json")])
        return [json.dumps(page or {"detail": "Invalid page."}).encode()]

    http = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://coins.example")
    listed = paginate(Client(http, Actors({}), Evidence()), listing, COINS, pages=3)
    assert listed.holds_once(COINS)
