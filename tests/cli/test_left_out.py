"""One operation never costs another: what cannot be emitted is a gap with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gen_suite.generator.lint import misnamed, uncompilable
from gen_suite.generator.render import RenderedFile

MORE = """\
  /xml:
    post:
      operationId: sendXml
      requestBody: {required: true, content: {application/xml: {schema: {type: object, required: [title], properties: {title: {type: string}}}}}}
      responses: {"201": {description: made}}
  /heirs:
    post:
      operationId: sendHeir
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [kind], properties: {kind: {type: string}}, discriminator: {propertyName: kind, mapping: {a: "#/components/schemas/Missing"}}}}}}
      responses: {"201": {description: made}}
  /nothing:
    post:
      operationId: sendNothing
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [title], properties: {title: {type: string, minLength: 5, maxLength: 2}}}}}}
      responses: {"201": {description: made}}
components:
"""


@pytest.fixture
def broken(folder: Path) -> Path:
    """The notes API with three more operations, of which no valid request can be made."""
    spec = folder / "openapi.yaml"
    spec.write_text(spec.read_text().replace("components:\n", MORE, 1))
    mapping = folder / "gen-suite.yaml"
    more = "".join(f"  POST /{name}: {{creates: note}}\n" for name in ("xml", "heirs", "nothing"))
    mapping.write_text(mapping.read_text().rstrip() + "\n" + more)
    return folder


def gaps(run, operation: str) -> dict[str, str]:
    cells = json.loads(run("matrix", "--format", "json").stdout)["cells"]
    return {
        c["concern"]: c["reason"]
        for c in cells
        if c["operation"] == operation and c["state"] == "gap"
    }


def test_a_body_that_cannot_be_written_is_a_gap_and_the_rest_is_emitted(run, broken: Path) -> None:
    done = run("generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    modules = {path.name for path in (broken / "tests" / "api").glob("test_*.py")}
    assert modules == {"test_create_note.py"}
    assert (
        "application/xml is no type of body that can be written"
        in gaps(run, "POST /xml")["success"]
    )
    assert "Missing" in gaps(run, "POST /heirs")["success"]
    assert "title: minLength 5 is above maxLength 2" in gaps(run, "POST /nothing")["rollback"]
    assert not gaps(run, "POST /notes")


def test_a_module_that_cannot_be_collected_is_left_out_and_comes_when_it_can(
    run, folder: Path
) -> None:
    mapping = folder / "gen-suite.yaml"
    text = mapping.read_text()
    assert run("generate", "--allow-db").returncode == 0
    module = folder / "tests" / "api" / "test_create_note.py"
    before = module.read_text()
    stated = text.replace(
        "table: notes", "table: notes\n    fields: {title: {column: title, as: noterules.plain}}"
    )
    mapping.write_text(stated)
    done = run("generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    reason = "its module cannot be collected: ModuleNotFoundError: No module named 'noterules'"
    assert f"left out: POST /notes: {reason}" in done.stderr
    assert module.read_text() == before
    assert not [path for path in (folder / "tests").iterdir() if path.name != "api"]
    assert gaps(run, "POST /notes")["success"] == reason
    (folder / "noterules.py").write_text("def plain(value):\n    return value\n")
    done = run("generate", "--allow-db")
    assert "left out" not in done.stderr
    assert "import noterules" in module.read_text()
    assert not gaps(run, "POST /notes")


FILES = {
    "test_good.py": "def test_a(value):\n    other = value\n    assert other\n",
    "test_undefined.py": "def test_a():\n    assert folder\n    folder = 1\n",
    "test_twice.py": "def test_a():\n    pass\n\n\ndef test_a():\n    pass\n",
    "test_arguments.py": "def test_a(value, value):\n    pass\n",
}


def test_what_cannot_run_is_seen_before_it_is_written() -> None:
    rendered = [RenderedFile(name, text) for name, text in FILES.items()]
    assert uncompilable(rendered) == {
        "test_arguments.py": "its module is no Python: duplicate argument 'value' in function "
        "definition (test_arguments.py, line 1)"
    }
    reasons = misnamed(rendered[:3])
    assert reasons.keys() == {"test_undefined.py", "test_twice.py"}
    assert reasons["test_undefined.py"].endswith("line 2: Undefined name `folder`")
    assert "line 5: Redefinition of unused `test_a` from line 1" in reasons["test_twice.py"]
