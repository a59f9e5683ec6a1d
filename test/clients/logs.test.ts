import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AWS_CLI } from '../harness/aws-cli.ts';
import { cliOf, environmentOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/* CloudWatch Logs as those use it who look for something: `aws logs tail`, filter patterns, Live Tail. */

let server: Longshore;
let aws: Cli;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
});

after(() => server?.remove());

async function group(name: string, ...streams: readonly string[]): Promise<void> {
  await aws('logs create-log-group --log-group-name', name);
  for (const stream of streams)
    await aws(`logs create-log-stream --log-group-name ${name} --log-stream-name ${stream}`);
}

async function put(name: string, stream: string, messages: readonly string[], agoMs = 0): Promise<void> {
  const events = messages.map((message, at) => ({ timestamp: Date.now() - agoMs + at, message }));
  const line = `logs put-log-events --log-group-name ${name} --log-stream-name ${stream} --log-events`;
  await aws(line, JSON.stringify(events));
}

async function filter(name: string, filterPattern: string): Promise<string[]> {
  const { events } = await aws(`logs filter-log-events --log-group-name ${name} --filter-pattern`, filterPattern);
  return events.map((event: { message: string }) => event.message);
}

test('aws logs tail --follow prints lines as they come; --since leaves out what is older', async () => {
  await group('/ecs/tail', 'one', 'two');
  await put('/ecs/tail', 'one', ['long ago'], 7_200_000);
  await put('/ecs/tail', 'one', ['first']);
  const since = await server.aws(['logs', 'tail', '/ecs/tail', '--since', '1h']);
  assert.match(since.stdout, /^\S+ one first\n$/);
  const environment = {
    ...process.env,
    ...environmentOf(await server.credentials()),
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    PYTHONUNBUFFERED: '1',
  };
  const { AWS_SESSION_TOKEN: _, ...env } = environment as Record<string, string>;
  const args = ['--endpoint-url', server.endpoint, 'logs', 'tail', '/ecs/tail', '--follow', '--format', 'short'];
  const child = spawn(AWS_CLI, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await until('the first line is shown', async () => shown.includes('first'));
    await put('/ecs/tail', 'two', ['second', 'third']);
    await until('the new lines are shown', async () => shown.includes('third'));
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  const lines = shown.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(' ').at(-1)),
    ['first', 'second', 'third'],
  );
});

test('filter patterns of every kind', async () => {
  await group('/ecs/filter', 'one');
  const json = ['{"level":"error","status":503,"user":{"id":"anna"}}', '{"level":"info","status":200}'];
  const access = ['10.0.0.1 - anna "GET /a HTTP/1.1" 404 12', '10.0.0.2 - bob "GET /b HTTP/1.1" 200 3000'];
  await put('/ecs/filter', 'one', [...json, ...access, 'WARN disk is full', 'ERROR disk is gone']);
  const found = await Promise.all(
    [
      '{ $.level = "error" && ($.status >= 500 || $.user.id = "b*") }',
      '{ $.user NOT EXISTS }',
      '[ip, dash, user, request, status=4*, bytes]',
      '[..., bytes>1000]',
      '?WARN ?ERROR',
      '"disk is" -full',
      String.raw`%^10\.0\.0\.[0-9]+ .*bob%`,
    ].map((pattern) => filter('/ecs/filter', pattern)),
  );
  assert.deepEqual(found, [
    [json[0]],
    [json[1]],
    [access[0]],
    [access[1]],
    ['WARN disk is full', 'ERROR disk is gone'],
    ['ERROR disk is gone'],
    [access[1]],
  ]);
  const line = 'logs filter-log-events --log-group-name /ecs/filter --filter-pattern';
  assert.match(await aws.refused(line, '{ $.level }'), /^InvalidParameterException: Invalid filter pattern/);
  const tested = await aws(
    'logs test-metric-filter --filter-pattern',
    '[ip, dash, user, ...]',
    '--log-event-messages',
    ...access,
  );
  assert.equal(tested.matches[1].extractedValues.$user, 'bob');
});

test('groups: listed, protected, kept for so long', async () => {
  await group('/ecs/kept');
  const kept = '--log-group-name /ecs/kept';
  await aws(`logs put-retention-policy ${kept} --retention-in-days 30`);
  assert.match(
    await aws.refused(`logs put-retention-policy ${kept} --retention-in-days 8`),
    /^InvalidParameterException: .*retentionInDays/,
  );
  await aws(`logs delete-retention-policy ${kept}`);
  const clients = await server.clients();
  const { ListLogGroupsCommand, PutLogGroupDeletionProtectionCommand } =
    await import('@aws-sdk/client-cloudwatch-logs');
  const listed = await clients.logs.send(new ListLogGroupsCommand({ logGroupNamePattern: '^/ecs/kep' }));
  assert.deepEqual(
    listed.logGroups?.map((each) => each.logGroupName),
    ['/ecs/kept'],
  );
  const protect = (deletionProtectionEnabled: boolean) =>
    clients.logs.send(
      new PutLogGroupDeletionProtectionCommand({ logGroupIdentifier: '/ecs/kept', deletionProtectionEnabled }),
    );
  await protect(true);
  assert.equal(await aws.code(`logs delete-log-group ${kept}`), 'ValidationException');
  await protect(false);
  await aws(`logs delete-log-group ${kept}`);
});

test('Live Tail: the SDK hears what is written, until either side goes away', async () => {
  await group('/ecs/live', 'one');
  const credentials = await server.credentials();
  // The SDK would call `stream-127.0.0.1`.
  const settings = { endpoint: server.endpoint, region: 'us-east-1', credentials, disableHostPrefix: true };
  const client = new CloudWatchLogsClient(settings);
  const logGroupIdentifiers = ['arn:aws:logs:us-east-1:123456789012:log-group:/ecs/live'];
  const start = () => client.send(new StartLiveTailCommand({ logGroupIdentifiers, logEventFilterPattern: 'ERROR' }));
  const { responseStream } = await start();
  const left = await start();
  for await (const each of left.responseStream ?? []) {
    assert.ok(each.sessionStart?.sessionId);
    break;
  }
  await put('/ecs/live', 'one', ['fine', 'an ERROR']);
  const heard: (string | undefined)[] = [];
  let stopped: Promise<void> | undefined;
  for await (const { sessionStart, sessionUpdate } of responseStream ?? []) {
    if (sessionStart) assert.deepEqual(sessionStart.logGroupIdentifiers, logGroupIdentifiers);
    heard.push(...(sessionUpdate?.sessionResults ?? []).map((event) => event.message));
    // A server that stops ends the answer as if all were said.
    if (heard.length > 0) stopped ??= server.stop();
  }
  await stopped;
  client.destroy();
  assert.deepEqual(heard, ['an ERROR']);
  await server.up();
});
