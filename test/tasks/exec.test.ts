import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ExecuteCommandCommand, UpdateClusterCommand } from '@aws-sdk/client-ecs';
import type { ExecuteCommandConfiguration, Task } from '@aws-sdk/client-ecs';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { ResumeSessionCommand, TerminateSessionCommand } from '@aws-sdk/client-ssm';
import { ExecClient } from '../harness/exec-client.ts';
import { allowing, serviceRole } from '../harness/roles.ts';
import { run } from '../harness/run.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/* ECS Exec over Session Manager's data channel: a program in a container of a task, with a terminal. */

const LONGSHORE = join(import.meta.dirname, '../../bin/longshore');

let lab: TaskLab;
let task: Task;

before(async () => {
  lab = await TaskLab.open('exec');
  const containers = {
    web: { run: 'echo here > /tmp/mark; exec sleep 600', environment: [{ name: 'COLOUR', value: 'blue' }] },
    side: { run: 'exec sleep 600' },
  };
  const policy = allowing(['logs:CreateLogStream', 'logs:PutLogEvents', 's3:PutObject']);
  const taskRoleArn = await serviceRole(lab.clients, 'exec-task', { policy });
  task = await lab.running({ containers, taskRoleArn }, { enableExecuteCommand: true });
});

after(() => lab?.remove());

async function execute(command: string, container = 'web'): Promise<{ output: string; exitCode: number | undefined }> {
  const client = await ExecClient.open(lab, task, container, command);
  const { why, exitCode } = await client.ended;
  assert.equal(why, '');
  return { output: client.output, exitCode };
}

test('a command runs in the container, as root, with its environment, and its exit code comes back', async () => {
  const { output, exitCode } = await execute('cat /tmp/mark; id -u; echo $COLOUR; exit 3');
  assert.equal(output.replaceAll('\r', ''), 'here\n0\nblue\n');
  assert.equal(exitCode, 3);
});

