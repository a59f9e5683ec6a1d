import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsManagedPolicy } from './aws-managed.ts';
import { grantedServices } from './granted-services.ts';

const SERVICES = ['ec2', 'ecr', 'ecs', 'iam', 'organizations'];

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

const allow = (action: string | string[]) => ({ Effect: 'Allow', Action: action, Resource: '*' });
const deny = (action: string | string[]) => ({ Effect: 'Deny', Action: action, Resource: '*' });

test('a service is granted by any action of it, on any resource', async () => {
  const documents = [policy({ ...allow('ECS:RunTask'), Resource: 'arn:aws:ecs:*:*:task-definition/web:*' })];
  assert.deepEqual(await grantedServices(documents, SERVICES), ['ecs']);
  assert.deepEqual(await grantedServices([policy(allow('ec*:*'))], SERVICES), ['ec2', 'ecr', 'ecs']);
  assert.deepEqual(await grantedServices([policy(allow('*'))], SERVICES), SERVICES);
  assert.deepEqual(await grantedServices([], SERVICES), []);
});

test('NotAction grants what it leaves', async () => {
  const { document = '' } = awsManagedPolicy('arn:aws:iam::aws:policy/PowerUserAccess') ?? {};
  const { document: readOnly = '' } = awsManagedPolicy('arn:aws:iam::aws:policy/ReadOnlyAccess') ?? {};
  const notIam = policy({ Effect: 'Allow', NotAction: ['iam:*', 'ecs:RunTask'], Resource: '*' });
  assert.deepEqual(await grantedServices([notIam], SERVICES), ['ec2', 'ecr', 'ecs', 'organizations']);
  assert.deepEqual(await grantedServices([document], SERVICES), SERVICES);
  assert.deepEqual(await grantedServices([readOnly], SERVICES), SERVICES);
});

test('what is denied everywhere is not granted', async () => {
  assert.deepEqual(await grantedServices([policy(allow('*'), deny(['ec2:*', 'iam:*']))], SERVICES), [
    'ecr',
    'ecs',
    'organizations',
  ]);
  const pull = allow(['ecr:BatchGetImage', 'ecr:PutImage']);
  assert.deepEqual(await grantedServices([policy(pull), policy(deny('ecr:Put*'))], SERVICES), ['ecr']);
  assert.deepEqual(await grantedServices([policy(pull), policy(deny(['ecr:Put*', 'ecr:Batch*']))], SERVICES), []);
  const some = { ...deny('ecr:*'), Resource: 'arn:aws:ecr:*:*:repository/secret' };
  assert.deepEqual(await grantedServices([policy(pull), policy(some)], SERVICES), ['ecr']);
});
