"""`gen-suite doctor`: each trouble on a line that says what to do, and no trouble hides another."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from gen_suite.runtime.database import open_database

LIBRARY = Path(__file__).parent.parent / "examples" / "library"
Run = Callable[..., tuple[int, dict[str, dict[str, str]]]]
TOKENS = {"ADA_TOKEN": "Token ada-library-token", "BEN_TOKEN": "Token ben-library-token"}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The library with its mapping by hand, all in order."""
    shutil.copytree(LIBRARY, tmp_path, dirs_exist_ok=True)
    (tmp_path / "expected.yaml").rename(tmp_path / "gen-suite.yaml")
    environment = os.environ | {"DATABASE_URL": "sqlite:///library.db"}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    return tmp_path


@pytest.fixture
def doctor(here: Path) -> Run:
    """`gen-suite doctor --format json`: exit code, and the checks by name."""

    def call(*arguments: str, **variables: str) -> tuple[int, dict[str, dict[str, str]]]:
        command = [sys.executable, "-m", "gen_suite", "doctor", "--format", "json", *arguments]
        unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
        environment = {k: v for k, v in os.environ.items() if k not in unset} | TOKENS | variables
        done = subprocess.run(
            command, cwd=here, env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout, done.stderr
        return done.returncode, {check["name"]: check for check in json.loads(done.stdout)}

    return call


def _edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_all_is_well(doctor: Run) -> None:
    code, checks = doctor("--allow-db")
    assert code == 0
    wrong = {name: one for name, one in checks.items() if one["result"] == "error"}
    assert wrong == {}
    assert set(checks) >= {
        "mapping file", "environment", "spec", "production guard", "database", "leftovers",
        "watching", "mapping complete", "application", "actor ada", "actor ben", "strangers",
        "clock of the application", "clock of the database",
    }  # fmt: skip
    assert checks["actor ada"]["found"].endswith("answered 200")


def test_the_database_is_as_it_was(here: Path, doctor: Run) -> None:
    def rows() -> dict[str, str]:
        with open_database(f"sqlite:///{here / 'library.db'}") as database:
            return dict(database.hash())

    before = rows()
    doctor("--allow-db")
    assert rows() == before
    with sqlite3.connect(here / "library.db") as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
    assert not [name for name in names if name.startswith("_gen_suite_")]


def test_without_permission_the_rest_is_checked(doctor: Run) -> None:
    code, checks = doctor()
    assert code == 0
    assert checks["production guard"]["result"] == "warning"
    assert "--allow-db" in checks["production guard"]["advice"]
    assert checks["database"]["result"] == "skipped"
    assert checks["mapping complete"]["result"] == "ok"


def test_a_variable_that_is_missing_stops_nothing(here: Path, doctor: Run) -> None:
    _edit(here / "gen-suite.yaml", "${BEN_TOKEN:-Token ben-library-token}", "${BENS_TOKEN}")
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "BENS_TOKEN" in checks["environment"]["found"]
    assert "export BENS_TOKEN" in checks["environment"]["advice"]
    assert checks["actor ada"]["result"] == "ok"
    assert checks["actor ben"]["result"] == "skipped"


def test_wrong_credentials(doctor: Run) -> None:
    code, checks = doctor("--allow-db", ADA_TOKEN="Token nobody-has-this")
    assert code == 1
    assert checks["actor ada"]["result"] == "error"
    assert "401" in checks["actor ada"]["found"]
    assert checks["actor ben"]["result"] == "ok"


def test_an_application_that_does_not_start_shows_its_last_lines(here: Path, doctor: Run) -> None:
    _edit(here / "app.py", "import hashlib\n", "import hashlib\nraise SystemExit('no such wine')\n")
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "no such wine" in checks["application"]["found"]
    assert checks["actors"]["result"] == "skipped"
    assert checks["clock of the database"]["result"] == "ok"


def test_no_database(here: Path, doctor: Run) -> None:
    (here / "library.db").unlink()
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "no SQLite database at" in checks["database"]["found"]
    assert checks["watching"]["result"] == "skipped"


def test_a_database_without_tables(here: Path, doctor: Run) -> None:
    (here / "library.db").unlink()
    sqlite3.connect(here / "library.db").close()
    (here / "library.db").touch()
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "no tables" in checks["database"]["found"]
    assert "migrat" in checks["database"]["advice"]


def test_production_is_never_touched(here: Path, doctor: Run) -> None:
    (here / "library.db").rename(here / "library-prod.db")
    _edit(here / "gen-suite.yaml", "library.db", "library-prod.db")
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "looks like production" in checks["production guard"]["found"]
    assert checks["database"]["result"] == "skipped"


def test_a_marked_database_stops_all_that_would_touch_it(here: Path, doctor: Run) -> None:
    with sqlite3.connect(here / "library.db") as database:
        database.execute("CREATE TABLE gen_suite_read_only (x)")
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "gen_suite_read_only" in checks["production guard"]["found"]
    for name in ("database", "watching", "application", "actors"):
        assert checks[name]["result"] == "skipped"


class _Listening(BaseHTTPRequestHandler):
    """Answers everything, and remembers with which methods it was asked."""

    methods: ClassVar[list[str]] = []

    def _answer(self) -> None:
        self.methods.append(self.command)
        body = b'{"token": "t-t-t-t-t"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the names that the base class asks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def listening(here: Path) -> Iterator[list[str]]:
    """The library as a server that somebody else started, whose Ada logs in; its requests so far."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Listening)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _elsewhere(here, f"http://127.0.0.1:{server.server_port}")
    file = here / "gen-suite.yaml"
    login = "login: {request: POST /api/v1/tags/, json: {name: x}, token: $response.body#/token}"
    made = re.sub(r"(?m)^(  ada: \{.*?)auth: .*\}$", rf"\1{login}}}", file.read_text())
    assert login in made
    file.write_text(made)
    _Listening.methods.clear()
    yield _Listening.methods
    server.shutdown()
    server.server_close()


def _elsewhere(here: Path, url: str) -> None:
    file = here / "gen-suite.yaml"
    before, app, after = re.split(r"(?m)^  app:\n((?:    .*\n)+)", file.read_text())
    assert app
    file.write_text(f"{before}  app: {{url: '{url}'}}\n{after}")


def test_nobody_logs_in_without_permission(doctor: Run, listening: list[str]) -> None:
    _, checks = doctor()
    assert checks["actor ada"]["result"] == "skipped"
    assert checks["actor ben"]["result"] == "ok"
    assert set(listening) == {"GET"}
    _, checks = doctor("--allow-db")
    assert checks["actor ada"]["result"] == "ok"
    assert "POST" in listening


def test_an_api_that_looks_like_production_is_asked_nothing(here: Path, doctor: Run) -> None:
    _elsewhere(here, "http://prod.localhost:1")
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "looks like production" in checks["production guard"]["found"]
    assert checks["application"]["result"] == "skipped"


def test_leftovers_of_a_killed_run(here: Path, doctor: Run) -> None:
    with sqlite3.connect(here / "library.db") as database:
        database.execute("CREATE TABLE _gen_suite_log (id INTEGER PRIMARY KEY)")
    _, checks = doctor("--allow-db")
    assert checks["leftovers"]["result"] == "warning"
    assert "gen-suite restore" in checks["leftovers"]["advice"]
    assert checks["watching"]["result"] == "skipped"


def test_names_that_the_schema_does_not_know(here: Path, doctor: Run) -> None:
    _edit(here / "gen-suite.yaml", "table: library_tags", "table: library_tgas")
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "library_tgas" in checks["mapping complete"]["found"]
    assert checks["application"]["result"] == "ok"


def test_operations_without_an_entry(here: Path, doctor: Run) -> None:
    _edit(here / "gen-suite.yaml", "  POST /api/v1/tags/:\n    creates: tag\n", "")
    _, checks = doctor()
    assert checks["mapping complete"]["result"] == "warning"
    assert "POST /api/v1/tags/" in checks["mapping complete"]["found"]


def test_a_spec_that_cannot_be_read(here: Path, doctor: Run) -> None:
    (here / "openapi.yaml").write_text("openapi: [\n")
    code, checks = doctor("--allow-db")
    assert code == 1
    assert checks["spec"]["result"] == "error"
    assert checks["database"]["result"] == "ok"
    assert checks["application"]["result"] == "ok"


def test_no_mapping_at_all(here: Path, doctor: Run) -> None:
    (here / "gen-suite.yaml").unlink()
    code, checks = doctor("--allow-db")
    assert code == 1
    assert "gen-suite init" in checks["mapping file"]["advice"]


class _Broken(BaseHTTPRequestHandler):
    """Answers 500 to everything, an hour late."""

    def do_GET(self) -> None:
        self.send_response_only(500)
        late = datetime.now(UTC) - timedelta(hours=1)
        self.send_header("Date", format_datetime(late, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_an_application_that_only_fails_and_whose_clock_is_late(here: Path, doctor: Run) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _elsewhere(here, f"http://127.0.0.1:{server.server_port}")
    try:
        code, checks = doctor("--allow-db")
    finally:
        server.shutdown()
        server.server_close()
    assert code == 1
    assert "answers, but with 500" in checks["application"]["found"]
    assert "look at its log" in checks["application"]["advice"]
    assert checks["actor ada"]["result"] == "error"
    clock = checks["clock of the application"]
    assert clock["result"] == "warning"
    assert 3595 < int(clock["found"].split()[0]) < 3660
    assert "set the clocks" in clock["advice"]


def test_the_terminal_has_a_line_for_each(here: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gen_suite", "doctor", "--no-color"],
        cwd=here, env=os.environ | TOKENS, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "ok mapping file" in done.stdout
    assert "not checked" in done.stdout.splitlines()[-1]
