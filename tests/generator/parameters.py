"""Whether somebody gives each parameter of an emitted function: a fixture, or its own decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

PYTESTS_OWN = frozenset({"request", "tmp_path", "monkeypatch"})


def ungiven(files: Mapping[str, str]) -> list[str]:
    """`test_x.py: test_y(body)` for each parameter that pytest would not find."""
    modules = {name: ast.parse(text).body for name, text in files.items()}
    shared = PYTESTS_OWN | {
        name
        for file, body in modules.items()
        if file.endswith("conftest.py")
        for name in (*_functions(body), *_imported(body))
    }
    return [
        f"{file}: {name}({parameter.arg})"
        for file, body in modules.items()
        for name, function in _functions(body).items()
        for parameter in function.args.args
        if parameter.arg not in {*shared, *_functions(body), *_decorated(function)}
    ]


def _functions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef]:
    """The tests and fixtures of a module."""
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    return {n: f for n, f in functions.items() if n.startswith("test_") or _is_fixture(f)}


def _is_fixture(function: ast.FunctionDef) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)


def _imported(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def _decorated(function: ast.FunctionDef) -> Iterator[str]:
    """The arguments of `parametrize` and of `given`."""
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        yield from (keyword.arg for keyword in decorator.keywords if keyword.arg)
        if ast.unparse(decorator.func).endswith("parametrize"):
            names = ast.literal_eval(decorator.args[0])
            yield from [names] if isinstance(names, str) else names
