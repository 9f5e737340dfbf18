"""What was seen corrects what was guessed: pure, from observations written down here."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gen_suite.mapping.infer.actors import NamedActor
from gen_suite.mapping.infer.confirm import confirm
from gen_suite.mapping.infer.guess import Guess, Proposal, rows
from gen_suite.mapping.infer.observed import Callers, Limit, Observations, RowSeen, Seen, Trial
from gen_suite.mapping.infer.propose import Options, propose
from gen_suite.mapping.infer.seen_changes import is_of_request
from gen_suite.mapping.infer.seen_remarks import told
from gen_suite.mapping.infer.seen_values import is_hash, is_now, relation
from gen_suite.mapping.infer.settle import settle
from gen_suite.mapping.infer.write import render
from gen_suite.mapping.leniency import Leniency
from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table
from gen_suite.spec.model import Document, Parameter
from gen_suite.spec.read import read_document

NOW = datetime(2026, 1, 2, 3, 4, 5)
ANSWER = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
FIELDS = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "email": {"type": "string"},
        "price": {"type": "number"},
        "quantity": {"type": "integer"},
    },
}


def _document(folder: Path) -> Document:
    body = {"requestBody": {"content": {"application/json": {"schema": FIELDS}}}}
    answer = {"description": "ok", "content": {"application/json": {"schema": ANSWER}}}
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/things": {"post": {**body, "responses": {"201": answer}}},
        "/things/{id}": {
            "parameters": [one],
            "patch": {**body, "responses": {"200": answer}},
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
        "/things/{id}/close": {"parameters": [one], "post": {"responses": {"200": answer}}},
    }
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    file = folder / "openapi.json"
    head = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "components": schemes}
    file.write_text(json.dumps({**head, "security": [{"token": []}], "paths": paths}))
    return read_document(file)


def _schema() -> Schema:
    def table(name: str, *columns: Column, keys: tuple[ForeignKey, ...] = ()) -> Table:
        own = Column("id", "integer", nullable=False, autoincrement=True)
        return Table(
            name,
            columns={one.name: one for one in (own, *columns)},
            primary_key=("id",),
            foreign_keys=keys,
        )

    things = table(
        "things",
        Column("title", "text"),
        Column("name", "text"),
        Column("email", "text"),
        Column("price_cents", "integer"),
        Column("quantity", "integer"),
        Column("state", "text"),
        Column("closed_at", "datetime"),
        Column("owner_id", "integer"),
        keys=(ForeignKey(("owner_id",), "users", ("id",)),),
    )
    log = table("audit_log", Column("actor_id", "integer"), Column("action", "text"))
    stock = table("stocks", Column("count", "integer"))
    other = table("items", Column("name", "text"), Column("email", "text"))
    return Schema({t.name: t for t in (things, log, stock, other, table("users"))}, "sqlite")


@pytest.fixture
def start(tmp_path: Path) -> tuple[Proposal, Any]:
    """A proposal and what it resolves to."""
    return _started(tmp_path, _schema())


def _started(tmp_path: Path, schema: Schema) -> tuple[Proposal, Any]:
    document = _document(tmp_path)
    options = Options(actors=(NamedActor("ada", "ADA"), NamedActor("bob", "BOB")))
    proposal = propose(document, schema, options)
    return settle(proposal, document, schema, tmp_path / "gen-suite.yaml", threshold=0.3)


def body(number: int) -> dict[str, Any]:
    return {"name": f"Name{number}", "email": f"Ada{number}@X.com", "price": 1.25 + number,
            "quantity": 10 + number}  # fmt: skip


def row(number: int, **more: Any) -> dict[str, Any]:
    sent = body(number)
    return {
        "id": 500 + number, "title": sent["name"], "name": None, "email": sent["email"].lower(),
        "price_cents": int(sent["price"] * 100), "quantity": sent["quantity"], "state": "open",
        "closed_at": None, "owner_id": 1, **more,
    }  # fmt: skip


def created(number: int, *others: RowSeen, **more: Any) -> Trial:
    made = RowSeen("things", "insert", {"id": 500 + number}, None, row(number, **more))
    answer = {"id": 500 + number, "name": body(number)["name"]}
    return Trial(
        "ada", 201, body=body(number), answer=answer, rows=(made, *others), began=NOW,
        ended=NOW + timedelta(seconds=1),
    )  # fmt: skip


def learned(start: tuple[Proposal, Any], label: str, *trials: Trial, **more: Any) -> Proposal:
    proposal, resolved = start
    seen = Seen(label, trials, "ada", **more)
    actors = {"ada": {"id": 1, "role": "admin"}, "bob": {"id": 2, "role": "clerk"}}
    return confirm(proposal, Observations({label: seen}, actors), resolved)


@pytest.mark.parametrize(
    ("wire", "stored", "expected"),
    [
        ("Ada", "Ada", "same"),
        ("Ada", "ada", "lowercase"),
        ("ada", "ADA", "uppercase"),
        (" ada ", "ada", "trimmed"),
        (12.5, 1250, "cents"),
        (12, 12, "same"),
        (True, 1, "same"),
        (False, "N", "same"),
        ("2026-01-02T03:04:05Z", NOW, "same"),
        ("2026-01-02T05:04:05+02:00", NOW, "same"),
        ([1, 2], "[1, 2]", "same"),
        (None, None, "same"),
        (None, 0, None),
        ("1", "12", None),
        (0, None, None),
        (True, 5, None),
    ],
)
def test_how_a_value_is_stored(wire: Any, stored: Any, expected: str | None) -> None:
    assert relation(wire, stored) == expected


def test_a_hash_does_not_give_the_text_away() -> None:
    assert is_hash("secret", "pbkdf2$0123456789abcdef")
    assert not is_hash("secret", "the secret is in here, plainly")
    assert not is_hash("secret", "short")


def test_now_is_forgiven_a_time_zone() -> None:
    trial = Trial("ada", 200, began=NOW, ended=NOW + timedelta(seconds=1))
    assert is_now(NOW, trial)
    assert is_now(NOW + timedelta(hours=2), trial)
    assert not is_now(NOW + timedelta(minutes=7), trial)


def test_columns_and_transforms_are_corrected(start: tuple[Proposal, Any]) -> None:
    found = learned(start, "POST /things", created(1), created(2)).sure()["resources"]["thing"]
    assert found["table"] == "things"
    assert found["fields"] == {
        "name": "title",
        "email": {"column": "email", "as": "lowercase"},
        "price": {"column": "price_cents", "as": "cents"},
    }


def test_constants_and_the_caller_are_told_apart(start: tuple[Proposal, Any]) -> None:
    entry = learned(start, "POST /things", created(1), created(2)).sure()["operations"]
    assert entry["POST /things"]["values"] == {"state": "open", "owner_id": "$actor.id"}


def test_another_table_than_guessed(start: tuple[Proposal, Any]) -> None:
    def trial(number: int) -> Trial:
        after = {"id": 70 + number, "name": body(number)["name"], "email": body(number)["email"]}
        made = RowSeen("items", "insert", {"id": 70 + number}, None, after)
        answer = {"id": 70 + number, "name": body(number)["name"]}
        return Trial("ada", 201, body=body(number), answer=answer, rows=(made,))

    found = learned(start, "POST /things", trial(1), trial(2)).sure()
    name = found["operations"]["POST /things"]["creates"]
    assert found["resources"][name]["table"] == "items"


def test_the_own_row_of_two_in_one_table_is_the_one_whose_key_the_answer_has(
    start: tuple[Proposal, Any],
) -> None:
    def trial(number: int) -> Trial:
        made = created(number)
        key = {"id": 700 + number}
        copied = RowSeen("things", "insert", key, None, row(number, **key, state="former"))
        return replace(made, rows=(copied, *made.rows))

    entry = learned(start, "POST /things", trial(1), trial(2)).sure()["operations"]["POST /things"]
    assert entry["values"]["state"] == "open"
    (change,) = entry["changes"]
    assert change["inserts"] == "things"
    assert change["values"]["state"] == "former"


def test_the_own_table_is_the_one_whose_key_the_answer_has(start: tuple[Proposal, Any]) -> None:
    """Its row may keep what was sent in one document, and a side row have more of it in columns."""

    def trial(number: int) -> Trial:
        sent = body(number)
        beside = {"id": 900 + number, "name": sent["name"], "email": sent["email"]}
        item = RowSeen("items", "insert", {"id": 900 + number}, None, beside)
        key = {"id": 500 + number}
        own = RowSeen("stocks", "insert", key, None, {**key, "count": sent["quantity"]})
        return replace(created(number), rows=(item, own))

    found = learned(start, "POST /things", trial(1), trial(2)).sure()
    name = found["operations"]["POST /things"]["creates"]
    assert found["resources"][name]["table"] == "stocks"


def test_audit_rows_and_relative_updates(start: tuple[Proposal, Any]) -> None:
    def beside(number: int) -> tuple[RowSeen, RowSeen]:
        logged = {"id": 900 + number, "actor_id": 1, "action": "thing.created"}
        count = 1000 * number
        return (
            RowSeen("audit_log", "insert", {"id": 900 + number}, None, logged),
            RowSeen(
                "stocks", "update", {"id": 3},
                {"id": 3, "count": count}, {"id": 3, "count": count - 10 - number},
            ),
        )  # fmt: skip

    trials = [created(number, *beside(number)) for number in (1, 2)]
    entry = learned(start, "POST /things", *trials).sure()["operations"]["POST /things"]
    assert entry["changes"] == [
        {"inserts": "audit_log", "values": {"actor_id": "$actor.id", "action": "thing.created"}},
        {"updates": "stocks", "set": {"count": "-$request.body#/quantity"}},
    ]


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [
        ((7, 10), {"count": "+$thing.quantity"}),
        ((7, 7), {"count": "+7"}),
    ],
)
def test_a_row_says_by_how_much_another_moves_where_it_held_two_numbers(
    start: tuple[Proposal, Any], quantities: tuple[int, int], expected: dict[str, str]
) -> None:
    """What was taken from a stock comes back; one number alone may be the same by chance."""

    def trial(number: int) -> Trial:
        held = row(number, quantity=quantities[number - 1])
        closed = RowSeen("things", "update", {"id": held["id"]}, held, {**held, "state": "gone"})
        count = 1000 * number
        stock = RowSeen(
            "stocks", "update", {"id": 3},
            {"id": 3, "count": count}, {"id": 3, "count": count + held["quantity"]},
        )  # fmt: skip
        return Trial("ada", 200, {"id": held["id"]}, rows=(closed, stock), arranged={"thing": held})

    found = learned(start, "POST /things/{id}/close", trial(1), trial(2)).sure()
    (change,) = found["operations"]["POST /things/{id}/close"]["changes"]
    assert change == {"updates": "stocks", "set": expected}


def test_a_number_that_is_the_same_by_chance_is_no_constant(start: tuple[Proposal, Any]) -> None:
    """The caller's id is 1, and so are many numbers: only columns about callers hold it."""
    logged = {"id": 1, "actor_id": 1, "action": "made"}
    audit = RowSeen("audit_log", "insert", {"id": 1}, None, logged)
    entry = learned(start, "POST /things", created(1, audit), created(2, audit)).sure()
    (change,) = entry["operations"]["POST /things"]["changes"]
    assert change["values"] == {"actor_id": "$actor.id", "action": "made"}


