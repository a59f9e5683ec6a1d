import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorize, type AuthorizationRequest } from './authorize.ts';

const ACCOUNT = '111122223333';
const CLUSTER = `arn:aws:ecs:eu-central-1:${ACCOUNT}:cluster/default`;
const root = { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` } as const;
const role = {
  kind: 'assumed-role',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web/session`,
} as const;
const service = { kind: 'service', account: ACCOUNT, arn: 'ecs.amazonaws.com' } as const;

function ask(request: Partial<AuthorizationRequest>) {
  return authorize({
    principal: root,
    action: 'ecs:DescribeClusters',
    resources: [CLUSTER],
    account: ACCOUNT,
    ...request,
  });
}

test('the root user may do everything in its own account', () => {
  assert.equal(ask({}).allowed, true);
  assert.equal(ask({ resources: ['*'] }).allowed, true);
  assert.equal(ask({ resources: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] }).allowed, true);
});

test('the root user may not reach into another account', () => {
  const foreign = 'arn:aws:ecs:eu-central-1:999988887777:cluster/default';
  assert.deepEqual(ask({ resources: [CLUSTER, foreign] }), {
    allowed: false,
    reason: `User: ${root.arn} is not authorized to perform: ecs:DescribeClusters on resource: ${foreign} because no resource-based policy allows the ecs:DescribeClusters action`,
  });
  assert.equal(ask({ account: '999988887777', resources: ['*'] }).allowed, false);
});

test('services are allowed', () => {
  assert.equal(ask({ principal: service }).allowed, true);
});

test('an assumed role may only ask who it is', () => {
  assert.equal(ask({ principal: role, action: 'sts:GetCallerIdentity', resources: ['*'] }).allowed, true);
  assert.deepEqual(ask({ principal: role }), {
    allowed: false,
    reason: `User: ${role.arn} is not authorized to perform: ecs:DescribeClusters on resource: ${CLUSTER} because no identity-based policy allows the ecs:DescribeClusters action`,
  });
  assert.match(ask({ principal: role, resources: [] }).reason, /on resource: \* because/);
});
