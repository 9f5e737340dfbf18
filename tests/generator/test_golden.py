"""Emitted code as its users read it: goldens of some modules, and what holds of all of them."""

import ast
import subprocess
from dataclasses import replace
from pathlib import Path

import mypy.api
import pytest
from ruff import find_ruff_bin

from gen_suite.generator.plan import plan
from gen_suite.generator.render import render
from gen_suite.mapping.resolve import Resolved
from gen_suite.matrix.build import build
from gen_suite.runtime.requests import look

from .parameters import ungiven

GOLDEN = Path(__file__).parents[1] / "golden"
ROOT = Path(__file__).parents[2]
KEPT = [
    "test_logout.py",
    "test_login.py",
    "test_remove_tag.py",
    "test_delete_customer.py",
    "test_publish_document.py",
]
"""Short enough to be read in a diff; `docs/emitted-code.md` links a long one."""
LONGEST = 25
"""Lines of one function, from its `def` on."""
SELECTED = "E,F,W,I,B,UP,SIM,PT,RET,N,PIE,C4"
FIRST_PARTY = 'lint.isort.known-third-party=["gen_suite"]'


@pytest.mark.parametrize("name", KEPT)
def test_what_is_emitted_is_what_was_read_and_agreed(
    suite: dict[str, str], name: str, request: pytest.FixtureRequest
) -> None:
    golden = GOLDEN / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        golden.write_text(suite[name])
    assert suite[name] == golden.read_text()


@pytest.fixture(scope="module")
def folder(suite: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole suite of the shop, outside of any project."""
    folder = tmp_path_factory.mktemp("suite")
    for name, text in suite.items():
        (folder / name).write_text(text)
    return folder


def test_emitted_code_is_laid_out_as_ruff_format_does(folder: Path) -> None:
    done = subprocess.run(
        [find_ruff_bin(), "format", "--no-cache", "--check", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("rules", [(), ("--select", SELECTED, "--config", FIRST_PARTY)])
def test_emitted_code_has_no_lint(folder: Path, rules: tuple[str, ...]) -> None:
    done = subprocess.run(
        [find_ruff_bin(), "check", "--no-cache", *rules, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_emitted_code_is_typed_where_the_mapping_says_so(
    shop: Resolved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = replace(shop, mapping=shop.mapping.model_copy(update={"typed": True}))
    folder = tmp_path / "suite"
    folder.mkdir()
    for file in render(plan(build(typed, look=look), typed), typed):
        (folder / file.path).write_text(file.text)
    roof = tmp_path / "roof" / "gen_suite"
    roof.mkdir(parents=True)
    for room in ("generator", "mapping", "matrix", "runtime", "spec"):
        (roof / room).symlink_to(ROOT / room)
    for file in (ROOT / "gen_suite").iterdir():
        if file.is_file():
            (roof / file.name).symlink_to(file)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MYPYPATH", str(roof.parent))
    output, errors, status = mypy.api.run(["--strict", "--follow-imports=silent", "."])
    assert status == 0, output + errors


def test_no_emitted_function_is_long(suite: dict[str, str]) -> None:
    long = [
        f"{name}:{node.name} {node.end_lineno - node.lineno + 1}"
        for name, text in suite.items()
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if node.end_lineno - node.lineno + 1 > LONGEST
    ]
    assert long == []


def test_every_parameter_is_a_fixture_or_one_that_the_test_runs_with(
    suite: dict[str, str],
) -> None:
    """A name that a test reads and nothing makes would become a parameter that pytest does not find."""
    assert not ungiven(suite)


def test_every_cell_with_tests_is_marked(suite: dict[str, str]) -> None:
    for name, text in suite.items():
        if name == "conftest.py":
            continue
        tests = [n for n in ast.parse(text).body if getattr(n, "name", "").startswith("test_")]
        assert tests, name
        for test in tests:
            marks = [d for d in test.decorator_list if ast.unparse(d).startswith("covers(")]
            assert len(marks) == 1, f"{name}: {test.name}"


def test_the_suite_covers_at_least_twenty_write_operations(suite: dict[str, str]) -> None:
    tests = sum(text.count("\ndef test_") for text in suite.values())
    assert len(suite) - 1 >= 20
    assert tests >= 120


def test_the_docs_show_an_excerpt_of_a_module_as_it_is(suite: dict[str, str]) -> None:
    page = (ROOT / "docs" / "emitted-code.md").read_text()
    excerpt = page.partition("```python\n")[2].partition("```")[0]
    assert 30 <= excerpt.count("\n") <= 70
    for part in excerpt.strip("\n").split("\n\n\n"):
        assert part in suite["test_create_order.py"]
