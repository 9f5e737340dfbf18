"""Whatever a file says: it is read, or a MappingError says why not."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gen_suite.errors import MappingError
from gen_suite.mapping.entry import Change, OperationEntry
from gen_suite.mapping.model import Actor, App, Auth, Login, MappingFile, Resource, Target
from gen_suite.mapping.read import parse_mapping

MODELS = (MappingFile, Target, App, Actor, Auth, Login, Resource, OperationEntry, Change)
KEYS = sorted({field.alias or name for one in MODELS for name, field in one.model_fields.items()})

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["order", "$request.body#/a", "$item", "-$x.y", "${A}", "${B:-c}", "${", "$$"]),
    st.text(max_size=5),
)
names = st.one_of(st.sampled_from([*KEYS, "order", "POST /a", "a"]), st.text(max_size=3))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)
known = st.sampled_from([key for key in KEYS if key in MappingFile.model_fields])
files = st.dictionaries(known, values, max_size=5)


@settings(max_examples=200, deadline=None)
@given(data=st.one_of(files, values))
@example(data={"spec": "a", "operations": {"POST /a": {"changes": [{}, {"inserts": "b", "x": 1}]}}})
@example(data={"spec": "a", "resources": {"a": {"table": "b", "fields": {"c": {"column": []}}}}})
@example(data={"spec": "a", "operations": {"POST /a": {"createz": "b", "creates": "b"}}})
@example(data={"spec": "a", "actors": {"": {"auth": None, "x": {}}}, "operations": {"": None}})
def test_any_data(data: Any) -> None:
    with contextlib.suppress(MappingError):
        parse_mapping(json.dumps(data), Path("gen-suite.yaml"), env={"A": "x"})
