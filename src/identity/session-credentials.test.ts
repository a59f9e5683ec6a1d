import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { accountOfAccessKey } from './access-key-id.ts';
import { roleSession } from './role-session.ts';
import { SessionTokens } from './session-credentials.ts';
import type { SessionPrincipal } from './session-credentials.ts';

const key = Buffer.alloc(32, 7);
const role = {
  arn: 'arn:aws:iam::123456789012:role/team/app',
  id: 'AROAAAAAAAAAAAAAAAAAA',
  account: '123456789012',
  name: 'app',
};
const principal = roleSession(role, { sessionName: 'task1', issuedAtMs: 0, expiresAtMs: 1000 });

test('a session is known again by another server with the same master key', () => {
  const made = new SessionTokens(key, seededIds(1)).issue(principal);
  assert.match(made.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
  assert.equal(accountOfAccessKey(made.accessKeyId), '123456789012');
  assert.equal(made.secretAccessKey.length, 40);
  assert.equal(made.expiresAtMs, 1000);
  const restarted = new SessionTokens(key, seededIds(2));
  assert.deepEqual(restarted.open(made.accessKeyId, made.sessionToken), {
    principal: { ...principal, accessKeyId: made.accessKeyId },
    secretAccessKey: made.secretAccessKey,
  });
});

test("another key's token, a forged one and another server's are not accepted", () => {
  const tokens = new SessionTokens(key, seededIds(1));
  const [a, b] = [tokens.issue(principal), tokens.issue(principal)];
  assert.equal(tokens.open(a.accessKeyId, b.sessionToken), undefined);
  assert.equal(tokens.open(a.accessKeyId, `A${a.sessionToken.slice(1)}`), undefined);
  assert.equal(tokens.open(a.accessKeyId, ''), undefined);
  assert.equal(new SessionTokens(Buffer.alloc(32, 8), seededIds(1)).open(a.accessKeyId, a.sessionToken), undefined);
});

test('the token of an earlier version, with no principal in it, is not accepted', () => {
  const old = { session: { account: '123456789012' }, accessKeyId: 'ASIAX', secretAccessKey: 'x', expiresAtMs: 1000 };
  const token = new SealedBox(key, 'session-token', seededIds(3)).seal(JSON.stringify(old));
  assert.equal(new SessionTokens(key, seededIds(1)).open('ASIAX', token), undefined);
});

test('a session with long policies and tags has a token that fits into a header', () => {
  const tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key-${i}`, 'v'.repeat(256)]));
  const long: SessionPrincipal = { ...principal, session: { ...principal.session, tags } };
  const tokens = new SessionTokens(key, seededIds(1));
  const made = tokens.issue(long);
  assert.ok(made.sessionToken.length < 4096, String(made.sessionToken.length));
  assert.deepEqual(tokens.open(made.accessKeyId, made.sessionToken)?.principal.session.tags, tags);
});
