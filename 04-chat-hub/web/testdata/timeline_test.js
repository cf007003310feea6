// A room's messages in their order: node --test testdata/*_test.js

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Timeline } from '../static/timeline.js';

const said = (cursor, more = {}) => ({ cursor, id: cursor, from: 'Bob', text: cursor, at: new Date(0), ...more });
const cursors = (t) => t.messages.map((m) => m.cursor).join(' ');

test('messages stand in their order, each once, however they come', () => {
  const t = new Timeline();
  const fresh = ['5', '7', '6', '5', '1', '7', '3'].map((c) => t.add(said(c)));
  assert.equal(cursors(t), '1 3 5 6 7');
  assert.deepEqual(fresh, [true, true, true, false, true, false, true]);
});

test('what is on its way becomes a message, by its ack or by itself, in any order', () => {
  for (const order of ['ack message', 'message ack', 'ack', 'message', 'message message ack ack']) {
    const t = new Timeline();
    t.pending.push({ id: 'a', text: 'mine', at: new Date(0) });
    for (const step of order.split(' ')) {
      if (step === 'ack') t.sent('a', '2', 'Ana');
      else t.add(said('2', { id: 'a', from: 'Ana', own: true }));
      t.add(said('1'));
      t.add(said('3'));
    }
    assert.equal(cursors(t), '1 2 3', order);
    assert.equal(t.pending.length, 0, order);
    assert.equal(t.messages[1].from, 'Ana', order);
  }
});

test('an id of somebody else is not ours', () => {
  const t = new Timeline();
  t.pending.push({ id: 'a', text: 'mine', at: new Date(0) });
  t.add(said('1', { id: 'a' }));
  assert.equal(t.pending.length, 1);
});

test('a room keeps the newest 1,000, and knows that there are older', () => {
  const t = new Timeline();
  t.more = false;
  for (let i = 0; i < 1_000; i++) t.add(said(String(10_000 + i)));
  t.trim();
  assert.deepEqual([t.messages.length, t.more], [1_000, false]);
  t.add(said('20000'));
  t.trim();
  assert.deepEqual([t.messages.length, t.messages[0].cursor, t.more], [1_000, '10001', true]);
});
