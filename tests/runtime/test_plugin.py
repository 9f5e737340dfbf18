"""The pytest plugin on a real API: what passes, what each bug makes fail and what the report says."""

import json
import sqlite3

import pytest

from .conftest import failed_cells

SUITE = "tests/api"
STORES = "test_stores_what_it_claims"


def rows(pytester: pytest.Pytester) -> list[tuple[object, ...]]:
    with sqlite3.connect(pytester.path / "notes.db") as database:
        names = [n for (n,) in database.execute("SELECT name FROM sqlite_master ORDER BY name")]
        return [("objects", *names), *database.execute("SELECT * FROM notes ORDER BY id")]


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("--allow-db", "-p", "no:cacheprovider", *arguments, SUITE)


def test_a_right_api_passes_and_its_database_stays_as_it_was(notes: pytest.Pytester) -> None:
    before = rows(notes)
    result = run(notes)
    outcomes = result.parseoutcomes()
    assert set(outcomes) <= {"passed", "skipped"}, result.stdout.str()
    assert outcomes["passed"] > 30
    assert rows(notes) == before
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    assert {concern for test in results["tests"] for _, concern in test["covers"]} >= {
        "success",
        "validation",
        "auth",
        "persistence",
        "contract",
    }


@pytest.mark.parametrize(
    ("bug", "test", "concern", "verdict"),
    [
        ("echo", STORES, "persistence", "*echoed and never stored*"),
        ("silent", STORES, "persistence", "*claims success (201) and no row changed*"),
        (
            "late",
            "test_rejects_unauthenticated",
            "auth",
            "*refused the request (401) and wrote all the same*",
        ),
        ("undeclared", STORES, "persistence", "*changes outside notes*"),
        ("status", STORES, "contract", "*POST /notes answered 200; the spec documents 201*"),
        ("crash", STORES, "success", "*RuntimeError: the note was too heavy*"),
        (
            "loose",
            "test_rejects",
            "validation",
            "*POST /notes answered 201, which does not refuse what was wrong*",
        ),
    ],
)
def test_a_bug_fails_the_right_test_and_the_report_says_what_is_wrong(
    notes: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    bug: str,
    test: str,
    concern: str,
    verdict: str,
) -> None:
    monkeypatch.setenv("NOTES_BUG", bug)
    before = rows(notes)
    result = run(notes, "-k", test)
    assert result.parseoutcomes().get("failed", 0) >= 1
    assert failed_cells(notes.path) == {(test, concern)}
    result.stdout.fnmatch_lines([verdict])
    assert "ann-token" not in result.stdout.str() + result.stderr.str()
    assert rows(notes) == before


def test_a_failure_points_at_the_line_of_the_test(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "silent")
    result = run(notes, "-k", STORES)
    result.stdout.fnmatch_lines([">*note = changes.inserted(?notes?).one()", "E *found 0*"])
    assert "raise AssertionError" not in result.stdout.str()


def test_nothing_is_touched_without_a_word(notes: pytest.Pytester) -> None:
    result = notes.runpytest_subprocess(SUITE)
    assert set(result.parseoutcomes()) == {"errors", "not"}, (
        "said once, and the rest is not reached"
    )
    result.stdout.fnmatch_lines(["*nobody allowed to touch the database*", "*--allow-db*"])
    assert len(rows(notes)) == 2


def test_a_folder_without_a_mapping_is_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert not (pytester.path / ".gen-suite").exists()


def test_an_app_that_does_not_start_shows_its_last_lines(notes: pytest.Pytester) -> None:
    mapping = notes.path / "gen-suite.yaml"
    text = mapping.read_text().replace("wsgi: app:application", "wsgi: nothing:application")
    mapping.write_text(text)
    result = run(notes, "-k", STORES)
    result.stdout.fnmatch_lines(
        ["*the application stopped with exit code 1*", "*No module named 'nothing'*"]
    )


def test_a_database_that_is_not_there_is_named(notes: pytest.Pytester) -> None:
    mapping = notes.path / "gen-suite.yaml"
    url = "postgresql+psycopg://me:hush-hush@127.0.0.1:1/none"
    mapping.write_text(mapping.read_text().replace("sqlite:///notes.db", url))
    result = run(notes, "-k", STORES)
    assert result.parseoutcomes().get("errors", 0) >= 1
    assert "127.0.0.1" in result.stdout.str()
    assert "hush-hush" not in result.stdout.str()


def test_a_handwritten_test_counts_too(notes: pytest.Pytester) -> None:
    suite = notes.path / SUITE
    (suite / "test_by_hand.py").write_text(
        "from gen_suite.runtime import covers\n\n\n"
        "@covers('POST /notes', 'rollback')\n"
        "def test_by_hand(api, database):\n"
        "    with database.watch() as changes:\n"
        "        api.post('/notes', json={'title': 'x'}, actor='ann')\n"
        "    assert changes.inserted('notes').one()['title'] == 'x'\n"
    )
    assert run(notes, "-k", "by_hand").parseoutcomes()["passed"] == 1
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    assert results["tests"][0]["covers"] == [["POST /notes", "rollback"]]


