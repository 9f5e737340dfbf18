"""What a failure says of a near miss that an API took."""

from __future__ import annotations

import httpx
import pytest

from gen_suite.runtime.evidence import Evidence, Exchange
from gen_suite.runtime.payloads import Violation
from gen_suite.runtime.verdict import verdict


@pytest.mark.parametrize(
    ("coercible", "status", "told"),
    [("numbers", 201, True), ("numbers", 500, False), (None, 201, False)],
)
def test_what_was_coerced_names_the_key_that_allows_it(coercible, status, told) -> None:
    request = httpx.Request("POST", "http://test/rooms", json={"capacity": "12"})
    answer = httpx.Response(status, request=request)
    evidence = Evidence([Exchange("POST /rooms", None, request, answer, 0.1)])
    violation = Violation(
        "capacity: a number as text", "body", "capacity", "type", lambda *_: {}, coercible
    )
    said = verdict(evidence, [violation])
    assert ("if your API coerces on purpose, say `lenient: [numbers]`" in said) is told
    assert ("capacity: a number as text" in said) is told
