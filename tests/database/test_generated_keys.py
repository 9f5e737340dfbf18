"""Keys that an engine gave out are not given out again when their rows were taken back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gen_suite.runtime.database import open_database


def test_the_key_of_a_row_that_was_taken_back_is_not_given_out_again(
    app: Any, engine_url: str
) -> None:
    slips = sa.Table(
        "slips",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(20)),
        sqlite_autoincrement=True,
    )
    slips.create(app.engine)
    with open_database(engine_url) as database:
        database.install()
        keys = []
        for _ in range(3):
            with database.undone():
                app.run("INSERT INTO slips(text) VALUES ('x')")
                keys.append(database.row("slips")["id"])
        database.recover()
    assert keys == sorted(set(keys))
