import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decide } from './evaluate.ts';
import type { AuthorizationRequest, PolicyPrincipal } from './model.ts';
import { ACCOUNT, ALICE, ALLOW_ALL, applied, ask, CLUSTER, DENY_ALL, WEB } from './testing.ts';

const OTHER = '999988887777';
const ROOT: PolicyPrincipal = { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT };
const SERVICE: PolicyPrincipal = {
  kind: 'service',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:service-principal/ecs-tasks.amazonaws.com`,
  userId: 'ecs-tasks.amazonaws.com',
  service: 'ecs-tasks.amazonaws.com',
};
const FEDERATED: PolicyPrincipal = {
  kind: 'federated-user',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/visitor`,
  userId: `${ACCOUNT}:visitor`,
  userArn: ALICE.arn,
};

const identity = (...statements: object[]) => statements.map((one) => applied('inline', one));
const session = (...statements: object[]) => statements.map((one) => applied('session', one));
const nothing = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const onResource = (Principal: unknown, more: object = {}) => ({
  resourcePolicy: applied('resource', { Effect: 'Allow', Action: '*', Resource: '*', Principal, ...more }),
});

/** `allowed`, `explicitDeny`, or what is missing. */
function verdict(request: Partial<AuthorizationRequest>): string {
  const { outcome, allowed, missing } = decide(ask(request));
  assert.equal(allowed, outcome === 'allowed');
  return outcome === 'implicitDeny' ? (missing ?? '') : outcome;
}

describe('within an account', () => {
  test('nothing is allowed by itself', () => {
    assert.equal(verdict({}), 'identity');
    assert.equal(verdict({ identity: identity(nothing) }), 'identity');
  });

  test('one Allow is enough and one Deny is too much', () => {
    assert.equal(verdict({ identity: identity(nothing, ALLOW_ALL) }), 'allowed');
    assert.equal(verdict({ identity: identity(ALLOW_ALL, DENY_ALL) }), 'explicitDeny');
    assert.equal(verdict({ identity: identity(ALLOW_ALL), boundary: applied('boundary', DENY_ALL) }), 'explicitDeny');
    const denied = onResource('*', { Effect: 'Deny' });
    assert.equal(verdict({ identity: identity(ALLOW_ALL), ...denied }), 'explicitDeny');
  });

  test('a boundary and session policies must allow it too', () => {
    const request = { identity: identity(ALLOW_ALL) };
    assert.equal(verdict({ ...request, boundary: applied('boundary', nothing) }), 'boundary');
    assert.equal(verdict({ ...request, boundary: applied('boundary', ALLOW_ALL) }), 'allowed');
    assert.equal(verdict({ ...request, principal: WEB, session: session(nothing) }), 'session');
    assert.equal(verdict({ ...request, principal: WEB, session: session(nothing, ALLOW_ALL) }), 'allowed');
    assert.equal(verdict({ ...request, principal: WEB, session: [] }), 'session');
  });

  test('a boundary and session policies allow nothing by themselves', () => {
    assert.equal(verdict({ boundary: applied('boundary', ALLOW_ALL) }), 'identity');
    assert.equal(verdict({ principal: WEB, session: session(ALLOW_ALL) }), 'identity');
  });

  test('a resource policy that names the principal itself needs nothing else', () => {
    const limits = { boundary: applied('boundary', nothing), session: session(nothing) };
    assert.equal(verdict({ ...limits, ...onResource({ AWS: ALICE.arn }) }), 'allowed');
    assert.equal(verdict({ ...limits, ...onResource({ AWS: ALICE.userId }) }), 'allowed');
    assert.equal(verdict({ ...limits, ...onResource('*') }), 'allowed');
    assert.equal(verdict({ ...limits, principal: WEB, ...onResource({ AWS: WEB.arn }) }), 'allowed');
    assert.equal(verdict({ ...limits, principal: FEDERATED, ...onResource({ AWS: FEDERATED.arn }) }), 'allowed');
  });

  test('one that names the role leaves the boundary and the session policies', () => {
    for (const name of [WEB.roleArn, 'AROAEXAMPLEWEB000000']) {
      const request = { principal: WEB, ...onResource({ AWS: name }) };
      assert.equal(verdict(request), 'allowed');
      assert.equal(verdict({ ...request, boundary: applied('boundary', nothing) }), 'boundary');
      assert.equal(verdict({ ...request, session: session(nothing) }), 'session');
    }
  });

  test('one that names the account leaves it to the account', () => {
    for (const name of [ACCOUNT, ROOT.arn]) {
      assert.equal(verdict(onResource({ AWS: name })), 'identity');
      assert.equal(verdict({ ...onResource({ AWS: name }), identity: identity(ALLOW_ALL) }), 'allowed');
    }
  });

  test('a statement of a resource policy without a principal is about nobody', () => {
    assert.equal(verdict({ resourcePolicy: applied('resource', ALLOW_ALL) }), 'identity');
  });

  test('what everybody may ask needs no permission', () => {
    for (const action of ['sts:GetCallerIdentity', 'sts:getsessiontoken']) {
      assert.equal(verdict({ action, resource: '*', identity: identity(DENY_ALL) }), 'allowed');
    }
  });
});

