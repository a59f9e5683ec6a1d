import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterConfiguration, ContainerDefinition } from '@aws-sdk/client-ecs';
import { execLogging } from './exec-logging.ts';

const TASK = { account: '123456789012', region: 'us-east-1', id: 'cafe', overrides: {} };
const ROLE = { arn: 'arn:aws:iam::123456789012:role/task', sessionName: 'cafe' };
const AWSLOGS = { 'awslogs-group': '/ecs/site', 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'ecs' };
const WEB: ContainerDefinition = { name: 'web', logConfiguration: { logDriver: 'awslogs', options: AWSLOGS } };
const DEFINITION = { family: 'site', taskRoleArn: 'task', containerDefinitions: [{ name: 'side' }, WEB] };

function loggingOf(given: ClusterConfiguration['executeCommandConfiguration'], container = 'web') {
  return execLogging(TASK, container, DEFINITION, given && { executeCommandConfiguration: given });
}

test('by default a session is logged where its container logs, under the task’s role', () => {
  const logGroup = { name: '/ecs/site', region: 'eu-west-1', mustBeEncrypted: false };
  const expected = { account: TASK.account, region: TASK.region, role: ROLE, logGroup };
  assert.deepEqual(loggingOf(undefined), expected);
  assert.deepEqual(loggingOf({ logging: 'DEFAULT' }), expected);
  assert.equal(loggingOf(undefined, 'side'), undefined);
});

test('the cluster may name another place, or none', () => {
  assert.equal(loggingOf({ logging: 'NONE' }), undefined);
  const both = loggingOf(
    {
      logging: 'OVERRIDE',
      logConfiguration: {
        cloudWatchLogGroupName: 'audit',
        cloudWatchEncryptionEnabled: true,
        s3BucketName: 'kept',
        s3KeyPrefix: 'exec',
        s3EncryptionEnabled: true,
      },
    },
    'side',
  );
  assert.deepEqual(both?.logGroup, { name: 'audit', region: 'us-east-1', mustBeEncrypted: true });
  assert.deepEqual(both?.bucket, { name: 'kept', keyPrefix: 'exec', mustBeEncrypted: true });
  const one = loggingOf({ logging: 'OVERRIDE', logConfiguration: { s3BucketName: 'kept' } });
  assert.equal(one?.logGroup, undefined);
  assert.deepEqual(one?.bucket, { name: 'kept', keyPrefix: '', mustBeEncrypted: false });
});

test('a role that the task was run with comes before its definition’s', () => {
  const overrides = { taskRoleArn: 'arn:aws:iam::123456789012:role/other' };
  const logging = execLogging({ ...TASK, overrides }, 'web', DEFINITION, undefined);
  assert.equal(logging?.role.arn, overrides.taskRoleArn);
});
