import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { RegistryTokens } from './token.ts';

const NOW = Date.UTC(2026, 0, 1);
const principal = {
  kind: 'root' as const,
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:root',
  userId: '123456789012',
};
const caller = { account: '123456789012', region: 'eu-west-1', principal };
const tokens = new RegistryTokens(new SealedBox(Buffer.alloc(32, 1), 'ecr-token', seededIds(1)));
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('a token says who, where and until when', () => {
  const { authorizationToken, expiresAtMs } = tokens.issue(caller, NOW);
  assert.equal(expiresAtMs, NOW + 12 * 3600_000);
  assert.match(Buffer.from(authorizationToken, 'base64').toString(), /^AWS:[A-Za-z0-9_-]+$/);
  assert.deepEqual(tokens.authenticate(`Basic ${authorizationToken}`, expiresAtMs - 1), caller);
  assert.deepEqual(tokens.authenticate(`basic ${authorizationToken}`, NOW), caller);
  assert.equal(tokens.authenticate(`Basic ${authorizationToken}`, expiresAtMs), 'expired');
  const password = Buffer.from(authorizationToken, 'base64').toString().slice('AWS:'.length);
  for (const token of [authorizationToken, password]) {
    assert.deepEqual(tokens.authenticate(`Bearer ${token}`, NOW), caller);
    assert.equal(tokens.authenticate(`Bearer ${token}`, expiresAtMs), 'expired');
  }
});

test('nothing else opens the registry', () => {
  const { authorizationToken } = tokens.issue(caller, NOW);
  const password = Buffer.from(authorizationToken, 'base64').toString().slice('AWS:'.length);
  const elsewhere = new RegistryTokens(new SealedBox(Buffer.alloc(32, 2), 'ecr-token', seededIds(1)));
  const otherPurpose = new SealedBox(Buffer.alloc(32, 1), 'sessions', seededIds(1));
  const headers = [
    undefined,
    '',
    'Basic',
    `Digest ${authorizationToken}`,
    'Bearer',
    `Bearer ${password.slice(0, -2)}`,
    `Bearer ${Buffer.from(`root:${password}`).toString('base64')}`,
    basic('AWS'),
    basic('AWS:'),
    basic('AWS:guess'),
    basic(`root:${password}`),
    basic(`AWS:${password}:x`),
    basic(`AWS:${password.slice(0, -2)}`),
    `Basic ${elsewhere.issue(caller, NOW).authorizationToken}`,
    basic(`AWS:${otherPurpose.seal(JSON.stringify({ ...caller, expiresAtMs: NOW + 1 }))}`),
  ];
  for (const header of headers) assert.equal(tokens.authenticate(header, NOW), undefined, header);
});
