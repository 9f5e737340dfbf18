"""Reading requests and writing answers: exact numbers, one media type, one router class."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from .bugs import enabled
from .errors import Error

# What the body becomes when it cannot be read. No model accepts text, so the refusal is left to
# validation, which runs after the caller is known: nobody learns anything before saying who asks.
_UNREADABLE = "unreadable"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class ShopRequest(Request):
    """A request whose numbers are read exactly and whose body must be application/json."""

    async def note_media_type(self) -> None:
        named = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if named != "application/json" and await self.body():
            self.state.media_type_refused = True

    async def json(self) -> Any:
        if getattr(self.state, "media_type_refused", False):
            return _UNREADABLE
        try:
            text = (await self.body()).decode()
            found = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            self.state.malformed = True
            return _UNREADABLE
        return _UNREADABLE if found is None else found


class ShopRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if enabled("media_type_unchecked"):
                others = [pair for pair in request.scope["headers"] if pair[0] != b"content-type"]
                request.scope["headers"] = [*others, (b"content-type", b"application/json")]
            own = ShopRequest(request.scope, request.receive)
            await own.note_media_type()
            return await original(own)

        return handler


def router(tag: str) -> APIRouter:
    return APIRouter(route_class=ShopRoute, tags=[tag])


def wire(model: type[BaseModel], row: object) -> dict[str, Any]:
    """The row as the wire shows it."""
    return model.model_validate(row, from_attributes=True).model_dump(mode="json", by_alias=True)


def answer(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(dict(content), status, headers)


def created(content: Mapping[str, Any], location: str, **headers: str) -> JSONResponse:
    return answer(content, 201, {"Location": location, **headers})


def nothing() -> Response:
    return Response(status_code=204)


GUARDED = (401, 403, 503)
"""Every write: the caller is unknown or may not; another transaction is in the way."""
BODY = (400, 415, 422)
PATH = (404, 422)


def refuses(*statuses: int | tuple[int, ...]) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for its documentation."""
    flat = {one for item in statuses for one in (item if isinstance(item, tuple) else (item,))}
    return {status: {"model": Error} for status in sorted(flat)}
