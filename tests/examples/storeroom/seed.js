'use strict';
const { randomUUID } = require('node:crypto');
const { open, SCHEMA } = require('./database');

const db = open();
db.exec(SCHEMA);
const account = db.prepare('INSERT INTO accounts VALUES (?, ?)');
const key = db.prepare('INSERT INTO api_keys VALUES (?, ?, ?, ?)');
const north = '0b6f6c1e-7a54-4d6b-9c1c-2f6f2a3d9a01';
const south = '5d2c8b44-31c7-4f0e-8a54-9b1f7c6e2b02';
account.run(north, 'North');
account.run(south, 'South');
key.run('north-keeper-key', north, 'keeper of the north', 'keeper');
key.run('north-viewer-key', north, 'viewer of the north', 'viewer');
key.run('south-keeper-key', south, 'keeper of the south', 'keeper');
db.prepare(
  'INSERT INTO items (id, account_id, sku, name, price, stock, tags, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
).run(randomUUID(), north, 'BOLT-8', 'Bolt', 0.35, 900, '["steel"]', new Date().toISOString(), new Date().toISOString());
db.close();
