"""Wallets that are opened once, however often a program asks: told by the `clientReference` it sends.

The reference is a column of the wallet and unique among those of its owner, so that the database
decides which of two requests at the same moment opened it.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .bugs import enabled
from .database import is_taken, read
from .errors import Refusal
from .ledger import Wallet


def open_once(session: Session, wallet: Wallet) -> Wallet:
    """The wallet as it was added, or the one that its reference opened before; 422 when that differs."""
    if enabled("reference_forgotten"):
        wallet.client_reference = None
    if enabled("reference_cut") and wallet.client_reference:
        wallet.client_reference = wallet.client_reference[:12]
    if enabled("reference_race_crashes") or enabled("reference_of_tenant"):
        with read() as before:
            earlier = _earlier(before, wallet)
        if earlier is None:
            session.add(wallet)
            session.flush()
            return wallet
        return _same(earlier, wallet)
    try:
        with session.begin_nested():
            session.add(wallet)
    except IntegrityError as error:
        if not is_taken(error):
            raise
        return _same(_earlier(session, wallet), wallet)
    return wallet


def _earlier(session: Session, wallet: Wallet) -> Wallet | None:
    mine = Wallet.owner_id == wallet.owner_id
    if enabled("reference_of_tenant"):
        mine = Wallet.tenant_id == wallet.tenant_id
    named = Wallet.client_reference == wallet.client_reference
    return session.scalar(select(Wallet).where(mine, named))


def _same(earlier: Wallet | None, wallet: Wallet) -> Wallet:
    asked = (wallet.name, wallet.currency)
    same = earlier is not None and (earlier.name, earlier.currency) == asked
    if earlier is None or not (same or enabled("reference_beats_body")):
        message = "The clientReference opened another wallet."
        raise Refusal(422, "client_reference_used", message)
    return earlier
