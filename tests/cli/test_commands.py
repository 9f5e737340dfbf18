"""The command line: what each command prints and writes, and what bad input gets."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted((folder / "tests").rglob("*"))
        if path.is_file()
    }


def test_a_bare_spec_has_a_matrix_whose_gaps_say_what_closes_them(run, folder) -> None:
    (folder / "gen-suite.yaml").unlink()
    done = run("matrix", "openapi.yaml", "--gaps")
    assert done.returncode == 0, done.stderr
    assert 'operations: "POST /notes": {creates: <resource>}' in done.stdout
    assert "1 write operations" in done.stdout


def test_the_matrix_for_programs(run) -> None:
    data = json.loads(run("matrix", "--format", "json").stdout)
    assert data["format"] == 1
    assert {cell["concern"] for cell in data["cells"]} >= {"success", "rollback", "effects"}
    assert {cell["operation"] for cell in data["cells"]} == {"POST /notes"}


def test_generate_writes_once_and_then_only_what_changed(run, folder) -> None:
    assert "2 new" in run("generate", "--allow-db").stdout
    first = files(folder)
    assert "2 unchanged" in run("generate").stdout
    assert files(folder) == first
    assert run("generate", "--check").returncode == 0


def test_check_and_diff_write_nothing(run, folder) -> None:
    checked = run("generate", "--check")
    assert checked.returncode == 1
    shown = run("generate", "--diff")
    assert shown.returncode == 0
    assert "+++ b/test_create_note.py" in shown.stdout
    before = sorted(folder.rglob("*"))
    assert run("generate", "--check", "--allow-db").returncode == 1
    assert run("generate", "--diff", "--allow-db").returncode == 0
    assert run("scaffold", "POST /notes", "--diff", "--allow-db").returncode == 0
    assert sorted(folder.rglob("*")) == before
    assert not (folder / "tests").exists()


def rename_actor(folder) -> None:
    """Another name of the caller: lines of every emitted test change."""
    mapping = folder / "gen-suite.yaml"
    mapping.write_bytes(mapping.read_bytes().replace(b"  ann: {", b"  eve: {"))


def test_what_a_person_changed_stays(run, folder) -> None:
    run("generate", "--allow-db")
    module = folder / "tests/api/test_create_note.py"
    module.write_text(module.read_text() + "\n\ndef test_mine() -> None:\n    assert True\n")
    rename_actor(folder)
    done = run("generate")
    assert "1 merged" in done.stdout
    text = module.read_text()
    assert "def test_mine()" in text
    assert 'actor="eve"' in text


def test_a_conflict_is_said_and_loses_nothing(run, folder) -> None:
    run("generate", "--allow-db")
    module = folder / "tests/api/test_create_note.py"
    module.write_text(module.read_text().replace('actor="ann"', 'actor="cat"'))
    rename_actor(folder)
    done = run("generate")
    assert done.returncode == 1
    assert "you changed create_note" in done.stderr
    assert "and the new version changed the same" in done.stderr
    assert "the new version is test_create_note.py.new beside it" in done.stderr
    assert 'actor="cat"' in module.read_text()
    assert 'actor="eve"' in module.with_name(f"{module.name}.new").read_text()
    assert run("generate", "--check").returncode == 1


def test_a_manifest_of_a_newer_version_is_said_and_nothing_is_written(run, folder) -> None:
    run("generate", "--allow-db")
    manifest = folder / "tests/api/.emitted/manifest.json"
    manifest.write_text('{"format": 2, "tool": "9.0.0"}')
    rename_actor(folder)
    before = files(folder)
    done = run("generate")
    assert done.returncode == 2
    assert "is of gen-suite 9.0.0, which is newer than this one" in done.stderr
    assert files(folder) == before


def test_a_folder_that_holds_something_else_is_left_alone(run, folder) -> None:
    other = folder / "tests" / "api"
    other.mkdir(parents=True)
    (other / "notes.txt").write_text("mine")
    done = run("generate", "--allow-db")
    assert done.returncode == 2
    assert "holds something else: notes.txt" in done.stderr
    assert files(folder) == {"tests/api/notes.txt": "mine"}


def test_scaffold_starts_an_endpoint_that_has_no_code_yet(run, folder) -> None:
    spec = folder / "openapi.yaml"
    text = spec.read_text()
    at = text.index("components:")
    spec.write_text(
        text[:at]
        + "  /halls/{hall}/visits/{place}:\n    post:\n      operationId: countVisit\n      parameters:\n"
        + "        - {name: hall, in: path, required: true, schema: {type: string}}\n"
        + "        - {name: place, in: path, required: true, schema: {type: string}}\n"
        + "      responses:\n"
        + '        "201": {description: done}\n        "401": {description: no}\n'
        + text[at:]
    )
    before = (folder / "gen-suite.yaml").read_text()
    done = run("scaffold", "POST /halls/{hall}/visits/{place}", "--allow-db")
    assert done.returncode == 0, done.stderr
    after = (folder / "gen-suite.yaml").read_text()
    assert "  POST /halls/{hall}/visits/{place}:\n    creates: visit\n" in after
    assert all(line in after for line in before.splitlines())
    module = (folder / "tests/api/test_count_visit.py").read_text()
    assert 'pytest.skip("decide: ' in module
    again = run("generate")
    assert again.returncode == 0, again.stderr
    assert "1 new, 2 unchanged" in again.stdout
    assert 'pytest.skip("decide: ' in (folder / "tests/api/test_count_visit.py").read_text()


def test_line_ends_of_windows_stay(run, folder) -> None:
    assert run("generate", "--allow-db").returncode == 0
    spec, mapping = folder / "openapi.yaml", folder / "gen-suite.yaml"
    module = folder / "tests/api/test_create_note.py"
    for file in (mapping, module):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    more = "  /visits:\n    post: {operationId: visit, responses: {'201': {description: done}}}\n"
    spec.write_text(spec.read_text().replace("components:", f"{more}components:", 1))
    rename_actor(folder)
    assert run("scaffold", "POST /visits").returncode == 0
    assert "1 updated" in run("generate").stdout
    assert "POST /visits" in mapping.read_text()
    assert 'actor="eve"' in module.read_text()
    for file in (mapping, module):
        assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n") > 10


def test_gaps_before_a_run_say_what_to_run(run) -> None:
    done = run("gaps")
    assert done.returncode == 2
    assert "run the suite first: pytest --allow-db" in done.stderr


def test_gaps_after_a_run_and_the_gate(run, folder) -> None:
    run("generate", "--allow-db")
    command = [sys.executable, "-m", "pytest", "--allow-db", "-q", "tests/api", "-k", "not rejects"]
    suite = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert suite.returncode == 0, suite.stdout
    shown = run("gaps", "--format", "markdown")
    assert shown.returncode == 0
    assert "| `POST /notes` |" in shown.stdout
    assert run("gaps", "--fail-under", "10").returncode == 0
    assert run("gaps", "--fail-under", "100").returncode == 1
    whole = run("gaps", "--matrix", "--no-color").stdout
    assert "✓" in whole
    assert "\x1b[" not in whole
    assert "\x1b[" in run("gaps", "--color").stdout


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("openapi.yaml", "a: [1", "openapi.yaml:1:"),
        ("openapi.yaml", "title: no spec\n", "openapi"),
        ("openapi.yaml", "openapi: 3.1.0\ninfo: {title: a, version: b}\n"
         "paths: {/a: {$ref: 'gone.yaml#/a'}}\n", "gone.yaml"),
        ("gen-suite.yaml", "spec: openapi.yaml\nresource: {}\n", "gen-suite.yaml:2:1"),
        ("gen-suite.yaml", "spec: nowhere.yaml\n", "nowhere.yaml"),
        ("gen-suite.yaml", "spec: openapi.yaml\ntarget: {database: \"${NOT_SET_ANYWHERE}\"}\n",
         "NOT_SET_ANYWHERE"),
        ("gen-suite.yaml", "spec: openapi.yaml\noperations:\n  POST /note: {}\n",
         "did you mean `POST /notes`?"),
    ],
)  # fmt: skip
def test_bad_input_is_named_with_its_place_and_nothing_is_written(
    run, folder, file: str, text: str, message: str
) -> None:
    (folder / file).write_text(text)
    done = run("generate")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "tests").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("spec: openapi.yaml\nresource: {}\n", "unknown key `resource`"),
        ('spec: openapi.yaml\nsuite: "${NOT_SET_ANYWHERE}"\n', "NOT_SET_ANYWHERE"),
    ],
)
def test_a_broken_mapping_is_not_taken_for_none(run, folder, text: str, message: str) -> None:
    assert run("generate", "--allow-db").returncode == 0
    before = files(folder)
    (folder / "gen-suite.yaml").write_text(text)
    for command in ("generate", "matrix"):
        done = run(command, "openapi.yaml")
        assert done.returncode == 2
        assert message in done.stderr
    assert files(folder) == before


def test_nothing_is_removed_because_a_mapping_is_missing(run, folder) -> None:
    assert run("generate", "--allow-db").returncode == 0
    spec = folder / "openapi.yaml"
    spec.write_text(spec.read_text().replace("createNote", "addNote"))
    assert "1 removed" in run("generate", "--check").stderr
    (folder / "gen-suite.yaml").unlink()
    before = set(files(folder))
    done = run("generate", "openapi.yaml")
    assert done.returncode == 0, done.stderr
    assert "without a mapping: no file is removed" in done.stderr
    assert before <= set(files(folder))


def test_a_spec_that_the_mapping_does_not_map_is_said(run, folder) -> None:
    shutil.copy(folder / "openapi.yaml", folder / "other.yaml")
    named = run("matrix", "other.yaml", "-c", "gen-suite.yaml")
    assert named.returncode == 2
    assert "gen-suite.yaml maps openapi.yaml, not other.yaml" in named.stderr
    found = run("matrix", "other.yaml", "--gaps")
    assert found.returncode == 0
    assert "not other.yaml: that is read without a mapping" in found.stderr
    assert 'operations: "POST /notes": {creates: <resource>}' in found.stdout
    assert run("matrix", "openapi.yaml", "-c", "gen-suite.yaml").stderr == ""


def test_a_table_and_a_column_that_are_not_there_are_named(run, folder) -> None:
    mapping = folder / "gen-suite.yaml"
    mapping.write_text(mapping.read_text().replace("table: notes", "table: noets"))
    done = run("generate", "--allow-db")
    assert done.returncode == 2
    assert "did you mean `notes`?" in done.stderr
    assert "gen-suite.yaml:14:" in done.stderr


def test_production_is_refused(run, folder) -> None:
    mapping = folder / "gen-suite.yaml"
    mapping.write_text(mapping.read_text().replace("notes.db", "production.db"))
    done = run("generate", "--allow-db")
    assert done.returncode == 3
    assert "looks like production" in done.stderr


def test_a_command_with_a_slip_names_the_right_one(run) -> None:
    done = run("generat")
    assert done.returncode == 2
    assert "did you mean `generate`?" in done.stderr


def test_help_shows_examples_and_exit_codes(run) -> None:
    assert "Exit codes:" in run("--help").stdout
    for command in ("matrix", "generate", "scaffold", "gaps", "restore", "demo"):
        assert "Examples:" in run(command, "--help").stdout


def test_restore_says_that_nothing_was_left(run) -> None:
    assert run("restore").returncode == 3
    assert "nothing was left behind" in run("restore", "--allow-db").stdout


@pytest.mark.parametrize("url", ["nonsense", "postgresql://me:s3cr3t-pw@localhost:abc/shop"])
def test_restore_says_what_is_no_database_url(run, url: str) -> None:
    done = run("restore", "--allow-db", "--database", url)
    assert done.returncode == 2
    assert "error: this is no database URL" in done.stderr
    assert "s3cr3t" not in done.stderr


def test_help_imports_no_heavy_library() -> None:
    heavy = ["sqlalchemy", "hypothesis", "openapi_core", "rich", "pydantic", "httpx", "pytest"]
    code = "import sys, gen_suite.cli.main as m\n"
    code += "try: m.main(['--help'])\nexcept SystemExit: pass\n"
    code += f"print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_refs_that_the_mapping_allows_are_read_by_everything(run, folder) -> None:
    """The spec in a folder of its own, with a schema that lies beside that folder."""
    (folder / "shared").mkdir()
    spec = (folder / "openapi.yaml").read_text()
    (folder / "shared" / "parts.yaml").write_text("Error: {description: no}\n")
    at = spec.index('"422": {$ref')
    end = spec.index("}", at) + 1
    spec = spec[:at] + '"422": {$ref: "../../shared/parts.yaml#/Error"}' + spec[end:]
    (folder / "api" / "v1").mkdir(parents=True)
    (folder / "api" / "v1" / "openapi.yaml").write_text(spec)
    mapping = folder / "gen-suite.yaml"
    text = mapping.read_text().replace("spec: openapi.yaml", "spec: api/v1/openapi.yaml")
    mapping.write_text(text)
    refused = run("generate", "--allow-db")
    assert refused.returncode == 2
    assert f"`allow_refs: [{folder / 'shared'}]`" in refused.stderr
    given = run("generate", "--allow-refs", "shared", "--check")
    assert "the suite reads the spec too: write `allow_refs:" in given.stderr
    mapping.write_text(text + "allow_refs: [shared]\n")
    for command in (
        ["generate", "--allow-db"],
        ["matrix"],
        ["scaffold", "POST /notes", "--diff"],
        ["init", "--allow-db", "--diff"],
    ):
        done = run(*command)
        assert done.returncode == 0, done.stderr
    assert "lies outside" not in run("doctor").stdout
    suite = subprocess.run(
        [sys.executable, "-m", "pytest", "--allow-db", "-q", "tests/api", "-k", "stores_what_it_claims"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert suite.returncode == 0, suite.stdout
    assert run("gaps").returncode == 0


def test_init_writes_the_folders_that_refs_may_lead_to(run, folder) -> None:
    (folder / "gen-suite.yaml").unlink()
    (folder / "api").mkdir()
    spec = (folder / "openapi.yaml").read_text()
    (folder / "api" / "openapi.yaml").write_text(spec)
    done = run("init", "api/openapi.yaml", "--allow-refs", "shared", "--allow-refs", "/opt/specs")
    assert done.returncode == 0, done.stderr
    text = (folder / "gen-suite.yaml").read_text()
    assert 'allow_refs: [shared, "/opt/specs"]\n' in text


def test_depths_agree_in_suite_matrix_and_gaps(run, folder) -> None:
    def planned(*arguments: str) -> dict[str, int]:
        counts: dict[str, int] = json.loads(run("matrix", "--format", "json", *arguments).stdout)[
            "counts"
        ]
        return counts

    def tests() -> str:
        return "".join(file.read_text() for file in (folder / "tests" / "api").glob("test_*.py"))

    run("generate", "--allow-db")
    whole, all_tests = planned(), tests()
    assert "left out" not in whole
    assert run("generate", "--depth", "essential").returncode == 0
    assert len(tests()) < len(all_tests)
    few = planned()
    assert few["left out"] >= 1
    assert planned("--depth", "essential") == few
    assert planned("--depth", "thorough") == whole
    assert run("generate", "--check", "--depth", "essential").returncode == 0
    assert run("generate", "--check").returncode == 1
    run("generate")
    assert tests() == all_tests
    assert planned() == whole


@pytest.mark.parametrize("command", ["generate", "matrix", "gaps"])
def test_a_depth_that_does_not_exist_is_said(run, command) -> None:
    done = run(command, "--depth", "deep")
    assert done.returncode == 2
    assert "a depth is one of `essential`, `standard`, `thorough`, not `deep`" in done.stderr
