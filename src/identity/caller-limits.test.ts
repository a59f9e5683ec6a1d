import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal, PrincipalKind } from './principal.ts';
import { callerRefusal } from './caller-limits.ts';

function principal(kind: PrincipalKind, temporary: boolean): Principal {
  const issuer = { type: 'User', arn: 'arn:aws:iam::123456789012:user/ann', id: 'AIDAX', name: 'ann' } as const;
  return {
    kind,
    account: '123456789012',
    arn: 'arn',
    userId: 'id',
    ...(temporary ? { session: { issuedAtMs: 0, expiresAtMs: 1, issuer } } : {}),
  };
}

test('long-term keys and services may call what their policies let them', () => {
  for (const kind of ['root', 'user', 'service'] as const) {
    for (const action of ['iam:ListUsers', 'sts:GetSessionToken', 'sts:GetFederationToken', 'ecs:RunTask']) {
      assert.equal(callerRefusal(principal(kind, false), action), undefined);
    }
  }
});

test('no temporary credentials get further session tokens', () => {
  for (const kind of ['root', 'user', 'assumed-role', 'federated-user'] as const) {
    for (const operation of ['GetSessionToken', 'GetFederationToken']) {
      const refused = callerRefusal(principal(kind, true), `sts:${operation}`);
      assert.equal(refused?.code, 'AccessDeniedException');
      assert.equal(refused.message, `Cannot call ${operation} with session credentials`);
    }
  }
});

test('sessions of roles may call all else', () => {
  for (const action of ['iam:ListUsers', 'sts:AssumeRole', 'sts:GetAccessKeyInfo', 'ecs:RunTask']) {
    assert.equal(callerRefusal(principal('assumed-role', true), action), undefined);
  }
});

test('sessions of users and federated users do not reach IAM, and little of STS', () => {
  for (const kind of ['root', 'user', 'federated-user'] as const) {
    const caller = principal(kind, true);
    const refused = callerRefusal(caller, 'iam:ListUsers');
    assert.equal(refused?.code, 'InvalidClientTokenId');
    assert.equal(refused.message, 'The security token included in the request is invalid');
    assert.equal(callerRefusal(caller, 'sts:GetCallerIdentity'), undefined);
    assert.equal(callerRefusal(caller, 'ecs:RunTask'), undefined);
    assert.equal(callerRefusal(caller, 'sts:GetAccessKeyInfo')?.code, 'AccessDeniedException');
  }
  assert.equal(callerRefusal(principal('user', true), 'sts:AssumeRole'), undefined);
  assert.equal(callerRefusal(principal('federated-user', true), 'sts:AssumeRole')?.code, 'AccessDeniedException');
});

test('root assumes no roles, with or without a session', () => {
  for (const temporary of [true, false]) {
    const refused = callerRefusal(principal('root', temporary), 'sts:AssumeRole');
    assert.equal(refused?.code, 'AccessDeniedException');
    assert.equal(refused.message, 'Roles may not be assumed by root accounts.');
  }
});
