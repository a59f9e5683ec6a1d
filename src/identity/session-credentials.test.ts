import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../kernel/ids.ts';
import { SessionTokens, assumedRoleArn, assumedRoleId } from './session-credentials.ts';

const session = { account: '123456789012', roleArn: 'arn:aws:iam::123456789012:role/team/app', sessionName: 'task1' };
const key = Buffer.alloc(32, 7);

test('a session is known again by another server with the same master key, until it ends', () => {
  const made = new SessionTokens(key, seededIds(1)).issue(session, 1000);
  assert.match(made.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
  assert.equal(made.secretAccessKey.length, 40);
  const restarted = new SessionTokens(key, seededIds(2));
  assert.deepEqual(restarted.open(made.accessKeyId, made.sessionToken, 999), {
    session,
    secretAccessKey: made.secretAccessKey,
  });
  assert.equal(restarted.open(made.accessKeyId, made.sessionToken, 1000), undefined);
});

test("another key's token, a forged one and another server's are not accepted", () => {
  const tokens = new SessionTokens(key, seededIds(1));
  const [a, b] = [tokens.issue(session, 1000), tokens.issue(session, 1000)];
  assert.equal(tokens.open(a.accessKeyId, b.sessionToken, 0), undefined);
  assert.equal(tokens.open(a.accessKeyId, `${a.sessionToken.slice(0, -2)}AA`, 0), undefined);
  assert.equal(new SessionTokens(Buffer.alloc(32, 8), seededIds(1)).open(a.accessKeyId, a.sessionToken, 0), undefined);
});

test('the names of an assumed role are those of STS', () => {
  assert.equal(assumedRoleArn(session), 'arn:aws:sts::123456789012:assumed-role/app/task1');
  assert.match(assumedRoleId(session), /^AROA[A-Z2-7]{17}:task1$/);
});
