import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { seededIds, systemIds } from '../../kernel/ids.ts';
import { silentLog } from '../../kernel/log.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { LAYERS_PATH, LayerTokens } from '../layer-token.ts';
import { SCOPE, openTestRegistry, pushBlob } from '../testing.ts';
import { createLayerDownloadHandler } from './layer-download.ts';

const world = openTestRegistry();
const tokens = new LayerTokens(new SealedBox(Buffer.alloc(32, 1), 'ecr-layer', seededIds(4)));
const { registry, clock } = world;
const handler = createLayerDownloadHandler({ registry, tokens, clock, ids: systemIds, log: silentLog });
const server = createServer((req, res) => void handler(req, res));
let base: string;
let digest: string;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  digest = await pushBlob(registry, 'app', 'the layer');
});
after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

const path = (repository = 'app') => tokens.pathOf({ ...SCOPE, repository, digest }, clock.now());

test('a layer is downloaded with its URL alone, whole or a range of it', async () => {
  const url = base + path();
  const whole = await fetch(url);
  assert.deepEqual([whole.status, whole.headers.get('content-length')], [200, '9']);
  assert.equal(await whole.text(), 'the layer');
  const range = await fetch(url, { headers: { range: 'bytes=4-' } });
  assert.deepEqual([range.status, await range.text()], [206, 'layer']);
  const head = await fetch(url, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, '9']);
  const beyond = await fetch(url, { headers: { range: 'bytes=9-' } });
  assert.equal(beyond.status, 416);
});

test('no URL opens another layer, another repository, or after an hour', async () => {
  const refused = async (url: string, init?: RequestInit) => {
    const answer = await fetch(url, init);
    return [answer.status, /<Message>(.*)<\/Message>/.exec(await answer.text())?.[1]];
  };
  assert.deepEqual(await refused(`${base}${LAYERS_PATH}x`), [403, 'Access Denied']);
  assert.deepEqual(await refused(base + LAYERS_PATH), [403, 'Access Denied']);
  assert.deepEqual(await refused(base + path('other')), [404, 'The specified key does not exist.']);
  assert.deepEqual(await refused(base + path('none')), [404, 'The specified key does not exist.']);
  assert.deepEqual(await refused(base + path(), { method: 'PUT', body: 'x' }), [
    405,
    'The specified method is not allowed against this resource.',
  ]);
  const url = base + path();
  clock.advance(60 * 60 * 1000);
  assert.deepEqual(await refused(url), [403, 'Request has expired']);
});
