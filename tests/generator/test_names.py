"""The names that meet: what emitted code may import, and what the runtime offers."""

import json
from pathlib import Path

import gen_suite.runtime
from gen_suite.generator.imports import RUNTIME
from gen_suite.generator.plan import LONGEST, operation_name
from gen_suite.spec.read import read_document


def test_emitted_code_imports_only_what_the_runtime_exports() -> None:
    assert set(RUNTIME) <= set(gen_suite.runtime.__all__)


def test_every_export_can_be_imported() -> None:
    for name in gen_suite.runtime.__all__:
        assert getattr(gen_suite.runtime, name) is not None


def test_a_long_name_is_cut_and_stays_its_own(tmp_path: Path) -> None:
    ids = ["a" * 300 + "X", "a" * 300 + "Y", "a" * LONGEST, "createOrder"]
    paths = [
        f"  /x{number}: {{post: {{operationId: {one}, responses: {{}}}}}}\n"
        for number, one in enumerate(ids)
    ]
    paths.append(f"  /{'long/' * 90}end: {{post: {{responses: {{}}}}}}\n")
    file = tmp_path / "openapi.yaml"
    file.write_text(f"openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths:\n{''.join(paths)}")
    names = [operation_name(one) for one in read_document(file).operations]
    assert names == [operation_name(one) for one in read_document(file).operations]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) == LONGEST
    assert names[2:4] == ["a" * LONGEST, "create_order"]


def test_fastapi_names_are_those_of_the_functions(tmp_path: Path) -> None:
    def operation(name: str) -> dict[str, object]:
        return {"operationId": name, "responses": {"200": {"description": "done"}}}

    paths = {
        "/api/rooms/{room_id}": {"patch": operation("update_room_api_rooms__room_id__patch")},
        "/health": {"post": operation("_health_post")},
    }
    file = tmp_path / "openapi.json"
    file.write_text(
        json.dumps({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": paths})
    )
    names = [operation_name(one) for one in read_document(file).operations]
    assert names == ["update_room", "health_post"]
