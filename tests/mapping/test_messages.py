"""Every way in which a mapping file can be wrong by itself, and what is said about it, word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.errors import MappingError
from gen_suite.mapping.model import MappingFile
from gen_suite.mapping.problems import MappingProblems
from gen_suite.mapping.read import find_mapping, read_mapping

Read = Callable[..., MappingFile]
Told = Callable[[Callable[[], object]], str]

CASES = {
    "unknown key": (
        """
        spec: a.yaml
        resources: {order: {table: orders}}
        operations:
          POST /orders:
            create: order
        """,
        """
        gen-suite.yaml:6:5: unknown key `create`
          did you mean `creates`?
        """,
    ),
    "unknown key with nothing near": (
        """
        spec: a.yaml
        target: {zzz: 1}
        """,
        """
        gen-suite.yaml:3:10: unknown key `zzz`
          known: `app`, `database`, `environment`, `isolation`, `migrate`, `schemas`, `worker`
        """,
    ),
    "no spec": (
        """
        suite: tests/api
        """,
        """
        gen-suite.yaml:1:1: the file needs the key `spec`
        """,
    ),
    "no table": (
        """
        spec: a.yaml
        resources:
          order: {key: id}
        """,
        """
        gen-suite.yaml:4:3: `order` needs the key `table`
        """,
    ),
    "no way to store a value": (
        """
        spec: a.yaml
        resources:
          order: {table: orders, fields: {email: {column: email, as: lowercased}}}
        """,
        """
        gen-suite.yaml:4:58: `lowercased` is no way to store a value: did you mean `lowercase`?; a \
function of your own has a dotted name, such as `mypackage.rules.normalise`
        """,
    ),
    "a function that is none": (
        """
        spec: a.yaml
        resources:
          order: {table: orders, fields: {email: {column: email, as: "os.system('x')"}}}
        """,
        """
        gen-suite.yaml:4:58: `os.system('x')` is no way to store a value: known: `cents`, \
