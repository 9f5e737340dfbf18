"""A suite over a change of what is emitted: what nobody touched is replaced, what somebody edited stays."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from ruff import find_ruff_bin

from gen_suite.errors import UsageError
from gen_suite.generator.fingerprint import same_code
from gen_suite.generator.render import RenderedFile
from gen_suite.generator.write import Action, FileChange, compare, write

NAME = "test_create_note.py"
OLD = '''"""POST /notes: what it answers, and the rows it writes."""

import pytest
from gen_suite.runtime import (
    Client,
    Database,
    bodies,
    conforms,
    covers,
    example,
    succeeded,
)
from hypothesis import given

LABEL = "POST /notes"


@covers(LABEL, "success", "contract")
@given(body=bodies("POST /notes"))
def test_create_note_succeeds(api: Client, database: Database, body: object) -> None:
    response = api.post("/notes", json=body, headers={"Accept": "application/json"})

    assert succeeded(response)


@covers("POST /notes", "auth")
@pytest.mark.parametrize("actor", ["ann", "bob"])
def test_create_note_refuses_strangers(
    api: Client, database: Database, actor: str
) -> None:
    response = api.post("/notes", json=example("POST /notes"), actor=actor)

    assert not succeeded(response)
'''
NEW = OLD.replace(
    "assert succeeded(response)", "assert succeeded(response)\n    assert response.json()"
)
SHORT = (
    OLD.partition("@covers(LABEL")[0]
    .replace("    bodies,\n", "")
    .replace("from hypothesis import given\n", "")
    + "@covers"
    + OLD.partition("\n\n@covers")[2].rpartition("@covers")[2]
)
"""A new version without the first test, and without the imports that it alone needed."""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of one module, as the last version emitted it."""
    folder = tmp_path / "api"
    emit(folder, OLD)
    return folder


def emit(folder: Path, text: str) -> FileChange:
    """What `generate` does to the module when it emits this text."""
    rendered = [RenderedFile(NAME, text)]
    changes = compare(rendered, folder, whole=True)
    write(changes, rendered, folder)
    return changes[0]


def edit(folder: Path, old: str, new: str) -> str:
    """Change the module as a person does."""
    text = (folder / NAME).read_text()
    assert old in text
    (folder / NAME).write_text(text.replace(old, new))
    return text.replace(old, new)


def reformat(folder: Path, *options: str) -> str:
    """Lay the module out with a formatter's settings of one's own."""
    ruff = [find_ruff_bin(), "format", "--isolated", "--no-cache", *options, str(folder / NAME)]
    subprocess.run(ruff, check=True, capture_output=True)
    return (folder / NAME).read_text()


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_what_nobody_touched_is_replaced(suite: Path) -> None:
    assert emit(suite, OLD).action is Action.UNCHANGED
    assert emit(suite, NEW).action is Action.UPDATED
    assert (suite / NAME).read_text() == NEW


STYLES = [
    ("--line-length=120",),
    ("--line-length=50", "--config=format.quote-style='single'"),
    ("--line-length=120", "--config=format.skip-magic-trailing-comma=true"),
]


@pytest.mark.parametrize("style", STYLES)
def test_layout_is_no_edit(suite: Path, style: tuple[str, ...]) -> None:
    laid_out = reformat(suite, *style)
    assert laid_out != OLD
    assert emit(suite, OLD).action is Action.UNCHANGED
    assert (suite / NAME).read_text() == laid_out
    assert emit(suite, NEW).action is Action.UPDATED
    assert (suite / NAME).read_text() == NEW


def test_the_order_of_imports_is_no_edit(suite: Path) -> None:
    edit(suite, "import pytest\nfrom gen_suite", "from hypothesis import given\nfrom gen_suite")
    edit(suite, ")\nfrom hypothesis import given", ")\n\nimport pytest")
    assert emit(suite, NEW).action is Action.UPDATED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("POST /notes: what", "POST /notes, what"),
        ('LABEL = "POST', '# our label\nLABEL = "POST'),
        ("actor=actor)", "actor=actor)  # nobody"),
        ('"bob"]', '"bob", "eve"]'),
        ("assert not succeeded(response)", "assert (not succeeded)(response)"),
    ],
)
def test_what_a_person_wrote_stays_where_something_else_is_new(
    suite: Path, old: str, new: str
) -> None:
    edit(suite, old, new)
    assert emit(suite, NEW).action is Action.MERGED
    assert (suite / NAME).read_text() == NEW.replace(old, new)