@pytest.mark.parametrize(
    ("texts", "constant"),
    [
        (['{"method": "POST"}', '{"method": "POST"}'], False),
        (["made Name1", "made Name1"], False),
        (["made", "made"], True),
    ],
)
def test_a_text_that_has_in_it_what_was_sent_is_no_constant(
    start: tuple[Proposal, Any], texts: list[str], constant: bool
) -> None:
    """Both samples may have been the same request, where other values of it were refused."""
    trials = []
    for number, text in enumerate(texts):
        logged = {"id": 900 + number, "actor_id": 1, "action": text}
        trials.append(
            created(1, RowSeen("audit_log", "insert", {"id": 900 + number}, None, logged))
        )
    entry = learned(start, "POST /things", *trials).sure()["operations"]["POST /things"]
    (change,) = entry["changes"]
    assert change["values"] == {"actor_id": "$actor.id"} | ({"action": "made"} if constant else {})


@pytest.mark.parametrize(("numbers", "expected"), [((1, 1), True), ((1, 2), False)])
def test_a_number_may_be_the_size_of_what_was_sent_each_time(
    numbers: tuple[int, int], expected: bool
) -> None:
    assert is_of_request("size", 42, [created(number) for number in numbers]) is expected


def test_a_delete_that_marks(start: tuple[Proposal, Any]) -> None:
    def trial(number: int) -> Trial:
        before = row(number)
        changed = RowSeen(
            "things", "update", {"id": before["id"]}, before, {**before, "state": "gone"}
        )
        return Trial("ada", 204, path={"id": before["id"]}, rows=(changed,))

    found = learned(start, "DELETE /things/{id}", trial(1), trial(2)).sure()
    entry = found["operations"]["DELETE /things/{id}"]
    assert (entry["updates"], entry["set"]) == ("thing", {"state": "gone"})


