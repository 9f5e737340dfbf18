"""What is emitted for APIs with other habits than the shop's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.generator.plan import plan
from gen_suite.generator.render import render
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.matrix.build import build
from gen_suite.spec.read import read_document

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def emitted(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """`emitted("library")`: the files of an example's suite, by name."""

    def make(name: str) -> dict[str, str]:
        environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'here.db'}"}
        seed = [sys.executable, str(EXAMPLES / name / "app.py")]
        subprocess.run(seed, cwd=tmp_path, env=os.environ | environment, check=True)
        mapping = read_mapping(EXAMPLES / name / "expected.yaml", env=environment)
        document, schema = read_document(mapping.spec_path), reflect(environment["DATABASE_URL"])
        resolved = resolve(mapping, document, schema)
        files = render(plan(build(resolved), resolved), resolved)
        return {file.path: file.text for file in files}

    return make


def test_a_patch_of_nothing_is_no_example(emitted: Callable[[str], dict[str, str]]) -> None:
    """The smallest body of the members' PATCH is `{}`: no write of it can be made to fail."""
    files = emitted("library")
    patch = files["test_members_partial_update.py"]
    assert "body = complete(LABEL) if body is None else body" in patch
    assert "example(" not in patch.replace("_example(", "")
    assert "body = example(LABEL) if body is None else body" in files["test_tags_create.py"]


def test_a_row_belongs_to_its_parent_by_all_columns_of_the_key(
    emitted: Callable[[str], dict[str, str]],
) -> None:
    line = emitted("warehouse")["conftest.py"].partition("def line(")[2].partition("@pytest")[0]
    assert 'CO_CD=order["CO_CD"]' in line
    assert 'ORD_NO=order["ORD_NO"]' in line
