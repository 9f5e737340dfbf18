"""Fingerprints: what a result was made of, so that one of another spec, mapping or test can be told."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import MappingError
from ..mapping.model import MappingFile
from ..mapping.resolved import Resolved
from ..spec.model import Document, Operation
from ..spec.pointer import MISSING, get

LENGTH = 16
"""Hexadecimal digits: no secret depends on them."""
_REFERENCE = re.compile(r'"\$ref": "(#[^"]*)"')


def of_spec(resolved: Resolved) -> str:
    """Of the document with the files that it brought in; line ends count for nothing."""
    document = resolved.document
    files = sorted({document.path, *document.files.values()})
    return _digest(b"\0".join(_lines(path) for path in files))


def of_mapping(mapping: MappingFile) -> str:
    """Of what the file says beside `target`, which is another one on each machine; comments count for
    nothing. "" without a file."""
    return _digest(_dumped(_stated(mapping)).encode()) if not mapping.is_bare else ""


def of_operations(resolved: Resolved) -> dict[str, str]:
    """Of each write operation, by label: what the spec says of it, with every schema that it leads to,
    and what the mapping says of it and of all."""
    stated = _stated(resolved.mapping)
    entries = stated.pop("operations", None) or {}
    closure = _Closure(resolved.document)
    common = _dumped(stated)
    return {
        label: _digest(
            "\0".join([closure.text(write.operation), common, _dumped(entries.get(label))]).encode()
        )
        for label, write in resolved.operations.items()
    }


def _stated(mapping: MappingFile) -> dict[str, Any]:
    """What the file says, as it is written, of everything but the target."""
    from ..spec.yaml import load_yaml

    said = load_yaml(mapping.text, mapping.path, error=MappingError) if mapping.text else {}
    return {key: value for key, value in dict(said or {}).items() if key != "target"}


class _Closure:
    """Parts of a document as text, with every part that a `$ref` of theirs leads to."""

    def __init__(self, document: Document) -> None:
        self._raw = document.raw
        self._parts: dict[str, tuple[str, tuple[str, ...]]] = {}

    def text(self, operation: Operation) -> str:
        """An operation with the parameters of its path, then all that they lead to, by their names."""
        beside = f"{operation.pointer.rpartition('/')[0]}/parameters"
        seen, ahead = {operation.pointer, beside}, [operation.pointer, beside]
        while ahead:
            for leads_to in self._part(ahead.pop())[1]:
                if leads_to not in seen:
                    seen.add(leads_to)
                    ahead.append(leads_to)
        return "\0".join(self._part(name)[0] for name in sorted(seen))

    def _part(self, pointer: str) -> tuple[str, tuple[str, ...]]:
        if pointer not in self._parts:
            node = get(self._raw, pointer)
            text = _dumped(None if node is MISSING else node)
            self._parts[pointer] = text, tuple(dict.fromkeys(_REFERENCE.findall(text)))
        return self._parts[pointer]


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def of_file(path: Path) -> str:
    """Of a test module; "" where it cannot be read."""
    content = _lines(path)
    return _digest(content) if content else ""


@dataclass(frozen=True, slots=True)
class Function:
    """Where a test function begins in its file, from 1, and its fingerprint."""

    line: int
    fingerprint: str


def functions(path: Path) -> Mapping[str, Function]:
    """The functions of a test module by their names in test ids, `Class::name`; none of a file that
    is gone or is no Python."""
    try:
        stat = path.stat()
        return _functions(path, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError, SyntaxError):
        return {}


@cache
def _functions(path: Path, changed: int, size: int) -> Mapping[str, Function]:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = text.splitlines()
    return {name: _function(node, lines) for name, node in _named(tree, "")}


def _named(
    parent: ast.AST, prefix: str
) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    named: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            named.append((f"{prefix}{node.name}", node))
        elif isinstance(node, ast.ClassDef):
            named += _named(node, f"{prefix}{node.name}::")
    return named


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> Function:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    text = "\n".join(line.rstrip() for line in lines[first - 1 : node.end_lineno])
    return Function(node.lineno, _digest(text.encode()))


def _lines(path: Path) -> bytes:
    try:
        return path.read_bytes().replace(b"\r\n", b"\n")
    except OSError:
        return b""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:LENGTH]