def test_who_may_is_told_by_the_statuses(start: tuple[Proposal, Any]) -> None:
    callers = Callers({"ada": 201, "bob": 403}, {})
    found = learned(start, "POST /things", created(1), created(2), callers=callers).sure()
    assert found["operations"]["POST /things"]["allow"] == {"role": ["admin"]}
    assert found["actors"]["bob"]["role"] == "clerk"


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_token_of_a_known_caller_shows_nothing(
    start: tuple[Proposal, Any], known: bool
) -> None:
    """Of a caller nobody knows, two strangers' answers say that it may do nothing."""
    proposal, resolved = start
    stated = {"role": "clerk", "tenant": "b"} if known else {}
    bob = resolved.mapping.actors["bob"].model_copy(update=stated)
    mapping = resolved.mapping.model_copy(
        update={"actors": {**resolved.mapping.actors, "bob": bob}}
    )
    callers = Callers({"ada": 201, "bob": 401}, {})
    labels = ("POST /things", "PATCH /things/{id}")
    seen = {label: Seen(label, (created(1),), "ada", callers=callers) for label in labels}
    actors = {"ada": {"id": 1, "role": "admin"}, "bob": {"id": 2, **stated}}
    found = confirm(proposal, Observations(seen, actors), replace(resolved, mapping=mapping)).sure()
    assert found["actors"]["bob"]["role"] == ("clerk" if known else "none")
    for label in labels:
        assert ("role" in found["operations"][label].get("allow", {})) != known


