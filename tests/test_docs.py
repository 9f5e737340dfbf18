"""The documentation: every page is in the index, links lead somewhere, options and keys are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gen_suite.cli.main import COMMANDS, gen_suite
from gen_suite.mapping.json_schema import json_schema
from gen_suite.runtime.plugin import pytest_addoption

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
COMMANDS_PAGE = DOCS / "commands.md"
MAPPING_PAGE = DOCS / "mapping.md"
TROUBLE_PAGE = DOCS / "is-it-me-or-the-tool.md"
OF_OPENAPI = {"type"}
"""Keys of OpenAPI that pages name as well."""
PAGES = sorted(DOCS.rglob("*.md"))
LINKED = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    return tuple(MarkdownIt("gfm-like", {"linkify": False}).parse(page.read_text("utf-8")))


def inline(page: Path) -> Iterator[Token]:
    for token in tokens(page):
        yield from token.children or ()


def links(page: Path) -> list[str]:
    """Where a page's links lead, those to other sites left out."""
    targets = (str(t.attrs["href"]) for t in inline(page) if t.type == "link_open")
    images = (str(t.attrs["src"]) for t in inline(page) if t.type == "image")
    written = (t.content for t in (*tokens(page), *inline(page)) if t.type.startswith("html_"))
    plain = re.findall(r'(?:src|srcset|href)="([^"]+)"', "\n".join(written))
    return [each for each in (*targets, *images, *plain) if not re.match(r"[a-z]+:", each)]


@cache
def code(page: Path) -> str:
    """What a page shows as code: in a line, and in blocks."""
    lines = (t.content for t in inline(page) if t.type == "code_inline")
    blocks = (t.content for t in tokens(page) if t.type in ("fence", "code_block"))
    return "\n".join((*lines, *blocks))


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = [
        "".join(child.content for child in following.children or ())
        for token, following in zip(tokens(page), tokens(page)[1:], strict=False)
        if token.type == "heading_open"
    ]
    return frozenset(re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings)


def sections(page: Path) -> Mapping[str, str]:
    """Heading of the second level -> the text below it."""
    parts = re.split(r"^## (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def options(command: click.Command) -> set[str]:
    """All names of a command's options, `--color` and `--no-color` both."""
    return {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    }


def command_named(name: str) -> click.Command:
    command = gen_suite.get_command(click.Context(gen_suite), name)
    assert command is not None
    return command


def pytest_options() -> set[str]:
    """What the plugin adds to pytest: options, and keys of its ini file."""
    parser = pytest.Parser(_ispytest=True)
    pytest_addoption(parser)
    added = {name for option in parser.getgroup("gen-suite").options for name in option.names()}
    return added | set(parser._inidict)


def keys(schema: Mapping[str, Any]) -> set[str]:
    """Every key that the JSON Schema of the mapping file names."""
    parts = (schema, *schema["$defs"].values())
    return {key for part in parts for nested in objects(part) for key in nested["properties"]}


def objects(schema: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("properties"), Mapping):
            yield schema
        for name, nested in schema.items():
            if name != "$defs":
                yield from objects(nested)
    elif isinstance(schema, list):
        for nested in schema:
            yield from objects(nested)


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{link}: there is no such file"
        if anchor:
            assert anchor in anchors(target), f"{link}: {target.name} has no such heading"


def test_every_page_is_in_the_index_on_a_line_of_its_own() -> None:
    lines = [line for line in INDEX.read_text("utf-8").splitlines() if "](" in line]
    indexed = [(DOCS / re.findall(r"\]\(([^)#]+)", line)[0]).resolve() for line in lines]
    assert len(set(indexed)) == len(indexed)
    assert set(PAGES) - set(indexed) == {INDEX}
    assert all(re.search(r"\): \S", line) for line in lines)


def test_the_page_of_the_commands_has_each_command_and_no_other() -> None:
    named = [title.removeprefix("gen-suite ") for title in sections(COMMANDS_PAGE)]
    assert [name for name in named if name != "pytest"] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_names_the_options_of_its_command_and_no_others(name: str) -> None:
    table = "\n".join(
        line
        for line in sections(COMMANDS_PAGE)[f"gen-suite {name}"].splitlines()
        if line.startswith("| `")
    )
    first_cells = "\n".join(line.split(" | ")[0] for line in table.splitlines())
    assert set(OPTION.findall(first_cells)) == options(command_named(name)), COMMANDS_PAGE


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_says_which_options_may_be_repeated(name: str) -> None:
    repeatable = {
        option.opts[-1]
        for option in command_named(name).params
        if isinstance(option, click.Option) and option.multiple
    }
    lines = sections(COMMANDS_PAGE)[f"gen-suite {name}"].splitlines()
    named = {OPTION.findall(line)[0] for line in lines if line.endswith("repeatable |")}
    assert named == repeatable


def test_options_of_pytest_are_in_the_page_of_the_commands() -> None:
    assert pytest_options() <= set(OPTION.findall(sections(COMMANDS_PAGE)["pytest"])) | set(
        re.findall(r"`(\w+)`", sections(COMMANDS_PAGE)["pytest"])
    )


def test_every_key_of_the_mapping_is_named_in_its_page_or_one_that_it_links_to() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(MAPPING_PAGE)}
    pages = [MAPPING_PAGE, *sorted(page for page in linked if page in PAGES)]
    words = {word for page in pages for word in re.findall(r"\w+", code(page))}
    assert keys(json_schema()) - words == set()


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("fastapi.md", ("uvicorn expenses.app:app", "-m expenses.seed")),
        ("flask.md", ("--call helpdesk:create_app", "flask --app helpdesk init-db")),
        ("django.md", ("campus.wsgi:application", "manage.py seed")),
        ("express.md", ("node server.js", "node seed.js")),
    ],
)
def test_the_page_of_a_framework_starts_its_example_as_the_example_says(
    page: str, words: tuple[str, ...]
) -> None:
    shown = code(DOCS / "frameworks" / page)
    (example,) = re.findall(r"`tests/examples/(\w+)`", (DOCS / "frameworks" / page).read_text())
    readme = (ROOT / "tests" / "examples" / example / "README.md").read_text("utf-8")
    assert [each for each in words if each not in shown or each not in readme] == []


@pytest.mark.parametrize("page", [*sorted((DOCS / "frameworks").glob("*.md")), TROUBLE_PAGE])
def test_lines_of_mapping_have_keys_that_there_are(page: Path) -> None:
    """What stands in a line of a page as `key: value`."""
    lines = (t.content for t in inline(page) if t.type == "code_inline")
    named = {match[1] for line in lines if (match := re.match(r"(\w+): \S", line))}
    assert named
    assert named - keys(json_schema()) - OF_OPENAPI == set()
