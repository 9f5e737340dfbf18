"""The endpoints, one module per kind of thing."""

from __future__ import annotations

from . import (
    addresses,
    coupons,
    customers,
    deliveries,
    documents,
    internal,
    orders,
    payments,
    products,
    reports,
    session,
    stock,
    tenant,
    transfers,
    users,
    wallets,
    webhooks,
)

ROUTERS = tuple(
    module.routes
    for module in (
        session,
        tenant,
        users,
        customers,
        addresses,
        products,
        stock,
        orders,
        payments,
        wallets,
        transfers,
        documents,
        coupons,
        deliveries,
        webhooks,
        reports,
        internal,
    )
)