describe('the root user', () => {
  test('may do everything in its own account that no resource policy denies', () => {
    assert.equal(verdict({ principal: ROOT }), 'allowed');
    assert.equal(verdict({ principal: ROOT, resourceAccount: 'aws' }), 'allowed');
    assert.equal(verdict({ principal: ROOT, ...onResource({ AWS: ACCOUNT }, { Effect: 'Deny' }) }), 'explicitDeny');
  });

  test('needs the other account to reach into it', () => {
    assert.equal(verdict({ principal: ROOT, resourceAccount: OTHER }), 'resource');
    assert.equal(verdict({ principal: ROOT, resourceAccount: OTHER, ...onResource({ AWS: ACCOUNT }) }), 'allowed');
  });
});

describe('from another account', () => {
  test('both accounts must allow it', () => {
    const request = { resourceAccount: OTHER };
    assert.equal(verdict(request), 'identity');
    assert.equal(verdict({ ...request, identity: identity(ALLOW_ALL) }), 'resource');
    assert.equal(verdict({ ...request, ...onResource({ AWS: ALICE.arn }) }), 'identity');
    for (const name of [ALICE.arn, ACCOUNT, '*']) {
      assert.equal(verdict({ ...request, identity: identity(ALLOW_ALL), ...onResource({ AWS: name }) }), 'allowed');
    }
  });

  test('what limits the principal limits it there', () => {
    const request = {
      resourceAccount: OTHER,
      identity: identity(ALLOW_ALL),
      ...onResource({ AWS: WEB.arn }),
      principal: WEB,
    };
    assert.equal(verdict(request), 'allowed');
    assert.equal(verdict({ ...request, boundary: applied('boundary', nothing) }), 'boundary');
    assert.equal(verdict({ ...request, session: session(nothing) }), 'session');
  });
});

describe('a federated user', () => {
  test('may do what both its user and its session policies allow', () => {
    const request = { principal: FEDERATED, identity: identity(ALLOW_ALL) };
    assert.equal(verdict(request), 'session');
    assert.equal(verdict({ ...request, session: session(ALLOW_ALL) }), 'allowed');
    assert.equal(verdict({ principal: FEDERATED, session: session(ALLOW_ALL) }), 'identity');
    assert.equal(verdict({ principal: FEDERATED, ...onResource({ AWS: ALICE.arn }) }), 'session');
  });

  test('of the root user may do what its session policies allow', () => {
    const principal = { ...FEDERATED, userArn: ROOT.arn };
    assert.equal(verdict({ principal, session: session(ALLOW_ALL) }), 'allowed');
    assert.equal(verdict({ principal, session: session(nothing) }), 'session');
  });
});

test('a service may do what a resource policy allows it', () => {
  assert.equal(verdict({ principal: SERVICE }), 'resource');
  assert.equal(verdict({ principal: SERVICE, ...onResource({ Service: SERVICE.service }) }), 'allowed');
  assert.equal(verdict({ principal: SERVICE, ...onResource({ AWS: ACCOUNT }) }), 'resource');
});