`computed`, `hashed`, `json_member`, `lowercase`, `trimmed`, `uppercase`; a function of your own has a dotted \
name, such as `mypackage.rules.normalise`
        """,
    ),
    "a list for a text": (
        """
        spec: [a.yaml]
        """,
        """
        gen-suite.yaml:2:1: `spec` must be a text, not a list
        """,
    ),
    "a number for a text": (
        """
        spec: a.yaml
        resources:
          order: {table: 5}
        """,
        """
        gen-suite.yaml:4:11: `table` must be a text, not `5`
          put it in quotes
        """,
    ),
    "true for an environment variable": (
        """
        spec: a.yaml
        target: {app: {command: run, env: {DEBUG: true}}}
        """,
        """
        gen-suite.yaml:3:36: `DEBUG` must be a text
          put it in quotes
        """,
    ),
    "a text for a mapping": (
        """
        spec: a.yaml
        resources: orders
        """,
        """
        gen-suite.yaml:3:1: `resources` must be a mapping (`key: value`), not `orders`
        """,
    ),
    "a mapping for a list": (
        """
        spec: a.yaml
        operations: {POST /a: {changes: {inserts: b}}}
        """,
        """
        gen-suite.yaml:3:24: `changes` must be a list, not a mapping
        """,
    ),
    "no number": (
        """
        spec: a.yaml
        target: {app: {url: "http://x", timeout: soon}}
        """,
        """
        gen-suite.yaml:3:33: `timeout` must be a number, not `soon`
        """,
    ),
    "no time at all": (
        """
        spec: a.yaml
        target: {app: {url: "http://x", timeout: 0}}
        """,
        """
        gen-suite.yaml:3:33: must be more than 0 seconds
        """,
    ),
    "none of the values": (
        """
        spec: a.yaml
        target: {isolation: modul}
        """,
        """
        gen-suite.yaml:3:10: `isolation` must be one of `undo`, `worker`, `module`, `test`, not `modul`
          did you mean `module`?
        """,
    ),
    "two ways to run the app": (
        """
        spec: a.yaml
        target:
          app: {url: "http://x", asgi: shop:app}
        """,
        """
        gen-suite.yaml:4:3: `app` has `url` and `asgi`, but only one of `url`, `command`, `asgi`, `wsgi` can be
        """,
    ),
    "no way to run the app": (
        """
        spec: a.yaml
        target: {app: {ready: /health}}
        """,
        """
        gen-suite.yaml:3:10: `app` needs one of `url`, `command`, `asgi`, `wsgi`
        """,
    ),
    "two credentials for one header": (
        """
        spec: a.yaml
        actors:
          alice: {auth: {bearer: secret1, basic: {username: al, password: secret2}}}
        """,
        """
        gen-suite.yaml:4:11: `auth` has `bearer` and `basic`, but only one of `bearer`, `basic` can be
        """,
    ),
    "credentials and a login": (
        """
        spec: a.yaml
        actors:
          alice: {auth: {bearer: x}, login: {request: POST /login, json: {}}}
        """,
        """
        gen-suite.yaml:4:3: an actor has `auth` and `login`, but only one of `auth`, `login` can be
        """,
    ),
    "a fact that is a mapping": (
        """
        spec: a.yaml
        actors:
          alice: {atuh: {bearer: x}}
        """,
        """
        gen-suite.yaml:4:11: a fact is a text, a number, true, false, or a list of these
        """,
    ),
    "creates and updates": (
        """
        spec: a.yaml
        resources: {order: {table: orders}}
        operations:
          POST /orders: {creates: order, updates: order}
        """,
        """
        gen-suite.yaml:5:3: an operation has `creates` and `updates`, but only one of `creates`, `updates`, `deletes` can be
        """,
    ),
    "a key that is nearly one": (
        """
        spec: a.yaml
        leniant: true
        operations:
          POST /orders: {lenint: true}
        """,
        """
        gen-suite.yaml:3:1: unknown key `leniant`
          did you mean `lenient`?
        gen-suite.yaml:5:18: unknown key `lenint`
          did you mean `lenient`?
        """,
    ),
    "neither true nor false": (
        """
        spec: a.yaml
        lenient: sometimes
        """,
        """
        gen-suite.yaml:3:1: `lenient` must be true, false or some of numbers, texts, times, nulls, not `sometimes`
        """,
    ),
    "set on what creates": (
        """
        spec: a.yaml
        resources: {order: {table: orders}}
        operations:
          POST /orders: {creates: order, set: {a: 1}}
        """,
        """
        gen-suite.yaml:5:3: `set` goes with `updates`; what a created row has is `values`
        """,
    ),
    "a change of nothing": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            changes:
              - {where: {id: 1}}
        """,
        """
        gen-suite.yaml:6:9: a change needs one of `inserts`, `updates`, `deletes`
        """,
    ),
    "values of an update": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            changes:
              - {updates: a, values: {b: 1}}
        """,
        """
        gen-suite.yaml:6:9: `values` goes with `inserts`; an update has `where` and `set`
        """,
    ),
    "unset variable": (
        """
        spec: a.yaml
        actors:
          alice: {auth: {bearer: "${ALICE_TOKEN}"}}
        """,
        """
        gen-suite.yaml:4:18: the environment variable `ALICE_TOKEN` is not set
          set it, or give a default: `${ALICE_TOKEN:-…}`
        """,
    ),
    "misspelt variable": (
        """
        spec: ${SPECK}
        """,
        """
        gen-suite.yaml:2:1: the environment variable `SPECK` is not set
          did you mean `SPEC`? else set it, or give a default: `${SPECK:-…}`
        """,
    ),
    "no variable": (
        """
        spec: ${NO-NAME}
        """,
        """
        gen-suite.yaml:2:1: `${NO-NAME}` is no reference to an environment variable
          write `${NAME}` or `${NAME:-default}`, and `$${` for the characters themselves
        """,
    ),
    "no test environment": (
        """
        spec: a.yaml
        target: {environment: production}
        """,
        """
        gen-suite.yaml:3:10: `production` is no test environment
          tests write to the target's database; only these are tested: test, testing, ci, local, dev, development
        """,
    ),
    "no database URL": (
        """
        spec: a.yaml
        target: {database: "me:secret@localhost/shop"}
        """,
        """
        gen-suite.yaml:3:10: this is no database URL, such as `sqlite:///shop.db`
        """,
    ),
    "unknown actor": (
        """
        spec: a.yaml
        actors: {alice: {}, mallory: {}}
        operations:
          POST /orders:
            as: alise
        """,
        """
        gen-suite.yaml:6:5: unknown actor `alise`
          did you mean `alice`?
        """,
    ),
    "no actors at all": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            as: alice
        """,
        """
        gen-suite.yaml:5:5: unknown actor `alice`
          `actors` names none
        """,
    ),
    "unknown resource": (
        """
        spec: a.yaml
        resources: {order: {table: orders}}
        operations:
          POST /orders:
            creates: ordre
        """,
        """
        gen-suite.yaml:6:5: unknown resource `ordre`
          did you mean `order`?
        """,
    ),
    "no expression": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            changes:
              - {inserts: a, for_each: items}
        """,
        """
        gen-suite.yaml:6:22: `items` is no expression
          a part of the request can, such as `$request.body#/items`
        """,
    ),
    "half an expression": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            fill: {price: $5}
        """,
        """
        gen-suite.yaml:5:12: `$5` is no expression
          expressions look like `$request.body#/items`, `$actor.id` or `$item.quantity`; a text that begins with a dollar is written with two: `$$`
        """,
    ),
    "unknown part of the request": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            sends: $request.bdy#/order
        """,
        """
        gen-suite.yaml:5:5: `$request.bdy#/order`: `$request.` goes on with one of body, path, query, header, cookie
          did you mean `body`?
        """,
    ),
    "a dot where a pointer belongs": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            sends: $request.body.order
        """,
        """
        gen-suite.yaml:5:5: `$request.body.order`: the way into a body is a JSON pointer
          write `$request.body#/order`
        """,
    ),
    "a pointer without slash": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            returns: $response.body#data
        """,
        """
        gen-suite.yaml:5:5: `$response.body#data`: a JSON pointer begins with a slash
          write `$response.body#/data`
        """,
    ),
    "a parameter without name": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            set: {a: $request.path}
        """,
        """
        gen-suite.yaml:5:11: `$request.path` needs a name
          write `$request.path.NAME`
        """,
    ),
    "an actor without fact": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            set: {a: $actor}
        """,
        """
        gen-suite.yaml:5:11: `$actor` needs a fact
          write `$actor.id`, for example
        """,
    ),
    "unknown source": (
        """
        spec: a.yaml
        resources: {wallet: {table: wallets}}
        operations:
          POST /orders:
            fill: {toWalletId: $walet.id}
        """,
        """
        gen-suite.yaml:6:12: `$walet.id`: nothing is called `walet`
          did you mean `wallet`?
        """,
    ),
    "an element without array": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            changes:
              - {updates: a, set: {stock: -$item.quantity}}
        """,
        """
        gen-suite.yaml:6:28: `-$item.quantity` cannot stand here
          `$item` is an element of `for_each`: name the array there
        """,
    ),
    "relative where nothing was before": (
        """
        spec: a.yaml
        operations:
          POST /orders:
            changes:
              - {inserts: a, values: {stock: -$actor.id}}
        """,
        """
        gen-suite.yaml:6:31: `-$actor.id`: only `set` is relative to the row before
        """,
    ),
    "the answer in what is arranged": (
        """
        spec: a.yaml
        resources: {order: {table: orders, arrange: {id: $response.body#/id}}}
        """,
        """
        gen-suite.yaml:3:46: `$response.body#/id` cannot stand here
          a literal, `$actor.id` or a column of a resource, such as `$order.id`, can
        """,
    ),
    "a login without operation": (
        """
        spec: a.yaml
        actors:
          alice: {login: {json: {password: geheim}, token: token}}
        """,
        """
        gen-suite.yaml:4:11: `login` needs the key `request`
        """,
    ),
    "a folder for references above the file": (
        """
        spec: a.yaml
        allow_refs: [shared, ../other]
        """,
        """
        gen-suite.yaml:3:1: `../other` lies outside of this file's folder: name it in full
        """,
    ),
    "a key that stands twice": (
        """
        spec: a.yaml
        resources:
          order: {table: orders}
          item: {table: items, key: id, "table": lines}
          order:
            table: sales
        spec: b.yaml
        """,
        """
        gen-suite.yaml:5:33: the key `table` stands twice; first in line 5
          merge them
        gen-suite.yaml:6:3: the key `order` stands twice; first in line 4
          merge them
        gen-suite.yaml:8:1: the key `spec` stands twice; first in line 2
          merge them
        """,
    ),
    "a key that stands twice in braces over lines": (
        """
        spec: a.yaml
        resources: {
          order: {table: orders},
          order: {table: sales}}
        """,
        """
        gen-suite.yaml:5:3: the key `order` stands twice; first in line 4
          merge them
        """,
    ),
    "a token that is no expression": (
        """
        spec: a.yaml
        actors:
          alice: {login: {request: POST /login, token: token}}
        """,
        """
        gen-suite.yaml:4:41: `token` is no expression
          a part of the answer can, such as `$response.body#/data`
        """,
    ),
}


@pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)
def test_message(read: Read, told: Told, text: str, message: str) -> None:
    wanted = "\n".join(line[8:] for line in message.strip("\n").splitlines()).rstrip()
    assert told(lambda: read(text, SPEC="a.yaml")) == wanted


def test_all_problems_are_told_at_once_the_most_useful_first(read: Read, told: Told) -> None:
    text = """\
        spec: a.yaml
        target:
          environment: ${STAGE}
          databse: sqlite:///a.db
        actors:
          alice: {auth: {bearer: "${TOKEN}"}}
        resources:
          order: {table: orders, key: {}}
        operations:
          POST /orders:
            creats: order
            as: alic
            changes:
              - {inserts: lines, for_each: $request.boddy#/lines}
              - {updates: products, sett: {stock: 1}}
        """
    message = told(lambda: read(text, STAGE="live"))
    assert [line for line in message.splitlines() if not line.startswith(" ")] == [
        "gen-suite.yaml:3:3: `${STAGE}` is no test environment",
        "gen-suite.yaml:6:18: the environment variable `TOKEN` is not set",
        "gen-suite.yaml:4:3: unknown key `databse`",
        "gen-suite.yaml:8:26: `key` must be a list, not a mapping",
        "gen-suite.yaml:11:5: unknown key `creats`",
        "gen-suite.yaml:15:29: unknown key `sett`",
        "gen-suite.yaml:12:5: unknown actor `alic`",
        "gen-suite.yaml:14:26: `$request.boddy#/lines`: `$request.` goes on with one of "
        "body, path, query, header, cookie",
    ]


