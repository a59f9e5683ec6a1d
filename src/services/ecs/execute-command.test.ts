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
