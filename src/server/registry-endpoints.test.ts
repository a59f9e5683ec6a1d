import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { rootPrincipal } from '../api/invoke.ts';
import type { Authenticate } from '../gateway/authentication.ts';
import { FakeClock } from '../kernel/clock.ts';
import { AuthError } from '../wire/auth-errors.ts';
import type { Usage } from '../registry/usage.ts';
import { registryEndpoints } from './registry-endpoints.ts';

const ACCOUNT = '123456789012';
const USAGE: Usage = {
  repositories: [],
  repositoryBytes: 1024 ** 3,
  storedBytes: 5,
  savedBytes: 0,
  blobs: 1,
  unusedBlobs: 0,
  unusedBytes: 0,
  uploads: 0,
  uploadBytes: 0,
};

const root: Authenticate = async () => ({
  principal: rootPrincipal(ACCOUNT),
  accessKeyId: 'AKIA',
  scope: { account: ACCOUNT, region: 'us-east-1' },
});

function open(authenticate: Authenticate = root) {
  const asked: unknown[] = [];
  const clock = new FakeClock();
  const own = registryEndpoints({
    authenticate,
    clock,
    registry: {
      usage: async () => {
        asked.push('usage');
        return USAGE;
      },
      collect: async (options) => {
        asked.push(options);
        return { links: 1, blobs: 2, blobBytes: 3, uploads: 4, uploadBytes: 5 };
      },
      async *scrub(options) {
        asked.push(options);
        yield { progress: { blobs: 1, bytes: 2 } };
        yield { totals: { blobs: 1, bytes: 2, manifests: 3, findings: 0 } };
      },
    },
  });
  const call = (method: string, path: string, from = '::ffff:127.0.0.1') =>
    own({ method, rawUrl: `/_longshore/${path}`, headers: [], body: Buffer.alloc(0) }, from);
  return { call, asked, clock };
}

test('the root user asks for usage, collections and scrubs', async () => {
  const { call, asked } = open();
  const usage = JSON.parse(String((await call('GET', 'registry/usage'))?.body));
  assert.equal(usage.storedBytes, 5);
  assert.ok(Math.abs(usage.awsDollarsPerMonth - 0.1) < 1e-9);
  assert.match(usage.awsPrice.source, /^https:\/\/aws\.amazon\.com\//);
  assert.equal(JSON.parse(String((await call('POST', 'registry/gc?dry-run=true'))?.body)).blobs, 2);
  await call('POST', 'registry/gc');
  const scrub = await call('POST', 'registry/scrub?quarantine=true');
  assert.ok(scrub?.stream);
  const lines = (await text(scrub.stream)).trim().split('\n');
  assert.deepEqual(JSON.parse(lines[1] ?? ''), { totals: { blobs: 1, bytes: 2, manifests: 3, findings: 0 } });
  assert.deepEqual(asked, ['usage', { dryRun: true }, { dryRun: false }, { quarantine: true }]);
});

test('nobody else does, and a GET changes nothing', async () => {
  const user = open(async (...args) => ({
    ...(await root(...args)),
    principal: { ...rootPrincipal(ACCOUNT), kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/anna` },
  }));
  const stranger = open(() => Promise.reject(new AuthError('missing-token', 'awsJson1_1')));
  for (const { call, asked } of [user, stranger]) {
    for (const [method, path] of [
      ['GET', 'registry/usage'],
      ['POST', 'registry/gc'],
      ['POST', 'registry/scrub'],
    ] as const) {
      assert.equal((await call(method, path))?.status, 403);
    }
    assert.deepEqual(asked, []);
  }
  assert.equal(await open().call('GET', 'registry/gc'), undefined);
  assert.equal(await open().call('GET', 'else'), undefined);
});

test('metrics are for loopback, without a signature, and are not reckoned for each scrape', async () => {
  const { call, asked, clock } = open(() => Promise.reject(new Error('not asked')));
  const metrics = await call('GET', 'metrics');
  assert.match(String(metrics?.body), /^longshore_registry_stored_bytes 5$/m);
  await call('GET', 'metrics');
  assert.deepEqual(asked, ['usage']);
  clock.advance(20_000);
  await call('GET', 'metrics', '127.0.0.1');
  assert.deepEqual(asked, ['usage', 'usage']);
  assert.equal((await call('GET', 'metrics', '192.0.2.7'))?.status, 403);
});