describe('NotPrincipal', () => {
  const except = (Effect: string, ...names: string[]) => ({
    resourcePolicy: applied('resource', { Effect, NotPrincipal: { AWS: names }, Action: '*', Resource: '*' }),
  });

  test('a Deny excepts whom it names, and nobody who has a boundary', () => {
    const request = { identity: identity(ALLOW_ALL) };
    assert.equal(verdict({ ...request, ...except('Deny', ALICE.arn, ROOT.arn) }), 'allowed');
    assert.equal(verdict({ ...request, ...except('Deny', ROOT.arn) }), 'explicitDeny');
    assert.equal(verdict({ principal: ROOT, ...except('Deny', ROOT.arn) }), 'allowed');
    assert.equal(verdict({ ...request, principal: WEB, ...except('Deny', WEB.roleArn ?? '') }), 'explicitDeny');
    const boundary = applied('boundary', ALLOW_ALL);
    assert.equal(verdict({ ...request, boundary, ...except('Deny', ALICE.arn, ROOT.arn) }), 'explicitDeny');
  });

  test('an Allow excepts whom it names in any way', () => {
    assert.equal(verdict(except('Allow', WEB.arn)), 'allowed');
    assert.equal(verdict(except('Allow', ALICE.arn)), 'identity');
    assert.equal(verdict(except('Allow', ACCOUNT)), 'identity');
  });
});

describe('a trust policy', () => {
  const role = `arn:aws:iam::${ACCOUNT}:role/apps/web`;
  const trust = (Principal: unknown, action = 'sts:AssumeRole') => ({
    action,
    resource: role,
    resourcePolicy: applied('resource', { Effect: 'Allow', Principal, Action: action }),
  });

  test('is needed, whatever the account allows', () => {
    for (const action of ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']) {
      assert.equal(verdict({ action, resource: role, identity: identity(ALLOW_ALL) }), 'trust');
      assert.equal(verdict({ ...trust({ AWS: ALICE.arn }, action) }), 'allowed');
    }
    assert.equal(verdict({ principal: ROOT, action: 'sts:AssumeRole', resource: role }), 'trust');
  });

  test('that names the account leaves it to the account', () => {
    assert.equal(verdict(trust({ AWS: ACCOUNT })), 'identity');
    assert.equal(verdict({ ...trust({ AWS: ACCOUNT }), identity: identity(ALLOW_ALL) }), 'allowed');
  });

  test('of another account needs the own account too', () => {
    const request = { ...trust({ AWS: ALICE.arn }), resourceAccount: OTHER };
    assert.equal(verdict(request), 'identity');
    assert.equal(verdict({ ...request, identity: identity(ALLOW_ALL) }), 'allowed');
    const foreign = { action: 'sts:AssumeRole', resource: role, resourceAccount: OTHER };
    assert.equal(verdict({ ...foreign, identity: identity(ALLOW_ALL) }), 'trust');
  });

  test('lets services and web identities in', () => {
    assert.equal(verdict({ principal: SERVICE, ...trust({ Service: 'ecs-tasks.amazonaws.com' }) }), 'allowed');
    assert.equal(verdict({ principal: SERVICE, ...trust({ Service: 'ec2.amazonaws.com' }) }), 'trust');
    const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
    const bearer: PolicyPrincipal = { kind: 'web-identity', account: ACCOUNT, arn: provider, userId: 'token' };
    const action = 'sts:AssumeRoleWithWebIdentity';
    assert.equal(verdict({ principal: bearer, ...trust({ Federated: provider }, action) }), 'allowed');
    assert.equal(verdict({ principal: bearer, ...trust({ Federated: `${provider}.evil` }, action) }), 'trust');
    assert.equal(verdict({ principal: bearer, ...trust({ AWS: ACCOUNT }, action) }), 'trust');
  });
});

test('tells which statements made it', () => {
  const allow = { Sid: 'Read', Effect: 'Allow', Action: 'ecs:Describe*', Resource: CLUSTER };
  const inline = applied('inline', { Version: '2012-10-17', Statement: [nothing, allow] });
  const { matched } = decide(ask({ identity: [inline] }));
  assert.deepEqual(matched, [{ policy: inline, index: 1, sid: 'Read', effect: 'Allow' }]);
  const deny = applied('inline', DENY_ALL);
  assert.deepEqual(decide(ask({ identity: [inline, deny] })).matched, [{ policy: deny, index: 0, effect: 'Deny' }]);
  assert.deepEqual(decide(ask()).matched, []);
});
