"""Values that CHECK constraints allow, found with few questions."""

from __future__ import annotations

import sqlalchemy as sa

from gen_suite.runtime.database.checks import satisfied
from gen_suite.runtime.database.tables import reflect

NAMES = ("card", "account", "wallet", "voucher", "invoice", "cheque", "cash", "transfer")
ONE_OF = " + ".join(f"({name} IS NOT NULL)" for name in NAMES) + " = 1"
LONG = " AND ".join(f"({name} IS NULL OR length({name}) > 2)" for name in NAMES)


def test_one_of_several_columns_is_found_by_what_is_null() -> None:
    """Else the product of all candidates of eight columns is gone through, and nothing is found."""
    engine = sa.create_engine("sqlite://")
    asked: list[str] = []
    with engine.connect() as connection:
        columns = ", ".join(f"{name} TEXT" for name in NAMES)
        connection.exec_driver_sql(
            f"CREATE TABLE payments (id INTEGER PRIMARY KEY, {columns}, CHECK ({ONE_OF}), CHECK ({LONG}))"
        )
        info = reflect(connection)["payments"]
        sa.event.listen(
            engine, "before_cursor_execute", lambda *told: asked.append(told[2])
        )  # only what is asked from here on
        values = dict.fromkeys(NAMES, "amber")
        found = satisfied(connection, info, [ONE_OF, LONG], values, fixed=frozenset())
    assert [name for name in NAMES if found[name] is not None] == ["card"]
    assert len(asked) < 400
