import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paginate } from './pages.ts';

const onBadToken = (): never => {
  throw new Error('bad token');
};

test('pages follow each other without gap or repetition, even when rows come and go between', () => {
  const first = paginate(['a', 'b', 'c', 'd'], String, { limit: 2, onBadToken });
  assert.deepEqual(first.items, ['a', 'b']);
  const second = paginate(['a', 'c', 'cc', 'd'], String, { limit: 2, token: first.nextToken, onBadToken });
  assert.deepEqual(second.items, ['c', 'cc']);
  const third = paginate(['a', 'c', 'cc', 'd'], String, { limit: 2, token: second.nextToken, onBadToken });
  assert.deepEqual(third, { items: ['d'] });
});

test('descending lists page as well', () => {
  const first = paginate(['c', 'b', 'a'], String, { limit: 2, descending: true, onBadToken });
  assert.deepEqual(
    paginate(['c', 'b', 'a'], String, { limit: 2, descending: true, token: first.nextToken, onBadToken }).items,
    ['a'],
  );
});

test('a token that this server did not make is refused', () => {
  for (const token of ['', 'x', Buffer.from('{"after":1}').toString('base64url')]) {
    assert.throws(() => paginate(['a'], String, { limit: 1, token, onBadToken }), /bad token/);
  }
});
