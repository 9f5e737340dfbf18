'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { randomUUID } = require('node:crypto');
const express = require('express');
const Ajv = require('ajv');
const addFormats = require('ajv-formats');
const YAML = require('yaml');
const { open } = require('./database');
const { fault } = require('./faults');

const db = open();
const app = express();
const spec = YAML.parse(fs.readFileSync(path.join(__dirname, 'openapi.yaml'), 'utf8'));
const ajv = new Ajv({ strict: false, multipleOfPrecision: 6 });
addFormats(ajv);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const now = () => new Date().toISOString();

app.get('/health', (req, res) => res.send('ok'));

app.use((req, res, next) => {
  const caller = db.prepare('SELECT * FROM api_keys WHERE key = ?').get(req.get('X-API-Key') || '');
  if (!caller) throw new Problem(401, 'an API key is needed');
  req.caller = caller;
  next();
});
app.use(express.json({ type: 'application/json' }));

function validated(schema) {
  const check = ajv.compile(spec.components.schemas[schema]);
  return (req, res, next) => {
    if (!req.is('application/json')) throw new Problem(400, 'the body must be JSON');
    const body = req.body;
    const zero = fault('quantity_unchecked') && schema === 'NewMovement' && body && body.quantity === 0;
    if (!zero && !check(body)) throw new Problem(400, ajv.errorsText(check.errors));
    next();
  };
}

function keepersOnly(req, res, next) {
  if (req.caller.role !== 'keeper') throw new Problem(403, 'keepers only');
  next();
}

function itemOf(req) {
  const id = req.params.itemId;
  if (!UUID.test(id)) throw new Problem(404, 'no such item');
  const item = db.prepare('SELECT * FROM items WHERE id = ? AND deleted_at IS NULL').get(id.toLowerCase());
  const foreign = item && item.account_id !== req.caller.account_id;
  if (!item || (foreign && !(fault('other_account') && req.method === 'PATCH'))) {
    throw new Problem(404, 'no such item');
  }
  return item;
}

function audit(req, action, subject) {
  db.prepare('INSERT INTO audit (account_id, action, subject_id, at) VALUES (?, ?, ?, ?)').run(
    req.caller.account_id, action, subject, now(),
  );
}

const shownItem = (row) => ({
  id: row.id, sku: row.sku, name: row.name, price: row.price, stock: row.stock,
  tags: JSON.parse(row.tags), createdAt: row.created_at, updatedAt: row.updated_at,
});
const shownReservation = (row) => ({
  id: row.id, itemId: row.item_id, quantity: row.quantity, status: row.status,
  note: row.note, createdAt: row.created_at,
});

app.get('/items', (req, res) => {
  const limit = Number(req.query.limit ?? 20);
  const offset = Number(req.query.offset ?? 0);
  const where = 'FROM items WHERE account_id = ? AND deleted_at IS NULL';
  const rows = db.prepare(`SELECT * ${where} ORDER BY created_at, id LIMIT ? OFFSET ?`)
    .all(req.caller.account_id, limit, offset);
  const { total } = db.prepare(`SELECT count(*) AS total ${where}`).get(req.caller.account_id);
  res.json({ data: rows.map(shownItem), total });
});

app.post('/items', (req, res, next) => (fault('viewer_writes') ? next() : keepersOnly(req, res, next)),
  validated('NewItem'), (req, res) => {
    const { sku, name, price, tags = [] } = req.body;
    const item = {
      id: randomUUID(), account_id: req.caller.account_id,
      sku: fault('sku_case') ? sku.toLowerCase() : sku, name,
      price: fault('price_rounded') ? Math.round(price) : price,
      stock: 0, tags: JSON.stringify(tags), created_at: now(), updated_at: now(),
    };
    try {
      db.transaction(() => {
        db.prepare(`INSERT INTO items (id, account_id, sku, name, price, stock, tags, created_at, updated_at)
          VALUES (@id, @account_id, @sku, @name, @price, @stock, @tags, @created_at, @updated_at)`).run(item);
        audit(req, 'item.added', item.id);
      }).immediate();
    } catch (error) {
      if (error.code === 'SQLITE_CONSTRAINT_UNIQUE' && !fault('duplicate_500')) {
        throw new Problem(409, 'the sku is taken');
      }
      throw error;
    }
    const shown = shownItem(item);
    if (fault('sku_case')) shown.sku = sku;
    res.status(201).location(`/items/${item.id}`).json(shown);
  });

app.get('/items/:itemId', (req, res) => res.json(shownItem(itemOf(req))));

app.patch('/items/:itemId', keepersOnly, validated('ItemChange'), (req, res) => {
  const row = db.transaction(() => {
    const item = itemOf(req);
    const { name = item.name, price = item.price, tags } = req.body;
    const stored = tags === undefined || fault('tags_dropped') ? item.tags : JSON.stringify(tags);
    const moment = now();
    db.prepare('UPDATE items SET name = ?, price = ?, tags = ?, updated_at = ? WHERE id = ?')
      .run(name, price, stored, moment, item.id);
    if (fault('updated_neighbours')) {
      db.prepare('UPDATE items SET updated_at = ? WHERE account_id = ?').run(moment, item.account_id);
    }
    audit(req, 'item.changed', item.id);
    return { ...item, name, price, tags: tags === undefined ? item.tags : JSON.stringify(tags), updated_at: moment };
  }).immediate();
  res.json(shownItem(row));
});