@pytest.mark.parametrize(
    ("label", "numbers", "expected"),
    [
        ("POST /things", (1, 2), "$response.body#/id"),
        ("PATCH /things/{id}", (1, 2), "$request.path.id"),
        ("PATCH /things/{id}", (1, 1), None),
    ],
)
def test_an_audit_row_is_about_the_row_whose_number_it_has(
    start: tuple[Proposal, Any], label: str, numbers: tuple[int, int], expected: str | None
) -> None:
    """Twice the same number may be chance."""
    proposal, resolved = start
    log = resolved.schema.tables["audit_log"]
    columns = {**log.columns, "entity_id": Column("entity_id", "integer")}
    tables = {**resolved.schema.tables, "audit_log": replace(log, columns=columns)}
    resolved = replace(resolved, schema=replace(resolved.schema, tables=tables))

    def trial(number: int) -> Trial:
        logged = {"id": 90, "entity_id": 500 + number, "action": "made"}
        beside = RowSeen("audit_log", "insert", {"id": 90}, None, logged)
        made = created(number, beside)
        if label.startswith("POST"):
            return made
        before = row(number, title="before")
        changed = RowSeen("things", "update", {"id": before["id"]}, before, row(number))
        path = {"id": before["id"]}
        return replace(made, status=200, path=path, rows=(changed, beside))

    found = learned((proposal, resolved), label, *map(trial, numbers)).sure()
    (change,) = found["operations"][label]["changes"]
    assert change["values"].get("entity_id") == expected
    assert change["values"]["action"] == "made"


def test_bounds_become_never_refuses_and_scarce(start: tuple[Proposal, Any]) -> None:
    bound = Limit("stocks", "count", "", 409, "stock", {"count": 0}, {"count": 1}, {"quantity": 1})
    found = learned(start, "POST /things", created(1), created(2), limits=(bound,)).sure()
    entry = found["operations"]["POST /things"]
    assert entry["never"] == "SELECT id FROM stocks WHERE count < 0"
    assert entry["refuses"]["no count left"]["status"] == 409
    assert entry["scarce"] == {"arrange": {"stock": {"count": 1}}, "fill": {"quantity": 1}}


