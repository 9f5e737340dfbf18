"""`gen-suite learn` and `init --learn`: the running API corrects the guesses, the database stays."""

from __future__ import annotations

import importlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gen_suite.runtime.database import open_database
from gen_suite.spec.yaml import load_yaml

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "tests" / "examples" / "library"
Run = Callable[..., subprocess.CompletedProcess[str]]
TOKENS = {"ADA_TOKEN": "Token ada-library-token", "BEN_TOKEN": "Token ben-library-token"}
START = (
    "openapi.yaml", "--database", "sqlite:///library.db", "--allow-db", "--app", "asgi:app:app",
    "--actor", "ada=ADA_TOKEN", "--actor", "ben=BEN_TOKEN",
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("app.py", "schema.sql", "openapi.yaml"):
        shutil.copy(LIBRARY / name, tmp_path)
    environment = os.environ | {"DATABASE_URL": "sqlite:///library.db"}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    return tmp_path


@pytest.fixture
def gen_suite(here: Path) -> Run:
    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gen_suite", *arguments]
        unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
        environment = {k: v for k, v in os.environ.items() if k not in unset}
        return subprocess.run(
            command, cwd=here, env=environment | TOKENS | variables, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    return call


def _hash(folder: Path) -> dict[str, str]:
    with open_database(f"sqlite:///{folder / 'library.db'}") as database:
        return dict(database.hash())


def _mapping(folder: Path) -> dict[str, Any]:
    file = folder / "gen-suite.yaml"
    found: dict[str, Any] = load_yaml(file.read_text(), file)
    return found


def test_guesses_are_corrected_and_every_row_is_as_it_was(here: Path, gen_suite: Run) -> None:
    before = _hash(here)
    done = gen_suite("init", *START, "--learn", "--yes")
    assert done.returncode == 0, done.stderr
    assert _hash(here) == before
    found = _mapping(here)
    assert found["resources"]["book"]["fields"]["published"] == "publication_date"
    member = found["resources"]["member"]["fields"]
    assert member["email"] == {"column": "email", "as": "lowercase"}
    assert member["password"] == {"column": "password", "as": "hashed"}
    borrow = found["operations"]["POST /api/v1/books/{id}/borrow/"]
    assert borrow["creates"] == "loan"
    assert (
        borrow["changes"]
        == [
            {
                "updates": "library_books",
                "where": {"id": "$request.path.id"},
                "set": {"copies_available": "-1"},
            }
        ]
        or borrow["changes"][0]["set"]["copies_available"] == -1
    )
    assert borrow["never"] == "SELECT id FROM library_books WHERE copies_available < 0"
    assert found["actors"]["ada"]["id"] == 1
    assert found["operations"]["POST /api/v1/authors/"]["allow"] == {"role": ["staff"]}


def test_the_suite_of_the_learned_mapping_passes(here: Path, gen_suite: Run) -> None:
    """All but what the library really gets wrong: it checks no request."""
    gen_suite("init", *START, "--learn", "--yes")
    emitted = gen_suite("generate", "--allow-db")
    assert emitted.returncode == 0, emitted.stderr
    modules = ["tests/api/test_tags_create.py", "tests/api/test_loans_return.py"]
    present = [name for name in modules if (here / name).exists()]
    assert present, sorted(str(one) for one in (here / "tests/api").iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--allow-db", "-q", "-p", "no:cacheprovider",
         "--rootdir", str(here), "-k", "not rejects", *present],
        cwd=here, env=os.environ | TOKENS, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


def test_dangerous_operations_need_a_word(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START)
    done = gen_suite("learn", "--allow-db")
    assert done.returncode == 0, done.stderr
    assert "DELETE /api/v1/tags/{id}/: left out" in done.stderr
    assert "look dangerous; --yes tries them" in done.stdout
    text = (here / "gen-suite.yaml").read_text()
    assert "deletes: tag  # 0.9" in text


def test_a_diff_hides_no_remark(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START)
    label = "DELETE /api/v1/tags/{id}/"
    done = gen_suite("learn", "--allow-db", "--diff", "--only", label)
    assert done.returncode == 0, done.stderr
    assert "! 1 operations were left out" in done.stderr
    assert f"? {label}: not tried" in done.stderr
    assert "operations were left out" not in done.stdout


def test_learning_again_changes_nothing(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START, "--learn", "--yes")
    before = (here / "gen-suite.yaml").read_text()
    done = gen_suite("learn", "--allow-db", "--yes", "--diff")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (here / "gen-suite.yaml").read_text() == before


def test_a_later_guess_replaces_nothing_that_was_seen(here: Path, gen_suite: Run) -> None:
    """Unless the schema has changed so that it cannot be true any more."""
    gen_suite("init", *START, "--learn", "--yes")
    before = (here / "gen-suite.yaml").read_text()
    done = gen_suite("init", "--allow-db", "--diff")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    spec = (here / "openapi.yaml").read_text()
    gone = "    delete: {responses: {'204': {description: gone}}}\n"
    more = spec.replace("  /api/v1/tags/:\n", f"  /api/v1/loans/:\n{gone}  /api/v1/tags/:\n")
    (here / "openapi.yaml").write_text(more)
    done = gen_suite("init", "--allow-db")
    assert "1 added, 0 renewed" in done.stdout
    assert "left as learned" in done.stdout
    rest = iter((here / "gen-suite.yaml").read_text().splitlines())
    assert all(line in rest for line in before.splitlines())
    with sqlite3.connect(here / "library.db") as database:
        database.execute("ALTER TABLE library_books RENAME COLUMN page_count TO number_of_pages")
    done = gen_suite("init", "--allow-db")
    assert done.returncode == 0, done.stderr
    assert "page_count" not in (here / "gen-suite.yaml").read_text()


def test_what_a_person_wrote_stays(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START)
    file = here / "gen-suite.yaml"
    text = file.read_text().replace(
        "    creates: tag", "    # mine: tags are special\n    creates: tag"
    )
    file.write_text(text)
    done = gen_suite("learn", "--allow-db", "--only", "POST /api/v1/tags/")
    assert done.returncode == 0, done.stderr
    assert "# mine: tags are special\n    creates: tag" in file.read_text()


def test_a_variable_that_is_not_set_is_named_and_the_guesses_are_kept(
    here: Path, gen_suite: Run
) -> None:
    done = gen_suite("init", *START, "--actor", "eve=EVES_TOKEN", "--learn")
    assert done.returncode == 2
    assert "`EVES_TOKEN` is not set" in done.stderr
    assert "table: library_books" in (here / "gen-suite.yaml").read_text()


def test_a_wrong_token_is_said_and_changes_no_permission(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START)
    label = "POST /api/v1/authors/"
    gen_suite("learn", "--allow-db", "--only", label)
    before = (here / "gen-suite.yaml").read_text()
    assert "role: [staff]" in before
    assert "  ben: {id: 2, role:" in before
    done = gen_suite("learn", "--allow-db", "--only", label, BEN_TOKEN="Token of-nobody")
    assert done.returncode == 0, done.stderr
    assert "actor ben: every request answered 401" in done.stderr
    assert (here / "gen-suite.yaml").read_text() == before


def test_nothing_runs_without_permission(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START)
    done = gen_suite("learn")
    assert done.returncode == 3
    assert "--allow-db" in done.stderr


def test_an_api_that_answers_500_is_said_to(here: Path, gen_suite: Run) -> None:
    (here / "app.py").write_text(
        "async def app(scope, receive, send):\n"
        "    if scope['type'] != 'http':\n"
        "        return\n"
        "    status = 404 if scope['method'] == 'GET' else 500\n"
        "    await send({'type': 'http.response.start', 'status': status, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b''})\n"
    )
    done = gen_suite("init", *START, "--learn", "--yes")
    assert done.returncode == 0, done.stderr
    assert "answers every request with a server error" in done.stdout
    assert "    table: library_books\n" in (here / "gen-suite.yaml").read_text()


def test_an_application_that_stops_is_told_with_its_log(here: Path, gen_suite: Run) -> None:
    (here / "app.py").write_text(
        "import os\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] != 'http':\n"
        "        return\n"
        "    if scope['method'] != 'GET':\n"
        "        print('that was too much', flush=True)\n"
        "        os._exit(3)\n"
        "    await send({'type': 'http.response.start', 'status': 404, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b''})\n"
    )
    done = gen_suite("init", *START, "--learn", "--yes")
    assert done.returncode == 2
    assert "answers no more after" in done.stderr
    assert "that was too much" in done.stderr


def test_an_empty_database_is_learned_from_as_well(here: Path, gen_suite: Run) -> None:
    with sqlite3.connect(here / "library.db") as database:
        for table in ("library_books", "library_authors", "library_tags"):
            database.execute(f"DELETE FROM {table}")
    done = gen_suite("init", *START, "--learn", "--yes")
    assert done.returncode == 0, done.stderr
    assert "POST /api/v1/books/: 201" in done.stderr


@pytest.mark.parametrize("name", ["library", "films", "warehouse"])
def test_three_other_habits(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `python -m benchmarks.init` measures them; the shop is measured there too."""
    monkeypatch.syspath_prepend(str(ROOT))
    bench = importlib.import_module("benchmarks.init")
    (api,) = [one for one in bench.apis() if one.name.startswith(name)]
    measured = bench.measure(api, tmp_path, learning=True)
    by_names, learned = measured.agreement(learned=False), measured.agreement(learned=True)
    assert by_names.share >= 0.8, (by_names.missing, by_names.wrong)
    assert by_names.wrong == ()
    assert learned.share == 1.0, (learned.missing, learned.wrong)
    changes = bench.compare(measured.learned, measured.wanted, "changes", "transforms")
    assert changes.share == 1.0, changes.missing


def test_what_was_seen_to_be_otherwise_is_said(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START)
    file = here / "gen-suite.yaml"
    text = file.read_text()
    assert "      name: full_name" in text
    file.write_text(text.replace("      name: full_name", "      name: born_on"))
    done = gen_suite("learn", "--allow-db", "--only", "POST /api/v1/authors/")
    assert done.returncode == 0, done.stderr
    assert "sends name: you wrote born_on, seen was full_name" in done.stderr
    assert "      name: born_on" in file.read_text()


def test_changes_values_and_permissions_seen_to_be_otherwise_are_said(
    here: Path, gen_suite: Run
) -> None:
    gen_suite("init", *START)
    label = "POST /api/v1/authors/"
    gen_suite("learn", "--allow-db", "--only", label)
    file = here / "gen-suite.yaml"
    head, opening, rest = file.read_text().partition(f"  {label}:\n")
    entry, following, rest = rest.partition("  POST /api/v1/tags/:\n")
    assert "role: [staff]" in entry
    assert "inserts: django_admin_log" in entry
    mine = entry.replace("role: [staff]", "role: [member]")
    mine = "".join(
        line
        for line in mine.splitlines(keepends=True)
        if "django_admin_log" not in line and "changes:" not in line
    )
    file.write_text(head + opening + mine + following + rest)
    done = gen_suite("learn", "--allow-db", "--only", label)
    assert done.returncode == 0, done.stderr
    assert f"! {label} allow role: you wrote member, seen was staff" in done.stderr
    assert f"! {label} inserts django_admin_log: not in the mapping" in done.stderr
