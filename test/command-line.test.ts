import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { takeAddressBlock } from './harness/address-block.ts';
import type { AddressBlock } from './harness/address-block.ts';
import { AWS_CLI } from './harness/aws-cli.ts';
import { freePorts } from './harness/free-ports.ts';
import { run } from './harness/run.ts';
import type { Ran } from './harness/run.ts';
import { until } from './harness/until.ts';

/* bin/longshore as it is typed. The tests follow each other through the life of one server. */

const BIN = join(import.meta.dirname, '../bin/longshore');

let folder: string;
let home: string;
let block: AddressBlock;
let ports: readonly number[];
let upFlags: readonly string[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-cli-'));
  home = join(folder, "it's a home");
  block = await takeAddressBlock();
  ports = await freePorts(3);
  const [port, http, https] = ports.map(String);
  upFlags = Object.entries({
    port,
    'http-port': http,
    'https-port': https,
    'transit-cidr': block.transit,
    'public-cidr': block.public,
  }).flatMap(([name, value = '']) => [`--${name}`, value]);
});

after(async () => {
  const reset = await longshore('reset', '--yes');
  await rm(folder, { recursive: true, force: true });
  block.release();
  assert.equal(reset.code, 0, reset.stderr);
});

/** Runs it for our home, which is named by the environment. */
function longshore(...args: readonly string[]): Promise<Ran> {
  return run(BIN, args, { env: { LONGSHORE_HOME: home } });
}

async function serverState(): Promise<{ pid: number; endpoint: string; instanceId: string }> {
  return JSON.parse(await readFile(join(home, 'server.json'), 'utf8'));
}

/** Whether this process is a server that runs: a zombie has no command line. */
async function isServer(pid: number): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes('server/main.ts');
}

/** The aws CLI in a shell that took the variables from `longshore env`, as the help says. */
function awsInShell(command: string): Promise<Ran> {
  const script = `variables=$("$BIN" env) && eval "$variables" && ${AWS_CLI} --endpoint-url "$AWS_ENDPOINT_URL" ${command}`;
  const env = {
    BIN,
    LONGSHORE_HOME: home,
    AWS_PAGER: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return run('sh', ['-c', script], { env });
}

test('help says what there is; wrong usage says where help is', async () => {
  const help = await longshore('--help');
  assert.equal(help.code, 0);
  for (const command of ['up', 'down', 'status', 'env', 'doctor', 'reset', 'demo']) {
    assert.match(help.stdout, new RegExp(`^  ${command} `, 'm'));
    const own = await longshore(command, '--help');
    assert.equal(own.code, 0);
    assert.match(own.stdout, new RegExp(`^Usage: longshore ${command}`));
  }
  const wrong = await longshore('upp');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /unknown command 'upp'[^]*--help/);
});

test('without a server, each command says what to do', async () => {
  for (const command of ['status', 'env']) {
    const ran = await longshore(command);
    assert.equal(ran.code, 1);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, /no server runs for .*it's a home\n.*longshore up --detach/);
  }
  const down = await longshore('down');
  assert.equal(down.code, 0);
  assert.match(down.stdout, /^No server runs for /);
  assert.match((await longshore('reset', '--yes')).stdout, /^Nothing to remove: there is no /);
  assert.equal(existsSync(home), false, 'asking makes no home');
});

test('a start that cannot be says why', async () => {
  const [port = 0] = ports;
  const [busy, account] = await Promise.all([
    (async () => {
      const holder = spawn(process.execPath, [
        '-e',
        `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('on'))`,
      ]);
      try {
        await new Promise((resolve) => holder.stdout.once('data', resolve));
        return await longshore('up', '--detach', ...upFlags);
      } finally {
        const gone = new Promise((resolve) => holder.once('exit', resolve));
        holder.kill('SIGKILL');
        await gone;
      }
    })(),
    longshore('up', '--detach', '--account', '12', '--home', join(folder, 'other')),
  ]);
  assert.equal(busy.code, 2, busy.stderr);
  assert.match(
    busy.stderr,
    new RegExp(`127\\.0\\.0\\.1:${port} is taken by another program: choose another with --port`),
  );
  assert.doesNotMatch(busy.stderr, /^\s+at /m, 'no stack');
  assert.equal(account.code, 2);
  assert.match(account.stderr, /--account takes twelve digits, not '12'/);
});

