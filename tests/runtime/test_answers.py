"""Which answers count as done and as refused, whatever the spec documents."""

from pathlib import Path

import httpx
import pytest

from gen_suite.runtime import forbidden, rejected, succeeded, unauthenticated, violations
from gen_suite.runtime.client import OPERATION

SPEC = """\
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [customerId, note]
              properties:
                customerId: {type: integer}
                note: {type: string, maxLength: 5}
      responses:
        "201": {description: made}
        "404": {description: no such customer}
  /sessions:
    post:
      responses:
        "303": {description: see the page}
  /orders/{id}:
    delete:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: If-Match, in: header, required: true, schema: {type: string, minLength: 5}}
      responses:
        default: {description: whatever}
"""
MAPPING = """\
spec: openapi.yaml
resources:
  customer: {table: customers}
  order: {table: orders, fields: {customerId: customer_id}}
operations:
  POST /orders: {creates: order}
"""


@pytest.fixture(autouse=True)
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    (tmp_path / "gen-suite.yaml").write_text(MAPPING)
    monkeypatch.setenv("GEN_SUITE_CONFIG", str(tmp_path / "gen-suite.yaml"))


def answer(label: str, status: int, **headers: str) -> httpx.Response:
    request = httpx.Request("POST", "http://api.example", headers=headers)
    return httpx.Response(status, extensions={OPERATION: label}, request=request)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
def test_any_2xx_is_a_success(status: int) -> None:
    assert succeeded(answer("POST /orders", status))


def test_a_redirect_is_a_success_only_where_the_spec_says_so() -> None:
    assert succeeded(answer("POST /sessions", 303))
    assert not succeeded(answer("POST /orders", 303))
    assert not succeeded(answer("DELETE /orders/{id}", 302))
    assert not succeeded(answer("DELETE /orders/{id}", 404)), "`default` names no status"


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_bad_body_may_be_refused_with_any_usual_status(status: int) -> None:
    for violation in violations("POST /orders"):
        assert rejected(answer("POST /orders", status), violation)


@pytest.mark.parametrize("status", [201, 302, 401, 403, 404, 409, 429, 500])
def test_a_documented_404_is_no_refusal_of_a_bad_body(status: int) -> None:
    note = next(v for v in violations("POST /orders") if v.pointer == "note")
    refused = rejected(answer("POST /orders", status), note)
    assert not refused
    assert refused.reason == (
        f"POST /orders answered {status}, which does not refuse what was wrong"
    )


def test_a_path_or_header_may_be_refused_for_itself() -> None:
    label = "DELETE /orders/{id}"
    by_place = {violation.place: violation for violation in violations(label)}
    assert rejected(answer(label, 404), by_place["path"])
    assert not rejected(answer(label, 404), by_place["header"])
    assert rejected(answer(label, 428), by_place["header"])
    assert not rejected(answer(label, 428), by_place["path"])


def test_callers_are_turned_away_by_401_403_and_404() -> None:
    label = "DELETE /orders/{id}"
    assert {s for s in range(100, 600) if unauthenticated(answer(label, s))} == {401, 403}
    assert {s for s in range(100, 600) if forbidden(answer(label, s))} == {403, 404}


def test_a_token_that_cannot_be_read_may_also_be_a_bad_request() -> None:
    label, token = "DELETE /orders/{id}", {"authorization": "Bearer garbage"}
    statuses = {s for s in range(100, 600) if unauthenticated(answer(label, s, **token))}
    assert statuses == {400, 401, 403, 422}
