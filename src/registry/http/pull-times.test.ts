import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digestOf } from '../digest.ts';
import { pushImage, testRepository } from '../testing.ts';
import { startRegistryServer } from './testing.ts';
import type { RegistryServer } from './testing.ts';

const app = testRepository('app');
const MINUTE_MS = 60_000;
let server: RegistryServer;
let counts: boolean;
let asked = 0;
before(async () => {
  server = await startRegistryServer({
    countsAsPull: async () => {
      asked++;
      return counts;
    },
  });
});
after(() => server.close());

const pulledAt = (reference: string) =>
  server.store.read(async (tx) => {
    const row = await server.registry.images.find(tx, app, reference);
    return row && server.registry.images.pulledAt(tx, row);
  });
const pull = async (reference: string, method = 'GET', headers = {}) => {
  const response = await server.send(method, `/v2/app/manifests/${reference}`, { headers });
  await response.arrayBuffer();
  // The handler asks whether it counts, then notes it: both behind the answer's back.
  await new Promise((resolve) => setImmediate(resolve));
  await server.registry.pulls.settled();
};

test('a pull is written down, at most once a minute', async () => {
  counts = true;
  const digest = digestOf(await pushImage(server, app, { config: 'c', layers: [], tag: 'v1' }));
  await pull('v1', 'HEAD');
  await pull('v1', 'GET', { 'if-none-match': `"${digest}"` });
  assert.equal(await pulledAt('v1'), undefined);
  await pull('v1');
  const first = server.clock.now();
  assert.equal(await pulledAt('v1'), first);
  server.clock.advance(MINUTE_MS - 1);
  await pull(digest);
  assert.equal(await pulledAt('v1'), first);
  server.clock.advance(1);
  await pull(digest);
  assert.equal(await pulledAt('v1'), first + MINUTE_MS);
  assert.equal(asked, 2);
});

test('a pull of one who does not count is none, and does not hide another', async () => {
  await pushImage(server, app, { config: 'd', layers: [], tag: 'v2' });
  counts = false;
  await pull('v2');
  assert.equal(await pulledAt('v2'), undefined);
  counts = true;
  await pull('v2');
  assert.equal(await pulledAt('v2'), server.clock.now());
});

test('a time goes with its image', async () => {
  const text = await pushImage(server, app, { config: 'e', layers: [], tag: 'v3' });
  await pull('v3');
  assert.equal((await server.send('DELETE', `/v2/app/manifests/${digestOf(text)}`)).status, 202);
  await pushImage(server, app, { config: 'e', layers: [], tag: 'v3' });
  assert.equal(await pulledAt('v3'), undefined);
});
