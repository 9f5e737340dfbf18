"""Rows whose key the caller chooses in the path: `learn` asks for one that is not there yet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.kept_schema import read_schema
from gen_suite.mapping.resolve import resolve
from gen_suite.spec.read import read_document

ROOMS = Path(__file__).parents[1] / "examples" / "rooms"
LABEL = "PUT /tags/{name}"


def test_a_put_that_makes_a_row_is_learned_as_one_that_creates(tmp_path: Path) -> None:
    for name in ("app.py", "openapi.yaml"):
        shutil.copy(ROOMS / name, tmp_path)
    made = os.environ | {"DATABASE_URL": "sqlite:///rooms.db"}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=made, check=True)
    words = [
        "init", "openapi.yaml", "--database", "sqlite:///rooms.db", "--allow-db",
        "--app", "asgi:app:app",
    ]  # fmt: skip
    unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
    environment = {k: v for k, v in os.environ.items() if k not in unset}
    for arguments in (words, ["learn", "--allow-db", "--only", LABEL]):
        done = subprocess.run(
            [sys.executable, "-m", "gen_suite", *arguments], cwd=tmp_path, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    file = tmp_path / "gen-suite.yaml"
    resolved = resolve(
        read_text(file.read_text(), file),
        read_document(tmp_path / "openapi.yaml"),
        read_schema(tmp_path),
    )
    write = resolved.operations[LABEL]
    assert (write.kind, write.resource.table if write.resource else "") == ("creates", "tags")
    assert write.new_key is not None
    assert (write.new_key.parameter, write.new_key.column) == ("name", "name")
