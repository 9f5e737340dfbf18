"""Money from one wallet to another: both change, or neither does."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..auth import Anyone, Caller, Staff
from ..bugs import enabled
from ..database import read, write
from ..errors import Refusal, conflict, not_found, unknown_reference
from ..fields import MAX_ID, PLAIN, Amount, Body, Key, Paging, Ref, View, page_of
from ..idempotency import RequiredKey, claim
from ..ledger import Transfer, Wallet
from ..records import audit, find, publish, refer, stale
from ..tables import now
from ..web import BODY, GUARDED, PATH, answer, created, refuses, router, wire

routes = router("transfers")
TransferId = Annotated[Key, Path(alias="transferId", ge=1, le=MAX_ID)]


class NewTransfer(Body):
    from_wallet_id: Ref
    to_wallet_id: Ref
    amount: Amount
    note: str | None = Field(default=None, max_length=200, pattern=PLAIN)


class TransferView(View):
    id: int
    from_wallet_id: int
    to_wallet_id: int
    amount: int = Field(validation_alias="amount_cents")
    note: str | None
    created_at: datetime


@routes.get("/transfers", response_model=page_of(TransferView), responses=refuses(401, 422))
def list_transfers(caller: Anyone, page: Paging) -> JSONResponse:
    """Those from or to the caller's wallets."""
    own = select(Wallet.id).where(Wallet.owner_id == caller.id)
    with read() as session:
        rows = select(Transfer).where(
            or_(Transfer.from_wallet_id.in_(own), Transfer.to_wallet_id.in_(own))
        )
        return answer(page.of(session, rows, Transfer.id, TransferView))


@routes.get("/transfers/{transferId}", response_model=TransferView, responses=refuses(401, PATH))
def get_transfer(caller: Anyone, transfer_id: TransferId) -> JSONResponse:
    own = select(Wallet.id).where(Wallet.owner_id == caller.id)
    with read() as session:
        transfer = find(session, Transfer, transfer_id, caller)
        involved = {transfer.from_wallet_id, transfer.to_wallet_id}
        if involved.isdisjoint(session.scalars(own)):
            raise not_found("transfer")
        return answer(wire(TransferView, transfer))


def _wallets(session: Session, caller: Caller, body: NewTransfer) -> tuple[Wallet, Wallet]:
    """Both wallets, locked in the order of their ids so that two transfers never wait in a ring."""
    fields = {body.from_wallet_id: "fromWalletId", body.to_wallet_id: "toWalletId"}
    found = {key: refer(session, Wallet, key, caller, fields[key]) for key in sorted(fields)}
    source, target = found[body.from_wallet_id], found[body.to_wallet_id]
    if source.owner_id != caller.id and not enabled("foreign_wallet_debited"):
        raise unknown_reference("fromWalletId")
    return source, target


@routes.post(
    "/transfers",
    status_code=201,
    response_model=TransferView,
    responses=refuses(GUARDED, BODY, 409),
)
def create_transfer(caller: Staff, body: NewTransfer, key: RequiredKey) -> Response:
    moment = now()
    before = stale(Wallet, body.from_wallet_id, caller) if enabled("overdrawn") else None
    with write() as session:
        claimed = claim(session, caller, key, "POST /transfers", body)
        if claimed.replay:
            return claimed.replay
        source, target = _wallets(session, caller, body)
        if before:
            source.balance_cents = before.balance_cents
        try:
            _check(source, target, body.amount)
        except Refusal:
            if enabled("refused_key_kept"):
                claimed.keep(answer({}, 201))
                session.commit()
            raise
        source.balance_cents -= body.amount
        if enabled("debit_without_credit"):
            session.commit()
        target.balance_cents += _credit(target, body.amount)
        source.transfers += 1
        target.transfers += 1
        source.updated_at = target.updated_at = moment
        session.flush()
        transfer = Transfer(
            tenant_id=caller.tenant,
            from_wallet_id=source.id,
            to_wallet_id=target.id,
            amount_cents=body.amount,
            note=body.note,
            created_at=moment,
        )
        session.add(transfer)
        session.flush()
        audit(session, caller, "transfer.created", transfer.id)
        publish(session, caller, "transfer.created", transfer.id)
        _credits.clear()
        response = created(wire(TransferView, transfer), f"/transfers/{transfer.id}")
        if enabled("key_saved_later") and claimed.row:
            session.commit()
            session.add(claimed.row)
        return claimed.keep(response)


_credits: Counter[int] = Counter()
"""Credits by wallet that are not written yet; only a bug looks at those of earlier requests."""


def _credit(target: Wallet, amount: int) -> int:
    if not enabled("failed_credit_kept"):
        return amount
    _credits[target.id] += amount
    return _credits[target.id]


def _check(source: Wallet, target: Wallet, amount: int) -> None:
    if source is target:
        raise conflict("same_wallet", "The wallets are one and the same.")
    if source.frozen or target.frozen:
        raise conflict("frozen", "A wallet is frozen.")
    if source.currency != target.currency:
        raise conflict("currencies_differ", f"{source.currency} is not {target.currency}.")
    if source.balance_cents < amount:
        raise conflict("insufficient_funds", "There is not enough money in the wallet.")