test('what it prints is logged: where its container logs, or where the cluster says', async () => {
  const { logs, s3, ecs } = lab.clients;
  const client = await ExecClient.open(lab, task, 'web', 'echo logged; echo twice');
  await client.ended;
  const stream = { logGroupName: `/ecs/${lab.name}`, logStreamName: client.sessionId, startFromHead: true };
  const messages = await until('the session is logged', async () => {
    const { events = [] } = await logs.send(new GetLogEventsCommand(stream)).catch(() => ({ events: [] }));
    return events.length > 0 && events.map(({ message }) => message);
  });
  assert.deepEqual(messages, ['logged', 'twice']);
  const configure = (executeCommandConfiguration: ExecuteCommandConfiguration) =>
    ecs.send(new UpdateClusterCommand({ cluster: lab.name, configuration: { executeCommandConfiguration } }));
  await s3.send(new CreateBucketCommand({ Bucket: 'sessions' }));
  const logConfiguration = { s3BucketName: 'sessions', s3KeyPrefix: 'exec' };
  await configure({ logging: 'OVERRIDE', logConfiguration });
  const other = await ExecClient.open(lab, task, 'web', 'echo kept');
  await other.ended;
  const object = { Bucket: 'sessions', Key: `exec/${other.sessionId}.log` };
  const text = await until('the session is an object', async () => {
    const { Body } = await s3.send(new GetObjectCommand(object)).catch(() => ({ Body: undefined }));
    return Body && { it: await Body.transformToString() };
  });
  assert.equal(text.it, 'kept\r\n');
  await configure({ logging: 'OVERRIDE', logConfiguration: { ...logConfiguration, s3EncryptionEnabled: true } });
  const refused = await ExecClient.open(lab, task, 'web', 'echo never');
  assert.match((await refused.ended).why, /^Couldn't start the session because .*encryption/);
  await configure({ logging: 'NONE' });
});

test('it is the container that was named', async () => {
  assert.notEqual((await execute('cat /tmp/mark', 'side')).exitCode, 0);
});

test('a shell is interactive: it echoes, has the terminal’s size, and hears of a new one', async () => {
  const client = await ExecClient.open(lab, task, 'web', '/bin/sh');
  await until('the prompt is there', async () => client.output.includes('#'));
  client.type('stty size\r');
  await until('the size was printed', async () => client.output.includes('30 100'));
  client.resize(132, 50);
  await until('the new size was printed', async () => {
    client.type('stty size\r');
    return client.output.includes('50 132');
  });
  // Its output, not its echo: while the shell edits a line, ^C is a character and no signal.
  client.type('echo go$((1 + 1)); sleep 300\r');
  await until('the line is run', async () => client.output.includes('go2'));
  client.type('\x03');
  client.type('echo $((6 * 7)); exit 5\r');
  assert.deepEqual(await client.ended, { why: '', exitCode: 5 });
  assert.match(client.output, /^42\r$/m);
});

test('a megabyte of output comes whole and in order', async () => {
  const { output } = await execute(
    'i=0; while [ $i -lt 20000 ]; do echo "line $i ........................................"; i=$((i+1)); done',
  );
  const lines = output.split('\r\n').slice(0, -1);
  assert.equal(lines.length, 20_000);
  assert.ok(lines.every((line, index) => line.startsWith(`line ${index} `)));
});

test('sessions are apart from each other', async () => {
  const [one, two] = await Promise.all([
    ExecClient.open(lab, task, 'web', '/bin/sh'),
    ExecClient.open(lab, task, 'web', '/bin/sh'),
  ]);
  await until('both have a prompt', async () => one.output.includes('#') && two.output.includes('#'));
  one.type('echo first$((1+1))\r');
  two.type('echo second$((1+1))\r');
  await until('both have answered', async () => one.output.includes('first2') && two.output.includes('second2'));
  assert.ok(!one.output.includes('second') && !two.output.includes('first'));
  one.type('exit\r');
  two.type('exit\r');
  assert.deepEqual(
    (await Promise.all([one.ended, two.ended])).map(({ why }) => why),
    ['', ''],
  );
});

test('a token opens its own session only', async () => {
  const open = () =>
    lab.clients.ecs.send(
      new ExecuteCommandCommand({
        cluster: lab.name,
        task: task.taskArn ?? '',
        container: 'web',
        command: '/bin/sh',
        interactive: true,
      }),
    );
  const [{ session: one }, { session: two }] = await Promise.all([open(), open()]);
  const mixed = new ExecClient({ ...one, tokenValue: two?.tokenValue ?? '' });
  assert.match((await mixed.ended).why, /1008/);
});

test('it is refused in AWS’s words: not enabled, no such container, no name where there are two, not interactive', async () => {
  const refuse = (message: RegExp, more: object = {}, taskArn = task.taskArn) =>
    assert.rejects(
      lab.clients.ecs.send(
        new ExecuteCommandCommand({
          cluster: lab.name,
          task: taskArn ?? '',
          container: 'web',
          command: 'ls',
          interactive: true,
          ...more,
        }),
      ),
      { name: 'InvalidParameterException', message },
    );
  const disabled = await lab.running({ containers: { web: { run: 'exec sleep 600' } } });
  await refuse(/execute command was not enabled/, {}, disabled.taskArn);
  await refuse(/was not found/, { container: 'nobody' });
  await refuse(/must be specified/, { container: undefined });
  await refuse(/Interactive is the only mode/, { interactive: false });
});

test('longshore exec runs a command on a terminal of its own, and ends with its exit code', async () => {
  const taskId = task.taskArn?.split('/').at(-1) ?? '';
  const args = ['exec', taskId, '--cluster', lab.name, '-c', 'web', '--home', lab.server.home, '--'];
  const ran = await run(LONGSHORE, [...args, 'cat /tmp/mark; exit 7']);
  assert.equal(ran.stdout.replaceAll('\r', ''), 'here\n');
  assert.equal(ran.code, 7, ran.stderr);
  const refused = await run(LONGSHORE, ['exec', 'nosuchtask', '--cluster', lab.name, '--home', lab.server.home]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /The referenced task was not found/);
});

test('what session-manager-plugin asks after a broken connection: another token, and the end', async () => {
  const { session } = await lab.clients.ecs.send(
    new ExecuteCommandCommand({
      cluster: lab.name,
      task: task.taskArn ?? '',
      container: 'web',
      command: '/bin/sh',
      interactive: true,
    }),
  );
  const client = new ExecClient(session ?? {});
  await until('the prompt is there', async () => client.output.includes('#'));
  const SessionId = session?.sessionId ?? '';
  const resumed = await lab.clients.ssm.send(new ResumeSessionCommand({ SessionId }));
  assert.equal(resumed.StreamUrl, session?.streamUrl);
  assert.notEqual(resumed.TokenValue, session?.tokenValue);
  await lab.clients.ssm.send(new TerminateSessionCommand({ SessionId }));
  assert.equal((await client.ended).why, '');
  await assert.rejects(lab.clients.ssm.send(new ResumeSessionCommand({ SessionId })), {
    name: 'DoesNotExistException',
  });
});
