"""Drop, create and fill the shop's tables: `python -m gen_suite.examples.shop.seed`.

The rows are always the same. Credentials come from the environment where it names them
(ALICE_TOKEN, BOB_TOKEN, VERA_TOKEN, MALLORY_TOKEN, EXPIRED_TOKEN, FORMER_TOKEN, WAREHOUSE_KEY,
SHOP_PASSWORD); the defaults below are meant for test databases only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from . import ledger, tables
from .auth import hash_password, hash_token
from .database import engine, write

START = datetime(2024, 1, 15, 9, 30, tzinfo=UTC)
FAR = datetime(2099, 12, 31, tzinfo=UTC)
TOKENS = {
    "ALICE_TOKEN": "alice-secret",
    "BOB_TOKEN": "bob-secret",
    "VERA_TOKEN": "vera-secret",
    "MALLORY_TOKEN": "mallory-secret",
    "EXPIRED_TOKEN": "expired-secret",
    "FORMER_TOKEN": "former-secret",
    "WAREHOUSE_KEY": "warehouse-secret",
    "REVOKED_KEY": "revoked-secret",
    "SHOP_PASSWORD": "correct horse battery",
}
# id, name, role, tenant, active
PEOPLE = (
    (1, "alice", "admin", "acme", True),
    (2, "bob", "staff", "acme", True),
    (3, "vera", "viewer", "acme", True),
    (4, "mallory", "admin", "globex", True),
    (5, "warehouse", "service", "acme", True),
    (6, "fred", "staff", "acme", False),
)
# id, user, token, end
SESSIONS = (
    (1, 1, "ALICE_TOKEN", FAR),
    (2, 2, "BOB_TOKEN", FAR),
    (3, 3, "VERA_TOKEN", FAR),
    (4, 4, "MALLORY_TOKEN", FAR),
    (5, 1, "EXPIRED_TOKEN", START),
    (6, 6, "FORMER_TOKEN", FAR),
)


def secret(name: str) -> str:
    return os.environ.get(name) or TOKENS[name]


def main() -> None:
    tables.Base.metadata.drop_all(engine())
    tables.Base.metadata.create_all(engine())
    with write() as session:
        for stage in (_people, _credentials, _customers, _products, _sales, _money, _things):
            session.add_all(stage())
            session.flush()
        _advance_sequences(session)


def _times(**more: datetime | None) -> dict[str, Any]:
    return {"created_at": START, "updated_at": START, **more}


def _people() -> Iterator[tables.Base]:
    for slug in ("acme", "globex"):
        yield tables.Tenant(id=slug, name=slug.title(), support_email=None, **_times())
    for number, name, role, tenant, active in PEOPLE:
        yield tables.User(
            id=number,
            tenant_id=tenant,
            email=f"{name}@{tenant}.example",
            name=name.title(),
            role=role,
            active=active,
            password_hash=hash_password(secret("SHOP_PASSWORD"), salt=name),
            last_login_at=None,
            **_times(),
        )


def _credentials() -> Iterator[tables.Base]:
    for number, user, token, end in SESSIONS:
        yield tables.LoginSession(
            id=f"00000000-0000-4000-8000-{number:012}",
            user_id=user,
            token_hash=hash_token(secret(token)),
            created_at=START,
            expires_at=end,
        )
    key = hash_token(secret("WAREHOUSE_KEY"))
    yield tables.ApiKey(id=1, user_id=5, key_hash=key, revoked=False, created_at=START)
    key = hash_token(secret("REVOKED_KEY"))
    yield tables.ApiKey(id=2, user_id=5, key_hash=key, revoked=True, created_at=START)


def _customers() -> Iterator[tables.Base]:
    for number, tenant, name in ((1, "acme", "Ada"), (2, "acme", "Grace"), (3, "globex", "Alan")):
        yield tables.Customer(
            id=number,
            tenant_id=tenant,
            email=f"{name.lower()}@customers.example",
            name=name,
            kind="person",
            phone="+4930123456" if number == 1 else None,
            birth_date=date(1985, 12, 10) if number == 1 else None,
            newsletter=number == 1,
            credit_limit=Decimal("500.00") if number == 1 else None,
            notes="",
            **_times(deleted_at=None),
        )


def _products() -> Iterator[tables.Base]:
    goods = (
        ("acme", "Kettle", 3495, 40),
        ("acme", "Teapot", 2250, 12),
        ("globex", "Anvil", 9900, 3),
    )
    for number, (tenant, name, price, stock) in enumerate(goods, start=1):
        yield tables.Product(
            id=number,
            tenant_id=tenant,
            sku=f"SH-{number:04}",
            name=name,
            description=None,
            price_cents=price,
            stock=stock,
            active=True,
            weight_kg=Decimal("1.250") if number == 1 else None,
            available_from=None,
            **_times(),
        )


def _sales() -> Iterator[tables.Base]:
    yield tables.Address(
        id=1,
        customer_id=1,
        label="home",
        line1="12 St James's Square",
        city="London",
        postcode="SW1Y 4LB",
        country="GB",
        is_primary=True,
        **_times(),
    )
    yield tables.ProductTag(product_id=1, tag="kitchen", created_at=START)
    # id, tenant, customer, user, status, total, paid
    orders = (
        (1, "acme", 1, 1, "pending", 9240, 0),
        (2, "acme", 2, 2, "paid", 2250, 2250),
        (3, "globex", 3, 4, "pending", 9900, 0),
    )
    for number, tenant, customer, user, status, total, paid in orders:
        yield tables.Order(
            id=number,
            tenant_id=tenant,
            customer_id=customer,
            placed_by=user,
            status=status,
            total_cents=total,
            paid_cents=paid,
            note=None,
            gift=False,
            deliver_on=None,
            **_times(cancelled_at=None),
        )


def _money() -> Iterator[tables.Base]:
    # order, line, product, quantity, price
    for order, line, product, quantity, price in (
        (1, 1, 1, 2, 3495),
        (1, 2, 2, 1, 2250),
        (2, 1, 2, 1, 2250),
        (3, 1, 3, 1, 9900),
    ):
        yield tables.OrderItem(
            order_id=order,
            line=line,
            product_id=product,
            quantity=quantity,
            unit_price_cents=price,
        )
    yield ledger.Payment(
        id=1,
        tenant_id="acme",
        order_id=2,
        amount_cents=2250,
        refunded_cents=0,
        method="card",
        reference=None,
        **_times(),
    )
    for number, tenant, owner, balance in (
        (1, "acme", 1, 100_000),
        (2, "acme", 2, 5_000),
        (3, "globex", 4, 70_000),
    ):
        yield ledger.Wallet(
            id=number,
            tenant_id=tenant,
            owner_id=owner,
            name="Everyday",
            currency="EUR",
            balance_cents=balance,
            frozen=False,
            **_times(),
        )


def _things() -> Iterator[tables.Base]:
    for number, tenant, owner in ((1, "acme", 1), (2, "acme", 2), (3, "globex", 4)):
        yield ledger.Document(
            id=f"00000000-0000-4000-9000-{number:012}",
            tenant_id=tenant,
            owner_id=owner,
            title="Terms",
            body="Be kind.",
            published=False,
            version=1,
            **_times(),
        )
    for number, tenant in ((1, "acme"), (2, "globex")):
        yield ledger.Coupon(
            id=number,
            tenant_id=tenant,
            code=f"WELCOME{number}",
            percent=Decimal("10.00"),
            max_uses=100,
            used=0,
            starts_at=START,
            ends_on=None,
            active=True,
            **_times(),
        )
        yield ledger.Slot(
            id=number,
            tenant_id=tenant,
            starts_at=START + timedelta(days=30),
            ends_at=None,
            capacity=5,
            booked=0,
            note=None,
            created_at=START,
        )


def _advance_sequences(session: Session) -> None:
    """PostgreSQL's sequences do not see ids that were given; the next row would collide."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables.Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            session.connection().exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"
                f" (SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name}), false)"
            )


if __name__ == "__main__":
    main()