@pytest.mark.parametrize(("most", "expected"), [(None, 100_000_000), (10_000, 5_000)])
def test_rows_keep_away_from_a_bound_within_what_the_spec_allows_the_field(
    start: tuple[Proposal, Any], tmp_path: Path, most: int | None, expected: int
) -> None:
    _, resolved = start
    text = (tmp_path / "openapi.json").read_text()
    assert text.count('"quantity": {"type": "integer"') == 2
    if most is not None:
        text = text.replace('"quantity": {', f'"quantity": {{"maximum": {most}, ')
        (tmp_path / "openapi.json").write_text(text)
    document = read_document(tmp_path / "openapi.json")
    schema = resolved.schema
    columns = {**schema.tables["things"].columns}
    columns["quantity"] = replace(columns["quantity"], nullable=False)
    things = replace(schema.tables["things"], columns=columns)
    schema = replace(schema, tables={**schema.tables, "things": things})
    options = Options(actors=(NamedActor("ada", "ADA"),))
    file = tmp_path / "gen-suite.yaml"
    again = settle(propose(document, schema, options), document, schema, file, threshold=0.3)
    bound = Limit("things", "quantity", "", 409, "thing", {"quantity": 0}, {"quantity": 1})
    again[0].tree["resources"]["thing"].pop("arrange", None)
    found = learned(again, "POST /things", created(1), created(2), limits=(bound,)).sure()
    assert found["resources"]["thing"]["arrange"]["quantity"] == expected


def test_what_wrote_nothing_is_said(start: tuple[Proposal, Any]) -> None:
    nothing = Trial("ada", 200, path={"id": 1})
    found = learned(start, "POST /things/{id}/close", nothing)
    assert "POST /things/{id}/close" not in found.sure()["operations"]
    (note,) = found.notes["operations", "POST /things/{id}/close"]
    assert note.startswith("it answered 200 and wrote nothing: later, elsewhere, or is it broken?")
    assert any("succeeded and wrote nothing" in remark for remark in found.remarks)


def test_an_api_that_only_fails_is_said_once(start: tuple[Proposal, Any]) -> None:
    proposal, resolved = start
    broken = {label: Seen(label, refused=Trial("ada", 500)) for label in resolved.operations}
    found = confirm(proposal, Observations(broken), resolved)
    assert any("answers every request with a server error" in one for one in found.remarks)
    assert found.tree["resources"] == proposal.tree["resources"]


def test_what_was_refused_stays_a_guess_with_a_note(start: tuple[Proposal, Any]) -> None:
    proposal, resolved = start
    seen = Seen("POST /things", refused=Trial("ada", 409))
    found = confirm(proposal, Observations({"POST /things": seen}), resolved)
    kept = found.at("operations", "POST /things", "creates")
    assert isinstance(kept, Guess)
    assert kept.confidence < 1
    assert "refused every request (409)" in found.notes["operations", "POST /things"][0]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"detail": "room is\n not in use"}, "room is not in use"),
        (
            {"detail": [{"loc": ["body"], "msg": "ends_at must be after starts_at", "input": {}}]},
            "ends_at must be after starts_at",
        ),
        ({"detail": [{"loc": ["body", "a", 0], "msg": "too short"}]}, "a.0: too short"),
        ({"error": {"code": 7, "message": "no\x1b[31m red"}}, "no [31m red"),
        ({"title": "Conflict", "detail": "sold out", "status": 409}, "Conflict; sold out"),
        ({"name": ["is needed"]}, '{"name": ["is needed"]}'),
        (None, ""),
    ],
)
def test_what_a_refusal_says(answer: Any, expected: str) -> None:
    assert told(answer) == expected


def test_a_refusal_is_noted_in_its_own_words(start: tuple[Proposal, Any]) -> None:
    proposal, resolved = start
    seen = Seen("POST /things", refused=Trial("ada", 422), said="ends before it starts")
    found = confirm(proposal, Observations({"POST /things": seen}), resolved)
    (note,) = found.notes["operations", "POST /things"]
    assert note.startswith("refused every request (422: ends before it starts)")


@pytest.mark.parametrize("logged", [True, False])
def test_an_update_of_nothing_refutes_no_guess(start: tuple[Proposal, Any], logged: bool) -> None:
    audit = {"id": 9, "actor_id": 1, "action": "thing.updated"}
    beside = (RowSeen("audit_log", "insert", {"id": 9}, None, audit),) if logged else ()
    empty = Trial("ada", 200, path={"id": 501}, body={}, answer={"id": 501}, rows=beside)
    label = "PATCH /things/{id}"
    found = learned(start, label, empty, empty, said="ends before it starts")
    entry = found.tree["operations"][label]
    assert entry["updates"] == start[0].at("operations", label, "updates")
    assert entry["updates"].confidence < 1
    assert "not_applicable" not in entry
    (note,) = found.notes["operations", label]
    assert note.startswith("not seen: it refused every field (ends before it starts)")


