"""A database that is lost while a failure is explained is told by that failure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from gen_suite.errors import TargetError
from gen_suite.runtime.database.changes import Captured, Changes
from gen_suite.runtime.evidence import Evidence, Exchange
from gen_suite.runtime.plugin import _explain


def _lost() -> Captured:
    raise TargetError("the connection to the database is closed")


def test_a_connection_that_is_lost_ends_no_run() -> None:
    request = httpx.Request("POST", "http://api.example/notes", json={"title": "a"})
    response = httpx.Response(201, json={"id": 1}, request=request)
    evidence = Evidence()
    evidence.exchanges.append(Exchange("POST /notes", "ann", request, response, 0.1))
    evidence.changes.append(Changes(_lost))
    session = cast(Any, SimpleNamespace(evidence=evidence, collect_log=lambda: None))
    report = pytest.TestReport("t", ("t.py", 1, "t"), {}, "failed", None, "call")
    _explain(session, cast(Any, SimpleNamespace()), report)
    assert evidence.verdict == "the connection to the database is closed"
    (title, story), *_ = report.sections
    assert title == "gen-suite: what happened"
    assert "POST /notes" in story
