"""Refusals, and the one shape that every error answer has: {"error": {"code", "message"}}."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from .bugs import enabled
from .database import is_busy

log = logging.getLogger("uvicorn.error")


class ErrorDetail(BaseModel):
    code: str
    message: str


class Error(BaseModel):
    error: ErrorDetail


class Refusal(Exception):  # noqa: N818 - a decision of the shop, answered to the caller
    """An answer other than success."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def not_found(what: str) -> Refusal:
    return Refusal(404, "not_found", f"There is no such {what}.")


def conflict(code: str, message: str) -> Refusal:
    return Refusal(409, code, message)


def unknown_reference(field: str) -> Refusal:
    return Refusal(422, "unknown_reference", f"{field} refers to nothing that exists.")


def error_answer(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def install(app: FastAPI) -> None:
    """Give every kind of failure the one shape."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(Exception, _crashed)


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if error.status == 403 and enabled("forbidden_as_text"):
        return PlainTextResponse(error.message, 403)
    return error_answer(error.status, error.code, error.message, error.headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    in_body = any(problem["loc"][:1] == ("body",) for problem in problems)
    if in_body and getattr(request.state, "media_type_refused", False):
        return error_answer(415, "unsupported_media_type", "Send application/json.")
    if in_body and getattr(request.state, "malformed", False):
        return error_answer(400, "malformed", "The body is not JSON.")
    if enabled("framework_error_shape"):
        return JSONResponse({"detail": [problem["msg"] for problem in problems]}, 422)
    first = problems[0]
    # A property may be named by half a surrogate pair, which no answer can hold.
    place = ".".join(str(part) for part in first["loc"]).encode(errors="replace").decode()
    return error_answer(422, "invalid", f"{place}: {first['msg']}")


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    return error_answer(error.status_code, code, str(error.detail), error.headers)


def _database(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    if is_busy(error):
        return error_answer(503, "busy", "Try again.", {"Retry-After": "1"})
    log.error("the database refused: %s", error.orig)
    return error_answer(500, "internal", "Something went wrong.")


def _crashed(_request: Request, _error: Exception) -> JSONResponse:
    return error_answer(500, "internal", "Something went wrong.")