@pytest.mark.parametrize("constant", [True, False])
def test_what_an_element_sent_is_no_constant(start: tuple[Proposal, Any], constant: bool) -> None:
    """One row beside one element: it is the element's, if it holds what that says."""

    def trial(number: int) -> Trial:
        made = created(number)
        sent = {**made.body, "people": [{"email": "a@a.aa", "label": "guest"}]}
        stored = {"id": 70, "email": "b@b.bb" if constant else "a@a.aa", "name": "guest"}
        if constant:
            stored["name"] = "made"
        item = RowSeen("items", "insert", {"id": 70}, None, stored)
        return replace(made, body=sent, rows=(*made.rows, item))

    found = learned(start, "POST /things", trial(1), trial(2)).sure()
    (change,) = found["operations"]["POST /things"]["changes"]
    if constant:
        assert change == {"inserts": "items", "values": {"name": "made", "email": "b@b.bb"}}
    else:
        assert change == {"inserts": "items", "for_each": "$request.body#/people"}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((1, 1), None), ((2, 2), 2), ((2, 3), "any"), ((1, 2), "any"), ((1, 0), "any")],
)
def test_how_many_rows_came_is_said_where_it_is_not_one(
    start: tuple[Proposal, Any], counts: tuple[int, int], expected: int | str | None
) -> None:
    def trial(number: int, count: int) -> Trial:
        stored = [{"id": 70 + n, "name": "made", "email": None} for n in range(count)]
        items = [RowSeen("items", "insert", {"id": one["id"]}, None, one) for one in stored]
        return created(number, *items)

    found = learned(start, "POST /things", *(trial(n, c) for n, c in enumerate(counts, 1))).sure()
    (change,) = found["operations"]["POST /things"]["changes"]
    assert change["inserts"] == "items"
    assert change.get("rows") == expected


def test_a_guessed_array_stays_where_it_fits(start: tuple[Proposal, Any]) -> None:
    proposal, resolved = start
    each = {"inserts": Guess("items", 0.9), "for_each": Guess("$request.body#/people", 0.9)}
    operations = dict(proposal.tree["operations"])
    operations["POST /things"] = {**operations["POST /things"], "changes": rows([each])}
    start = (replace(proposal, tree={**proposal.tree, "operations": operations}), resolved)

    def trial(number: int) -> Trial:
        made = created(number)
        sent = {**made.body, "people": [{"optional": True}]}
        item = RowSeen("items", "insert", {"id": 70}, None, {"id": 70, "optional": True})
        return replace(made, body=sent, rows=(*made.rows, item))

    found = learned(start, "POST /things", trial(1), trial(2)).sure()
    (change,) = found["operations"]["POST /things"]["changes"]
    assert change == {"inserts": "items", "for_each": "$request.body#/people"}


def test_a_tenant_is_not_its_user_though_both_have_one_number(tmp_path: Path) -> None:
    """As most seeds have it: user 1 of organisation 1, user 2 of organisation 2."""
    tables = dict(_schema().tables)
    org = Column("organisation_id", "integer", nullable=False)
    key = ForeignKey(("organisation_id",), "organisations", ("id",))
    person = ForeignKey(("actor_id",), "users", ("id",))
    for name, keys in (("things", (key,)), ("audit_log", (key, person)), ("stocks", (key,))):
        one = tables[name]
        columns = {"organisation_id": org, **one.columns}
        tables[name] = replace(one, columns=columns, foreign_keys=(*one.foreign_keys, *keys))
    own = Column("id", "integer", nullable=False, autoincrement=True)
    tables["organisations"] = Table("organisations", columns={"id": own}, primary_key=("id",))
    start = _started(tmp_path, Schema(tables, "sqlite"))

    def trial(who: int, number: int) -> Trial:
        logged = {"id": 90 + number, "organisation_id": who, "actor_id": who, "action": "made"}
        count = {"id": 40 + number, "organisation_id": who, "count": 100 * number}
        beside = (
            RowSeen("audit_log", "insert", {"id": 90 + number}, None, logged),
            RowSeen("stocks", "update", {"id": 40 + number}, count, {**count, "count": number}),
        )
        made = created(number, *beside, owner_id=who, organisation_id=who)
        return replace(made, actor=("ada", "bob")[who - 1])

    seen = Seen("POST /things", (trial(1, 1), trial(2, 2)), "ada")
    actors = {"ada": {"id": 1, "tenant": 1}, "bob": {"id": 2, "tenant": 2}}
    found = confirm(start[0], Observations({"POST /things": seen}, actors), start[1]).sure()
    entry = found["operations"]["POST /things"]
    assert entry["values"] == {"owner_id": "$actor.id", "state": "open"}
    audit, stock = entry["changes"]
    assert audit["values"] == {
        "organisation_id": "$actor.tenant", "actor_id": "$actor.id", "action": "made",
    }  # fmt: skip
    assert stock["where"] == {"organisation_id": "$actor.tenant"}


