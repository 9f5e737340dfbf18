"""A parcels API whose spec allows more than its columns hold, on any engine.

PARCELS says what it does there: `refuse` (422), `cut` (to what fits, and 201), anything else
leaves it to the database.
"""

import json
import os
from collections.abc import Callable, Iterable
from decimal import Decimal

import sqlalchemy as sa

DOES = os.environ.get("PARCELS", "")
TABLE = sa.Table(
    "parcels",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("label", sa.String(20), nullable=False),
    sa.Column("weight", sa.Numeric(6, 2), nullable=False),
    sa.Column("pieces", sa.Integer, nullable=False),
    sa.Column("memo", sa.String(20), nullable=False),
    mysql_engine="InnoDB",
)
ENGINE = sa.create_engine(os.environ["DATABASE_URL"])
Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer GET /health and POST /parcels."""
    if environ["PATH_INFO"] == "/health":
        status, body = "200 OK", {}
    else:
        sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        status, body = create({**DEFAULTS, **json.loads(sent, parse_float=Decimal)})
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body, default=float).encode()]


DEFAULTS = {"weight": 0, "pieces": 0, "memo": ""}


def create(parcel: dict) -> tuple[str, dict]:
    fitting = fit(parcel)
    if DOES == "refuse" and fitting != parcel:
        return "422 Unprocessable Entity", {"error": "too much"}
    with ENGINE.begin() as connection:
        kept = fitting if DOES == "cut" else parcel
        done = connection.execute(TABLE.insert().values(**kept))
        made = {"id": done.inserted_primary_key[0], **kept}
    return "201 Created", made


def fit(parcel: dict) -> dict:
    weight = Decimal(parcel["weight"])
    return {
        "label": parcel["label"][:20],
        "weight": parcel["weight"] if weight == round(weight, 2) else round(weight, 2),
        "pieces": min(parcel["pieces"], 2**31 - 1),
        "memo": parcel["memo"] or "",
    }


if __name__ == "__main__":
    TABLE.metadata.create_all(ENGINE)
