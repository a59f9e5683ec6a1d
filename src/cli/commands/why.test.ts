import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInterruption, interruptionPath } from './spot.ts';
import { formatServiceStory, formatStory } from './why.ts';
import type { TaskStoryAnswer } from './why.ts';

const STORY: TaskStoryAnswer = {
  taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/default/t1',
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:3',
  group: 'service:web',
  capacityProviderName: 'FARGATE_SPOT',
  lastStatus: 'DEPROVISIONING',
  desiredStatus: 'STOPPED',
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  why: 'its containers are gone: its network interface goes too',
  containers: [
    { name: 'web', status: 'STOPPED', health: 'UNKNOWN', image: 'web:1', exitCode: 137, reason: 'OutOfMemoryError' },
    { name: 'side', status: 'STOPPED', health: 'HEALTHY', image: 'side:1', restartCount: 2 },
  ],
  timeline: [
    { atMs: 0, text: 'PROVISIONING: created' },
    { atMs: 1500, text: 'web: pulled' },
  ],
};

test('a task’s story says what it is, why, and what happened', () => {
  assert.deepEqual(formatStory(STORY).split('\n'), [
    STORY.taskArn,
    'site:3 (service:web) on FARGATE_SPOT',
    'DEPROVISIONING, wanted STOPPED: its containers are gone: its network interface goes too',
    'EssentialContainerExited: Essential container in task exited',
    '',
    'CONTAINER  STATUS   HEALTH   EXIT  RESTARTS  REASON',
    'web        STOPPED  UNKNOWN  137   -         OutOfMemoryError',
    'side       STOPPED  HEALTHY  -     2',
    '',
    '1970-01-01T00:00:00.000Z  PROVISIONING: created',
    '1970-01-01T00:00:01.500Z  web: pulled',
    '',
  ]);
});

test('a task that runs as wanted says so in one line', () => {
  const { stopCode: _code, stoppedReason: _reason, capacityProviderName: _name, ...rest } = STORY;
  const lines = formatStory({ ...rest, lastStatus: 'RUNNING', desiredStatus: 'RUNNING', why: 'it runs' }).split('\n');
  assert.deepEqual(lines.slice(1, 4), ['site:3 (service:web)', 'RUNNING: it runs', '']);
});

test('an interruption says how the task stops', () => {
  const text = formatInterruption({ taskArn: 'arn', stopCode: 'SpotInterruption', stoppedReason: 'interrupted' });
  assert.equal(text, 'arn stops (SpotInterruption): interrupted\n');
});

test('what is interrupted is a task, or an instance with so long a notice', () => {
  assert.equal(interruptionPath('1f0c', '5'), '/_longshore/tasks/1f0c/spot-interruption');
  assert.equal(interruptionPath('i-1'), '/_longshore/instances/i-1/spot-interruption');
  assert.equal(interruptionPath('i-1', '5'), '/_longshore/instances/i-1/spot-interruption/5');
  const arn = 'arn:aws:ec2:us-east-1:123456789012:instance/i-1';
  assert.equal(interruptionPath(arn), `/_longshore/instances/${encodeURIComponent(arn)}/spot-interruption`);
  const text = formatInterruption({ instanceId: 'i-1', action: 'stop', time: '1970-01-01T00:00:00.000Z' });
  assert.equal(text, 'i-1 has its notice: stop at 1970-01-01T00:00:00.000Z\n');
});

test('a service that cannot be placed tells of each instance why', () => {
  const text = formatServiceStory({
    serviceArn: 'arn:aws:ecs:us-east-1:123456789012:service/blue/web',
    status: 'ACTIVE',
    desiredCount: 2,
    runningCount: 1,
    pendingCount: 0,
    why: '1 tasks find no container instance.',
    instances: [{ arn: 'arn:aws:ecs:us-east-1:123456789012:container-instance/blue/abc', reasons: ['AGENT: lost'] }],
    events: [{ atMs: 0, text: '(service web) was unable to place a task.' }],
  });
  assert.match(text, /ACTIVE, wants 2 tasks: 1 run, 0 are on their way/);
  assert.match(text, /abc +AGENT: lost/);
  assert.match(text, /1970-01-01T00:00:00.000Z {2}\(service web\)/);
});
