"""The entry that scaffold adds: names of the spec as YAML, whatever they hold."""

import pytest

from gen_suite.generator.scaffold import Entry, with_entry
from gen_suite.spec.yaml import load_yaml


@pytest.mark.parametrize("label", ["POST /orders", "POST /a: {creates: b} #", "POST /x #y"])
@pytest.mark.parametrize("name", ["order", "no", "a: b", "1"])
def test_an_entry_is_read_as_it_was_meant(label: str, name: str, tmp_path) -> None:
    text = with_entry("spec: a.yaml\n", Entry(label, "creates", name, name, ()))
    assert load_yaml(text, tmp_path) == {
        "spec": "a.yaml",
        "resources": {name: {"table": name}},
        "operations": {label: {"creates": name}},
    }
