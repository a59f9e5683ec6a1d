import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestSite, runTask } from './testing.ts';

const ENABLED = {
  enableExecuteCommand: true,
  overrides: { taskRoleArn: 'arn:aws:iam::123456789012:role/task' },
};
const COMMAND = { command: 'ls', interactive: true } as const;

test('ExecuteCommand opens a session with a container that runs', async () => {
  const ecs = await openTestSite();
  const task = await runTask(ecs, ENABLED);
  await ecs.reconcile();
  await ecs.report(task, 'RUNNING', { container: { runtimeId: 'abc' } });
  await ecs.reconcile();
  const answer = await ecs.call('ExecuteCommand', { task, ...COMMAND });
  assert.equal(answer.taskArn, task);
  assert.equal(answer.interactive, true);
  assert.ok(answer.session?.streamUrl && answer.session.sessionId && answer.session.tokenValue);
  const owner = 'arn:aws:iam::123456789012:root';
  // The container has no log group: nothing is logged.
  assert.deepEqual([...ecs.sessions], [{ runtimeId: 'abc', command: 'ls', owner }]);
  const executeCommandConfiguration = {
    logging: 'OVERRIDE' as const,
    logConfiguration: { cloudWatchLogGroupName: 'audit' },
  };
  await ecs.call('UpdateCluster', { cluster: 'default', configuration: { executeCommandConfiguration } });
  await ecs.call('ExecuteCommand', { task, ...COMMAND });
  assert.deepEqual(ecs.sessions[1]?.logging, {
    account: '123456789012',
    region: 'us-east-1',
    role: { arn: ENABLED.overrides.taskRoleArn, sessionName: task.split('/').at(-1) },
    logGroup: { name: 'audit', region: 'us-east-1', mustBeEncrypted: false },
  });
  await ecs.close();
});

test('ExecuteCommand refuses a task that is not ready for it', async () => {
  const ecs = await openTestSite();
  const starting = await runTask(ecs, ENABLED);
  await assert.rejects(ecs.call('ExecuteCommand', { task: starting, ...COMMAND }), {
    code: 'TargetNotConnectedException',
  });
  const disabled = await runTask(ecs);
  const refused = { code: 'InvalidParameterException' };
  await assert.rejects(ecs.call('ExecuteCommand', { task: disabled, ...COMMAND }), {
    ...refused,
    message: /execute command was not enabled/,
  });
  await assert.rejects(ecs.call('ExecuteCommand', { task: 'gone', ...COMMAND }), refused);
  await assert.rejects(ecs.call('ExecuteCommand', { task: starting, ...COMMAND, interactive: false }), refused);
  await assert.rejects(ecs.call('ExecuteCommand', { task: starting, ...COMMAND, command: ' ' }), refused);
  await assert.rejects(ecs.call('ExecuteCommand', { task: starting, ...COMMAND, container: 'nobody' }), refused);
  await ecs.close();
});
