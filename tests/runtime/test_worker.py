"""The worker of an application, a process of its own."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from gen_suite.errors import TargetError
from gen_suite.mapping.target import Target
from gen_suite.runtime.worker import Worker

SLOW_TO_START = """
import pathlib, time
until = time.process_time() + 1.0
while time.process_time() < until:
    pass
pathlib.Path("up").touch()
time.sleep(600)
"""


def worker(folder: Path, code: str) -> Worker:
    (folder / "work.py").write_text(textwrap.dedent(code), encoding="utf-8")
    target = Target.model_validate(
        {"environment": "test", "worker": {"command": "{python} work.py"}}
    )
    return Worker(target, folder, "sqlite:///x.db")


def test_the_block_begins_when_the_worker_has_come_up(tmp_path: Path) -> None:
    with worker(tmp_path, SLOW_TO_START).running():
        assert (tmp_path / "up").exists()


def test_a_worker_that_ends_by_itself_is_named_with_its_last_lines(tmp_path: Path) -> None:
    ends = worker(tmp_path, "print('no queue to work off')\nraise SystemExit(3)")
    with (
        pytest.raises(TargetError, match=r"exit code 3(.|\n)*no queue to work off"),
        ends.running(),
    ):
        pass
