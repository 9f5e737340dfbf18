"""A good mapping file: what is read, what the environment fills in, what is never shown."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.mapping.environment import FromEnvironment
from gen_suite.mapping.model import DatabaseUrl, MappingFile
from gen_suite.mapping.problems import MappingProblems
from gen_suite.mapping.read import find_mapping, read_mapping
from gen_suite.spec.yaml import load_yaml

Read = Callable[..., MappingFile]

FULL = """
spec: openapi.yaml
suite: tests/api
target:
  app:
    command: "{python} -m uvicorn shop.app:app --port {port}"
    env: {DATABASE_URL: "{database_url}", WORKERS: 2}
    ready: /health
  database: ${DATABASE_URL:-sqlite:///shop.db}
  schemas: [public]
  migrate: "{python} -m shop.seed"
  environment: CI
actors:
  alice: {id: 1, role: customer, tenant: acme, plan: gold, auth: {bearer: "${ALICE_TOKEN:-token}"}}
  bob: {auth: {basic: {username: bob, password: geheim}}}
  carol: {auth: {header: {X-Api-Key: geheim, X-Tenant: acme}}}
  mallory:
    login: {request: POST /login, json: {password: geheim}, token: $response.body#/token}
resources:
  order:
    table: orders
    key: id
    fields:
      customerId: customer_id
      email: {column: email, as: lowercase}
      confirm: null
    timestamps: {created: created_at, deleted: deleted_at}
    unique: [email]
    arrange: {status: pending, placed_by: $actor.id}
operations:
  POST /orders:
    creates: order
    changes:
      - {inserts: order_items, for_each: $request.body#/items}
      - updates: products
        where: {id: $item.productId}
        for_each: $request.body#/items
        set: {stock: -$item.quantity, version: +1, note: $$5}
      - {deletes: carts, where: {user_id: $actor.id}}
    allow: {role: customer, tenant: own}
    as: alice
    ignores: users.last_seen_at
    not_applicable: {rollback: the worker does}
  DELETE /orders/{id}: {deletes: order, set: {status: gone}}
  POST /reports:
tables:
  order_items: {arrange: {quantity: 1}}
"""


def test_everything_is_read(read: Read) -> None:
    mapping = read(FULL)
    assert mapping.target.app
    assert mapping.target.app.env == {"DATABASE_URL": "{database_url}", "WORKERS": "2"}
    assert mapping.target.environment == "ci"
    assert mapping.actors["alice"].facts == {
        "id": 1,
        "role": "customer",
        "tenant": "acme",
        "plan": "gold",
    }
    order = mapping.resources["order"]
    assert order.key == ("id",)
    assert order.fields_["customerId"].column == "customer_id"  # type: ignore[union-attr]
    assert order.fields_["email"].as_ == "lowercase"  # type: ignore[union-attr]
    assert order.fields_["confirm"] is None
    assert (order.timestamps.created, order.timestamps.updated) == ("created_at", None)
    entry = mapping.operations["POST /orders"]
    assert (entry.kind, entry.resource, entry.as_) == ("creates", "order", "alice")
    assert [(change.kind, change.table) for change in entry.changes] == [
        ("inserts", "order_items"),
        ("updates", "products"),
        ("deletes", "carts"),
    ]
    assert entry.allow.role == ("customer",)
    assert entry.ignores == ("users.last_seen_at",)
    assert mapping.operations["POST /reports"].kind is None
    assert mapping.operations["DELETE /orders/{id}"].set_ == {"status": "gone"}
    assert mapping.suite_path == mapping.folder / "tests" / "api"


def test_a_smallest_file(read: Read) -> None:
    mapping = read("spec: api.json\nactors:\nresources:\noperations:\n")
    assert (mapping.suite, mapping.target.isolation) == ("tests/api", "undo")
    assert mapping.target.database is None
    assert mapping.spec_path == mapping.path.parent / "api.json"


def test_a_bare_spec_has_an_empty_mapping() -> None:
    mapping = MappingFile.bare(Path("api/openapi.yaml"))
    assert mapping.spec_path == Path("api/openapi.yaml")
    assert mapping.path == Path("api/gen-suite.yaml")
    assert not mapping.operations


@pytest.mark.parametrize(
    ("written", "env", "value"),
    [
        ("${A}", {"A": "x"}, "x"),
        ("${A}", {"A": ""}, ""),
        ("${A:-b}", {}, "b"),
        ("${A:-b}", {"A": ""}, "b"),
        ("${A:-}", {}, ""),
        ("${A:-http://h:1/}", {}, "http://h:1/"),
        ("<${A}-${B:-2}>", {"A": "1"}, "<1-2>"),
        ("$${A}", {"A": "x"}, "${A}"),
        ("$request.body#/a", {}, "$request.body#/a"),
        ("a$b", {}, "a$b"),
    ],
)
def test_the_environment_fills_texts(
    read: Read, written: str, env: dict[str, str], value: str
) -> None:
    mapping = read(f"spec: '{written}'", **env)
    assert mapping.spec == value


def test_keys_are_left_alone(read: Read) -> None:
    mapping = read("{spec: a.yaml, operations: {'POST /${A}': {}}}", A="x")
    assert list(mapping.operations) == ["POST /${A}"]


def test_numbers_may_come_from_the_environment(read: Read) -> None:
    mapping = read("{spec: a, target: {app: {url: 'http://a', timeout: '${T}'}}}", T="2.5")
    assert mapping.target.app
    assert mapping.target.app.timeout == 2.5


def test_what_the_environment_gives_is_no_expression(read: Read) -> None:
    mapping = read("{spec: a, operations: {POST /a: {fill: {b: '${A}'}}}}", A="$actor.secret")
    assert mapping.operations["POST /a"].fill["b"] == "$actor.secret"


def test_no_secret_is_ever_shown(read: Read) -> None:
    text = """
        spec: a.yaml
        target:
          app: {command: "run --key ${KEY}", env: {API_KEY: topsecret1}}
          database: postgresql://shop:topsecret2@db/shop?password=topsecret3
        actors:
          a: {id: "${KEY}", plan: "${KEY}", auth: {bearer: topsecret4}}
          b: {auth: {basic: {username: topsecret5, password: topsecret6}}}
          c: {auth: {header: {X-Key: topsecret7}}}
          d: {auth: {query: {key: topsecret8}}}
          e: {auth: {cookie: {session: topsecret9}}}
          f: {login: {request: POST /login, json: {password: topsecret10}}}
          g: {login: {request: POST /login, form: {password: topsecret11}}}
        resources: {order: {table: orders, arrange: {code: "${KEY}"}}}
        """
    mapping = read(text, KEY="topsecret0")
    assert "topsecret" not in repr(mapping)
    assert "topsecret" not in str(mapping)
    assert mapping.target.database
    assert mapping.target.database.masked == "postgresql://shop:***@db/shop?password=***"
    assert "topsecret2" in mapping.target.database
    auth = {name: actor.auth for name, actor in mapping.actors.items()}
    assert auth["a"].reveal() == {"bearer": "topsecret4"}  # type: ignore[union-attr]
    assert auth["b"].reveal() == {  # type: ignore[union-attr]
        "basic": {"username": "topsecret5", "password": "topsecret6"}
    }
    assert auth["c"].reveal() == {"header": {"X-Key": "topsecret7"}}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "broken",
    [
        "{spec: [topsecret], target: {app: {env: {A: true}}}}",
        "{spec: '${S}', operations: {POST /a: {creates: '${S}'}}}",
        "{spec: '${S}', operations: {POST /a: {as: '${S}', sends: '${S}'}}}",
        "{spec: a, target: {isolation: '${S}', environment: '${S}', database: '${S}'}}",
        "{spec: a, actors: {a: {auth: {bearer: [topsecret]}}}}",
        "{spec: a, actors: {a: {login: {json: topsecret, token: topsecret}}}}",
        "{spec: a, target: {database: 'topsecret@x'}}",
    ],
)
def test_no_message_shows_a_secret(read: Read, broken: str) -> None:
    with pytest.raises(MappingProblems) as caught:
        read(broken, S="topsecret")
    assert "topsecret" not in str(caught.value).replace("`topsecret` is no expression", "")
    assert "topsecret" not in repr(caught.value.problems).replace("`topsecret` is no", "")


def test_a_hidden_text_keeps_what_was_written() -> None:
    text = FromEnvironment("geheim", "${A}")
    copy = pickle.loads(pickle.dumps(text))
    assert (copy, copy.written) == ("geheim", "${A}")
    assert repr(copy) == "'**********'"


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("sqlite:///shop.db", "sqlite:///{here}/shop.db"),
        ("sqlite:///data/shop.db?timeout=5", "sqlite:///{here}/data/shop.db?timeout=5"),
        ("sqlite+aiosqlite:///shop.db", "sqlite+aiosqlite:///{here}/shop.db"),
        ("sqlite:////var/shop.db", "sqlite:////var/shop.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///file:shop.db?uri=true", "sqlite:///file:shop.db?uri=true"),
        ("postgresql://a:b@h/d", "postgresql://a:b@h/d"),
    ],
)
def test_sqlite_files_lie_beside_the_mapping(
    read: Read, tmp_path: Path, url: str, resolved: str
) -> None:
    mapping = read(f"{{spec: a, target: {{database: '{url}'}}}}")
    assert mapping.target.database == resolved.format(here=tmp_path)
    assert isinstance(mapping.target.database, DatabaseUrl)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p@ss@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p/w@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p#w?x@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
        ("postgresql:///d?user=u&password=p&x=1", "postgresql:///d?user=u&password=***&x=1"),
    ],
)
def test_passwords_in_urls_are_masked(url: str, masked: str) -> None:
    assert DatabaseUrl(url).masked == masked
    assert repr(DatabaseUrl(url)) == repr(masked)


def test_the_file_is_found_by_walking_up(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "gen-suite.yml").write_text("spec: far.yaml")
    assert find_mapping(deep) == tmp_path / "gen-suite.yml"
    (tmp_path / "a" / "gen-suite.yaml").write_text("spec: near.yaml")
    assert find_mapping(deep) == tmp_path / "a" / "gen-suite.yaml"
    assert find_mapping(tmp_path / "a" / "gen-suite.yaml").name == "gen-suite.yaml"


def test_the_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEN_SUITE_SPEC_NAME", "from-process.yaml")
    path = tmp_path / "gen-suite.yaml"
    path.write_text("spec: ${GEN_SUITE_SPEC_NAME}")
    assert read_mapping(path).spec == "from-process.yaml"


def test_the_full_file_is_yaml_that_means_what_it_says() -> None:
    assert load_yaml(FULL, Path("x.yaml"))["operations"]["POST /reports"] is None