app.delete('/items/:itemId', keepersOnly, (req, res) => {
  db.transaction(() => {
    const item = itemOf(req);
    if (fault('hard_delete')) db.prepare('DELETE FROM items WHERE id = ?').run(item.id);
    else db.prepare('UPDATE items SET deleted_at = ? WHERE id = ?').run(now(), item.id);
    if (!fault('audit_missing')) audit(req, 'item.removed', item.id);
  }).immediate();
  res.status(204).end();
});

app.post('/items/:itemId/movements', keepersOnly, validated('NewMovement'), (req, res) => {
  const { quantity, reason } = req.body;
  const movement = { id: randomUUID(), quantity, reason, created_by: req.caller.name, created_at: now() };
  const insert = db.prepare(`INSERT INTO movements (id, item_id, quantity, reason, created_by, created_at)
    VALUES (@id, @item_id, @quantity, @reason, @created_by, @created_at)`);
  const move = () => db.prepare('UPDATE items SET stock = stock + ? WHERE id = ?').run(quantity, movement.item_id);
  db.transaction(() => {
    movement.item_id = itemOf(req).id;
    insert.run(movement);
    if (fault('movement_doubled')) insert.run({ ...movement, id: randomUUID() });
    if (!fault('stock_apart')) move();
  }).immediate();
  if (fault('stock_apart')) move();
  res.status(201).json({
    id: movement.id, itemId: movement.item_id, quantity, reason, createdAt: movement.created_at,
  });
});

app.post('/reservations', keepersOnly, validated('NewReservation'), (req, res) => {
  const key = fault('no_idempotency') ? undefined : req.get('Idempotency-Key');
  if (key !== undefined && (key.length < 8 || key.length > 64)) {
    throw new Problem(400, 'Idempotency-Key: 8 to 64 characters');
  }
  const request = JSON.stringify(req.body);
  const answer = db.transaction(() => {
    if (key !== undefined) {
      const earlier = db.prepare('SELECT * FROM idempotency_keys WHERE account_id = ? AND key = ?')
        .get(req.caller.account_id, key);
      if (earlier && earlier.request !== request) throw new Problem(422, 'the key was used for another request');
      if (earlier) return JSON.parse(earlier.answer);
    }
    req.params.itemId = req.body.itemId;
    const item = itemOf(req);
    const { quantity, note = null } = req.body;
    if (item.stock < quantity && !fault('oversold')) throw new Problem(409, 'not enough in stock');
    const left = Math.max(item.stock - quantity, 0);
    const row = {
      id: randomUUID(), account_id: item.account_id, item_id: item.id, quantity, status: 'held', note,
      created_at: now(),
    };
    db.prepare('UPDATE items SET stock = ? WHERE id = ?').run(left, item.id);
    db.prepare(`INSERT INTO reservations (id, account_id, item_id, quantity, status, note, created_at)
      VALUES (@id, @account_id, @item_id, @quantity, @status, @note, @created_at)`).run(row);
    audit(req, 'reservation.made', row.id);
    const shown = shownReservation(row);
    if (key !== undefined) {
      db.prepare('INSERT INTO idempotency_keys VALUES (?, ?, ?, 201, ?)')
        .run(req.caller.account_id, key, request, JSON.stringify(shown));
    }
    return shown;
  }).immediate();
  res.status(201).json(answer);
});

function reservationOf(req) {
  const row = db.prepare('SELECT * FROM reservations WHERE id = ? AND account_id = ?')
    .get(String(req.params.reservationId).toLowerCase(), req.caller.account_id);
  if (!row) throw new Problem(404, 'no such reservation');
  return row;
}

app.get('/reservations/:reservationId', (req, res) => res.json(shownReservation(reservationOf(req))));

app.post('/reservations/:reservationId/release', keepersOnly, (req, res) => {
  const row = db.transaction(() => {
    const held = reservationOf(req);
    if (held.status !== 'held' && !fault('released_twice')) throw new Problem(409, 'released already');
    db.prepare("UPDATE reservations SET status = 'released' WHERE id = ?").run(held.id);
    db.prepare('UPDATE items SET stock = stock + ? WHERE id = ?').run(held.quantity, held.item_id);
    audit(req, 'reservation.released', held.id);
    return { ...held, status: 'released' };
  }).immediate();
  res.json(shownReservation(row));
});

app.use((req, res) => {
  res.status(404).json({ error: 'no such address' });
});

app.use((error, req, res, next) => {
  if (res.headersSent) return next(error);
  const status = error.status || error.statusCode || 500;
  if (status >= 500) console.error(error);
  res.status(status).json({ error: status >= 500 ? 'internal error' : error.message });
});

const port = Number(process.env.PORT || 3000);
app.listen(port, '127.0.0.1', () => console.log(`storeroom on ${port}`));
