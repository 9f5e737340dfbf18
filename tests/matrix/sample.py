"""A small matrix with every state of a cell and a run behind it, for tests of reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gen_suite.matrix.about import About, ExpectedChange
from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.concerns import concerns
from gen_suite.matrix.coverage import Coverage, after_run
from gen_suite.matrix.report.view import Moment, View
from gen_suite.matrix.results import Results, Run, TestResult

HOSTILE = "<script>window.attacked = 1</script><img src=x onerror='window.attacked = 2'>"
CREATE, PAY, REMOVE = "POST /orders", "POST /orders/{orderId}/payments", "DELETE /notes/{noteId}"
FIRST = Run(
    "2026-01-01T09:00:00+00:00", 40.0, engine="sqlite", tool="0.1.0", origin="runs/first.json"
)
SECOND = Run(
    "2026-01-02T10:30:00+00:00", 12.5, engine="postgresql", tool="0.1.0", origin="runs/second.json"
)
STORY = """\
verdict    echoed and never stored: the answer repeats the request, the row holds something else

sent       POST /orders  as alice
           authorization: ***
           {"title": "amber"}
claimed    201 Created  in 3 ms
           {"id": 2, "title": "amber"}

rows       inserted orders(id=2) {id: 2, title: 'amb'}"""


def matrix() -> Matrix:
    """What is planned for three operations, before any run."""
    names = [concern.name for concern in concerns()]
    cells = []
    for label, risk in ((CREATE, "medium"), (PAY, "high"), (REMOVE, "low")):
        cells += [Cell(label, name, State.PLANNED, risk=risk) for name in names]
    closes = 'operations: "POST /orders/{orderId}/payments": {changes: [...]}'
    gap = {
        "state": State.GAP,
        "reason": "the mapping does not say which rows it writes",
        "closes": closes,
    }
    never = {"state": State.NOT_APPLICABLE, "reason": f"takes no body {HOSTILE}"}
    special = {(PAY, "persistence"): gap, (PAY, "effects"): gap, (REMOVE, "validation"): never}
    about = {
        CREATE: About(
            "Places an order",
            ("orders",),
            (
                ExpectedChange("inserts", "orders"),
                ExpectedChange("inserts", "order_items", "for each of items"),
                ExpectedChange("updates", "products", "stock -$item.quantity"),
                ExpectedChange("inserts", "invoices", later=True),
            ),
        ),
        PAY: About(HOSTILE, ("orders", f"money {HOSTILE}")),
        REMOVE: About("Removes a note", ("notes",), (ExpectedChange("deletes", "notes"),)),
    }
    return Matrix(
        f"Shop {HOSTILE}",
        tuple(replace(cell, **special.get((cell.operation, cell.concern), {})) for cell in cells),
        findings=("POST /orders: note: spec allows 500 characters, orders.note holds 255",),
        about=about,
    )


def results() -> Results:
    """Two runs on two engines; one failure, and what was skipped, not reached and not run."""
    tests = []
    for label, file in ((CREATE, "create_order"), (PAY, "pay"), (REMOVE, "delete_note")):
        for line, concern in enumerate(("success", "validation", "auth", "persistence"), 1):
            if (label, concern) in ((PAY, "persistence"), (REMOVE, "validation")):
                continue
            name = f"tests/api/test_{file}.py::test_{file}_{concern}"
            tests.append(
                TestResult(
                    name, "passed", 0.1, ((label, concern),), line=10 * line, operation=label
                )
            )
    failed = replace(
        tests[3],
        outcome="failed",
        reason="assert the row is not what was sent and claimed",
        verdict="echoed and never stored: the answer repeats the request",
        status=201,
        evidence=STORY,
        run=1,
    )
    tests[3] = failed
    cut = "SQLite has no connection to cut: the application opens a file"
    more = [
        ("pay_rolls_back", "rollback", "skipped", cut, ("postgresql", "mariadb")),
        ("pay_retries", "idempotency", "skipped", "decide: what a second payment does", None),
        ("pay_meets", "concurrency", "not reached", "POST /orders answers 500", None),
        ("pay_conforms", "contract", "passed", "", None),
        ("pay_documents", "contract", "skipped", "no row of another tenant", None),
    ]
    tests += [
        TestResult(
            f"tests/api/test_pay.py::test_{name}[{HOSTILE}]",
            outcome,
            0.2,
            ((PAY, concern),),
            reason=reason,
            unsupported=unsupported,
            line=99,
        )
        for name, concern, outcome, reason, unsupported in more
    ]
    return Results(
        SECOND.started,
        12.5,
        tuple(tests),
        findings=("POST /orders: an undocumented 404",),
        runs=(FIRST, SECOND),
    )


def view(**more: object) -> View:
    """The matrix after the runs, with results that are old and a history."""
    run = results()
    old = {(run.tests[0].id, 0): "the test itself"}
    history = (Moment(FIRST.started, Coverage(9, 26)), Moment(SECOND.started, Coverage(10, 26)))
    settings = {"warnings": ("a mark names no cell",), "history": history, **more}
    settings.setdefault("folder", Path.cwd())
    return View(after_run(matrix(), run, old=old), run, **settings)  # type: ignore[arg-type]
