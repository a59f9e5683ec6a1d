import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { AWS_CLI } from '../harness/aws-cli.ts';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { run } from '../harness/run.ts';
import type { Ran } from '../harness/run.ts';
import { until } from '../harness/until.ts';

/* bin/longshore about access: who may come in (`user add`), what they may do (`policy explain`), what they did (`trail tail`). */

const BIN = join(import.meta.dirname, '../../bin/longshore');
const USER = 'arn:aws:iam::123456789012:user';
const BLUE = 'arn:aws:ecs:us-east-1:123456789012:cluster/blue';

let server: Longshore;
let aws: Cli;
let folder: string;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  folder = await mkdtemp(join(tmpdir(), 'ls-access-'));
});

after(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

function longshore(...args: readonly string[]): Promise<Ran> {
  return run(BIN, args, { env: { LONGSHORE_HOME: server.home } });
}

/** What a command says when it refuses: exit code 1 and nothing but words. */
async function refused(...args: readonly string[]): Promise<string> {
  const ran = await longshore(...args);
  assert.equal(ran.code, 1, ran.stdout + ran.stderr);
  assert.equal(ran.stdout, '');
  assert.doesNotMatch(ran.stderr, /^\s+at /m, 'no stack');
  return ran.stderr.replace(/^longshore: /, '').trim();
}

/** Wrong usage: exit code 2. */
async function misused(...args: readonly string[]): Promise<string> {
  const ran = await longshore(...args);
  assert.equal(ran.code, 2, ran.stdout + ran.stderr);
  return ran.stderr;
}

describe('longshore user add', { concurrency: 4 }, () => {
  test('what it prints is a profile of AWS’s tools', async () => {
    const policies = [
      '--policy',
      'AmazonECS_FullAccess',
      '--policy',
      'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess',
    ];
    const ran = await longshore('user', 'add', 'anna', ...policies);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(
      ran.stderr,
      /^anna has arn:aws:iam::aws:policy\/AmazonECS_FullAccess, arn:aws:iam::aws:policy\/CloudWatchLogs/,
    );
    assert.match(ran.stderr, /the only time that the secret is shown/);
    assert.doesNotMatch(ran.stderr, /[\w/+]{40}$/m, 'the secret is where it can be kept');
    assert.match(
      ran.stdout,
      new RegExp(
        `^\\[anna\\]\\naws_access_key_id = AKIA[A-Z2-7]{16}\\naws_secret_access_key = [\\w/+]{40}\\nregion = us-east-1\\nendpoint_url = ${server.endpoint}\\n$`,
      ),
    );
    const file = join(folder, 'credentials');
    await writeFile(file, ran.stdout);
    const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: '/dev/null', AWS_PAGER: '' };
    // Debian's CLI knows the profile's keys and region, not its endpoint_url: later ones do.
    const asAnna = (...args: readonly string[]) =>
      run(AWS_CLI, ['--profile', 'anna', '--endpoint-url', server.endpoint, '--output', 'json', ...args], { env });
    const who = await asAnna('sts', 'get-caller-identity');
    assert.equal(JSON.parse(who.stdout || '{}').Arn, `${USER}/anna`, who.stderr);
    const cluster = await asAnna('ecs', 'create-cluster', '--cluster-name', 'of-anna');
    assert.match(cluster.stdout, /arn:aws:ecs:us-east-1:123456789012:cluster\/of-anna/);
    const repository = await asAnna('ecr', 'create-repository', '--repository-name', 'of-anna');
    assert.match(repository.stderr, /AccessDeniedException.*ecr:CreateRepository/);
    assert.equal(await refused('user', 'add', 'anna'), 'User with name anna already exists.');
  });

  test('without a policy it says that nothing is allowed', async () => {
    const ran = await longshore('user', 'add', 'bare');
    assert.equal(ran.code, 0);
    assert.match(ran.stderr, /^bare may do nothing yet: attach a policy\./);
  });

  test('what cannot be leaves nobody behind', async () => {
    const said = await Promise.all([
      refused('user', 'add', 'lost', '--policy', 'NoSuchPolicy'),
      refused(
        'user',
        'add',
        'lost',
        '--policy',
        'AmazonECS_FullAccess',
        '--policy',
        `${USER.replace('user', 'policy')}/none`,
      ),
      refused('user', 'add', 'lost', '--policy', 'AmazonECS_FullAccess', '--policy', 'AmazonECSServiceRolePolicy'),
      refused('user', 'add', 'two words'),
    ]);
    assert.match(said[0] ?? '', /^there is no policy NoSuchPolicy\n +aws iam list-policies/);
    assert.match(said[1] ?? '', /^Policy arn:aws:iam::123456789012:policy\/none was not found\.$/);
    assert.match(said[2] ?? '', /attach/);
    assert.match(said[3] ?? '', /^The specified value for userName is invalid\./);
    assert.equal(await aws.code('iam get-user --user-name lost'), 'NoSuchEntity');
    assert.match(await misused('user', 'add'), /missing required argument 'name'/);
  });
});

