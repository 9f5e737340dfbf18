'use strict';
// Faults that can be switched on by STOREROOM_BUGS, to see whether tests notice them.
const FAULTS = {
  other_account: 'PATCH /items/{itemId}: items of other accounts can be changed',
  viewer_writes: 'POST /items: viewers may write',
  sku_case: 'POST /items: the sku is lower-cased, and answered as it was sent',
  price_rounded: 'POST /items: prices are rounded to whole units',
  tags_dropped: 'PATCH /items/{itemId}: tags are answered and not stored',
  quantity_unchecked: 'POST /items/{itemId}/movements: a quantity of 0 is booked',
  movement_doubled: 'POST /items/{itemId}/movements: two rows are written for one',
  stock_apart: 'POST /items/{itemId}/movements: the stock moves in a transaction of its own',
  oversold: 'POST /reservations: more than there is can be reserved',
  released_twice: 'POST /reservations/{reservationId}/release: the stock comes back at each release',
  audit_missing: 'DELETE /items/{itemId}: no audit row',
  hard_delete: 'DELETE /items/{itemId}: the row is removed instead of marked',
  updated_neighbours: 'PATCH /items/{itemId}: updated_at moves for all items of the account',
  duplicate_500: 'POST /items: 500 where the sku is taken',
  no_idempotency: 'POST /reservations: the Idempotency-Key is not looked at',
};
const enabled = new Set((process.env.STOREROOM_BUGS || '').split(',').filter(Boolean));
for (const name of enabled) {
  if (!(name in FAULTS)) {
    console.error(`STOREROOM_BUGS: unknown ${name}`);
    process.exit(1);
  }
}
module.exports = { FAULTS, fault: (name) => enabled.has(name) };
