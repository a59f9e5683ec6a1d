import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { TrustStoreFiles } from '../services/elbv2/index.ts';
import { trustStores } from '../services/elbv2/tables.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { trustStoreEndpoint } from './trust-store-endpoint.ts';

test('a file of a trust store is given to whoever has its URL, for ten minutes', async () => {
  const [store, clock] = [new SqliteStore(':memory:'), new FakeClock()];
  const files = new TrustStoreFiles(new SealedBox(Buffer.alloc(32, 1), 'elbv2-trust-store-files', seededIds(1)));
  const scope = { account: '123456789012', region: 'us-east-1' };
  const row = { ...scope, arn: 'arn', id: '1', name: 'a', numberOfAuthorities: 1, lastRevocationId: 0, tags: {} };
  await store.write((tx) => tx.put(trustStores, { ...row, authorities: 'PEM' }));
  const endpoint = trustStoreEndpoint(files, store, clock);
  const ask = (rawUrl: string, method = 'GET') =>
    endpoint({ method, rawUrl, headers: [], body: Buffer.alloc(0) }, '10.0.0.1');
  const path = files.pathOf({ trustStoreArn: 'arn' }, clock.now());
  assert.equal(String((await ask(path))?.body), 'PEM');
  assert.equal((await ask(path, 'POST'))?.status, 405);
  assert.equal((await ask('/_longshore/trust-stores/abc'))?.status, 403);
  assert.equal((await ask(files.pathOf({ trustStoreArn: 'gone' }, clock.now())))?.status, 403);
  assert.equal(await ask('/_longshore/metrics'), undefined);
  clock.advance(600_000);
  assert.match(String((await ask(path))?.body), /expired/);
  await store.close();
});
