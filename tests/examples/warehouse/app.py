"""A warehouse on an old schema: abbreviated names in capitals, keys of several columns, a flag for
deleted rows; the API in front of it speaks whole words in camel case, with HTTP Basic."""

from __future__ import annotations

import base64
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DATABASE = Path(os.environ.get("DATABASE_URL", "sqlite:///warehouse.db").partition(":///")[2])
PASSWORDS = {"CLERK": "clerk-pass", "AUDIT": "audit-pass"}
STATUS = {"OPEN": "open", "CONF": "confirmed", "CANC": "cancelled"}
TYPES = {"RET": "retail", "WHL": "wholesale"}
Row = dict[str, Any]


class Refused(Exception):  # noqa: N818 - the framework's own word would be HTTPException
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def find(db: sqlite3.Connection, table: str, missing: int = 404, **key: Any) -> Row:
    where = " AND ".join(f"{name} = ?" for name in key)
    row = db.execute(f"SELECT * FROM {table} WHERE {where}", tuple(key.values())).fetchone()
    if row is None:
        raise Refused(missing, f"not found: {', '.join(map(str, key.values()))}")
    return dict(row)


def insert(db: sqlite3.Connection, table: str, **values: Any) -> int:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
    return cursor.lastrowid or 0


def update(db: sqlite3.Connection, table: str, key: Row, **values: Any) -> None:
    sets = ", ".join(f"{name} = ?" for name in values)
    where = " AND ".join(f"{name} = ?" for name in key)
    db.execute(f"UPDATE {table} SET {sets} WHERE {where}", (*values.values(), *key.values()))


def log(db: sqlite3.Connection, user: str, action: str, reference: Any) -> None:
    insert(db, "AUD_LOG", USR_ID=user, ACT_CD=action, REF_TXT=str(reference), LOG_DT=now())


def customer_view(row: Row) -> Row:
    return {
        "customerNumber": row["CUST_NO"], "name": row["CUST_NM"], "phone": row["TEL_NO"],
        "email": row["EML_ADDR"], "creditLimit": float(row["CR_LMT"]),
        "type": TYPES[row["CUST_TYP"]], "createdAt": row["CRT_DT"], "updatedAt": row["UPD_DT"],
    }  # fmt: skip


def item_view(row: Row) -> Row:
    return {
        "code": row["ITM_CD"], "name": row["ITM_NM"], "description": row["ITM_DESC"],
        "unitPrice": float(row["UNT_PRC"]), "quantityOnHand": row["QTY_OH"],
        "createdAt": row["CRT_DT"], "updatedAt": row["UPD_DT"],
    }  # fmt: skip


def order_view(db: sqlite3.Connection, row: Row) -> Row:
    key = (row["CO_CD"], row["ORD_NO"])
    lines = db.execute("SELECT * FROM ORD_DTL WHERE CO_CD = ? AND ORD_NO = ? ORDER BY LN_NO", key)
    return {
        "companyCode": row["CO_CD"], "orderNumber": row["ORD_NO"],
        "customerNumber": row["CUST_NO"], "orderDate": row["ORD_DT"],
        "status": STATUS[row["ORD_STAT"]], "totalAmount": float(row["TOT_AMT"]),
        "createdBy": row["CRT_USR"], "createdAt": row["CRT_DT"],
        "lines": [line_view(dict(line)) for line in lines],
    }  # fmt: skip


def line_view(row: Row) -> Row:
    return {"lineNumber": row["LN_NO"], "itemCode": row["ITM_CD"], "quantity": row["QTY"],
            "unitPrice": float(row["UNT_PRC"])}  # fmt: skip


def customer_columns(body: Row) -> Row:
    names = {"name": "CUST_NM", "phone": "TEL_NO", "email": "EML_ADDR", "creditLimit": "CR_LMT"}
    found = {names[name]: value for name, value in body.items() if name in names}
    if "type" in body:
        found["CUST_TYP"] = next(code for code, told in TYPES.items() if told == body["type"])
    return found


def item_columns(body: Row) -> Row:
    names = {"code": "ITM_CD", "name": "ITM_NM", "description": "ITM_DESC",
             "unitPrice": "UNT_PRC", "quantityOnHand": "QTY_OH"}  # fmt: skip
    return {names[name]: value for name, value in body.items() if name in names}


