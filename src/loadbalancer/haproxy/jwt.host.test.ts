import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { systemClock } from '../../kernel/clock.ts';
import type { JwtValidation } from '../load-balancer.ts';
import { forwardTo, listenerOf } from '../testing.ts';
import { HostWorld, LB, TARGETS, until } from './testing-world.ts';

const ISSUER = 'https://idp.test/it\'s "one"';
const now = () => Math.floor(systemClock.now() / 1000);

interface Key {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly pem: string;
}

function keyOf(keyId: string): Key {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { keyId, privateKey, pem: String(publicKey.export({ type: 'spki', format: 'pem' })) };
}

const [OLD, NEW] = [keyOf('old'), keyOf('new/2')];

function token(claims: object, key: Key = OLD, header: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = { alg: 'RS256', kid: key.keyId, ...header };
  const text = `${part(head)}.${part({ iss: ISSUER, exp: now() + 60, ...claims })}`;
  return `${text}.${createSign('sha256').update(text).sign(key.privateKey, 'base64url')}`;
}

async function guarded(world: HostWorld, jwt: Partial<JwtValidation> = {}) {
  await world.serve(TARGETS[0]);
  const plane = world.plane();
  const apply = (more: Partial<JwtValidation> = {}) => {
    const validation = { issuer: ISSUER, keys: [OLD], claims: [], ...jwt, ...more };
    const path = { field: 'path-pattern' as const, values: ['/open'] };
    const rules = [forwardTo('web', { ruleId: 'open', conditions: [path] }), forwardTo('web', { jwt: validation })];
    const listeners = [listenerOf({ addresses: [LB], rules })];
    return plane.apply(world.table([TARGETS[0]], { listeners }));
  };
  await apply();
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
  const ask = async (authorization?: string, path = '/') =>
    world.get(`http://${LB}${path}`, authorization === undefined ? {} : { headers: { authorization } });
  return { apply, ask, statusOf: async (text: string) => (await ask(`Bearer ${text}`)).status };
}

test('without a valid token a request gets a 401 that says so', async () => {
  await using world = new HostWorld();
  const { ask, statusOf } = await guarded(world);
  assert.equal((await ask(undefined, '/open')).status, 200);
  for (const missing of [undefined, 'Basic abc', 'Bearer ']) {
    const answer = await ask(missing);
    assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Bearer'], missing);
    assert.match(answer.body, /401 Authorization Required/);
  }
  const good = await ask(`Bearer ${token({})}`);
  assert.equal(good.status, 200);
  // Targets get the token as it is.
  assert.match(JSON.parse(good.body).headers.authorization, /^Bearer ey/);
  const bad: Readonly<Record<string, string>> = {
    'no token': 'abc',
    'another key': token({}, NEW),
    'another key of the same name': token({}, { ...NEW, keyId: 'old' }),
    'another algorithm': token({}, OLD, { alg: 'RS384' }),
    'no algorithm': token({}, OLD, { alg: 'none' }),
    'another issuer': token({ iss: 'https://idp.test' }),
    'no issuer': token({ iss: undefined }),
    expired: token({ exp: now() - 1 }),
    'no end': token({ exp: undefined }),
    'not yet': token({ nbf: now() + 60 }),
    'of the future': token({ iat: now() + 60 }),
    unsigned: token({}).replace(/[^.]*$/, ''),
    changed: token({}).replace(/\.[^.]*\./, `.${Buffer.from(JSON.stringify({ iss: ISSUER })).toString('base64url')}.`),
  };
  for (const [what, text] of Object.entries(bad)) {
    const answer = await ask(`Bearer ${text}`);
    assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Bearer error="invalid_token"'], what);
  }
  assert.equal(await statusOf(token({ nbf: now() - 5, iat: now() - 5 })), 200);
  assert.equal(await statusOf(token({}, OLD, { kid: undefined })), 200);
});

test('claims: a string, an array that has all, a list that has all', async () => {
  await using world = new HostWorld();
  const { statusOf } = await guarded(world, {
    claims: [
      { name: 'team', format: 'single-string', values: ['it\'s a "team"'] },
      { name: 'aud', format: 'string-array', values: ['one', 'two'] },
      { name: 'scope', format: 'space-separated-values', values: ['read:api', 'a.b'] },
    ],
  });
  const good = { team: 'it\'s a "team"', aud: ['x', 'two', 'one'], scope: 'read:api z a.b' };
  assert.equal(await statusOf(token(good)), 200);
  const bad: readonly object[] = [
    { team: 'other' },
    { team: undefined },
    { team: ['it\'s a "team"'] },
    { aud: ['one'] },
    { aud: 'one' },
    { aud: ['one","two'] },
    { aud: undefined },
    { aud: { 0: 'one', 1: 'two' } },
    { scope: 'read:api' },
    { scope: 'read:api axb' },
    { scope: 'xread:api a.b' },
    { scope: undefined },
  ];
  for (const claims of bad) assert.equal(await statusOf(token({ ...good, ...claims })), 401, JSON.stringify(claims));
});

test('a brace, which ends a condition of HAProxy, is a text like any other', async () => {
  await using world = new HostWorld();
  const odd = keyOf('}');
  const { statusOf } = await guarded(world, {
    issuer: '}',
    keys: [odd],
    claims: [
      { name: 'team', format: 'single-string', values: ['}'] },
      { name: 'aud', format: 'string-array', values: ['}'] },
    ],
  });
  const good = { iss: '}', team: '}', aud: ['}'] };
  assert.equal(await statusOf(token(good, odd)), 200);
  for (const other of [{ iss: '}}' }, { team: 'x}' }, { aud: [''] }]) {
    assert.equal(await statusOf(token({ ...good, ...other }, odd)), 401, JSON.stringify(other));
  }
});

test('a second Authorization header, which a target might read instead, is refused', async () => {
  await using world = new HostWorld();
  await guarded(world);
  const headers = { authorization: [`Bearer ${token({})}`, 'Bearer forged'] };
  assert.equal((await world.get(`http://${LB}/`, { headers })).status, 401);
});

test('other keys come in without a failed request; without keys nobody does', async () => {
  await using world = new HostWorld();
  const { apply, statusOf } = await guarded(world);
  await world.tell({ do: 'start-load', url: `http://${LB}/`, authorization: `Bearer ${token({})}` });
  assert.equal(await statusOf(token({}, NEW)), 401);
  await apply({ keys: [OLD, NEW] });
  assert.equal(await statusOf(token({}, NEW)), 200);
  const { requests, failures } = (await world.tell({ do: 'stop-load' })) as { requests: number; failures: string[] };
  assert.deepEqual(failures, []);
  assert.ok(requests > 10);
  await apply({ keys: [NEW] });
  assert.deepEqual([await statusOf(token({})), await statusOf(token({}, NEW))], [401, 200]);
  await apply({ keys: [] });
  assert.equal(await statusOf(token({}, NEW)), 401);
});
