"""What is asserted of rows that a worker writes after the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

TABLES = """
CREATE TABLE reports (id INTEGER PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL,
    finished_at TIMESTAMP);
CREATE TABLE mails (id INTEGER PRIMARY KEY, report_id INTEGER NOT NULL, subject TEXT NOT NULL,
    state TEXT NOT NULL, due DATE);
"""
PATHS = """\
  /reports:
    post:
      operationId: report
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [title, due],
          properties: {title: {type: string}, due: {type: string, format: date}}}}}
      responses: {"202": {description: taken, content: {application/json: {schema: {
        type: object, properties: {id: {type: integer}, title: {type: string}}}}}}}
"""
MAPPING = """
resources: {report: {table: reports}}
operations:
  POST /reports: {creates: report, values: {status: queued}, changes: [%s]}
"""


@pytest.fixture
def worked_off(emit: Callable[[str, str, str], dict[str, str]]) -> Callable[[str], str]:
    """`worked_off(change)`: the body of the test that waits for that change, on one line."""

    def make(change: str) -> str:
        text = emit(TABLES, PATHS, MAPPING % change)["test_report.py"]
        (test,) = (part for part in text.split("@covers(") if "is_processed_once" in part)
        return " ".join(test.split())

    return make


def test_a_row_that_comes_later_goes_through_its_own_states_alone(
    worked_off: Callable[[str], str],
) -> None:
    text = worked_off(
        "{inserts: mails, within: 5s, values: {state: sent, report_id: $response.body#/id}}"
    )
    assert 'states(changes, "mails", "state", report_id=response.json()["id"])' in text
    assert 'went_through(mails, "sent")' in text


def test_two_late_rows_of_one_table_have_names_of_their_own(
    worked_off: Callable[[str], str],
) -> None:
    late = "{inserts: mails, within: 5s, values: {state: %s}}"
    text = worked_off(f"{late % 'sent'}, {late % 'copied'}")
    assert "assert comes_to(mails, " in text
    assert "assert comes_to(mails_states_2, " in text


def test_what_a_late_row_holds_is_compared_with_what_was_sent(
    worked_off: Callable[[str], str],
) -> None:
    values = "{subject: $request.body#/title, state: sent, due: $request.body#/due}"
    text = worked_off(f"{{inserts: mails, within: 5s, values: {values}}}")
    assert 'went_through(mails, "sent")' in text
    assert 'changes.inserted("mails").one(subject=body["title"], due=body["due"])' in text


def test_the_row_of_the_request_still_holds_what_was_sent_when_the_worker_is_done(
    worked_off: Callable[[str], str],
) -> None:
    text = worked_off(
        "{updates: reports, within: 5s, where: {id: $response.body#/id}, set: {status: done}}"
    )
    assert 'went_through(reports, "queued", "done")' in text
    assert 'changes.inserted("reports").one() == stored( sent=body, fields=REPORT )' in text or (
        'changes.inserted("reports").one() == stored(sent=body, fields=REPORT)' in text
    )


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ("{inserts: mails, within: 5s}", 'changes.inserted("mails")'),
        ("{deletes: mails, within: 5s}", 'changes.deleted("mails")'),
        (
            "{inserts: mails, within: 5s, values: {due: 2030-01-31}}",
            'changes.inserted("mails")',
        ),
    ],
)
def test_a_change_without_a_state_is_counted(
    worked_off: Callable[[str], str], change: str, rows: str
) -> None:
    text = worked_off(change)
    assert f"counted(lambda: {rows})" in text
    assert "comes_to(mails, 1, within=5.0)" in text
    assert "went_through(mails, 1)" in text
    assert ('.one(due="2030-01-31")' in text) == ("due" in change)
