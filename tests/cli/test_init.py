"""`gen-suite init`, as a person runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.cli.proposing import database_text

LIBRARY = Path(__file__).parent.parent / "examples" / "library"
Run = Callable[..., subprocess.CompletedProcess[str]]
DATABASE = ("--database", "sqlite:///library.db")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The library's spec and database, and nothing else of gen-suite."""
    for name in ("app.py", "schema.sql", "openapi.yaml"):
        shutil.copy(LIBRARY / name, tmp_path)
    environment = os.environ | {"DATABASE_URL": "sqlite:///library.db"}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    return tmp_path


@pytest.fixture
def init(here: Path) -> Run:
    """`gen-suite init ...` there."""

    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gen_suite", "init", *arguments]
        unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
        environment = {k: v for k, v in os.environ.items() if k not in unset} | variables
        return subprocess.run(
            command, cwd=here, env=environment, capture_output=True, text=True, check=False
        )

    return call


def test_a_mapping_is_proposed_and_can_be_used(here: Path, init: Run) -> None:
    done = init("openapi.yaml", *DATABASE, "--allow-db", "--app", "asgi:app:app")
    assert done.returncode == 0, done.stderr
    assert "12 of 12 write operations" in done.stdout
    assert "set API_KEY in the environment" in done.stdout or "API_TOKEN" in done.stdout
    text = (here / "gen-suite.yaml").read_text()
    assert "database: ${DATABASE_URL:-sqlite:///library.db}" in text
    assert "`library_books` without what its name begins with" in text
    variables = {"API_TOKEN": "Token ada-library-token", "API_KEY": "x"}
    matrix = subprocess.run(
        [sys.executable, "-m", "gen_suite", "matrix"], cwd=here,
        env=os.environ | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert matrix.returncode == 0, matrix.stderr


def test_the_json_schema_lies_where_the_first_line_says(here: Path, init: Run) -> None:
    init("openapi.yaml", *DATABASE, "--allow-db")
    first = (here / "gen-suite.yaml").read_text().splitlines()[0]
    file = here / first.partition("$schema=")[2]
    assert json.loads(file.read_text())["title"] == "gen-suite table mapping"


def test_no_database_is_touched_without_a_word(here: Path, init: Run) -> None:
    done = init("openapi.yaml", *DATABASE)
    assert done.returncode == 3
    assert "--allow-db" in done.stderr
    assert not (here / "gen-suite.yaml").exists()


def test_production_is_refused_whatever_was_allowed(init: Run) -> None:
    done = init("openapi.yaml", "--database", "postgresql://db.prod.example/shop", "--allow-db")
    assert done.returncode == 3
    assert "looks like production" in done.stderr


def test_names_alone_do_without_a_database(here: Path, init: Run) -> None:
    done = init("openapi.yaml")
    assert done.returncode == 0, done.stderr
    assert "no database was looked at" in done.stdout
    assert "table: books" in (here / "gen-suite.yaml").read_text()


def test_a_password_is_never_written(here: Path, init: Run) -> None:
    done = init("openapi.yaml", "--database", "postgresql://me:hunter2@127.0.0.1:1/x", "--allow-db")
    assert done.returncode == 2
    assert "hunter2" not in done.stderr + done.stdout


def test_diff_writes_nothing(here: Path, init: Run) -> None:
    before = sorted(here.rglob("*"))
    done = init("openapi.yaml", *DATABASE, "--allow-db", "--diff")
    assert done.returncode == 0, done.stderr
    assert "+    table: library_books" in done.stdout
    assert sorted(here.rglob("*")) == before


def test_a_second_run_adds_what_is_new_and_keeps_what_was_written(here: Path, init: Run) -> None:
    init("openapi.yaml", *DATABASE, "--allow-db")
    file = here / "gen-suite.yaml"
    lines = file.read_text().splitlines(keepends=True)
    mine = [
        line if "table: library_tags" not in line else "    table: library_tags  # mine\n"
        for line in lines
    ]
    mine = [line for line in mine if "risk: high" not in line]
    file.write_text("".join(mine))
    spec = (here / "openapi.yaml").read_text()
    more = spec.replace(
        "  /api/v1/tags/:\n",
        "  /api/v1/loans/:\n    delete: {responses: {'204': {description: gone}}}\n  /api/v1/tags/:\n",
    )
    (here / "openapi.yaml").write_text(more)
    done = init("--allow-db")
    assert done.returncode == 0, done.stderr
    after = file.read_text()
    rest = iter(after.splitlines(keepends=True))
    assert [line for line in mine if line not in rest] == []
    assert "DELETE /api/v1/loans/" in after
    assert "risk: high" not in after.replace("DELETE /api/v1/loans/", "").split("loans")[0]


def test_line_ends_of_windows_stay(here: Path, init: Run) -> None:
    file = here / "gen-suite.yaml"
    file.write_bytes(b"spec: openapi.yaml\r\n# mine\r\nresources: {}\r\n")
    done = init(*DATABASE, "--allow-db")
    assert done.returncode == 0, done.stderr
    data = file.read_bytes()
    assert data.startswith(b"spec: openapi.yaml\r\n")
    assert b"\r\n# mine\r\nresources:" in data
    assert data.count(b"\n") == data.count(b"\r\n") > 20


def test_an_actor_is_named_by_its_variable(here: Path, init: Run) -> None:
    done = init("openapi.yaml", *DATABASE, "--allow-db", "--actor", "ada=ADA_TOKEN")
    assert done.returncode == 0, done.stderr
    text = (here / "gen-suite.yaml").read_text()
    assert 'ada: {auth: {header: {Authorization: "${ADA_TOKEN}"}}}' in text
    wrong = init("openapi.yaml", "--actor", "ada")
    assert wrong.returncode == 2
    assert "NAME=VARIABLE" in wrong.stderr


def test_older_documents_are_named_and_stay(here: Path, init: Run) -> None:
    shutil.copy(here / "openapi.yaml", here / "older.yaml")
    done = init("openapi.yaml", *DATABASE, "--allow-db", "--compatible-with", "older.yaml")
    assert done.returncode == 0, done.stderr
    text = (here / "gen-suite.yaml").read_text()
    assert "compatible_with: [older.yaml]\n" in text
    again = init("--allow-db", API_KEY="x", API_TOKEN="x")
    assert again.returncode == 0, again.stderr
    assert (here / "gen-suite.yaml").read_text() == text


def test_an_app_without_a_port_is_refused(init: Run) -> None:
    done = init("openapi.yaml", "--app", "uvicorn app:app")
    assert done.returncode == 2
    assert "{port}" in done.stderr


def test_a_file_that_cannot_be_read_is_left_alone(here: Path, init: Run) -> None:
    (here / "gen-suite.yaml").write_text("resources: [\n")
    done = init("openapi.yaml")
    assert done.returncode == 2
    assert "gen-suite.yaml:" in done.stderr
    assert (here / "gen-suite.yaml").read_text() == "resources: [\n"


def test_a_hostile_path_writes_no_command_into_the_file(here: Path, init: Run) -> None:
    evil = "/search\ntarget:\n  app: {command: touch gone}\n  database: sqlite:///x.db\n#"
    post = {"responses": {"200": {"description": "ok"}}}
    spec = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            evil: {"post": {"operationId": "search", **post}},
            "/orders": {"post": {"operationId": "createOrder", **post}},
        },
    }
    (here / "openapi.json").write_text(json.dumps(spec))
    done = init("openapi.json")
    assert done.returncode == 0, done.stderr
    assert "its path holds a control character" in done.stderr
    assert "command" not in (here / "gen-suite.yaml").read_text()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://alice@localhost/shop?password=s3cr3t-pw",
        "postgresql://alice@localhost/shop?sslmode=require&sslpassword=s3cr3t-pw",
        "mysql://alice:s3cr3t-pw@localhost/shop",
    ],
)
def test_a_password_anywhere_in_the_url_stays_in_the_environment(url: str, tmp_path: Path) -> None:
    assert database_text(url, tmp_path) == "${DATABASE_URL}"


def test_a_password_in_the_query_is_in_no_message(init: Run) -> None:
    for more in ((), ("--allow-db",)):
        done = init(
            "openapi.yaml", "--database", "postgresql://me@127.0.0.1:1/x?password=s3cr3t-pw", *more
        )
        assert done.returncode == (2 if more else 3)
        assert "s3cr3t" not in done.stderr + done.stdout


@pytest.mark.parametrize("url", ["nonsense", "postgresql://me:s3cr3t-pw@localhost:abc/shop"])
def test_what_is_no_database_url_is_said(here: Path, init: Run, url: str) -> None:
    done = init("openapi.yaml", "--database", url, "--allow-db")
    assert done.returncode == 2
    assert "error: this is no database URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cr3t" not in done.stderr
    assert not (here / "gen-suite.yaml").exists()