def test_a_failure_belongs_to_the_cell_that_its_assertion_is_about(notes: pytest.Pytester) -> None:
    (notes.path / SUITE / "test_by_hand.py").write_text(
        "from gen_suite.runtime import bodies, conforms, covers, succeeded\n"
        "from hypothesis import given\n\n\n"
        "@covers('POST /notes', 'persistence', 'success', 'contract')\n"
        "@given(body=bodies('POST /notes'))\n"
        "def test_by_hand(api, database, body):\n"
        "    with database.watch() as changes:\n"
        "        response = api.post('/notes', json=body, actor='ann')\n"
        "    assert succeeded(response)\n"
        "    assert changes.inserted('notes').one()['title'] == 'another'\n"
        "    assert conforms(response)\n"
    )
    assert run(notes, "-k", "by_hand").parseoutcomes()["failed"] == 1
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    assert results["tests"][0]["outcome"] == "failed"
    assert results["tests"][0]["cells"] == [
        ["POST /notes", "success", "passed"],
        ["POST /notes", "contract", "not reached"],
    ]


def test_the_answer_of_a_success_is_held_to_the_spec_whatever_failed_behind_it(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "status")
    (notes.path / SUITE / "test_by_hand.py").write_text(
        "from gen_suite.runtime import conforms, covers, succeeded\n\n\n"
        "@covers('POST /notes', 'persistence', 'success', 'contract')\n"
        "def test_by_hand(api, database):\n"
        "    response = api.post('/notes', json={'title': 'x'}, actor='ann')\n"
        "    assert succeeded(response)\n"
        "    assert len(database.rows('notes')) == 7\n"
        "    assert conforms(response)\n"
    )
    assert run(notes, "-k", "by_hand").parseoutcomes()["failed"] == 1
    (test,) = json.loads((notes.path / ".gen-suite" / "results.json").read_text())["tests"]
    assert test["outcome"] == "failed"
    assert test["cells"] == [["POST /notes", "success", "passed"]]


def test_examples_of_one_test_see_the_same_state(notes: pytest.Pytester) -> None:
    (notes.path / SUITE / "test_state.py").write_text(
        "from gen_suite.runtime import bodies, covers\n"
        "from hypothesis import given\n\n\n"
        "@covers('POST /notes', 'persistence')\n"
        "@given(body=bodies('POST /notes'))\n"
        "def test_state(api, database, body):\n"
        "    assert len(database.rows('notes')) == 1\n"
        "    assert api.post('/notes', json=body, actor='ann').status_code == 201\n"
        "    assert len(database.rows('notes')) == 2\n"
    )
    assert run(notes, "-k", "test_state").parseoutcomes()["passed"] == 1


def test_workers_have_a_database_each(notes: pytest.Pytester) -> None:
    before = rows(notes)
    result = run(notes, "-n", "2")
    assert set(result.parseoutcomes()) <= {"passed", "skipped"}, result.stdout.str()
    assert rows(notes) == before
    assert sorted(path.name for path in notes.path.glob("notes*.db*")) == ["notes.db"]
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    assert len(results["tests"]) == sum(result.parseoutcomes().values())


@pytest.mark.parametrize("isolation", ["worker", "module", "test"])
def test_isolation_gives_a_database_of_its_own(notes: pytest.Pytester, isolation: str) -> None:
    mapping = notes.path / "gen-suite.yaml"
    text = mapping.read_text()
    mapping.write_text(
        text.replace("  environment: test", f"  environment: test\n  isolation: {isolation}")
    )
    before = rows(notes)
    (notes.path / SUITE / "test_where.py").write_text(
        "from gen_suite.runtime import covers\n\n\n"
        "@covers('POST /notes', 'persistence')\n"
        "def test_where(api, database):\n"
        "    api.post('/notes', json={'title': 'x'}, actor='ann')\n"
        "    assert len(database.rows('notes')) == 2\n\n\n"
        "@covers('POST /notes', 'persistence')\n"
        "def test_again(api, database):\n"
        "    assert len(database.rows('notes')) == 1\n"
    )
    result = run(notes, "-k", "test_where or test_again")
    assert result.parseoutcomes()["passed"] == 2, result.stdout.str()
    assert rows(notes) == before
    assert sorted(path.name for path in notes.path.glob("notes*.db*")) == ["notes.db"]


COVERING = """
import pytest

@pytest.mark.covers(operation="POST /notes", concern="rollback")
def test_by_name():
    pass

@pytest.mark.covers("POST /notes", concern="auth")
def test_by_both():
    pass
"""


def test_a_mark_may_name_its_arguments(pytester: pytest.Pytester) -> None:
    (pytester.path / "gen-suite.yaml").write_text("spec: openapi.yaml\n")
    pytester.makepyfile(COVERING)
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
    results = json.loads((pytester.path / ".gen-suite" / "results.json").read_text())
    assert [test["covers"] for test in results["tests"]] == [
        [["POST /notes", "rollback"]],
        [["POST /notes", "auth"]],
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('"POST /notes"', "takes an operation and one or more concerns"),
        ('operation="POST /notes", concrn="auth"', "unexpected keyword argument 'concrn'"),
        ('("POST /notes", "auth")', "takes an operation and one or more concerns"),
        ('"POST /notes", 3', "all of them texts"),
    ],
)
def test_a_wrong_mark_is_said_and_sleeps_without_a_mapping(
    pytester: pytest.Pytester, arguments: str, reason: str
) -> None:
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.covers({arguments})\ndef test_one():\n    pass\n"
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    (pytester.path / "gen-suite.yaml").write_text("spec: openapi.yaml\n")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = result.stdout.str() + result.stderr.str()
    assert "::test_one: covers() " in told
    assert reason in told
    assert 'write @covers("POST /orders", "persistence")' in told
    assert "Traceback" not in told


def test_another_success_than_the_documented_one_fails_one_test_only(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "status")
    result = run(notes)
    assert result.parseoutcomes()["failed"] == 1, result.stdout.str()
    assert failed_cells(notes.path) == {(STORES, "contract")}
