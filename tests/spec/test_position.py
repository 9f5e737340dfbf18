"""Lines and columns of JSON pointers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_suite.spec import position_yaml
from gen_suite.spec.pointer import join
from gen_suite.spec.position import Locator
from gen_suite.spec.yaml import locate

YAML = """\
# comment
openapi: 3.0.3
info: {title: t, 'a b': 1}
paths:
  "/a~b/{x}":   # the path
    post:
      parameters:
      - name: x
        in: path

      -  {name: y,
          in: query}
      - name: z
      responses:
        200:
          description: |
            text: not a key
          - odd: it is not
  /c: &c
    get: 1
  /d: *c
"""
PLACES = {
    "": (1, 1),
    "/openapi": (2, 1),
    "/info/title": (3, 8),
    "/info/a b": (3, 18),
    "/paths/~1a~0b~1{x}": (5, 3),
    "/paths/~1a~0b~1{x}/post/parameters": (7, 7),
    "/paths/~1a~0b~1{x}/post/parameters/0/in": (9, 9),
    "/paths/~1a~0b~1{x}/post/parameters/1/in": (12, 11),
    "/paths/~1a~0b~1{x}/post/parameters/2/name": (13, 9),
    "/paths/~1a~0b~1{x}/post/responses/200/description": (16, 11),
    "/paths/~1c/get": (20, 5),
}
SOUND = YAML.replace("          - odd: it is not\n", "")
# One line less above it.
SOUND_PLACES = {**PLACES, "/paths/~1c/get": (19, 5)}


@pytest.mark.parametrize(("pointer", "place"), SOUND_PLACES.items())
def test_yaml_places(pointer: str, place: tuple[int, int]) -> None:
    assert locate(SOUND, pointer) == place


@pytest.mark.parametrize(("pointer", "place"), SOUND_PLACES.items())
def test_yaml_places_by_indentation(
    pointer: str, place: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position_yaml, "_COMPOSABLE", 30)
    assert locate(SOUND, pointer) == place


def test_text_that_is_no_yaml_is_still_split_by_indentation() -> None:
    pointer = "/paths/~1a~0b~1{x}/post/parameters/2/name"
    assert locate(YAML, pointer) == PLACES[pointer]


@pytest.mark.parametrize(
    "pointer", ["/nothing", "/info/title/more", "/paths/~1c/put", "/openapi/0"]
)
def test_what_is_not_there(pointer: str) -> None:
    assert locate(SOUND, pointer) == (0, 0)
    assert locate(json.dumps({"info": {"title": "t"}, "openapi": "x"}), pointer) == (0, 0)


def test_the_nearest_above() -> None:
    assert Locator(SOUND).nearest("/paths/~1c/put/x") == (18, 3)
    assert Locator('{"a": {"b": 1}}').nearest("/a/x/y") == (1, 2)


def test_json_places() -> None:
    text = '{\n  "a": [1, {"b\\n\\u00e9": "}]"}],\n  "c": {}\n}'
    assert locate(text, "") == (1, 1)
    assert locate(text, "/a") == (2, 3)
    assert locate(text, "/a/0") == (2, 9)
    assert locate(text, "/a/1/b\né") == (2, 13)
    assert locate(text, "/c") == (3, 3)
    assert locate(text, "/c/d") == (0, 0)


def test_broken_json_is_no_crash() -> None:
    for text in ("{", '{"a"', '{"a": ', "[1,", '{"a": [1, 2', "{]", "["):
        assert locate(text, "/a/0") in {(0, 0), (1, 1)}


names = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='\\"'), max_size=6
)
trees = st.recursive(
    st.integers() | names,
    lambda node: st.dictionaries(names, node, max_size=4) | st.lists(node, max_size=4),
    max_leaves=15,
)


def walk(node: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found = [(path, node)]
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            found += walk(child, (*path, str(key)))
    return found


@settings(deadline=None)
@given(st.dictionaries(names, trees, min_size=1), st.sampled_from([None, 0, 2]))
def test_every_json_node_is_where_its_key_is(data: Any, indent: int | None) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    lines = text.split("\n")
    locator = Locator(text)
    for path, _ in walk(data)[1:]:
        if join(*path).strip("/"):
            line, column = locator.find(join(*path))
            rest = lines[line - 1][column - 1 :]
            parent = data
            for token in path[:-1]:
                parent = parent[int(token)] if isinstance(parent, list) else parent[token]
            assert isinstance(parent, list) or rest.startswith(
                json.dumps(path[-1], ensure_ascii=False)
            )


def test_places_in_a_long_file_are_found() -> None:
    items = "".join(
        f"  /p{i}:\n    post:\n      summary: x\n      responses:\n        '200': {{description: {i}}}\n"
        for i in range(20_000)
    )
    locator = Locator(f"openapi: 3.0.3\npaths:\n{items}")
    for i in range(0, 20_000, 500):
        found = locator.find(f"/paths/~1p{i}/post/responses/200/description")
        assert found == (3 + 5 * i + 4, 17)
