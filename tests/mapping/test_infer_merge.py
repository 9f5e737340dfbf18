"""Merging: what a person wrote stays to the letter, what init wrote is kept up to date."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from gen_suite.errors import MappingError
from gen_suite.mapping.infer.adapt import adapted
from gen_suite.mapping.infer.guess import Guess, Proposal, Tree, rows
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


REFUSED = "refused every request (422): state what its rows or fields need"


def _noted(note: str = "", **entry: Any) -> Proposal:
    """A proposal for one operation, perhaps with a remark at its head."""
    tree = {"spec": Guess("openapi.yaml", 1.0), "operations": {"POST /orders": entry}}
    return Proposal(tree, {("operations", "POST /orders"): (note,)} if note else {})


@pytest.mark.parametrize("above", [True, False])
def test_a_key_added_by_hand_keeps_none_of_the_guesses_beside_it(above: bool) -> None:
    risk = Guess("high", 0.75, "it deletes")
    long = Guess("order", 0.97, "POST on many; " + "`id` in the answer is the key " * 3)
    guessed = [{"inserts": Guess("lines", 0.95), "for_each": Guess("$request.body#/lines", 1.0)}]
    base = render(_noted(REFUSED, creates=long, changes=rows(guessed), risk=risk))
    pair = (f"    # {REFUSED}\n", "    fill: {starts: 2026}  # mine\n")
    text = base.replace(pair[0], "".join(pair[::-1] if above else pair))
    text = text.replace("risk: high", "risk: low")
    assert text.count("mine") == 1
    found = {"inserts": Guess("audit", 1.0, "seen")}
    seen = _noted(
        creates=Guess("sale", 1.0, "seen"),
        changes=rows([found]),
        values={"state": Guess("open", 1.0, "seen")},
        risk=risk,
    )
    merged = merge(text, seen, base=base)
    assert merged.text.partition("operations:\n")[2] == (
        "  POST /orders:\n"
        "    fill: {starts: 2026}  # mine\n"
        "    creates: sale  # seen\n"
        "    changes:\n"
        "      - {inserts: audit}  # seen\n"
        "    risk: low  # 0.75 it deletes\n"
        "    values: {state: open}  # seen\n"
    )
    assert ("operations", "POST /orders") in merged.renewed
    again = merge(merged.text, seen, base=render(seen))
    assert again.text == merged.text


def test_a_guess_replaces_no_key_that_was_seen_beside_one_by_hand() -> None:
    seen = _noted(creates=Guess("order", 1.0, "seen"), set={"state": Guess("open", 1.0, "seen")})
    base = render(seen)
    text = base + "    fill: {starts: 2026}\n"
    guessed = _noted(creates=Guess("sale", 0.9, "a word"))
    assert merge(text, guessed, base=base).text == text


def test_a_remark_that_came_is_added_once_to_a_changed_entry() -> None:
    base = render(_noted(creates=Guess("order", 0.9, "POST on many")))
    text = base + "    fill: {starts: 2026}\n"
    refused = _noted(REFUSED, creates=Guess("order", 0.9, "POST on many"), risk=Guess("high", 1.0))
    merged = merge(text, refused, base=base)
    assert merged.text.count(REFUSED) == 1
    assert f"  POST /orders:\n    # {REFUSED}\n    creates: order" in merged.text
    assert merge(merged.text, refused, base=render(refused)).text == merged.text


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


NASTY = """\
---
# top
operations:
# at the very left, about the next one
  "POST /orders":   # quoted
        creates: order
        never: |
          SELECT id
          FROM orders
          WHERE total < 0

          # no comment: SQL
  # between
  POST /notes: &like
    creates: note     # an anchor
    risk: low
  POST /users: *like
  POST /tickets:
    <<: *like
    creates: ticket
  # the last word on operations

