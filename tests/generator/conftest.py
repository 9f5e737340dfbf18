"""The suite of the shop, rendered once; `--update-golden` writes the goldens anew."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.generator.plan import plan
from gen_suite.generator.render import RenderedFile, render
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.matrix.build import build
from gen_suite.runtime.requests import look
from gen_suite.spec.read import read_document

from .parameters import ungiven

SHOP = Path(__file__).parents[2] / "examples" / "shop"


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Resolved:
    """Spec, mapping and schema of the shop, resolved, with all tests that there are."""
    file = tmp_path_factory.mktemp("shop") / "shop.db"
    environment = {"DATABASE_URL": f"sqlite:///{file}", "PATH": ""}
    seed = [sys.executable, "-m", "gen_suite.examples.shop.seed"]
    subprocess.run(seed, env=environment, check=True)
    assert sqlite3.connect(file).execute("SELECT count(*) FROM tenants").fetchone()[0] > 0
    mapping = read_mapping(SHOP / "gen-suite.yaml", env=environment)
    document = read_document(mapping.spec_path)
    mapping = mapping.at_depths({o.label: "thorough" for o in document.operations})
    return resolve(mapping, document, reflect(f"sqlite:///{file}"))


@pytest.fixture(scope="session")
def suite(shop: Resolved) -> dict[str, str]:
    """The emitted files of the shop's suite by name."""
    rendered: tuple[RenderedFile, ...] = render(plan(build(shop, look=look), shop), shop)
    return {file.path: file.text for file in rendered}


@pytest.fixture
def emit(tmp_path: Path) -> Callable[[str, str, str], dict[str, str]]:
    """`emit(tables, paths, mapping)`: the files of a suite by name, all of which are Python."""
    head = 'openapi: 3.0.3\ninfo: {title: t, version: "1"}\npaths:\n'
    url = f"sqlite:///{tmp_path / 'here.db'}"
    target = f"spec: openapi.yaml\ndepth: thorough\ntarget: {{database: '{url}', app: {{command: 'x {{port}}'}}}}\n"

    def make(tables: str, paths: str, mapping: str) -> dict[str, str]:
        sqlite3.connect(tmp_path / "here.db").executescript(tables)
        (tmp_path / "openapi.yaml").write_text(head + paths)
        (tmp_path / "gen-suite.yaml").write_text(target + mapping)
        read = read_mapping(tmp_path / "gen-suite.yaml", env={})
        resolved = resolve(read, read_document(read.spec_path), reflect(url))
        files = {f.path: f.text for f in render(plan(build(resolved), resolved), resolved)}
        for name, text in files.items():
            compile(text, name, "exec")
        assert not ungiven(files)
        return files

    return make