def test_an_edit_in_another_layout_is_merged(suite: Path) -> None:
    edit(suite, '"bob"]', '"bob", "eve"]')
    reformat(suite, "--line-length=50")
    assert emit(suite, NEW).action is Action.MERGED
    text = (suite / NAME).read_text()
    assert '["ann", "bob", "eve"]' in text
    assert "assert response.json()" in text


def test_where_both_changed_the_same_the_new_version_lies_beside(suite: Path) -> None:
    mine = edit(suite, "assert succeeded(response)", "assert response.status_code == 201")
    mine += "\n\ndef test_mine() -> None:\n    assert True\n"
    (suite / NAME).write_text(mine)
    change = emit(suite, NEW)
    assert change.action is Action.CONFLICT
    assert str(change.edits) == "you changed test_create_note_succeeds and added test_mine"
    assert change.edits.diff.splitlines()[:2] == [
        "--- test_create_note.py, as emitted",
        "+++ test_create_note.py, as you have it",
    ]
    assert "+    assert response.status_code == 201" in change.edits.diff
    assert "response.json" not in change.edits.diff
    assert (suite / NAME).read_text() == mine
    assert (suite / f"{NAME}.new").read_text() == NEW
    assert f"+++ b/{NAME}.new" in change.diff()


def test_only_the_edits_are_shown_of_a_module_in_another_layout(suite: Path) -> None:
    edit(suite, "assert succeeded(response)", "assert response.status_code == 201")
    reformat(suite, "--line-length=50", "--config=format.quote-style='single'")
    lines = emit(suite, NEW).edits.diff.splitlines()[2:]
    assert [line for line in lines if line[0] in "+-"] == [
        "-    assert succeeded(response)",
        "+    assert response.status_code == 201",
    ]


@pytest.fixture
def conflict(suite: Path) -> str:
    """The module of a person's beside which a new version lies."""
    mine = edit(suite, "assert succeeded(response)", "assert response.status_code == 201")
    assert emit(suite, NEW).action is Action.CONFLICT
    return mine


def test_a_version_that_waits_is_named_until_it_is_removed(suite: Path, conflict: str) -> None:
    before = contents(suite)
    again = emit(suite, NEW)
    assert again.action is Action.CONFLICT
    assert again.pending
    assert again.edits.changed == ("test_create_note_succeeds",)
    assert contents(suite) == before
    (suite / f"{NAME}.new").unlink()
    assert not emit(suite, NEW).pending
    assert contents(suite).keys() == {NAME, f".emitted/{NAME}.txt", ".emitted/manifest.json"}
    assert (suite / NAME).read_text() == conflict


def test_a_version_that_was_put_in_place_is_the_base_of_the_next(
    suite: Path, conflict: str
) -> None:
    shutil.move(suite / f"{NAME}.new", suite / NAME)
    mine = edit(suite, "assert response.json()", "assert response.status_code == 201")
    assert emit(suite, NEW).action is Action.UNCHANGED
    newest = NEW.replace('"bob"]', '"cat"]')
    assert emit(suite, newest).action is Action.MERGED
    assert (suite / NAME).read_text() == mine.replace('"bob"]', '"cat"]')


def test_a_newer_version_replaces_the_one_that_waits(suite: Path, conflict: str) -> None:
    newest = NEW.replace('"bob"]', '"cat"]')
    change = emit(suite, newest)
    assert change.action is Action.CONFLICT
    assert change.edits.changed == ("test_create_note_succeeds",)
    assert (suite / NAME).read_text() == conflict
    assert (suite / f"{NAME}.new").read_text() == newest


def test_a_newer_version_that_can_be_merged_ends_the_wait(suite: Path, conflict: str) -> None:
    newest = OLD.replace('"bob"]', '"cat"]')
    assert emit(suite, newest).action is Action.MERGED
    assert (suite / NAME).read_text() == conflict.replace('"bob"]', '"cat"]')
    assert not (suite / f"{NAME}.new").exists()


def test_work_in_the_version_that_waits_is_not_lost(suite: Path, conflict: str) -> None:
    working = NEW.replace("response.json()", "response.json()  # mine")
    (suite / f"{NAME}.new").write_text(working)
    newest = NEW.replace('"bob"]', '"cat"]')
    assert emit(suite, newest).action is Action.CONFLICT
    assert (suite / f"{NAME}.new").read_text() == working
    shutil.move(suite / f"{NAME}.new", suite / NAME)
    assert emit(suite, newest).action is Action.MERGED
    assert (suite / NAME).read_text() == working.replace('"bob"]', '"cat"]')


