"""An API whose keys are UUIDs, on each engine: what is right is green, and a forged owner is noticed."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

PAGES = Path(__file__).parent.parent / "examples" / "pages"


@pytest.fixture
def pages(
    pytester: pytest.Pytester, engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """The pages API on one engine, its two users, its suite."""
    shutil.copytree(PAGES, pytester.path, dirs_exist_ok=True)
    mapping = pytester.path / "gen-suite.yaml"
    mapping.write_text(mapping.read_text().replace("DATABASE\n", f"{engine_url}\n"))
    monkeypatch.syspath_prepend(str(pytester.path))
    app = importlib.import_module("app")
    monkeypatch.delitem(sys.modules, "app")
    with sa.create_engine(engine_url, poolclass=NullPool).begin() as connection:
        app.metadata.create_all(connection)
        users = [{"id": key, "name": token} for token, key in app.TOKENS.items()]
        connection.execute(app.users.insert(), users)
    command = [sys.executable, "-m", "gen_suite", "generate", "--allow-db"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pytester


def run(pages: pytest.Pytester, chosen: str) -> pytest.RunResult:
    return pages.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "-p", "no:schemathesis", "tests/api", "-k", chosen
    )


def test_a_forged_owner_is_noticed_and_a_right_one_is_not(
    pages: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = "stores or mass_assignment or read_back"
    right = run(pages, chosen).parseoutcomes()
    assert right["passed"] >= 4
    assert not right.keys() & {"failed", "errors", "skipped"}

    monkeypatch.setenv("PAGES_BUG", "owner")
    forged = run(pages, "mass_assignment and ownerId")
    forged.assert_outcomes(failed=1)
    forged.stdout.fnmatch_lines(["*assert not rows given {'owner_id': 'b0000000-*"])