def test_a_value_that_is_stored_in_other_words_is_not_looked_at(
    start: tuple[Proposal, Any],
) -> None:
    """`name: retail` that becomes `RET` is no change of nothing, and none that can be stated."""

    def renamed(number: int) -> Trial:
        before = row(number, name="???")
        after = before | {"name": ("RET", "WHL")[number]}
        changed = RowSeen("things", "update", {"id": 500 + number}, before, after)
        sent = {"name": ("retail", "wholesale")[number]}
        return Trial("ada", 200, path={"id": 500 + number}, body=sent, rows=(changed,))

    found = learned(start, "PATCH /things/{id}", renamed(0), renamed(1))
    assert found.sure()["operations"]["PATCH /things/{id}"]["ignores"] == ["things.name"]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_column_that_becomes_what_the_request_sends_is_no_noise(
    start: tuple[Proposal, Any], as_json: bool
) -> None:
    """A field under a name that nothing pairs with its column by now is not one to look away from."""

    def named(number: int) -> Trial:
        before = row(number, name="???")
        lane = f"{('amber', 'birch')[number]} lane"
        sent, held = ([lane], json.dumps([lane])) if as_json else (lane, lane)
        changed = RowSeen("things", "update", {"id": 500 + number}, before, before | {"name": held})
        return Trial("ada", 200, path={"id": 500 + number}, body={"street": sent}, rows=(changed,))

    found = learned(start, "PATCH /things/{id}", named(0), named(1)).sure()
    assert "ignores" not in found["operations"]["PATCH /things/{id}"]


def test_a_moment_that_the_request_sends_is_no_noise(start: tuple[Proposal, Any]) -> None:
    """Of times alone it is usually said that they tell when something happened."""

    def planned(number: int) -> Trial:
        due = datetime(2031, 5, 6, 7, 8, number)
        before = {"id": 70 + number, "optional": None, "due_at": datetime(2030, 1, 1)}
        item = RowSeen("items", "update", {"id": 70 + number}, before, before | {"due_at": due})
        made = created(number)
        body = {**made.body, "dueAt": f"2031-05-06T07:08:0{number}.000Z"}
        return replace(made, body=body, rows=(*made.rows, item))

    proposal, resolved = start
    tables = dict(resolved.schema.tables)
    columns = {**tables["items"].columns, "due_at": Column("due_at", "datetime")}
    tables["items"] = replace(tables["items"], columns=columns)
    start = (proposal, replace(resolved, schema=Schema(tables, "sqlite")))
    found = learned(start, "POST /things", planned(1), planned(2)).sure()
    assert "ignores" not in found["operations"]["POST /things"]


def test_a_message_is_named_by_what_it_is_about(start: tuple[Proposal, Any]) -> None:
    """Its own key is nothing that a request names, even where it happens to be the caller's id."""
    proposal, resolved = start

    def trial(number: int) -> Trial:
        made = created(number)
        answer = {**made.answer, "by": 1, "ref": f"ref-{number}"}
        before = {"id": 1, "name": f"ref-{number}", "email": "waiting"}
        sent = RowSeen("items", "update", {"id": 1}, before, before | {"email": "sent"})
        return replace(made, answer=answer, rows=(*made.rows, sent))

    seen = Seen("POST /things", (trial(0), trial(1)), "ada")
    actors = {"ada": {"id": 1, "role": "admin"}}
    found = confirm(proposal, Observations({"POST /things": seen}, actors), resolved)
    (change,) = found.sure()["operations"]["POST /things"]["changes"]
    assert change == {
        "updates": "items",
        "where": {"name": "$response.body#/ref"},
        "set": {"email": "sent"},
    }


