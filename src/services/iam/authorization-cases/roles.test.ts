import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AnyOperation } from '../../../api/operation.ts';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { iam as service } from '../index.ts';
import { TASKS_TRUST, openTestRoles } from '../operations/testing-roles.ts';
import { ROLE_CASES } from './roles.ts';

const iam = openTestRoles();
after(() => iam.close());

for (const [name, expected] of Object.entries(ROLE_CASES)) {
  test(`${name} is authorized as its case says`, async () => {
    const asked = await authorization(service.operations[name], expected.input);
    assert.deepEqual(asked, {
      resources: expected.resources,
      conditions: expected.conditions ?? {},
      also: expected.also ?? [],
    });
  });
}

test('a role that exists is authorized by its real path, and tells its boundary', async () => {
  const boundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const input = { RoleName: 'Real', Path: '/team/', AssumeRolePolicyDocument: TASKS_TRUST };
  await iam.call('CreateRole', { ...input, PermissionsBoundary: boundary });
  assert.deepEqual(await authorization(service.operations['DeleteRole'], { RoleName: 'real' }), {
    resources: ['arn:aws:iam::123456789012:role/team/Real'],
    conditions: { 'iam:permissionsboundary': boundary },
    also: [],
  });
});

async function authorization(operation: AnyOperation | undefined, input: object): Promise<object> {
  return iam.store.read(async (tx) => ({
    resources: await operation?.resources(input, TEST_SCOPE, tx),
    conditions: (await operation?.conditions?.(input, TEST_SCOPE, tx)) ?? {},
    also: (await operation?.also?.(input, TEST_SCOPE, tx)) ?? [],
  }));
}
