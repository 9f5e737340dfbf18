"""Which GET lists what is created, and how it is paged, told by the names that APIs use."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from gen_suite.mapping.listing import Listing, find_listing
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.mapping.schema import Schema
from gen_suite.spec.read import read_document

Told = Callable[[Callable[[], object]], str]
COIN = {"type": "object", "properties": {"id": {"type": "integer"}, "mark": {"type": "string"}}}
COINS = {"type": "array", "items": COIN}
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def query(**schemas: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": one} for name, one in schemas.items()]


def spec(answer: Any, parameters: Any = (), headers: Any = (), path: str = "/coins") -> Any:
    shown = {"description": "", "content": {"application/json": {"schema": answer}}}
    shown["headers"] = {name: {"schema": TEXT} for name in headers}
    body = {"content": {"application/json": {"schema": COIN}}}
    post = {"requestBody": body, "responses": {"201": {"description": ""}}}
    get = {"parameters": list(parameters), "responses": {"200": shown}}
    paths: dict[str, Any] = {"/coins": {"post": post}}
    paths.setdefault(path, {})["get"] = get
    return {"openapi": "3.0.3", "info": {"title": "", "version": "1"}, "paths": paths}


def wrapped(**fields: Any) -> Any:
    return {"type": "object", "properties": fields}


@pytest.fixture
def laid_out(tmp_path: Path) -> Callable[..., Resolved]:
    """`laid_out(spec, list)`: the mapping of coins with this `list`, resolved without a database."""

    def make(document: Any, stated: str = "") -> Resolved:
        (tmp_path / "coins.yaml").write_text(yaml.safe_dump(document))
        mapping = f"""
            spec: coins.yaml
            actors: {{ann: {{id: 1, tenant: mint}}}}
            resources: {{coin: {{table: coins}}}}
            operations: {{POST /coins: {{creates: coin{", list: " + stated if stated else ""}}}}}
            """
        (tmp_path / "gen-suite.yaml").write_text(textwrap.dedent(mapping))
        read = read_mapping(tmp_path / "gen-suite.yaml", env={})
        return resolve(read, read_document(read.spec_path))

    return make


def found(resolved: Resolved) -> dict[str, Any]:
    """What differs from a list that says nothing."""
    listing = find_listing(resolved, resolved.operations["POST /coins"])
    assert isinstance(listing, Listing), listing
    told = asdict(listing)
    plain = asdict(Listing(listing.operation, ()))
    del told["operation"]
    return {key: value for key, value in told.items() if value != plain[key]}


KEY = {"key": (("id", "id"),)}
STYLES: dict[str, tuple[Any, dict[str, Any]]] = {
    "a bare array": (spec(COINS), {}),
    "limit and offset": (
        spec(
            wrapped(data=COINS, total=WHOLE),
            query(limit={"type": "integer", "minimum": 2, "maximum": 50}, offset=WHOLE),
        ),
        {
            "rows": "data",
            "total": "total",
            "size": "limit",
            "offset": "offset",
            "least": 2,
            "most": 50,
        },
    ),
    "page and per_page, total in a header": (
        spec(COINS, query(page=WHOLE, per_page=WHOLE), ["X-Total-Count"]),
        {"total_header": "X-Total-Count", "size": "per_page", "page": "page"},
    ),
    "pages from 0": (
        spec(
            wrapped(content=COINS, totalElements=WHOLE),
            query(page={"type": "integer", "minimum": 0}, size=WHOLE),
        ),
        {"rows": "content", "total": "totalElements", "size": "size", "page": "page", "first": 0},
    ),
    "pageSize and a total in meta": (
        spec(
            wrapped(coins=COINS, meta=wrapped(totalCount=WHOLE)),
            query(pageSize=WHOLE, pageNumber=WHOLE),
        ),
        {"rows": "coins", "total": "meta/totalCount", "size": "pageSize", "page": "pageNumber"},
    ),
    "a cursor": (
        spec(wrapped(items=COINS, nextCursor=TEXT), query(limit=WHOLE, cursor=TEXT)),
        {"rows": "items", "size": "limit", "cursor": "cursor", "next": "nextCursor"},
    ),
    "a page token": (
        spec(wrapped(coins=COINS, nextPageToken=TEXT), query(pageSize=WHOLE, pageToken=TEXT)),
        {"rows": "coins", "size": "pageSize", "cursor": "pageToken", "next": "nextPageToken"},
    ),
    "an address of the next page": (
        spec(wrapped(results=COINS, count=WHOLE, next=TEXT), query(page_size=WHOLE)),
        {"rows": "results", "total": "count", "size": "page_size", "next": "next"},
    ),
    "a Link header": (
        spec(COINS, query(per_page=WHOLE), ["Link"]),
        {"size": "per_page", "link": True},
    ),
    "JSON:API": (
        spec(
            wrapped(data=COINS, meta=wrapped(total=WHOLE)),
            query(**{"page[size]": WHOLE, "page[number]": WHOLE}),
        ),
        {"rows": "data", "total": "meta/total", "size": "page[size]", "page": "page[number]"},
    ),
}


@pytest.mark.parametrize(("document", "told"), STYLES.values(), ids=STYLES)
def test_how_a_list_is_paged(
    laid_out: Callable[..., Resolved], document: Any, told: dict[str, Any]
) -> None:
    assert found(laid_out(document)) == {**KEY, **told}


def test_what_the_mapping_says_goes_before_names(laid_out: Callable[..., Resolved]) -> None:
    document = spec(
        wrapped(data=COINS, other=COINS, total=WHOLE, all=WHOLE),
        query(limit=WHOLE, offset=WHOLE, most=WHOLE, sheet=WHOLE),
        path="/purse",
    )
    stated = (
        "{request: GET /purse, rows: $response.body#/other, total: $response.body#/all, "
        "size: most, page: sheet}"
    )
    assert found(laid_out(document, stated)) == {
        **KEY,
        "rows": "other",
        "total": "all",
        "size": "most",
        "page": "sheet",
    }


def test_a_list_at_another_path_is_known_by_its_name(laid_out: Callable[..., Resolved]) -> None:
    resolved = laid_out(spec(COINS, path="/mint/coins"))
    listing = find_listing(resolved, resolved.operations["POST /coins"])
    assert isinstance(listing, Listing)
    assert listing.operation.label == "GET /mint/coins"


REASONS = {
    "no array": (spec(wrapped(worth=WHOLE)), "GET /coins answers no array"),
    "no key": (
        spec({"type": "array", "items": wrapped(mark=TEXT)}),
        "the elements of GET /coins do not show the key id",
    ),
    "a parameter that nothing tells": (
        spec(COINS, [{"name": "year", "in": "query", "required": True, "schema": WHOLE}]),
        "GET /coins demands the query parameter year",
    ),
}


@pytest.mark.parametrize(("document", "reason"), REASONS.values(), ids=REASONS)
def test_why_a_list_cannot_be_tested(
    laid_out: Callable[..., Resolved], document: Any, reason: str
) -> None:
    resolved = laid_out(document)
    listing = find_listing(resolved, resolved.operations["POST /coins"])
    assert isinstance(listing, str)
    assert listing.startswith(reason)


PAGED = spec(wrapped(data=COINS, total=WHOLE), query(limit=WHOLE, offset=WHOLE))
WRONG = {
    "GET /coin": "the spec has no operation `GET /coin` that lists\n  did you mean `GET /coins`?",
    "{size: limits}": "`GET /coins` has no query parameter `limits`\n  did you mean `limit`?",
    "{rows: $response.body#/dat}": "`$response.body#/dat`: the answer has no field `dat`\n"
    "  did you mean `data`?",
    "{total: total}": "`total` is no expression\n  a part of the answer can, such as "
    "`$response.body#/data`",
    "{cursor: offset}": "`cursor` needs `next`: where the answer has the next one",
    "{page: limit, offset: offset}": "`list` has `page` and `offset`, but only one of `page`, "
    "`offset`, `cursor` can be",
    "{where: {owner_id: $actor.idd}}": "`$actor.idd`: no actor has the fact `idd`\n"
    "  did you mean `id`?",
}


@pytest.mark.parametrize(("stated", "message"), WRONG.items(), ids=WRONG)
def test_what_is_said_of_a_wrong_list(
    laid_out: Callable[..., Resolved], told: Told, stated: str, message: str
) -> None:
    place, _, rest = told(lambda: laid_out(PAGED, stated)).partition(": ")
    assert rest == message
    assert place.startswith("gen-suite.yaml:5:")


def test_columns_of_where_must_be_in_the_table(
    resolved: Callable[..., Resolved], told: Told, schema: Schema
) -> None:
    operation = "POST /orders: {creates: order, list: {where: {customerid: 1}}}"
    message = "the table `orders` has no column `customerid`\n  did you mean `customer_id`?"
    assert told(lambda: resolved(operation)).endswith(message)


def test_only_what_creates_has_a_list(resolved: Callable[..., Resolved], told: Told) -> None:
    message = told(lambda: resolved("DELETE /orders/{id}: {deletes: order, list: GET /orders}"))
    assert message.endswith("`list` goes with `creates`: it is the list of what was created")