resources: {
  order: {table: sales_orders},  # the comma stays
  # inside of the braces
  note: {table: notes},
}
# the end of it
spec: "openapi.yaml"
..."""


def test_a_file_of_odd_habits_keeps_every_line(tmp_path: Path) -> None:
    names = ("order", "note", "user", "ticket", "device")
    more = {"suite": Guess("tests/api", 1.0)}
    wanted = proposal(*names, arrange={"stock": Guess(5, 0.9, "room")})
    merged = merge(NASTY, Proposal({**wanted.tree, **more}))
    assert _kept(NASTY, merged.text)
    data = load_yaml(merged.text, tmp_path)
    assert data["operations"]["POST /orders"]["never"].startswith("SELECT id\nFROM orders")
    assert data["operations"]["POST /devices"] == {"creates": "device"}
    assert set(data["resources"]) == {*names}
    assert data["resources"]["order"] == {"table": "sales_orders"}
    assert data["suite"] == "tests/api"
    assert merged.text.rstrip().endswith("...")
    again = merge(merged.text, Proposal({**wanted.tree, **more}))
    assert again.text == merged.text


def test_an_alias_gets_no_keys_of_what_it_stands_for() -> None:
    base = render(proposal("order", "note", "user"))
    text = base.replace(
        "  POST /orders:\n    creates: order  # 0.90 POST on many",
        "  POST /orders: &mine\n    creates: order\n    as: alice",
    ).replace(
        "  POST /notes:\n    creates: note  # 0.90 POST on many",
        "  POST /notes: *mine",
    ).replace(
        "  POST /users:\n    creates: user  # 0.90 POST on many",
        "  POST /users:\n    <<: *mine\n    creates: user",
    )  # fmt: skip
    assert text.count("*mine") == 2
    better = proposal("order", "note", "user")
    for entry in better.tree["operations"].values():
        entry |= {"as": Guess("bob", 1.0, "the first who may"), "risk": Guess("high", 0.9)}
    merged = merge(text, better, base=base)
    assert _kept(text, merged.text)
    assert merged.text.count("as: alice") == 1
    assert "as: bob" not in merged.text
    operations = merged.text.partition("operations:")[2]
    users = operations.partition("POST /users:")[2]
    assert "risk: high" in operations.partition("POST /notes")[0]
    assert "risk: high" in users
    assert operations.count("risk: high") == 2


@pytest.mark.parametrize("text", [MINE, MINE.rstrip(), NASTY, "spec: openapi.yaml"])
def test_with_nothing_new_not_a_letter_changes(text: str) -> None:
    assert merge(text, Proposal({"spec": Guess("other.yaml", 1.0)})).text == text


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


def test_how_the_application_runs_is_not_guessed_anew(tmp_path: Path) -> None:
    """A server that the spec names is no reason to leave the command that was given before."""
    base = render(proposal_with_app({"command": Guess("serve {port}", 1.0)}))
    path = tmp_path / "gen-suite.yaml"
    guessed = proposal_with_app({"url": Guess("http://localhost:8000", 0.5)})
    found = adapted(guessed, read_text(base, path), load_yaml(base, path))
    assert merge(base, found, base=base, threshold=0.3).text == base
    told = proposal_with_app({"url": Guess("http://localhost:9000", 1.0)})
    found = adapted(told, read_text(base, path), load_yaml(base, path))
    merged = load_yaml(merge(base, found, base=base).text, path)
    assert merged["target"]["app"] == {"url": "http://localhost:9000"}


def proposal_with_app(app: Tree) -> Proposal:
    made = proposal("order")
    environment = Guess("test", 1.0)
    return Proposal({**made.tree, "target": {"app": app, "environment": environment}})


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


def _kept(text: str, merged: str) -> bool:
    """Each line stands there as it was, in order; a closing brace may have got entries before it."""
    rest = iter(merged.splitlines())
    return all(
        any(line == one or (line == "}" and one.endswith("}")) for one in rest)
        for line in text.splitlines()
    )


def _in_order(part: str, whole: str) -> bool:
    """All lines of one text are in another, in their order."""
    rest = iter(whole.splitlines())
    return all(line in rest for line in part.splitlines())


def test_a_key_of_the_file_stands_behind_a_mapping_in_braces() -> None:
    here = "spec: openapi.yaml\ndepth: {high: thorough}  # by risk\ntarget:\n  database: sqlite:///a.db\n"
    tree = {
        "spec": Guess("openapi.yaml", 1.0),
        "depth": {"high": Guess("thorough", 1.0)},
        "ignores": Guess(["visits"], 1.0, "seen"),
        "target": {"database": Guess("sqlite:///a.db", 1.0)},
    }
    merged = merge(here, Proposal(tree)).text
    assert merged.index("depth:") < merged.index("ignores: [visits]") < merged.index("target:")
