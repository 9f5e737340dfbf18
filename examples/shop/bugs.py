"""The bugs that the shop can be told to have: SHOP_BUGS=name,name.

Each stands at the place where such a bug really happens, behind `enabled("name")`. Without
SHOP_BUGS the shop has none of them. They are what an emitted suite is measured by: for each one
some test of the bug's concern should fail.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """A seeded bug; `concern` is the column of the matrix whose tests should notice it."""

    name: str
    concern: str
    summary: str
    """The operation (or what all operations share), a colon, what goes wrong."""


_CATALOGUE: dict[str, dict[str, str]] = {
    "success": {
        "import_crashes": "POST /customers: those who are imported are not expected",
        "order_without_note_crashes": "POST /orders: 500 when the optional note is left out",
        "plus_in_email_refused": "POST /customers: an e-mail address with + is refused",
        "long_name_refused": "POST /customers: names of more than 40 characters are refused",
        "zero_credit_refused": "POST /customers: a credit limit of 0 is taken for missing",
        "whole_price_refused": "POST /products: the price 5 is refused, 5.5 is not",
        "offset_refused": "POST /coupons: only times in UTC (Z) are accepted",
        "bulk_of_one_crashes": "POST /products/bulk: 500 for a single product",
        "non_ascii_refused": "POST /customers/{customerId}/addresses: a city must be ASCII",
        "port_refused": "POST /webhooks: a URL with a port is refused",
        "old_field_alone_crashes": "POST /products/bulk: 500 for the deprecated field alone",
        "own_email_taken": "PUT /customers/{customerId}: 409 when the e-mail address stays",
    },
    "validation": {
        "event_unchecked": "POST /webhooks: unknown events are accepted",
        "postcode_unchecked": "POST, PUT addresses: the pattern of the postcode is not checked",
        "deposit_minimum_unchecked": "POST deposits: zero and negative amounts are accepted",
        "stock_maximum_unchecked": "POST /products: any stock is accepted",
        "city_not_required": "POST, PUT addresses: without a city an empty one is stored",
        "unknown_property_accepted": "POST, PUT customers: unknown properties are accepted",
        "text_as_number_accepted": "POST /orders: the quantity may be a text",
        "true_as_number_accepted": "POST stock-movements: the delta may be true",
        "null_as_absent": "PATCH /customers/{customerId}: a name of null is accepted, ignored",
        "empty_patch_accepted": "PATCH /wallets/{walletId}: {} is accepted",
        "written_then_refused": "POST addresses: 422 for a bad postcode, but the row stays",
        "fractions_accepted": "POST, PUT products: a price of a third decimal is accepted",
        "too_many_items_accepted": "POST /orders: more than 20 items are accepted",
        "same_event_twice_accepted": "POST /webhooks: an event may be named twice",
        "month_13_accepted": "POST /reports: the month is not checked beyond its digits",
        "short_key_accepted": "All with Idempotency-Key: keys of any length are accepted",
        "media_type_unchecked": "All with a body: JSON is read whatever the media type is",
        "impossible_day_as_null": "POST /orders: a deliverOn that is no day becomes null",
        "long_text_cut": "POST refunds: a reason that is too long is cut",
        "refused_tag_stays": "POST tags: 422 for an unknown property, but the tag is there",
        "huge_number_crashes": "POST, PUT, PATCH products: 500 for a price of 300 digits",
        "slot_order_unchecked": "POST, PUT slots: a slot may end before it starts",
        "secret_minimum_unchecked": "POST /webhooks: a secret of any length is accepted",
    },
    "auth": {
        "reports_open": "POST, DELETE reports: callers without credentials pass as admin",
        "any_token_accepted": "All: an unknown token is that of the first user",
        "any_key_accepted": "POST /products/bulk: any API key is that of the warehouse",
        "revoked_key_accepted": "POST /products/bulk: API keys that were revoked are still good",
        "expired_session_accepted": "All: sessions never end",
        "former_user_accepted": "All: users who were switched off may go on",
        "staff_may_change_users": "PATCH /users/{userId}: staff may",
        "viewer_may_order": "POST /orders: viewers may",
        "service_may_pay": "POST /payments: the role is not checked",
        "foreign_customer_writable": "PATCH /customers/{customerId}: the tenant is not checked",
        "foreign_customer_ordered": "POST /orders: a customer of another tenant is accepted",
        "foreign_product_ordered": "POST /orders: products of another tenant are accepted",
        "foreign_slot_booked": "POST /deliveries: a slot of another tenant is accepted",
        "foreign_address_writable": "PUT addresses: the address may be another customer's",
        "document_owner_unchecked": "PATCH /documents/{documentId}: everybody may",
        "foreign_wallet_debited": "POST /transfers: from anybody's wallet",
        "tenant_from_body": "POST /products: tenantId in the body is obeyed",
        "id_from_body": "POST /customers: id in the body is obeyed",
        "owner_from_body": "POST /wallets: ownerId in the body is obeyed",
        "total_from_body": "POST /orders: total in the body is obeyed",
        "foreign_customer_addressed": "POST addresses: a customer of another tenant is accepted",
        "status_from_body": "PATCH /orders/{orderId}: status in the body is obeyed",
        "forbidden_after_writing": "POST /coupons: staff get 403, but the coupon is there",
        "foreign_webhook_deleted": "DELETE /webhooks/{webhookId}: 404 for others', but it is gone",
    },
    "persistence": {
        "not_committed": "POST /webhooks: 201, then rolled back",
        "cut_but_echoed": "POST addresses: line1 is cut at 60, the answer shows what was sent",
        "line2_cut": "POST, PUT addresses: a line2 that the column cannot hold is cut",
        "line2_crashes": "POST, PUT addresses: a line2 that the column cannot hold is not looked at",
        "markup_escaped": "POST /products: the description is stored as HTML",
        "emoji_dropped": "PATCH /orders/{orderId}: the note loses what needs four bytes",
        "invisible_dropped": "POST /customers: the notes lose signs of no width",
        "price_truncated": "POST, PUT, PATCH products: the price goes through a float, cut to cents",
        "weight_rounded": "POST /products: grams are rounded away, the answer shows what was sent",
        "name_capitalised": "POST /customers: the name is stored Like This",
        "wrong_default": "POST /customers: the newsletter is on when not mentioned",
        "columns_swapped": "PUT /customers/{customerId}: phone and vatId change places",
        "update_too_wide": "PATCH /products/{productId}: active changes for all products",
        "patch_resets_rest": "PATCH /customers/{customerId}: what is left out gets its default",
        "falsy_not_stored": "PATCH /customers/{customerId}: false, 0 and empty text are ignored",
        "null_not_stored": "PATCH /orders/{orderId}: null is ignored",
        "sessions_survive_password": "PUT /users/{userId}/password: sessions stay",
        "slot_goes_along": "DELETE /deliveries/{deliveryId}: the last one deletes the slot",
        "audit_actor_wrong": "PUT /tenant: the audit log names actor 0",
        "audit_missing": "PATCH /orders/{orderId}: the audit log does not hear of it",
        "updated_at_stale": "PATCH /wallets/{walletId}: updated_at does not move",
        "created_at_moves": "PUT /customers/{customerId}: created_at is now",
        "hard_delete": "DELETE /customers/{customerId}: the row is gone",
        "delete_leaves_row": "DELETE /reports/{reportId}: 204, but the row stays",
        "stock_not_taken": "POST /orders: the stock stays",
        "stock_of_another": "POST /orders: the stock of the tenant's first product is taken",
        "stock_not_given_back": "POST /orders/{orderId}/cancel: the stock stays",
        "last_item_lost": "POST /orders: the last of several items is not stored",
        "item_of_another": "POST /orders: the items name the tenant's first product",
        "total_without_quantity": "POST /orders: the total counts each item once",
        "refund_not_counted": "POST refunds: the payment does not know",
        "offset_lost": "POST, PUT coupons: the offset of startsAt is dropped",
        "day_shifted": "PATCH /orders/{orderId}: deliverOn is stored a day early",
        "version_stays": "PUT /documents/{documentId}: the version stays",
        "text_normalised": "POST, PUT documents: space around the body is dropped",
        "put_keeps_rest": "PUT /customers/{customerId}: what is left out stays",
        "deleted_at_wrong": "DELETE /customers/{customerId}: deleted when it was created",
        "created_in_local_time": "POST /webhooks: created_at is an hour ahead",
        "other_tags_go": "DELETE /products/{productId}: the tags of all products go along",
        "bulk_last_lost": "POST /products/bulk: the last product is answered, not stored",
        "delete_too_wide": "DELETE /webhooks/{webhookId}: all webhooks of the tenant go",
        "read_differs": "POST /customers: reading it shows another phone number",
        "read_from_cache": "PATCH /wallets/{walletId}: reading it shows what was read before",
        "read_of_another": "POST /products: reading it shows the first product of the tenant",
        "list_differs": "POST /orders: the list shows another amount as paid",
        "wrong_row_updated": "PUT /slots/{slotId}: another slot of the tenant changes too",
    },
    "contract": {
        "field_missing": "POST /payments: the answer lacks refunded",
        "number_as_text": "POST /wallets: the balance is a text",
        "undocumented_status": "PUT, PATCH, DELETE with an unknown id: 410 instead of 404",
        "secret_answered": "POST /webhooks: the answer has the secret",
        "password_hash_answered": "POST, PATCH users: the answer has the password's hash",
        "null_for_empty": "POST /customers: empty notes are null in the answer",
        "wrong_media_type": "POST /reports: the answer is text/plain",
        "framework_error_shape": "All: 422 answers have the framework's shape",
        "location_missing": "POST /customers: no Location",
        "location_wrong": "POST /products: Location leads nowhere",
        "location_of_another": "POST /coupons: Location leads to the first coupon there is",
        "etag_missing": "PUT, PATCH documents: no ETag",
        "time_without_zone": "POST /orders: times without a zone",
        "status_in_capitals": "POST /orders/{orderId}/cancel: the status is CANCELLED",
        "item_field_missing": "POST /orders: items lack unitPrice",
        "no_challenge": "All: 401 without WWW-Authenticate",
        "forbidden_as_text": "All: 403 as plain text",
        "envelope_missing": "PATCH /products/{productId}: no envelope",
        "created_as_200": "POST /slots: 200 instead of 201",
        "page_skips_one": "POST /webhooks: the list leaves a row out between two pages",
        "page_repeats_one": "POST /slots: the list begins a page with the last row of the one before",
        "last_page_lost": "POST /users: the list ends with the last full page",
        "order_left_open": "POST /coupons: the list is sorted by what many rows share",
        "total_of_page": "POST /documents: the total of the list is that of the page",
        "total_of_everybody": "POST /reports: the total of the list counts other tenants' rows",
        "order_read_for_each": "POST /payments: the list reads the order of each payment",
        "old_request_refused": "POST /orders: gift must be named, which old clients do not know",
        "old_field_dropped": "POST /slots: the answer lacks the note, which only old clients need",
        "bulk_reads_for_each": "POST /products/bulk: each product is looked up before it is added",
        "items_read_for_each": "POST /orders: the list reads the items of each order",
    },
    "rollback": {
        "commit_error_swallowed": "All: 2xx although the commit failed",
        "audit_error_swallowed": "All: 2xx although the audit row could not be written",
        "order_without_items": "POST /orders: committed before the items",
        "stock_taken_by_failed_order": "POST /orders: the stock is taken in a transaction before",
        "debit_without_credit": "POST /transfers: committed after the debit",
        "audit_before_work": "POST /coupons: the audit row is committed before the coupon",
        "message_before_work": "POST /payments: the message is committed before the payment",
        "refused_cancel_gives_back": "POST /orders/{orderId}/cancel: the stock comes back with a 409",
        "stock_taken_line_by_line": "POST /orders: the stock of each line is committed by itself",
        "failed_credit_kept": "POST /transfers: what a failed try would have credited comes on top",
        "bulk_by_halves": "POST /products/bulk: each product is committed by itself",
        "delete_answered_first": "DELETE /webhooks/{webhookId}: 204, then the work",
        "refund_by_halves": "POST refunds: the refund is committed before the payment knows",
        "booked_by_failed_delivery": "POST /deliveries: the slot is counted in a transaction before",
        "cancel_by_halves": "POST /orders/{orderId}/cancel: the stock comes back after the commit",
        "error_as_success": "POST /customers: 201 although the row could not be written",
        "lost_connection_swallowed": "All: 2xx although the connection was lost at the commit",
        "retried_on_top": "POST stock-movements: a retry comes on top of what was written",
    },
    "idempotency": {
        "key_ignored": "POST /payments: the key is not looked at",
        "key_of_everybody": "All with a key: tenants and actors share keys",
        "key_of_tenant": "All with a key: the actors of a tenant share keys",
        "key_saved_later": "POST /transfers: the key is stored after the commit",
        "replay_as_200": "All with a key: a replay answers 200",
        "replay_empty": "All with a key: a replay has an empty body",
        "other_body_accepted": "All with a key: the key wins over the body",
        "key_burned_by_failure": "All with a key: a failed request keeps its key",
        "refused_key_kept": "POST /transfers: what was refused is answered as done the next time",
        "key_cut": "All with a key: only the first 8 characters count",
        "second_delete_crashes": "DELETE /customers/{customerId}: 500 the second time",
        "second_put_adds": "PUT addresses: a repeated PUT adds a row",
        "empty_key_ignored": "All with a key: an empty key is taken for none",
        "reference_forgotten": "POST /wallets: the clientReference is not stored",
        "reference_of_tenant": "POST /wallets: a colleague's wallet answers for the reference",
        "reference_beats_body": "POST /wallets: the reference wins over the body",
        "reference_cut": "POST /wallets: only the first 12 characters of the reference count",
        "reference_race_crashes": "POST /wallets: 500 for the second of two at once",
        "repeat_audited": "POST /wallets: a repeat is logged as one more wallet",
        "redeemed_again": "POST redemptions: a repeat counts once more",
        "booked_again": "POST /deliveries: a repeat takes one more place",
        "second_tag_crashes": "POST tags: 500 for a tag that is there",
    },
    "concurrency": {
        "oversold": "POST /orders: the stock is read before the transaction",
        "cancelled_twice": "POST /orders/{orderId}/cancel: the status is read before",
        "shipped_twice": "POST /orders/{orderId}/ship: the status is read before",
        "overbooked": "POST /deliveries: what is booked is read before",
        "lost_update": "PUT /documents/{documentId}: the version is read before",
        "if_match_ignored": "PATCH /documents/{documentId}: any version will do",
        "refunded_too_much": "POST refunds: what is left is read before",
        "paid_too_much": "POST /payments: what is open is read before",
        "overdrawn": "POST /transfers: the balance is read before",
        "deposit_lost": "POST deposits: the balance is read before",
        "movement_lost": "POST stock-movements: the stock is read before",
        "coupon_overused": "POST redemptions: the uses are read before",
        "email_race_crashes": "POST /customers: 500 for the second of two at once",
        "patch_writes_all": "PATCH /customers/{customerId}: the rest is written as it was before",
        "deleted_comes_back": "PATCH, DELETE webhooks: what was deleted meanwhile is written anew",
    },
    "effects": {
        "job_dropped": "POST /reports: nobody is told",
        "job_enqueued_twice": "POST /reports: two messages",
        "wrong_topic": "POST /orders/{orderId}/ship: the message says cancelled",
        "message_though_refused": "POST /orders/{orderId}/cancel: a message even with 409",
        "message_of_wrong_thing": "POST /reports: the message names the caller",
        "message_done_already": "POST /customers: the message is born as sent",
        "message_undeclared": "PATCH /customers/{customerId}: a message nobody asked for",
        "replay_tells_again": "All with a key: a replay sends the message again",
        "worker_forgets": "worker: messages are marked as sent, reports stay queued",
        "worker_repeats": "worker: messages stay waiting and are sent again and again",
        "worker_rewrites": "worker: a report that is done is about another month than was asked for",
        "worker_steps_back": "worker: a report that is done is queued again",
    },
}

BUGS: dict[str, Bug] = {
    name: Bug(name, concern, summary)
    for concern, bugs in _CATALOGUE.items()
    for name, summary in bugs.items()
}


def chosen() -> frozenset[str]:
    """The names in SHOP_BUGS; SystemExit for one that is not in the catalogue."""
    names = frozenset(name for name in os.environ.get("SHOP_BUGS", "").split(",") if name)
    unknown = sorted(names - BUGS.keys())
    if unknown:
        raise SystemExit(f"SHOP_BUGS names no bug: {', '.join(unknown)}")
    return names


_CHOSEN = chosen()


def enabled(name: str) -> bool:
    """Whether the shop was started with this bug."""
    return name in _CHOSEN