def test_what_would_not_run_is_no_merge(suite: Path) -> None:
    mine = f'{OLD}\n\ndef test_mine() -> None:\n    assert bodies("POST /notes")\n'
    (suite / NAME).write_text(mine)
    assert "bodies" not in SHORT
    assert emit(suite, SHORT).action is Action.CONFLICT
    assert (suite / NAME).read_text() == mine


def test_what_would_run_is_merged(suite: Path) -> None:
    (suite / NAME).write_text(f"{OLD}\n\ndef test_mine() -> None:\n    assert covers\n")
    assert emit(suite, SHORT).action is Action.MERGED


def test_a_module_that_is_no_python_at_present_stays(suite: Path) -> None:
    mine = edit(suite, "assert succeeded(response)", "assert succeeded(")
    change = emit(suite, NEW)
    assert change.action is Action.CONFLICT
    assert str(change.edits) == "you changed it"
    assert "+    assert succeeded(" in change.edits.diff
    assert (suite / NAME).read_text() == mine


def test_modules_of_operations_that_are_gone(suite: Path) -> None:
    reformat(suite, "--line-length=50")
    assert [change.action for change in compare([], suite, whole=True)] == [Action.REMOVED]
    edit(suite, "def test_create_note_succeeds", "def test_mine")
    assert [change.action for change in compare([], suite, whole=True)] == [Action.ORPHANED]


def test_the_manifest_knows_each_test(suite: Path) -> None:
    manifest = json.loads((suite / ".emitted" / "manifest.json").read_text())
    parts = manifest["files"][NAME]
    assert {name: part.get("covers") for name, part in parts.items()} == {
        "the text at the head": None,
        "the imports": None,
        "LABEL": None,
        "test_create_note_succeeds": [["POST /notes", "success"], ["POST /notes", "contract"]],
        "test_create_note_refuses_strangers": [["POST /notes", "auth"]],
    }
    emit(suite, NEW)
    after = json.loads((suite / ".emitted" / "manifest.json").read_text())["files"][NAME]
    assert [name for name in parts if parts[name] != after[name]] == ["test_create_note_succeeds"]


def test_a_suite_of_before_there_were_manifests(suite: Path) -> None:
    (suite / ".emitted" / "manifest.json").unlink()
    edit(suite, '"bob"]', '"bob", "eve"]')
    assert emit(suite, NEW).action is Action.MERGED
    assert (suite / ".emitted" / "manifest.json").exists()


def test_without_the_text_that_was_emitted_its_fingerprint_tells(suite: Path) -> None:
    text = suite / ".emitted" / f"{NAME}.txt"
    text.unlink()
    reformat(suite, "--line-length=120")
    assert emit(suite, NEW).action is Action.UPDATED
    text.unlink()
    mine = edit(suite, '"bob"]', '"bob", "eve"]')
    change = emit(suite, OLD)
    assert change.action is Action.CONFLICT
    assert str(change.edits) == "you changed test_create_note_refuses_strangers"
    assert (suite / NAME).read_text() == mine
    assert (suite / f"{NAME}.new").read_text() == OLD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged: it names no format"),
        ('{"format": 1}', "is damaged"),
        ('{"format": 1, "files": {"test_create_note.py": []}}', "is damaged"),
        ('{"format": 1, "files": {"test_create_note.py": {"LABEL": 1}}}', "is damaged: .*no part"),
        ('{"format": 7, "tool": "9.1.0"}', r"is of gen-suite 9\.1\.0, which is newer"),
    ],
)
def test_a_manifest_that_cannot_be_used_leaves_the_suite_whole(
    suite: Path, text: str, message: str
) -> None:
    (suite / ".emitted" / "manifest.json").write_text(text)
    before = contents(suite)
    with pytest.raises(UsageError, match=f"manifest.json {message}") as raised:
        emit(suite, NEW)
    assert raised.value.hint.endswith("nothing was written")
    assert contents(suite) == before


def test_a_module_that_is_no_text(suite: Path) -> None:
    (suite / NAME).write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is no UTF-8"):
        emit(suite, NEW)


@pytest.mark.parametrize(
    "line",
    ['x = "a#b"', '"""doc # x"""', "x = 'it\"s'", '"""a\nb"""', 'f("", "#")', "x = '''a'''"],
)
def test_a_comment_is_part_of_a_module_beside_any_literal(line: str) -> None:
    noted = f'{line}  # "mine"\n'
    assert not same_code(f"{line}\n", noted)
    assert same_code(f'{line}  #"mine"\n', noted)
