"""Another row beside the addressed one, so that a change that goes too wide has something to hit."""

from __future__ import annotations

from .code import literal
from .request import Request
from .rows import MADE_ANEW


def beside(request: Request) -> str:
    """The decorator that arranges another row of the same resource.

    "" where the path addresses none, or where no two such rows can be: all columns of a key, or of
    a unique constraint, are fixed.
    """
    write, schema = request.write, request.subject.resolved.schema
    resource = write.resource
    if resource is None or schema is None or resource.name not in (b.resource for b in write.path):
        return ""
    name = request.rows.name_of(resource.name, f"another_{resource.name}")
    row = request.rows.own(name, resource.name, request.entry.arrange.get(resource.name, {}))
    table = schema.table(resource.table)
    fixed = {column for column, value in row.values if value not in MADE_ANEW}
    alone = (*table.unique, table.primary_key) if table else ()
    if any(columns and fixed.issuperset(columns) for columns in alone):
        return ""
    request.local[name] = row
    return f"@pytest.mark.usefixtures({literal(name)})"
