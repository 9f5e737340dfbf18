"""The rooms: folders, package-dir and wheel agree, and the arrows between rooms hold."""

import ast
import subprocess
import sys
import tomllib
import zipfile
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = set(PROJECT["tool"]["setuptools"]["packages"])
PACKAGE_DIR = PROJECT["tool"]["setuptools"]["package-dir"]
ROOMS = {name.removeprefix("gen_suite."): name for name in PACKAGE_DIR if name != "gen_suite"}

ARROWS = {
    "spec": set(),
    "mapping": {"spec"},
    "matrix": {"mapping", "spec"},
    "generator": {"matrix", "mapping", "spec", "templates"},
    "runtime": {"matrix", "mapping", "spec"},
    "templates": set(),
    "examples": set(),
    "cli": {"spec", "mapping", "matrix", "generator", "runtime", "templates", "examples"},
}
"""Room -> the rooms it may import. generator and runtime meet in emitted code and results only."""


def test_each_room_is_the_folder_of_its_name() -> None:
    assert {room: PACKAGE_DIR[package] for room, package in ROOMS.items()} == {r: r for r in ROOMS}
    assert set(ROOMS) == set(ARROWS)


def test_every_package_is_listed() -> None:
    found = {"gen_suite"}
    for room in ROOMS:
        for init in (ROOT / room).rglob("__init__.py"):
            found.add(".".join(["gen_suite", *init.parent.relative_to(ROOT).parts]))
    assert found == PACKAGES


@pytest.mark.parametrize("room", ARROWS)
def test_imports_follow_the_arrows(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {other}"
        for path in (ROOT / room).rglob("*.py")
        for line, other in _rooms_imported(path, room)
        if other != room and other not in ARROWS[room]
    ]
    assert wrong == []


def _rooms_imported(path: Path, room: str) -> list[tuple[int, str]]:
    depth = len(path.relative_to(ROOT / room).parts) - 1
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            if node.level > depth + 1:
                first = (node.module or node.names[0].name).split(".")[0]
                found += [(node.lineno, first)] if first in ARROWS else []
            elif node.level == 0 and (node.module or "").startswith("gen_suite."):
                found.append((node.lineno, (node.module or "").split(".")[1]))
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("gen_suite.")]
            found += [(node.lineno, name.split(".")[1]) for name in names]
    return [(line, other) for line, other in found if other in ARROWS]


@pytest.mark.parametrize("room", ["cli", "generator", "spec", "templates"])
def test_modules_of_a_room_import_each_other_one_way(room: str) -> None:
    """What is imported for a type checker alone does not count."""
    names = {path.stem for path in (ROOT / room).glob("*.py")}
    imported = {path.stem: _imported(path, names) for path in (ROOT / room).glob("*.py")}
    assert [*TopologicalSorter(imported).static_order()]  # raises CycleError, which names them


def _imported(path: Path, names: set[str]) -> set[str]:
    """The modules of its own folder that a module imports, inside of functions too."""
    tree = ast.parse(path.read_text())
    typing = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)
    ]
    passed = {id(node) for block in typing for node in ast.walk(block)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1 and id(node) not in passed:
            first = (node.module or "").partition(".")[0]
            found |= {first} if first else {alias.name for alias in node.names}
    return found & names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_the_rooms_and_nothing_beside_them(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"gen_suite"}
    tracked = [
        path.relative_to(ROOT)
        for room in ROOMS
        for pattern in ("*.py", "*.j2", "*.css", "*.js", "*.yaml", "*.json")
        for path in (ROOT / room).rglob(pattern)
        if "__pycache__" not in path.parts
    ]
    missing = [str(path) for path in tracked if f"gen_suite/{path.as_posix()}" not in names]
    assert missing == []
    assert "gen_suite/py.typed" in names