test('longshore policy explain: the decision, its statement, and an exit code', async () => {
  await aws('iam create-user --user-name ci');
  const document = `{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Run", "Effect": "Allow", "Action": "ecs:*", "Resource": "*" },
    {
      "Sid": "NotThere",
      "Effect": "Deny",
      "Action": "ecs:RunTask",
      "Resource": "*",
      "Condition": { "ArnEquals": { "ecs:cluster": "${BLUE}" } }
    }
  ]
}`;
  await aws('iam put-user-policy --user-name ci --policy-name own --policy-document', document);
  const explain = (...args: readonly string[]) => longshore('policy', 'explain', `${USER}/ci`, ...args);
  const [allowed, denied, nothing, unsure] = await Promise.all([
    explain('ecs:ListClusters'),
    explain('ecs:RunTask', '*', '--context', `ecs:cluster=${BLUE}`),
    explain('s3:GetObject', 'arn:aws:s3:::a/b'),
    explain('ecs:RunTask'),
  ]);
  assert.deepEqual([allowed.code, denied.code, nothing.code, unsure.code], [0, 1, 1, 0]);
  assert.equal(
    allowed.stdout,
    `allowed
  by user_ci_own (IAM Policy)
    { "Sid": "Run", "Effect": "Allow", "Action": "ecs:*", "Resource": "*" }
`,
  );
  assert.equal(
    denied.stdout,
    `denied explicitly
  by user_ci_own (IAM Policy)
    {
      "Sid": "NotThere",
      "Effect": "Deny",
      "Action": "ecs:RunTask",
      "Resource": "*",
      "Condition": { "ArnEquals": { "ecs:cluster": "${BLUE}" } }
    }
`,
  );
  assert.equal(nothing.stdout, 'denied: nothing allows it\n');
  assert.match(unsure.stdout, /^allowed\n[^]*a condition asks for ecs:cluster: give it with --context\n$/);
  assert.equal(allowed.stderr + denied.stderr, '');

  await aws(
    'iam put-user-permissions-boundary --user-name ci --permissions-boundary arn:aws:iam::aws:policy/IAMReadOnlyAccess',
  );
  const bounded = await explain('ecs:ListClusters');
  assert.equal(bounded.code, 1);
  assert.match(bounded.stdout, /^denied[^\n]*\n  the permissions boundary does not allow it\n/);
  const said = await Promise.all([
    refused('policy', 'explain', `${USER}/nobody`, 'ecs:RunTask'),
    refused('policy', 'explain', 'ci', 'ecs:RunTask'),
    refused('policy', 'explain', `${USER}/ci`, 'RunTask'),
  ]);
  assert.deepEqual(said, [
    'The user with name nobody cannot be found.',
    'Invalid ARN: ci',
    'Invalid action name: RunTask',
  ]);
  assert.match(await misused('policy', 'explain', `${USER}/ci`, 'ecs:RunTask', '--context', 'x'), /It takes KEY=VALUE/);
});