def test_only_what_is_unsafe_refuses(read: Read) -> None:
    with pytest.raises(MappingProblems) as refused:
        read("{spec: a.yaml, target: {environment: live}}")
    with pytest.raises(MappingProblems) as wrong:
        read("{spec: a.yaml, target: {isolation: live}}")
    assert (refused.value.exit_code, wrong.value.exit_code) == (3, 2)


def test_bad_yaml_names_the_place(read: Read) -> None:
    with pytest.raises(MappingError) as caught:
        read("spec: a.yaml\nactors: {alice: [}\n")
    assert caught.value.where
    assert caught.value.where.line == 2


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words"])
def test_a_file_that_is_no_mapping(read: Read, told: Told, text: str) -> None:
    message = told(lambda: read(text))
    assert message.startswith("gen-suite.yaml:1:1: the file ")


def test_a_file_that_is_not_there(tmp_path: Path, told: Told) -> None:
    message = told(lambda: read_mapping(tmp_path / "none.yaml"))
    assert message == "cannot read none.yaml: No such file or directory"


def test_a_file_that_is_no_text(tmp_path: Path, told: Told) -> None:
    path = tmp_path / "gen-suite.yaml"
    path.write_bytes(b"spec: \xff\xfe")
    assert told(lambda: read_mapping(path)) == "cannot read gen-suite.yaml: it is no UTF-8 text"


def test_no_mapping_file_anywhere(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"no gen-suite\.yaml in .* or a folder above it"):
        find_mapping(tmp_path)


def test_a_named_file_is_not_looked_for_elsewhere(tmp_path: Path, told: Told) -> None:
    (tmp_path / "gen-suite.yaml").write_text("spec: a.yaml")
    message = "there is no other.yaml\n  `gen-suite init SPEC` proposes a mapping"
    assert told(lambda: find_mapping(tmp_path / "other.yaml")) == message
