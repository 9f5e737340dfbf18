"""What a test says to the fixture that sends its module's request, and what it has to write out."""

import ast
from collections.abc import Callable

Emit = Callable[[str, str, str], dict[str, str]]

BODY = """
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, properties: {slug: {type: string}, title: {type: string}}}}}}
"""
SHOWN = """
      responses: {"200": {description: ok, content: {application/json: {schema:
        {type: object, properties: {id: {type: integer}, slug: {type: string}, title: {type: string}}}}}}}
"""


def function(text: str, name: str) -> ast.FunctionDef:
    """The function of a module with that name."""
    nodes = ast.parse(text).body
    return next(n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == name)


def parameters(test: ast.FunctionDef) -> list[str]:
    """The names of its parameters."""
    return [argument.arg for argument in test.args.args]


def test_a_row_that_gets_a_new_address_is_read_back_by_the_body_that_was_sent(emit: Emit) -> None:
    files = emit(
        "CREATE TABLE courses (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, title TEXT NOT NULL)",
        f"""
  /courses/{{slug}}:
    parameters: [{{name: slug, in: path, required: true, schema: {{type: string}}}}]
    get:
      operationId: getCourse
{SHOWN}
    patch:
      operationId: changeCourse
{BODY}
{SHOWN}
""",
        """
resources: {course: {table: courses}}
operations:
  PATCH /courses/{slug}: {updates: course}
""",
    )

    test = function(files["test_change_course.py"], "test_can_be_read_back")

    assert "body" not in parameters(test)
    lines = ast.unparse(test)
    assert "body = complete(LABEL)" in lines
    assert "change_course(body)" in lines
    assert "body.get('slug', course['slug'])" in lines


def _seats(unique: str) -> tuple[str, str, str]:
    tables = f"""
CREATE TABLE flights (id INTEGER PRIMARY KEY);
CREATE TABLE seats (
    id INTEGER PRIMARY KEY, flight_id INTEGER NOT NULL REFERENCES flights, number INTEGER NOT NULL,
    status TEXT NOT NULL{unique}
);
"""
    paths = """
  /seats/{id}/release:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    post:
      operationId: releaseSeat
      responses: {"204": {description: done}, "409": {description: it is free}}
"""
    mapping = """
resources:
  flight: {table: flights}
  seat: {table: seats, arrange: {number: 1, status: taken}}
operations:
  POST /seats/{id}/release:
    updates: seat
    set: {status: free}
    refuses:
      free already: {arrange: {seat: {status: free}}, status: 409}
"""
    return tables, paths, mapping


def test_a_row_that_may_stand_beside_the_usual_one_is_said_by_keyword(emit: Emit) -> None:
    files = emit(*_seats(""))

    name = "test_leaves_nothing_when_refused_for_free_already"
    test = function(files["test_release_seat.py"], name)

    assert parameters(test) == ["refused", "release_seat", "seat_free_already"]
    assert "refused(409, release_seat, seat=seat_free_already)" in ast.unparse(test)


def test_a_row_that_a_unique_constraint_forbids_beside_the_usual_one_is_arranged_alone(
    emit: Emit,
) -> None:
    files = emit(*_seats(", UNIQUE (flight_id, number)"))

    name = "test_leaves_nothing_when_refused_for_free_already"
    test = function(files["test_release_seat.py"], name)

    # The fixture `release_seat` would arrange a taken seat with this number of this flight.
    assert parameters(test) == ["api", "database", "seat_free_already"]
    assert "path={'id': seat_free_already['id']}" in ast.unparse(test)