describe('longshore trail tail', () => {
  const tail = (...args: readonly string[]) => longshore('trail', 'tail', '--no-follow', ...args);

  test('shows the last events, oldest first', async () => {
    for (const name of ['first', 'second', 'third']) await aws(`ecs create-cluster --cluster-name ${name}`);
    await aws.refused('ecs delete-cluster --cluster nowhere');
    await until('the last call is in the trail', async () => (await tail()).stdout.includes('DeleteCluster'));
    const ran = await tail('--lines', '50');
    assert.equal(ran.code, 0, ran.stderr);
    const clusters = ran.stdout.split('\n').filter((line) => /(?:first|ecs) ?.*Cluster/.test(line));
    assert.match(clusters.at(-2) ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  root  ecs CreateCluster$/);
    assert.match(clusters.at(-1) ?? '', /  root  ecs DeleteCluster  ClusterNotFoundException: Cluster not found\.$/);
    const times = ran.stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(0, 19));
    assert.deepEqual(times, times.toSorted());
    assert.equal((await tail('--lines', '3')).stdout.trim().split('\n').length, 3);
    assert.equal((await tail('--lines', '0')).stdout, '');
    assert.equal((await tail('--region', 'eu-west-3')).stdout, '');
  });

  test('as JSON: CloudTrail’s own records', async () => {
    const { stdout } = await tail('--json', '--lines', '40');
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const made = records.find((record) => record.requestParameters?.clusterName === 'second');
    assert.equal(made.eventName, 'CreateCluster');
    assert.equal(made.userIdentity.type, 'Root');
  });

  test('wrong usage is said', async () => {
    assert.match(await misused('trail', 'tail', '--lines', 'many'), /It takes a whole number/);
    assert.match(await misused('trail', 'tail', '--region', 'No Where'), /It takes a region/);
  });

  test('follows: a new event once, none of its own, until Ctrl-C', async () => {
    const follower = follow('--lines', '0');
    try {
      await follower.isAsking();
      await aws('ecs create-cluster --cluster-name followed');
      await until('the event is shown', async () => follower.shown().includes('CreateCluster'));
      await aws('iam create-user --user-name followed');
      await until('the next one too', async () => follower.shown().includes('CreateUser'));
      follower.child.kill('SIGINT');
      assert.deepEqual(await follower.ended, [0, null], follower.errors());
    } finally {
      follower.child.kill('SIGKILL');
    }
    assert.equal(follower.errors(), '');
    const lines = follower
      .shown()
      .trim()
      .split('\n')
      .map((line) => line.slice(21));
    assert.deepEqual(lines, ['root  ecs CreateCluster', 'root  iam CreateUser']);
  });

  test('ends when its reader has seen enough', async () => {
    const script = `"$BIN" trail tail --lines 5 | head -n 1`;
    const calls = new AbortController();
    const busy = (async () => {
      while (!calls.signal.aborted) await aws('sts get-caller-identity');
    })();
    const ran = await run('bash', ['-c', `set -o pipefail; ${script}`], {
      env: { BIN, LONGSHORE_HOME: server.home },
      timeoutMs: 30_000,
    });
    calls.abort();
    await busy;
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stdout.trim().split('\n').length, 1);
    assert.equal(ran.stderr, '');
  });

  test('without a server it says so', async () => {
    const ran = await run(BIN, ['trail', 'tail', '--home', join(folder, 'none')]);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^longshore: no server runs for /);
  });
});

interface Follower {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<[code: number | null, signal: string | null]>;
  readonly shown: () => string;
  readonly errors: () => string;
  /** Resolves when it has asked twice: whatever happens now is new to it. */
  readonly isAsking: () => Promise<unknown>;
}

function follow(...args: readonly string[]): Follower {
  const asked = () => server.log.split('call=cloudtrail:LookupEvents').length;
  const before = asked();
  const env = { ...process.env, LONGSHORE_HOME: server.home };
  const child = spawn(BIN, ['trail', 'tail', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let shown = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    child,
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal]))),
    shown: () => shown,
    errors: () => errors,
    isAsking: () => until('it asks for events', async () => asked() >= before + 4),
  };
}
