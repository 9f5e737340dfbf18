"""A concern of another package and templates of the user's: seen, planned, rendered and run as ours are."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gen_suite.cli.main import main
from gen_suite.generator.templates import _templates
from gen_suite.matrix.concerns import brought, concerns

MODULE = """\
import pytest
from gen_suite.matrix.concern import Concern, not_applicable, tests


class Mailbox:
    def sent(self) -> int:
        return 0


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def judge(subject):
    if subject.operation.method != "POST":
        return not_applicable("it makes nothing")
    return tests("sends_no_mail")


CONCERN = Concern(
    name="mail",
    order=10,
    weight=2,
    asks="Does it write to nobody?",
    judge=judge,
    fixtures={"mailbox": "Mailbox"},
    imports={"Mailbox": "from notes_mail import Mailbox"},
)
"""
TEMPLATE = """\
{% macro sends_no_mail() %}
{% call test("sends_no_mail") %}
{{ request.prepare(example) }}

{{ request.call() }}

assert response.is_success
assert mailbox.sent() == 0
{% endcall %}
{% endmacro %}
"""
WELCOME = """\
{% macro reads_back() %}
{% call test("is_welcome") %}
{{ request.prepare(example) }}

{{ request.call() }}

assert response.status_code < 300, "not welcome"
{% endcall %}
{% endmacro %}
"""


@pytest.fixture
def invoke(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str]]]:
    """`gen-suite ...` in the folder, in this process: the exit code, and what it said."""
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return int(ended.value.code or 0), "".join(capsys.readouterr())

    yield call
    _forget()


def _forget() -> None:
    """What this process has seen of other packages, and of templates."""
    sys.modules.pop("notes_mail", None)
    for seen in (concerns, brought, _templates):
        seen.cache_clear()


@pytest.fixture
def emitted(invoke, folder: Path) -> dict[str, str]:
    """The modules of a suite that was emitted before."""
    code, said = invoke("generate", "--allow-db")
    assert code == 0, said
    _forget()
    return modules(folder)


@pytest.fixture
def package(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package, `notes-mail`, that brings a tenth concern."""
    site = tmp_path_factory.mktemp("site")
    (site / "notes_mail.py").write_text(MODULE)
    (site / "mail.py.j2").write_text(TEMPLATE)
    info = site / "notes_mail-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: notes-mail\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gen_suite.concerns]\nmail = notes_mail\n")
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _forget()  # tests that ran before in this process have looked for packages already
    return site


@pytest.fixture
def templates(folder: Path) -> Path:
    """A folder of templates that the mapping names."""
    mapping = folder / "gen-suite.yaml"
    mapping.write_text(f"templates: templates\n{mapping.read_text()}")
    (folder / "templates").mkdir()
    return folder / "templates"


def modules(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in (folder / "tests" / "api").glob("*.py")}


def test_a_concern_of_another_package_is_planned_rendered_and_run(
    invoke, folder: Path, package: Path
) -> None:
    mapping = folder / "gen-suite.yaml"
    mapping.write_text(f"typed: true\n{mapping.read_text()}")
    (folder / "conftest.py").write_text("from notes_mail import mailbox\n\n__all__ = ['mailbox']\n")
    code, said = invoke("generate", "--allow-db")
    assert code == 0, said
    cells = json.loads(invoke("matrix", "--format", "json")[1])["cells"]
    assert [cell["concern"] for cell in cells][-1] == "mail"
    module = (folder / "tests/api/test_create_note.py").read_text()
    assert "from notes_mail import Mailbox" in module
    assert "mailbox: Mailbox" in module
    pytest_run = [sys.executable, "-m", "pytest", "--allow-db", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*pytest_run, "-p", "no:schemathesis", "-k", "sends_no_mail", "tests/api"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    gaps = json.loads(invoke("gaps", "--format", "json")[1])["gaps"]
    assert "mail" not in {gap["concern"] for gap in gaps}


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "notes_mail.py",
            'return tests("sends_no_mail")',
            "return 1 / 0",
            "the concern 'mail' of notes-mail cannot judge POST /notes: ZeroDivisionError",
        ),
        ("notes_mail.py", "CONCERN =", "SOMETHING =", "holds no concern"),
        ("notes_mail.py", "import pytest", "import nothing_here", "cannot be imported: Module"),
        ("notes_mail.py", 'name="mail"', 'name="auth"', "there is a concern 'auth' already"),
        ("mail.py.j2", "{% endmacro %}", "", "mail.py.j2:10: Unexpected end of template."),
        ("mail.py.j2", "request.call()", "request.no()", "mail.py.j2:5: UndefinedError"),
        ("mail.py.j2", "assert mailbox", "assert assert", "mail.py.j2:2: the template of test_"),
        ("mail.py.j2", "sends_no_mail()", "other()", "no template has a macro 'sends_no_mail'"),
    ],
)
def test_a_concern_that_fails_is_named_and_leaves_the_suite_whole(
    invoke,
    folder: Path,
    emitted: dict[str, str],
    package: Path,
    file: str,
    old: str,
    new: str,
    message: str,
) -> None:
    text = (package / file).read_text()
    assert old in text
    (package / file).write_text(text.replace(old, new))
    _, said = invoke("generate")
    assert message in said
    assert modules(folder) == emitted


def test_a_template_of_the_user_s_stands_for_the_macros_that_it_has(
    invoke, folder: Path, templates: Path
) -> None:
    (templates / "persistence.py.j2").write_text(WELCOME)
    code, said = invoke("generate", "--allow-db")
    assert code == 0, said
    module = (folder / "tests/api/test_create_note.py").read_text()
    assert "is_welcome(" in module
    assert "can_be_read_back" not in module
    assert "stores_what_it_claims" in module
    assert '"not welcome"' in module


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "sucess.py.j2",
            WELCOME,
            "sucess.py.j2 stands for no template\n  -> did you mean `success",
        ),
        (
            "conftest.py.j2",
            "{{ nobody }}",
            "conftest.py.j2:1: UndefinedError: 'nobody' is undefined",
        ),
        (
            "conftest.py.j2",
            "def x(:",
            "no suite can be emitted: conftest.py: its module is no Python",
        ),
        ("module.py.j2", "def x(:", "left out: POST /notes: its module is no Python"),
    ],
)
def test_a_template_that_fails_is_named_and_leaves_the_suite_whole(
    invoke,
    folder: Path,
    emitted: dict[str, str],
    templates: Path,
    file: str,
    text: str,
    message: str,
) -> None:
    (templates / file).write_text(text)
    _, said = invoke("generate")
    assert message in said
    assert modules(folder) == emitted


def test_a_folder_of_templates_that_is_missing(invoke, templates: Path) -> None:
    templates.rmdir()
    code, said = invoke("generate", "--allow-db")
    assert code == 2
    assert "is no folder" in said
