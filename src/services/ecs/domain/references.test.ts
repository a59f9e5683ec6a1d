import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clusterArn,
  clusterNameOf,
  parseTaskDefinition,
  serviceArn,
  taskArn,
  taskDefinitionArn,
} from './references.ts';
import { SCOPE } from './testing-rows.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:';

test('a short name and an ARN mean the same', () => {
  assert.equal(clusterArn(SCOPE, undefined), `${ARN}cluster/default`);
  assert.equal(clusterArn(SCOPE, 'a'), `${ARN}cluster/a`);
  assert.equal(clusterArn(SCOPE, `${ARN}cluster/a`), `${ARN}cluster/a`);
  assert.equal(clusterNameOf(`${ARN}cluster/a`), 'a');
  for (const reference of ['web', `${ARN}service/a/web`]) {
    assert.equal(serviceArn(SCOPE, 'a', reference), `${ARN}service/a/web`);
  }
  for (const reference of ['0123', `${ARN}task/a/0123`])
    assert.equal(taskArn(SCOPE, 'a', reference), `${ARN}task/a/0123`);
  assert.equal(taskDefinitionArn(SCOPE, 'site', 7), `${ARN}task-definition/site:7`);
});

test('an ARN of another cluster’s service or task is refused', () => {
  for (const refused of [
    () => serviceArn(SCOPE, 'default', `${ARN}service/a/web`),
    () => taskArn(SCOPE, 'default', `${ARN}task/a/0123`),
  ]) {
    assert.throws(refused, {
      code: 'InvalidParameterException',
      message: 'Invalid identifier: Identifier is for a. Your cluster is default',
    });
  }
});

test('a task definition is a family, a family with a revision, or the ARN of either', () => {
  assert.deepEqual(parseTaskDefinition('site'), { family: 'site' });
  assert.deepEqual(parseTaskDefinition('site:12'), { family: 'site', number: 12 });
  assert.deepEqual(parseTaskDefinition(`${ARN}task-definition/si_te-2`), { family: 'si_te-2' });
  assert.deepEqual(parseTaskDefinition(`${ARN}task-definition/site:3`), { family: 'site', number: 3 });
  for (const bad of [
    '',
    'a b',
    'site:',
    'site:x',
    'site:-1',
    `site:${'1'.repeat(10)}`,
    'a'.repeat(256),
    'arn:aws:ecs',
    `${ARN}cluster/a`,
  ]) {
    assert.equal(parseTaskDefinition(bad), undefined, bad);
  }
});
