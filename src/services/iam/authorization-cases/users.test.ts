import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALLER } from '../../../api/operation.ts';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { iam } from '../index.ts';
import { openTestIam } from '../testing.ts';
import { USER_CASES } from './users.ts';

test('operations name the resources and permissions of their cases', async () => {
  const empty = openTestIam();
  for (const [name, expected] of Object.entries(USER_CASES)) {
    const operation = iam.operations[name];
    const found = await empty.store.read(async (tx) => ({
      resources: await operation?.resources(expected.input, TEST_SCOPE, tx),
      conditions: (await operation?.conditions?.(expected.input, TEST_SCOPE, tx)) ?? {},
      also: (await operation?.also?.(expected.input, TEST_SCOPE, tx)) ?? [],
    }));
    const { resources, conditions = {}, also = [] } = expected;
    assert.deepEqual(found, { resources, conditions, also }, name);
  }
  await empty.close();
});

test('the ARN has the path and the spelling of what exists; a missing name is the caller', async () => {
  const service = openTestIam();
  await service.call('CreateUser', { UserName: 'Alice', Path: '/x/' });
  await service.call('CreateGroup', { GroupName: 'Devs', Path: '/y/' });
  const { AccessKey } = await service.call('CreateAccessKey', { UserName: 'Alice' });
  const resources = (name: string, input: object) =>
    service.store.read(async (tx) => iam.operations[name]?.resources(input, TEST_SCOPE, tx));
  const alice = 'arn:aws:iam::123456789012:user/x/Alice';
  assert.deepEqual(await resources('GetUser', { UserName: 'alice' }), [alice]);
  assert.deepEqual(await resources('GetUser', {}), [CALLER]);
  assert.deepEqual(await resources('GetAccessKeyLastUsed', { AccessKeyId: AccessKey?.AccessKeyId }), [alice]);
  assert.deepEqual(await resources('UpdateUser', { UserName: 'alice' }), [alice]);
  assert.deepEqual(await resources('UpdateUser', { UserName: 'alice', NewPath: '/z/' }), [
    alice,
    'arn:aws:iam::123456789012:user/z/Alice',
  ]);
  assert.deepEqual(await resources('GetGroup', { GroupName: 'devs' }), ['arn:aws:iam::123456789012:group/y/Devs']);
  await service.close();
});
