"""One run of schemathesis against the shop: its own rows, its own server, all phases and checks.

Schemathesis gets what a person would give it who wants the most of it: three identities (an
administrator, a machine and an administrator of another tenant) of which it chooses by itself, two
of them as peers that must not see each other's things, all four phases, all checks, its time budget,
and --continue-on-failure. The identities are users that no id in the spec's examples means, so that
a run does not switch itself off.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx

IDENTITIES = (
    ("tester", "acme", "admin"),
    ("robot", "acme", "service"),
    ("stranger", "globex", "admin"),
)
FIRST_ID = 900_001
CONFIGURATION = """\
[auth.wfc]
path = "identities.json"
peers = ["tester", "stranger"]
"""
ADD_IDENTITIES = """
import json, sys
from gen_suite.examples.shop import ledger, tables
from gen_suite.examples.shop.auth import hash_token
from gen_suite.examples.shop.database import write
from gen_suite.examples.shop.seed import START

first, people = json.loads(sys.argv[1])
times = {"created_at": START, "updated_at": START}
with write() as session:
    for number, (name, tenant, role) in enumerate(people, start=first):
        email = f"{name}@{tenant}.example"
        session.add(tables.User(id=number, tenant_id=tenant, email=email, name=name, role=role,
            active=True, password_hash="x$x", last_login_at=None, **times))
        session.flush()
        session.add(tables.ApiKey(user_id=number, key_hash=hash_token(f"{name}-key"), revoked=False,
            created_at=START))
        session.add(ledger.Wallet(tenant_id=tenant, owner_id=number, name="Own", currency="EUR",
            balance_cents=100_000, frozen=False, **times))
        session.add(ledger.Document(tenant_id=tenant, owner_id=number, title="Own", body="Mine.",
            id=f"00000000-0000-4000-9000-{number:012}", published=False, version=1, **times))
"""


@dataclass(frozen=True)
class Failure:
    """A check that failed for an operation, and how many seconds after the start for the first time."""

    check: str
    operation: str
    seconds: float


@dataclass(frozen=True)
class Run:
    """What one run reported: `seconds` it went, `cases` it judged, seconds of processor time it got."""

    failures: tuple[Failure, ...]
    seconds: float
    cases: int
    stopped: str
    version: str
    processor: float = 0.0


def one_run(bugs: str, tags: Sequence[str], seed: int, budget: int) -> Run:
    """Schemathesis for `budget` seconds against the operations with one of `tags`, all without any."""
    with tempfile.TemporaryDirectory(prefix="gen-suite-schemathesis-") as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder / 'shop.db'}",
            "SHOP_BUGS": bugs,
            "SHOP_WORKER": "1",
        }
        _prepare(folder, environment)
        with _served(folder, environment) as url:
            processor = _schemathesis(folder, url, tags, seed, budget)
        return replace(read_report(folder / "report.ndjson"), processor=processor)


def _prepare(folder: Path, environment: Mapping[str, str]) -> None:
    spec = files("gen_suite.examples.shop") / "openapi.yaml"
    (folder / "openapi.yaml").write_text(spec.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
    entries = [
        {"name": name, "fixedHeaders": [{"name": "X-API-Key", "value": f"{name}-key"}]}
        for name, _, _ in IDENTITIES
    ]
    (folder / "identities.json").write_text(json.dumps({"auth": entries}), encoding="utf-8")
    clean = {**environment, "SHOP_BUGS": ""}
    people = json.dumps([FIRST_ID, IDENTITIES])
    for command in (
        [sys.executable, "-m", "gen_suite.examples.shop.seed"],
        [sys.executable, "-c", ADD_IDENTITIES, people],
    ):
        subprocess.run(command, env=clean, check=True)


@contextmanager
def _served(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The shop on a free port until the block ends; RuntimeError when it does not start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "gen_suite.examples.shop.app:app"]
    command += ["--port", str(port), "--log-level", "warning"]
    url = f"http://127.0.0.1:{port}"
    with (folder / "shop.log").open("w") as log:
        server = subprocess.Popen(command, env=dict(environment), stdout=log, stderr=log)
        try:
            _await(f"{url}/health", server)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _await(url: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the shop did not start")


def _schemathesis(folder: Path, url: str, tags: Sequence[str], seed: int, budget: int) -> float:
    program = shutil.which("st", path=str(Path(sys.executable).parent)) or "st"
    command = [program, "run", "openapi.yaml", "--url", url, "--no-color"]
    command += [
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--checks",
        "all",
        "--mode",
        "all",
    ]
    command += ["--max-time", str(budget), "--continue-on-failure", "--seed", str(seed)]
    command += ["--generation-database", "none", "--suppress-health-check", "all"]
    command += ["--report", "ndjson", "--report-ndjson-path", "report.ndjson"]
    for tag in tags:
        command += ["--include-tag", tag]
    with (folder / "schemathesis.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        told = (folder / "schemathesis.log").read_text(encoding="utf-8")
        raise RuntimeError(f"schemathesis did not run:\n{told[-2000:]}")
    return round(used.ru_utime + used.ru_stime, 1)


def read_report(path: Path) -> Run:
    """The first failure of each check of each operation in a report of schemathesis."""
    first: dict[tuple[str, str], float] = {}
    version, stopped, start, seconds, cases = "", "", 0.0, 0.0, 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            ((kind, event),) = json.loads(line).items()
            if kind == "Initialize":
                version = event["schemathesis_version"]
            elif kind == "LoadingStarted":
                start = event["timestamp"]
            elif kind == "EngineFinished":
                seconds = event["timestamp"] - start
                stopped = event.get("stop_reason", "")
            elif kind == "ScenarioFinished":
                cases += len(event["recorder"].get("cases", {}))
                for check, operation, moment in _failed(event):
                    key = (check, operation)
                    first[key] = min(first.get(key, moment), moment)
    failures = (Failure(*key, round(at - start, 1)) for key, at in sorted(first.items()))
    return Run(tuple(failures), round(seconds, 1), cases, stopped, version)


def _failed(event: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    recorder = event["recorder"]
    for case, checks in recorder.get("checks", {}).items():
        interaction = recorder.get("interactions", {}).get(case, {})
        moment = interaction.get("timestamp", event["timestamp"])
        for check in checks:
            if check["status"] == "failure":
                yield check["name"], check["failure_info"]["failure"]["operation"], moment
