"""What is emitted is laid out by ruff: long names too, and with nobody's settings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.errors import GenSuiteError
from gen_suite.generator.formatting import formatted

SUBJECTS = """
  /{path}:
    post:
      operationId: createSubject
      requestBody:
        content:
          application/json:
            schema: {{type: object, required: [name], properties: {{name: {{type: string, maxLength: 20}}}}}}
      responses:
        "201":
          description: made
          content:
            application/json:
              schema: {{type: object, properties: {{id: {{type: integer}}, name: {{type: string}}}}}}
"""


def test_files_are_laid_out() -> None:
    assert formatted({"test_a.py": "x = {'a':1}\n", "b.py": "f( 1,\n 2)"}) == {
        "test_a.py": 'x = {"a": 1}\n',
        "b.py": "f(1, 2)\n",
    }


def test_what_is_no_python_stays_and_costs_no_other_file() -> None:
    assert formatted({"a.py": "def (:\n", "b.py": "x=1\n"}) == {
        "a.py": "def (:\n",
        "b.py": "x = 1\n",
    }


def test_a_person_s_settings_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ruff").mkdir()
    for file in ("ruff.toml", "ruff/ruff.toml"):
        (tmp_path / file).write_text('line-length = 20\nformat.quote-style = "single"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert formatted({"a.py": "call('one', 'two', 'three')\n"}) == {
        "a.py": 'call("one", "two", "three")\n'
    }


def test_a_ruff_that_does_not_work_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ruff"
    program.write_text("#!/bin/sh\necho this ruff is broken >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.delattr("ruff.find_ruff_bin")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(
        GenSuiteError, match=r"cannot be run: this ruff is broken\n.*pip install ruff"
    ):
        formatted({"a.py": "x = 1\n"})


@pytest.mark.parametrize("length", [40, 80, 160])
def test_a_long_label_is_laid_out_as_well(
    emit: Callable[[str, str, str], dict[str, str]], length: int
) -> None:
    path = "s" * length
    files = emit(
        "CREATE TABLE subjects (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL)",
        SUBJECTS.format(path=path),
        f'resources: {{subject: {{table: subjects}}}}\noperations: {{"POST /{path}": {{creates: subject}}}}\n',
    )
    assert formatted(files) == files
    long = [line for text in files.values() for line in text.splitlines() if len(line) > 88]
    assert [line for line in long if path not in line] == []