def test_the_name_of_the_caller_is_no_constant(start: tuple[Proposal, Any]) -> None:
    proposal, resolved = start
    trials = created(1, state="Ada L."), created(2, state="Ada L.")
    seen = Seen("POST /things", trials, "ada")
    for name, value in (("Ada L.", "$actor.name"), ("Ada K.", "Ada L.")):
        actors = {"ada": {"id": 1, "role": "admin", "name": name}}
        found = confirm(proposal, Observations({"POST /things": seen}, actors), resolved).sure()
        assert found["operations"]["POST /things"]["values"]["state"] == value
        assert ("name" in found["actors"]["ada"]) == (value == "$actor.name")


def test_a_moment_of_the_answer_is_no_source_of_another_tables_moment(
    start: tuple[Proposal, Any],
) -> None:
    def trial(number: int) -> Trial:
        moment = (NOW + timedelta(milliseconds=number)).isoformat()
        log = {"id": number, "actor_id": None, "action": moment}
        made = created(number, RowSeen("audit_log", "insert", {"id": number}, None, log))
        return replace(made, answer={**made.answer, "createdAt": moment})

    trials = trial(1), trial(2)
    entry = learned(start, "POST /things", *trials).sure()["operations"]["POST /things"]
    assert entry["changes"] == [{"inserts": "audit_log"}]


def test_spaces_around_a_text_are_seen_to_be_cut_off(start: tuple[Proposal, Any]) -> None:
    sent = {**body(3), "name": f" {body(3)['name']} "}
    padded = replace(created(3), body=sent)
    told = learned(start, "POST /things", created(0), created(1, name=None), padded=padded)
    assert told.sure()["resources"]["thing"]["fields"]["name"] == {
        "column": "title",
        "as": "trimmed",
    }
    told = learned(start, "POST /things", created(0), created(1, name=None))
    assert told.sure()["resources"]["thing"]["fields"]["name"] == "title"


def test_an_api_that_coerces_is_one_line_of_the_file_and_one_remark(
    start: tuple[Proposal, Any],
) -> None:
    proposal, resolved = start
    seen = {"POST /things": Seen("POST /things", (created(0), created(1)), "ada")}
    coerces: dict[Leniency, str] = {"numbers": "POST /things (price)"}
    told = confirm(proposal, Observations(seen, coerces=coerces), resolved)
    assert told.sure()["lenient"] == ["numbers"]
    assert "\nlenient: [numbers]  # seen: POST /things (price)\n" in render(told, 0.6)
    assert any("POST /things (price) took a text for a number" in one for one in told.remarks)
    assert "lenient" not in confirm(proposal, Observations(seen), resolved).sure()


def test_what_a_replacement_sets_back_is_said(start: tuple[Proposal, Any]) -> None:
    told = learned(start, "POST /things", created(0), created(1), resets={"name": ""})
    assert told.sure()["operations"]["POST /things"]["resets"] == {"name": ""}


def test_fields_that_were_refused_are_left_out_of_requests(start: tuple[Proposal, Any]) -> None:
    trials = (created(0), created(1))
    told = learned(start, "POST /things", *trials, left_out=("price",), said="price is disabled")
    assert told.sure()["operations"]["POST /things"]["leave_out"] == ["price"]
    assert any(
        "refuses optional fields (price is disabled): `price`" in one for one in told.remarks
    )
    assert (
        "leave_out"
        not in learned(start, "POST /things", *trials).sure()["operations"]["POST /things"]
    )


def test_optional_parameters_that_no_operation_takes_stand_at_the_top(
    start: tuple[Proposal, Any],
) -> None:
    proposal, resolved = start
    header = Parameter("X-Version", "header", False, {"type": "string"}, "simple", explode=False)
    operations = {
        label: replace(write, operation=replace(write.operation, parameters=(header,)))
        for label, write in resolved.operations.items()
    }
    resolved = replace(resolved, operations=operations)
    labels = list(operations)[:2]
    trials = (created(0), created(1))

    def told(refused: int) -> dict[str, Any]:
        seen = {
            label: Seen(label, trials, "ada", refused_options=("X-Version",) * (n < refused))
            for n, label in enumerate(labels)
        }
        return confirm(proposal, Observations(seen), resolved).sure()

    assert told(2)["leave_out"] == ["X-Version"]
    assert "leave_out" not in told(2)["operations"][labels[0]]
    assert told(1)["operations"][labels[0]]["leave_out"] == ["X-Version"]
    assert "leave_out" not in told(1)