test('up, once', async () => {
  const starts = await Promise.all([0, 1, 2].map(() => longshore('up', '--detach', ...upFlags)));
  const up = starts.find(({ code }) => code === 0);
  assert.ok(up, starts[0]?.stderr);
  for (const other of starts.filter((start) => start !== up)) {
    assert.equal(other.code, 2);
    assert.match(other.stderr, /Another Longshore .*uses .*it's a home: stop it with 'longshore down' first/);
  }
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  assert.match(up.stdout, new RegExp(`Longshore is up\\.\\n  endpoint   ${endpoint} `));
  assert.match(
    up.stdout,
    new RegExp(`edge       http://127\\.0\\.0\\.1:${ports[1]} .*https://127\\.0\\.0\\.1:${ports[2]}`),
  );
  assert.equal((await fetch(`${endpoint}/_longshore/health`)).status, 200);
  const { pid } = await serverState();
  const again = await longshore('up', '--detach', ...upFlags);
  assert.equal(again.code, 0);
  assert.match(again.stdout, /^Longshore runs already\./);
  const inFront = await longshore('up', ...upFlags);
  assert.equal(inFront.code, 1);
  assert.match(inFront.stderr, new RegExp(`a server runs already .*\\(process ${pid}\\)\\n.*longshore down`));
  assert.equal((await serverState()).pid, pid);
});

test('status and env', async () => {
  const { endpoint, pid } = await serverState();
  const [text, json, asJson, fish] = await Promise.all([
    longshore('status'),
    longshore('status', '--json'),
    longshore('env', '--shell', 'json'),
    longshore('env', '--shell', 'fish'),
  ]);
  assert.match(text.stdout, new RegExp(`runs \\(process ${pid}\\)\\n  endpoint   ${endpoint}[^]*Services: none`));
  const status = JSON.parse(json.stdout);
  assert.deepEqual(status.services, []);
  assert.equal(status.server.endpoint, endpoint);
  const variables = JSON.parse(asJson.stdout);
  const credentials = JSON.parse(await readFile(join(home, 'credentials.json'), 'utf8'));
  assert.equal(variables.AWS_SECRET_ACCESS_KEY, credentials.secretAccessKey);
  assert.equal(variables.AWS_ENDPOINT_URL, endpoint);
  assert.match(fish.stdout, /^set -gx AWS_ACCESS_KEY_ID 'AKIA/m);
  assert.doesNotMatch(text.stdout + json.stdout, new RegExp(RegExp.escape(credentials.secretAccessKey)));
  const identity = await awsInShell('sts get-caller-identity --output json');
  assert.equal(identity.code, 0, identity.stderr);
  assert.equal(JSON.parse(identity.stdout).Arn, 'arn:aws:iam::123456789012:root');
});

test('down, and up again: all is still there', async () => {
  const made = await awsInShell('ecs create-cluster --cluster-name kept');
  assert.equal(made.code, 0, made.stderr);
  const { pid, instanceId } = await serverState();
  assert.equal((await longshore('down')).stdout, 'Longshore is down.\n');
  assert.equal(await isServer(pid), false);
  assert.equal((await longshore('status')).code, 1);
  assert.equal((await longshore('up', '--detach', ...upFlags)).code, 0);
  assert.equal((await serverState()).instanceId, instanceId);
  const listed = await awsInShell('ecs list-clusters --output text');
  assert.match(listed.stdout, /cluster\/kept/, listed.stderr);
});

test('after a kill -9 the next up goes on', async () => {
  const { pid } = await serverState();
  process.kill(pid, 'SIGKILL');
  await until('the server is gone', async () => !(await isServer(pid)));
  const status = await longshore('status');
  assert.equal(status.code, 1);
  assert.match(status.stderr, /no server runs/);
  const up = await longshore('up', '--detach', ...upFlags);
  assert.equal(up.code, 0, up.stderr);
  assert.notEqual((await serverState()).pid, pid);
  assert.equal((await longshore('down')).code, 0);
});

test('in the foreground, Ctrl-C stops it', async () => {
  const child = spawn(BIN, ['up', ...upFlags], { env: { ...process.env, LONGSHORE_HOME: home } });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (shown += text));
  }
  try {
    await until('it is up', async () => shown.includes('next       eval'));
    const { pid } = await serverState();
    child.kill('SIGINT');
    assert.equal(await ended, 0, shown);
    assert.equal(await isServer(pid), false);
    assert.match(shown, /stopping; tasks and load balancers go on/);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});

test('reset asks first, and then leaves nothing', async () => {
  assert.equal((await longshore('up', '--detach', ...upFlags)).code, 0);
  const { pid, instanceId } = await serverState();
  const made = await awsInShell('ec2 describe-vpcs --output text');
  assert.equal(made.code, 0, made.stderr);
  const asked = await longshore('reset');
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /this removes everything\n.*longshore reset --yes/);
  assert.equal(await isServer(pid), true);
  const reset = await longshore('reset', '--yes');
  assert.equal(reset.code, 0, reset.stderr);
  assert.match(reset.stdout, /Everything of .*it's a home is removed\./);
  assert.equal(existsSync(home), false);
  assert.equal(await isServer(pid), false);
  const [namespaces, links, rules] = await Promise.all([
    run('ip', ['netns', 'list']),
    run('ip', ['-o', 'link', 'show']),
    run('nft', ['list', 'tables']),
  ]);
  assert.doesNotMatch(namespaces.stdout + links.stdout + rules.stdout, new RegExp(instanceId));
});

test('doctor finds this machine fit', async () => {
  const [text, json] = await Promise.all([longshore('doctor'), longshore('doctor', '--json')]);
  assert.equal(text.code, 0, text.stdout);
  assert.match(text.stdout, /^ok +Docker Engine +\d+\.\d+/m);
  assert.match(text.stdout, /Longshore can run/);
  const broken = JSON.parse(json.stdout).filter((finding: { level: string }) => finding.level === 'broken');
  assert.deepEqual(broken, []);
});