# ---- what the routes do


def create_company(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    insert(db, "CO_MST", CO_CD=body["code"], CO_NM=body["name"])
    return JSONResponse({"code": body["code"], "name": body["name"]}, 201)


def create_customer(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    made = insert(db, "CUST_MST", CRT_DT=now(), UPD_DT=now(), **customer_columns(body))
    log(db, user, "CUST_NEW", made)
    return JSONResponse(customer_view(find(db, "CUST_MST", CUST_NO=made)), 201)


def change_customer(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    own = {"CUST_NO": key["customerNumber"], "DEL_FLG": "N"}
    find(db, "CUST_MST", **own)
    update(db, "CUST_MST", own, UPD_DT=now(), **customer_columns(body))
    log(db, user, "CUST_UPD", own["CUST_NO"])
    return JSONResponse(customer_view(find(db, "CUST_MST", **own)))


def delete_customer(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    own = {"CUST_NO": key["customerNumber"], "DEL_FLG": "N"}
    find(db, "CUST_MST", **own)
    update(db, "CUST_MST", own, DEL_FLG="Y", UPD_DT=now())
    log(db, user, "CUST_DEL", own["CUST_NO"])
    return Response(status_code=204)


def create_item(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    insert(db, "ITM_MST", CRT_DT=now(), UPD_DT=now(), **item_columns(body))
    return JSONResponse(item_view(find(db, "ITM_MST", ITM_CD=body["code"])), 201)


def change_item(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    own = {"ITM_CD": key["itemCode"]}
    find(db, "ITM_MST", **own)
    update(db, "ITM_MST", own, UPD_DT=now(), **item_columns(body))
    return JSONResponse(item_view(find(db, "ITM_MST", **own)))


def delete_item(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    find(db, "ITM_MST", ITM_CD=key["itemCode"])
    db.execute("DELETE FROM ITM_MST WHERE ITM_CD = ?", (key["itemCode"],))
    return Response(status_code=204)


def add_line(db: sqlite3.Connection, order: Row, item_code: str, quantity: int) -> Row:
    item = find(db, "ITM_MST", 422, ITM_CD=item_code)
    if item["QTY_OH"] < quantity:
        raise Refused(409, f"only {item['QTY_OH']} of {item_code} on hand")
    number = db.execute(
        "SELECT coalesce(max(LN_NO), 0) + 1 FROM ORD_DTL WHERE CO_CD = ? AND ORD_NO = ?",
        (order["CO_CD"], order["ORD_NO"]),
    ).fetchone()[0]
    line = {"LN_NO": number, "ITM_CD": item_code, "QTY": quantity, "UNT_PRC": item["UNT_PRC"]}
    insert(db, "ORD_DTL", CO_CD=order["CO_CD"], ORD_NO=order["ORD_NO"], **line)
    update(db, "ITM_MST", {"ITM_CD": item_code}, QTY_OH=item["QTY_OH"] - quantity)
    total = order["TOT_AMT"] + round(item["UNT_PRC"] * quantity, 2)
    update(db, "ORD_HDR", {"CO_CD": order["CO_CD"], "ORD_NO": order["ORD_NO"]}, TOT_AMT=total)
    order["TOT_AMT"] = total
    return line


def create_order(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    company = key["companyCode"]
    find(db, "CO_MST", CO_CD=company)
    find(db, "CUST_MST", 422, CUST_NO=body["customerNumber"])
    number = db.execute("SELECT coalesce(max(ORD_NO), 0) + 1 FROM ORD_HDR").fetchone()[0]
    insert(
        db, "ORD_HDR",
        CO_CD=company, ORD_NO=number, CUST_NO=body["customerNumber"], ORD_DT=body["orderDate"],
        ORD_STAT="OPEN", CRT_USR=user, CRT_DT=now(),
    )  # fmt: skip
    order = find(db, "ORD_HDR", CO_CD=company, ORD_NO=number)
    for line in body["lines"]:
        add_line(db, order, line["itemCode"], line["quantity"])
    log(db, user, "ORD_NEW", f"{company}/{number}")
    order = find(db, "ORD_HDR", CO_CD=company, ORD_NO=number)
    return JSONResponse({"order": order_view(db, order)}, 201)


def order_of(db: sqlite3.Connection, key: Row) -> Row:
    return find(db, "ORD_HDR", CO_CD=key["companyCode"], ORD_NO=key["orderNumber"])


def change_order(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    order = order_of(db, key)
    own = {"CO_CD": order["CO_CD"], "ORD_NO": order["ORD_NO"]}
    update(db, "ORD_HDR", own, ORD_DT=body["orderDate"])
    return JSONResponse({"order": order_view(db, find(db, "ORD_HDR", **own))})


def confirm_order(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    order = order_of(db, key)
    if order["ORD_STAT"] != "OPEN":
        raise Refused(409, f"the order is {STATUS[order['ORD_STAT']]}")
    own = {"CO_CD": order["CO_CD"], "ORD_NO": order["ORD_NO"]}
    update(db, "ORD_HDR", own, ORD_STAT="CONF")
    log(db, user, "ORD_CONF", f"{own['CO_CD']}/{own['ORD_NO']}")
    return JSONResponse({"order": order_view(db, find(db, "ORD_HDR", **own))})


def create_line(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    order = order_of(db, key)
    if order["ORD_STAT"] != "OPEN":
        raise Refused(409, "the order is closed")
    return JSONResponse(line_view(add_line(db, order, body["itemCode"], body["quantity"])), 201)


def delete_line(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    own = {"CO_CD": key["companyCode"], "ORD_NO": key["orderNumber"], "LN_NO": key["lineNumber"]}
    find(db, "ORD_DTL", **own)
    db.execute(
        "DELETE FROM ORD_DTL WHERE CO_CD = ? AND ORD_NO = ? AND LN_NO = ?", tuple(own.values())
    )
    return Response(status_code=204)


def list_customers(db: sqlite3.Connection, user: str, key: Row, body: Row) -> Response:
    rows = db.execute("SELECT * FROM CUST_MST WHERE DEL_FLG = 'N'")
    return JSONResponse([customer_view(dict(row)) for row in rows])


Work = Callable[[sqlite3.Connection, str, Row, Row], Response]


def caller(request: Request) -> str:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, password = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        raise Refused(401, "who are you?") from None
    if kind != "Basic" or PASSWORDS.get(name) != password:
        raise Refused(401, "who are you?")
    return name


def endpoint(work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def call(request: Request) -> Response:
        try:
            user = caller(request)
            if user == "AUDIT" and request.method != "GET":
                raise Refused(403, "auditors only look")
            body = await request.json() if await request.body() else {}
            with transaction() as db:
                return work(db, user, dict(request.path_params), body)
        except Refused as refused:
            return JSONResponse({"message": refused.message}, refused.status)
        except sqlite3.IntegrityError as error:
            return JSONResponse({"message": str(error)}, 409)

    return call


ORDER = "/companies/{companyCode}/orders/{orderNumber:int}"
ROUTES: tuple[tuple[str, str, Work], ...] = (
    ("GET", "/customers", list_customers),
    ("POST", "/customers", create_customer),
    ("PUT", "/customers/{customerNumber:int}", change_customer),
    ("DELETE", "/customers/{customerNumber:int}", delete_customer),
    ("POST", "/items", create_item),
    ("PATCH", "/items/{itemCode}", change_item),
    ("DELETE", "/items/{itemCode}", delete_item),
    ("POST", "/companies", create_company),
    ("POST", "/companies/{companyCode}/orders", create_order),
    ("PATCH", ORDER, change_order),
    ("POST", f"{ORDER}/confirm", confirm_order),
    ("POST", f"{ORDER}/lines", create_line),
    ("DELETE", f"{ORDER}/lines/{{lineNumber:int}}", delete_line),
)
app = Starlette(
    routes=[Route(path, endpoint(work), methods=[method]) for method, path, work in ROUTES]
)


def seed() -> None:
    """Make the database anew: `python app.py`."""
    DATABASE.unlink(missing_ok=True)
    connection = sqlite3.connect(DATABASE)
    connection.executescript((Path(__file__).parent / "schema.sql").read_text())
    connection.close()


if __name__ == "__main__":
    seed()
