"""Wallets belong to one user each: to everybody else they do not exist."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..auth import Anyone, Caller, Service, Staff
from ..bugs import enabled
from ..database import read, write
from ..errors import conflict, not_found
from ..fields import KEY, MAX_ID, PLAIN, Body, Key, Paging, Patch, View, Whole, page_of
from ..ledger import Deposit, Wallet
from ..records import audit, find, remove, stale
from ..references import open_once
from ..tables import now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("wallets")
WalletId = Annotated[Key, Path(alias="walletId", ge=1, le=MAX_ID)]


class NewWallet(Body):
    """A repeated `clientReference` of the same user opens no second wallet."""

    model_config = ConfigDict(extra="allow" if enabled("owner_from_body") else "forbid")

    name: str = Field(min_length=1, max_length=80, pattern=PLAIN)
    currency: Literal["EUR", "USD", "GBP"] = "EUR"
    client_reference: str | None = Field(default=None, min_length=8, max_length=64, pattern=KEY)


class WalletPatch(Patch):
    may_be_empty = enabled("empty_patch_accepted")

    name: str = Field(default="", min_length=1, max_length=80, pattern=PLAIN)
    frozen: bool = False


class WalletView(View):
    id: int
    owner_id: int
    name: str
    currency: str
    balance: int = Field(validation_alias="balance_cents")
    frozen: bool
    client_reference: str | None
    created_at: datetime
    updated_at: datetime


class NewDeposit(Body):
    amount: Whole = Field(ge=None if enabled("deposit_minimum_unchecked") else 1, le=1_000_000)
    source: str = Field(min_length=1, max_length=60, pattern=PLAIN)


class DepositView(View):
    id: int
    wallet_id: int
    amount: int = Field(validation_alias="amount_cents")
    source: str
    created_at: datetime


def find_own(session: Session, wallet_id: int, caller: Caller) -> Wallet:
    wallet = find(session, Wallet, wallet_id, caller)
    if wallet.owner_id != caller.id:
        raise not_found("wallet")
    return wallet


@routes.get("/wallets", response_model=page_of(WalletView), responses=refuses(401, 422))
def list_wallets(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(Wallet).where(Wallet.owner_id == caller.id)
        return answer(page.of(session, rows, Wallet.id, WalletView))


@routes.get("/wallets/{walletId}", response_model=WalletView, responses=refuses(401, PATH))
def get_wallet(caller: Anyone, wallet_id: WalletId) -> JSONResponse:
    with read() as session:
        view = wire(WalletView, find_own(session, wallet_id, caller))
    if enabled("read_from_cache"):
        view = _read_before.setdefault(wallet_id, view)
    return answer(view)


_read_before: dict[int, dict[str, Any]] = {}
"""What a bug answers for ever after."""


@routes.post(
    "/wallets", status_code=201, response_model=WalletView, responses=refuses(GUARDED, BODY)
)
def create_wallet(caller: Staff, body: NewWallet) -> JSONResponse:
    moment = now()
    with write() as session:
        asked = Wallet(
            tenant_id=caller.tenant,
            owner_id=(body.model_extra or {}).get("ownerId", caller.id),
            created_at=moment,
            updated_at=moment,
            **body.model_dump(exclude=set(body.model_extra or ())),
        )
        wallet = open_once(session, asked)
        if wallet is asked or enabled("repeat_audited"):
            audit(session, caller, "wallet.created", wallet.id)
        view = wire(WalletView, wallet)
        if enabled("number_as_text"):
            view["balance"] = str(view["balance"])
        return created(view, f"/wallets/{wallet.id}")


@routes.patch(
    "/wallets/{walletId}", response_model=WalletView, responses=refuses(GUARDED, BODY, PATH)
)
def update_wallet(caller: Staff, wallet_id: WalletId, body: WalletPatch) -> JSONResponse:
    with write() as session:
        wallet = find_own(session, wallet_id, caller)
        for name, value in body.sent().items():
            setattr(wallet, name, value)
        if not enabled("updated_at_stale"):
            wallet.updated_at = now()
        audit(session, caller, "wallet.updated", wallet.id)
        return answer(wire(WalletView, wallet))


@routes.delete("/wallets/{walletId}", status_code=204, responses=refuses(GUARDED, PATH, 409))
def delete_wallet(caller: Staff, wallet_id: WalletId) -> Response:
    with write() as session:
        wallet = find_own(session, wallet_id, caller)
        if wallet.balance_cents:
            raise conflict("not_empty", "There is money in the wallet.")
        remove(session, wallet, "wallet_used", "Money went through this wallet.")
        audit(session, caller, "wallet.deleted", wallet_id)
        return nothing()


@routes.post(
    "/wallets/{walletId}/deposits",
    status_code=201,
    response_model=DepositView,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def create_deposit(caller: Service, wallet_id: WalletId, body: NewDeposit) -> JSONResponse:
    """The bank tells that money has come in."""
    before = stale(Wallet, wallet_id, caller) if enabled("deposit_lost") else None
    with write() as session:
        wallet = find(session, Wallet, wallet_id, caller)
        if wallet.frozen:
            raise conflict("frozen", "The wallet is frozen.")
        row = Deposit(
            wallet_id=wallet.id, amount_cents=body.amount, source=body.source, created_at=now()
        )
        session.add(row)
        wallet.balance_cents = (before or wallet).balance_cents + body.amount
        wallet.updated_at = now()
        session.flush()
        audit(session, caller, "wallet.deposited", wallet.id)
        return created(wire(DepositView, row), f"/wallets/{wallet.id}/deposits/{row.id}")


@routes.get(
    "/wallets/{walletId}/deposits",
    response_model=page_of(DepositView),
    responses=refuses(401, PATH),
)
def list_deposits(caller: Anyone, wallet_id: WalletId, page: Paging) -> JSONResponse:
    with read() as session:
        wallet = _readable(session, wallet_id, caller)
        rows = select(Deposit).where(Deposit.wallet_id == wallet.id)
        return answer(page.of(session, rows, Deposit.id, DepositView))


@routes.get(
    "/wallets/{walletId}/deposits/{depositId}",
    response_model=DepositView,
    responses=refuses(401, PATH),
)
def get_deposit(
    caller: Anyone,
    wallet_id: WalletId,
    deposit_id: Annotated[Key, Path(alias="depositId", ge=1, le=MAX_ID)],
) -> JSONResponse:
    with read() as session:
        wallet = _readable(session, wallet_id, caller)
        found = session.get(Deposit, deposit_id)
        if found is None or found.wallet_id != wallet.id:
            raise not_found("deposit")
        return answer(wire(DepositView, found))


def _readable(session: Session, wallet_id: int, caller: Caller) -> Wallet:
    """The bank sees every wallet's deposits, users those of their own wallets."""
    if caller.role == "service":
        return find(session, Wallet, wallet_id, caller)
    return find_own(session, wallet_id, caller)
