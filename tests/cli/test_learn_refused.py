"""Operations that `learn` gets no request through: gaps with what the API answered, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gen_suite.cli.proposing import Draft
from gen_suite.mapping.infer.guess import Guess, Proposal
from gen_suite.mapping.infer.kept_seen import FILE, KeptSeen
from gen_suite.mapping.infer.observed import Limit, RowSeen, Seen, Trial
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.kept_schema import read_schema
from gen_suite.spec.read import read_document
from gen_suite.spec.yaml import load_yaml

ROOMS = Path(__file__).parents[1] / "examples" / "rooms"
RESERVE, PAINT = "POST /rooms/{id}/reserve", "POST /rooms/{id}/paint"
START = (
    "openapi.yaml", "--database", "sqlite:///rooms.db", "--allow-db", "--app", "asgi:app:app",
)  # fmt: skip
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("app.py", "openapi.yaml"):
        shutil.copy(ROOMS / name, tmp_path)
    environment = os.environ | {"DATABASE_URL": "sqlite:///rooms.db"}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    return tmp_path


@pytest.fixture
def gen_suite(here: Path) -> Run:
    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gen_suite", *arguments]
        unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
        environment = {k: v for k, v in os.environ.items() if k not in unset}
        return subprocess.run(
            command, cwd=here, env=environment | variables, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    return call


def _operations(folder: Path) -> dict[str, Any]:
    file = folder / "gen-suite.yaml"
    found: dict[str, Any] = load_yaml(file.read_text(), file)["operations"]
    return found


def test_an_operation_that_refuses_is_a_gap_until_a_request_gets_through(
    here: Path, gen_suite: Run
) -> None:
    done = gen_suite("init", *START, "--learn")
    assert done.returncode == 0, done.stderr
    assert _operations(here)[RESERVE]["refused"] == "409: the house is closed today"
    assert "3 refused every request" in done.stdout
    cells = json.loads(gen_suite("matrix", "--format", "json").stdout)["cells"]
    mine = {cell["concern"]: cell for cell in cells if cell["operation"] == RESERVE}
    states = {cell["state"] for cell in mine.values()}
    assert states <= {"gap", "not applicable"}, mine
    assert "(409: the house is closed today)" in mine["persistence"]["reason"]
    assert "gen-suite learn" in mine["persistence"]["closes"]
    done = gen_suite("generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    assert not list((here / "tests" / "api").glob("*reserve*"))
    done = gen_suite("learn", "--allow-db", OPEN="1")
    assert done.returncode == 0, done.stderr
    assert "refused" not in _operations(here)[RESERVE]
    assert "set: {reserved: +1}" in (here / "gen-suite.yaml").read_text()


def test_a_server_error_to_every_request_is_shown_by_the_test_of_success_alone(
    here: Path, gen_suite: Run
) -> None:
    gen_suite("init", *START, "--learn")
    assert _operations(here)[PAINT]["refused"].startswith("500")
    cells = json.loads(gen_suite("matrix", "--format", "json").stdout)["cells"]
    planned = [c["concern"] for c in cells if c["operation"] == PAINT and c["state"] == "planned"]
    assert planned == ["success"]


def test_a_line_that_cannot_be_said_is_left_out_and_the_rest_stands(
    here: Path, gen_suite: Run
) -> None:
    """Also where the file is there already, as it is when `learn` comes after `init`."""
    gen_suite("init", *START)
    path = here / "gen-suite.yaml"
    document, schema = read_document(here / "openapi.yaml"), read_schema(here)
    seen = {
        "creates": Guess("room", 1.0, "seen"),
        "values": {"reserved": Guess(0, 1.0, "seen"), "name": Guess("$actor.id", 1.0, "seen")},
    }
    proposal = Proposal(
        {"resources": {"room": {"table": Guess("rooms", 1.0, "seen")}},
         "operations": {"POST /rooms": seen}}
    )  # fmt: skip
    text = path.read_text()
    base = (here / ".gen-suite" / "proposed.yaml").read_text()
    made = Draft(path, text, base, document, schema, proposal).settled()
    written = read_text(made.merged().text, path).operations["POST /rooms"]
    assert written.values == {"reserved": 0}
    (remark,) = made.proposal.remarks
    assert "POST /rooms > values > name" in remark
    assert "no actor" in remark


def test_an_application_that_ends_at_one_operation_costs_no_other(
    here: Path, gen_suite: Run
) -> None:
    done = gen_suite("init", *START, "--learn", QUIT_AT="paint")
    assert done.returncode == 0, done.stderr
    assert f"after {PAINT} the application answers no more; it was started again" in done.stdout
    assert _operations(here)[PAINT]["refused"].startswith("not sent: ")
    assert _operations(here)[RESERVE]["refused"] == "409: the house is closed today"
    assert not (here / ".gen-suite" / "learning.jsonl").exists()


def test_an_operation_that_spoils_the_application_is_a_gap_that_says_so(
    here: Path, gen_suite: Run
) -> None:
    """What it does a second time shows what is broken then, not what it does."""
    done = gen_suite("init", *START, "--learn", SPOILABLE="1")
    assert done.returncode == 0, done.stderr
    assert "answers 500, and answered 200 before; it was started again" in done.stdout
    refused = _operations(here)["POST /rooms"]["refused"]
    assert refused == "201, and then GET /hours answers 500, and answered 200 before"
    assert "fill" not in _operations(here)["POST /rooms"]
    cells = json.loads(gen_suite("matrix", "--format", "json").stdout)["cells"]
    mine = [cell for cell in cells if cell["operation"] == "POST /rooms"]
    assert {cell["state"] for cell in mine} <= {"gap", "not applicable"}, mine
    assert any("it spoils the application that runs (201, and" in cell["reason"] for cell in mine)


def test_learning_goes_on_where_it_was_interrupted(here: Path, gen_suite: Run) -> None:
    gen_suite("init", *START)
    command = [sys.executable, "-m", "gen_suite", "learn", "--allow-db"]
    environment = os.environ | {"WAIT_AT": "paint"}
    # Whoever runs these tests in the background of a shell has made them deaf to it.
    running = subprocess.Popen(
        command, cwd=here, env=environment, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert running.stderr is not None
    first = running.stderr.readline()
    assert "POST /rooms" in first
    running.send_signal(signal.SIGINT)
    rest = running.communicate()[1]
    assert running.returncode == 130, rest
    assert "what was seen so far is kept" in rest
    kept = here / ".gen-suite" / "learning.jsonl"
    assert '"POST /rooms"' in kept.read_text()
    done = gen_suite("learn", "--allow-db")
    assert done.returncode == 0, done.stderr
    assert "going on where an interrupted run stopped" in done.stderr
    assert "POST /rooms: 201" not in done.stderr
    assert f"{PAINT}: refused every request (500)" in done.stderr
    text = (here / "gen-suite.yaml").read_text()
    assert "creates: room  # seen" in text
    assert not kept.exists()


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    trial = Trial(
        "ada", 201, body={"$": 1, "file": b"\x00\xff"}, answer=[Decimal("1.50"), (1, None)],
        rows=(RowSeen("t", "insert", {"id": UUID(int=7)}, None, {"on": date(2026, 1, 2)}),),
        began=datetime(2026, 1, 2, 3, 4, 5, 6),
    )  # fmt: skip
    seen = Seen("POST /t", (trial,), "ada", limits=(Limit("t", "n", full={"n": 0}),))
    KeptSeen(tmp_path, "one", str).add(seen)
    assert KeptSeen(tmp_path, "one", str).read() == {"POST /t": seen}
    assert KeptSeen(tmp_path, "another", str).read() == {}
    with (tmp_path / FILE).open("a") as file:
        file.write('{"$": "Seen", "of": {"lab')
    assert KeptSeen(tmp_path, "one", str).read() == {"POST /t": seen}


def test_no_secret_is_kept(tmp_path: Path) -> None:
    seen = Seen("POST /t", (Trial("ada", 201, answer={"token": "s3cret"}),))
    KeptSeen(tmp_path, "one", lambda text: text.replace("s3cret", "***")).add(seen)
    assert "s3cret" not in (tmp_path / FILE).read_text()


def test_what_every_request_writes_is_noise_for_every_assertion(here: Path, gen_suite: Run) -> None:
    done = gen_suite("init", *START, "--learn", COUNTING="1")
    assert done.returncode == 0, done.stderr
    text = (here / "gen-suite.yaml").read_text()
    assert text.index("ignores: [visits]") < text.index("target:")
    assert "requests that only read write `visits` too" in done.stdout
    assert "wrote visits" not in done.stderr
    assert "changes" not in _operations(here)["POST /rooms"]
    gen_suite("generate", "--allow-db")
    words = ["-m", "pytest", "--allow-db", "-q", "-p", "no:cacheprovider", "--rootdir", str(here)]
    done = subprocess.run(
        [sys.executable, *words, "-k", "rejects", "tests/api"],
        cwd=here, env=os.environ | {"COUNTING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


def test_what_refused_requests_write_is_asserted_of_successes_alone(
    here: Path, gen_suite: Run
) -> None:
    done = gen_suite("init", *START, "--learn", AUDITING="1")
    assert done.returncode == 0, done.stderr
    text = (here / "gen-suite.yaml").read_text()
    assert "\nwrites_when_refused: [visits]" in text
    assert "\nignores:" not in text
    assert "refused requests write `visits` too" in done.stdout
    (change,) = _operations(here)["POST /rooms"]["changes"]
    assert change["inserts"] == "visits"
    gen_suite("generate", "--allow-db")
    words = ["-m", "pytest", "--allow-db", "-q", "-p", "no:cacheprovider", "--rootdir", str(here)]
    command = [sys.executable, *words, "tests/api/test_post_rooms.py"]
    options: dict[str, Any] = {"cwd": here, "capture_output": True, "text": True, "check": False}
    done = subprocess.run(
        [*command, "-k", "rejects or leaves_nothing"], env=os.environ | {"AUDITING": "1"}, **options
    )
    assert done.returncode == 0, done.stdout[-3000:]
    done = subprocess.run([*command, "-k", "stores or adds"], **options)
    assert "inserted in visits" in done.stdout


def test_what_comes_after_the_answer_is_waited_for_and_gets_into_no_other_test(
    here: Path, gen_suite: Run
) -> None:
    done = gen_suite("init", *START, "--learn", ANNOUNCING="1")
    assert done.returncode == 0, done.stderr
    assert _operations(here)["POST /rooms"]["changes"] == [
        {"inserts": "visits", "values": {"path": "announced"}, "within": "5s"}
    ]
    assert "changes" not in _operations(here)["PATCH /rooms/{id}"]
    gen_suite("generate", "--allow-db")
    words = ["-m", "pytest", "--allow-db", "-q", "-p", "no:cacheprovider", "--rootdir", str(here)]
    command = [sys.executable, *words, "tests/api/test_post_rooms.py"]
    options: dict[str, Any] = {"cwd": here, "capture_output": True, "text": True, "check": False}
    done = subprocess.run(command, env=os.environ | {"ANNOUNCING": "1"}, **options)
    assert done.returncode == 0, done.stdout[-3000:]
    done = subprocess.run([*command, "-k", "is_processed_once"], **options)
    assert "the number of rows went through [0]" in done.stdout or "visits.path" in done.stdout


def test_what_ends_the_process_needs_its_name_and_nullable_names_are_filled(
    here: Path, gen_suite: Run
) -> None:
    done = gen_suite("init", *START, "--learn", "--yes")
    assert done.returncode == 0, done.stderr
    found = _operations(here)
    assert found["POST /shutdown"]["refused"].startswith("not sent: it acts on the application's")
    assert "was started again" not in done.stdout
    assert "# POST /shutdown: " not in (here / "gen-suite.yaml").read_text()
    assert "PATCH /keepers/{name}: 200, wrote keepers" in done.stderr
    assert "refused" not in found["PATCH /keepers/{name}"]
