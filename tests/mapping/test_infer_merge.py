"""Merging: what a person wrote stays to the letter, what init wrote is kept up to date."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from gen_suite.errors import MappingError
from gen_suite.mapping.infer.adapt import adapted
from gen_suite.mapping.infer.guess import Guess, Proposal, Tree
from gen_suite.mapping.infer.merge import merge
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.infer.write import render
from gen_suite.spec.yaml import load_yaml


def proposal(*things: str, sure: float = 0.9, **more: Any) -> Proposal:
    """A proposal about some resources, each with a POST."""
    tree: dict[str, Tree] = {
        "spec": Guess("openapi.yaml", 1.0),
        "resources": {
            one: {"table": Guess(f"{one}s", sure, "the plural"), **more} for one in things
        },
        "operations": {
            f"POST /{one}s": {"creates": Guess(one, sure, "POST on many")} for one in things
        },
    }
    return Proposal(tree)


MINE = """\
# my own words
spec: openapi.yaml   # where it is

operations:
  # orders first
  POST /orders: {creates: order}   # mine

resources:
    order:
        table: sales_orders
        fields: {total: total_cents}
"""


def test_a_person_s_file_keeps_every_line(tmp_path: Path) -> None:
    merged = merge(MINE, proposal("order", "note"))
    assert _in_order(MINE, merged.text)
    data = load_yaml(merged.text, tmp_path)
    assert data["resources"]["order"] == {
        "table": "sales_orders",
        "fields": {"total": "total_cents"},
    }
    assert data["resources"]["note"] == {"table": "notes"}
    assert data["operations"]["POST /notes"] == {"creates": "note"}
    assert merged.added == (("resources", "note"), ("operations", "POST /notes"))


def test_nothing_new_changes_nothing() -> None:
    text = render(proposal("order", "note"))
    merged = merge(text, proposal("order", "note"), base=text)
    assert (merged.text, merged.added, merged.renewed) == (text, (), ())


def test_what_init_wrote_itself_is_renewed() -> None:
    base = render(proposal("order"))
    better = proposal("order", timestamps={"created": Guess("made_at", 1.0, "seen")})
    merged = merge(base, better, base=base)
    assert merged.text == render(better)
    assert ("resources", "order") in merged.renewed


def test_an_entry_that_was_changed_only_gets_new_keys(tmp_path: Path) -> None:
    base = render(proposal("order"))
    text = base.replace("table: orders  # 0.90 the plural", "table: my_orders  # I know better")
    better = proposal("order", sure=1.0, timestamps={"created": Guess("made_at", 1.0, "seen")})
    merged = merge(text, better, base=base)
    order = load_yaml(merged.text, tmp_path)["resources"]["order"]
    assert order == {"table": "my_orders", "timestamps": {"created": "made_at"}}
    assert "# I know better" in merged.text
    assert ("resources", "order") in merged.kept


def test_what_was_deleted_is_not_added_again(tmp_path: Path) -> None:
    base = render(proposal("order", "note"))
    lines = base.splitlines(keepends=True)
    text = "".join(one for one in lines if "note" not in one)
    merged = merge(text, proposal("order", "note"), base=base)
    assert merged.text == text
    assert "note" not in load_yaml(merged.text, tmp_path)["resources"]


def test_a_suggestion_that_was_confirmed_replaces_its_comment(tmp_path: Path) -> None:
    base = render(proposal("order", sure=0.4))
    assert "  # order:" in base
    merged = merge(base, proposal("order", sure=1.0), base=base)
    assert "  # order:" not in merged.text
    assert load_yaml(merged.text, tmp_path)["operations"] == {"POST /orders": {"creates": "order"}}


def test_sections_in_braces_grow_within_them(tmp_path: Path) -> None:
    text = "spec: openapi.yaml\nresources: {order: {table: orders}}  # all\noperations: {}\n"
    merged = merge(text, proposal("order", "note"))
    data = load_yaml(merged.text, tmp_path)
    assert data["resources"] == {"order": {"table": "orders"}, "note": {"table": "notes"}}
    assert set(data["operations"]) == {"POST /orders", "POST /notes"}
    assert "# all" in merged.text


def test_missing_and_empty_sections_are_filled(tmp_path: Path) -> None:
    merged = merge("spec: openapi.yaml\nresources:\n", proposal("order"))
    data = load_yaml(merged.text, tmp_path)
    assert data["resources"] == {"order": {"table": "orders"}}
    assert data["operations"] == {"POST /orders": {"creates": "order"}}


def test_what_is_no_yaml_is_located() -> None:
    with pytest.raises(MappingError) as caught:
        merge("resources:\n  order: {table: [\n", proposal("order"), file=Path("mine.yaml"))
    assert str(caught.value).startswith("mine.yaml:")


def test_a_resource_is_called_as_the_file_calls_it(tmp_path: Path) -> None:
    text = "spec: openapi.yaml\nresources:\n  purchase: {table: orders}\n"
    path = tmp_path / "gen-suite.yaml"
    found = adapted(proposal("order"), read_text(text, path), load_yaml(text, path))
    merged = merge(text, found)
    data = load_yaml(merged.text, path)
    assert data["operations"] == {"POST /orders": {"creates": "purchase"}}
    assert list(data["resources"]) == ["purchase"]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_person_did_stays(seed: int, tmp_path: Path) -> None:
    """Lines removed, comments put in, values changed, entries reordered: all of it is kept."""
    chance = random.Random(seed)
    names = ("order", "note", "user", "invoice", "ticket")
    base = render(proposal(*names))
    text = _edited(base, chance)
    extra = proposal(*names, "device", timestamps={"created": Guess("made_at", 1.0, "seen")})
    merged = merge(text, extra, base=base)
    after, before = load_yaml(merged.text, tmp_path), load_yaml(text, tmp_path)
    for section in ("resources", "operations"):
        for name, entry in (before.get(section) or {}).items():
            held = after[section][name]
            assert {key: held.get(key) for key in entry} == entry
    mine = [line for line in text.splitlines() if "mine" in line]
    assert [line for line in merged.text.splitlines() if "mine" in line] == mine
    assert after["resources"]["device"]["table"] == "devices"


def _edited(text: str, chance: random.Random) -> str:
    """What a person may have made of a file; it stays a mapping."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(6, len(lines))
        kind = chance.choice(["comment", "value", "blank", "drop"])
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        if kind == "comment":
            lines.insert(at, f"{indent}# mine {chance.random()}")
        elif kind == "blank":
            lines.insert(at, "")
        elif kind == "value" and "table: " in lines[at]:
            lines[at] = f"{indent}table: mine_{chance.randrange(9)}"
        elif kind == "drop" and lines[at].startswith("  POST"):
            del lines[at : at + 2]
    return "\n".join(lines) + "\n"


def _in_order(part: str, whole: str) -> bool:
    """All lines of one text are in another, in their order."""
    rest = iter(whole.splitlines())
    return all(line in rest for line in part.splitlines())
