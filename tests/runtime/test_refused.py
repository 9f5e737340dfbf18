"""`refused`: the right status, a documented answer and no row written; else a failure of the right cell."""

import json

import pytest

SUITE = "tests/api"
BY_HAND = """
from functools import partial

from gen_suite.runtime import ANONYMOUS, covers, rejected, unauthenticated

LABEL = "POST /notes"
GOOD = {"title": "x"}


@covers(LABEL, "auth", "contract")
def test_refused(refused, api):
    send = partial(api.post, "/notes", json=GOOD)
    assert refused(unauthenticated, send, actor=ANONYMOUS).status_code == 401
    refused(401, send, actor=ANONYMOUS)
    refused(range(400, 500), send, actor=ANONYMOUS)


@covers(LABEL, "auth", "contract")
def test_not_refused(refused, api):
    refused(unauthenticated, partial(api.post, "/notes", json=GOOD), actor="ann")


@covers(LABEL, "auth", "contract")
def test_another_status(refused, api):
    refused(409, partial(api.post, "/notes", json=GOOD), actor=ANONYMOUS)
"""


def outcomes(notes: pytest.Pytester, *arguments: str) -> tuple[str, dict[str, dict[str, str]]]:
    """What a run says, and of each test what its cells came to."""
    (notes.path / SUITE / "test_by_hand.py").write_text(BY_HAND)
    options = ("--allow-db", "-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments)
    result = notes.runpytest_subprocess(*options, f"{SUITE}/test_by_hand.py")
    tests = json.loads((notes.path / ".gen-suite" / "results.json").read_text())["tests"]
    cells = {
        test["id"].rpartition("::")[2]: {
            **{concern: test["outcome"] for _, concern in test["covers"]},
            **{concern: outcome for _, concern, outcome in test.get("cells", [])},
        }
        for test in tests
    }
    return result.stdout.str(), cells


def test_a_refusal_is_seen_from_all_sides(notes: pytest.Pytester) -> None:
    told, cells = outcomes(notes)
    assert cells["test_refused"] == {"auth": "passed", "contract": "passed"}
    assert cells["test_not_refused"] == {"auth": "failed", "contract": "not reached"}
    assert cells["test_another_status"] == {"auth": "failed", "contract": "not reached"}
    assert "which does not turn away a caller nobody knows" in told
    assert "answered 401, not 409" in told


def test_rows_of_a_refused_request_fail_what_the_test_is_about(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "late")
    told, cells = outcomes(notes, "-k", "test_refused")
    assert cells["test_refused"] == {"auth": "failed", "contract": "not reached"}
    assert "refused, and rows changed" in told
    assert ">       refused(401" not in told
