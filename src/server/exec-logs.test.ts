import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Call } from '../api/context.ts';
import type { CallAs } from '../api/service.ts';
import { openTestService } from '../api/testing.ts';
import { FakeClock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { seededIds } from '../kernel/ids.ts';
import { createLog } from '../kernel/log.ts';
import { MemoryObjects } from '../objects/memory-objects/memory-objects.ts';
import { logs } from '../services/logs/index.ts';
import { s3 } from '../services/s3/index.ts';
import type { ExecLogging } from '../services/ecs/index.ts';
import type { Program } from '../sessions/program.ts';
import { ExecLogs } from './exec-logs.ts';

const SESSION = 'ecs-execute-command-0123';
const SCOPE = { account: '123456789012', region: 'us-east-1' };
const ROLE = { arn: 'arn:aws:iam::123456789012:role/task', sessionName: 'cafe' };
const GROUP = { logGroup: { name: 'audit', region: 'us-east-1', mustBeEncrypted: false } };
const BUCKET = { bucket: { name: 'kept', keyPrefix: 'exec', mustBeEncrypted: false } };
const BOTH: ExecLogging = { ...SCOPE, role: ROLE, ...GROUP, ...BUCKET };

/** Ends once it has printed all, unless it hangs. */
function printing(chunks: readonly (string | Buffer)[], { hangs = false } = {}): Program {
  async function* output() {
    for (const chunk of chunks) yield { stream: 'stdout' as const, bytes: Buffer.from(chunk) };
    if (hangs) await new Promise(() => {});
  }
  return { output: output(), write() {}, resize: async () => {}, exitCode: async () => 0, close() {} };
}

async function readAll(program: Program): Promise<string> {
  let text = '';
  for await (const { bytes } of program.output) text += bytes.toString();
  program.close();
  return text;
}

/** A folder for transcripts, with CloudWatch Logs and S3 in memory. */
async function open(
  t: { after: (fn: () => Promise<void>) => void },
  refuse: (operation: string) => boolean = () => false,
) {
  const clock = new FakeClock();
  const objects = new MemoryObjects(clock, seededIds(7));
  const services = { logs: openTestService('logs', logs, { clock }), s3: openTestService('s3', s3, { objects }) };
  const folder = join(await mkdtemp(join(tmpdir(), 'exec-logs-')), 'exec-logs');
  t.after(async () => {
    await Promise.all([services.logs.close(), services.s3.close(), rm(join(folder, '..'), { recursive: true })]);
  });
  await services.logs.call('CreateLogGroup', { logGroupName: 'audit' });
  await services.s3.call('CreateBucket', { Bucket: 'kept' });
  const called: { readonly operation: string; readonly as: CallAs | undefined }[] = [];
  const printed: string[] = [];
  const callIn = (_scope: object, as?: CallAs): Call =>
    async function call(service, operation, input) {
      called.push({ operation, as });
      if (refuse(operation)) throw new ServiceError('AccessDeniedException', `may not ${operation}`);
      const own = services[service as 'logs' | 's3'] as { call(name: string, input: unknown): Promise<unknown> };
      return (await own.call(operation, input)) as never;
    };
  const log = createLog({ level: 'warn', format: 'text', now: () => 0, write: (line) => void printed.push(line) });
  const process = async (mostBytes?: number) => {
    const execLogs = new ExecLogs({ folder, callIn, clock, log, ...(mostBytes && { mostBytes }) });
    await execLogs.open();
    return execLogs;
  };
  return {
    ...services,
    folder,
    called,
    printed,
    process,
    async messages() {
      const stream = { logGroupName: 'audit', logStreamName: SESSION, startFromHead: true };
      const { events = [] } = await services.logs.call('GetLogEvents', stream);
      return events.map(({ message }) => message);
    },
    async object(Key = `exec/${SESSION}.log`) {
      const { Body } = await services.s3.call('GetObject', { Bucket: 'kept', Key });
      return Body?.transformToString();
    },
  };
}

test('what a session prints is logged once it has ended, line by line and as an object, under the task’s role', async (t) => {
  const world = await open(t);
  const execLogs = await world.process();
  const program = await execLogs.record(SESSION, BOTH, async () => printing(['# ec', 'ho é\r\n', 'é\r\n\r\n# ']));
  assert.deepEqual(
    await Promise.all(
      (await readdir(world.folder)).map(async (name) => (await stat(join(world.folder, name))).mode & 0o777),
    ),
    [0o600, 0o600],
  );
  const text = await readAll(program);
  await execLogs.close();
  assert.equal(text, '# echo é\r\né\r\n\r\n# ');
  assert.equal(await world.object(), text);
  assert.deepEqual(await world.messages(), ['# echo é', 'é', '# ']);
  assert.deepEqual(
    new Set(world.called.map(({ operation }) => operation)),
    new Set(['PutObject', 'CreateLogStream', 'PutLogEvents']),
  );
  for (const { as } of world.called) assert.deepEqual(as, { role: { ...ROLE, service: 'ecs-tasks.amazonaws.com' } });
  assert.deepEqual(await readdir(world.folder), []);
  assert.deepEqual(world.printed, []);
});

test('what a killed process has left is logged by the next', async (t) => {
  const world = await open(t);
  const killed = await world.process();
  const program = await killed.record(SESSION, BOTH, async () => printing(['one\r\n', 'two'], { hangs: true }));
  const output = program.output[Symbol.asyncIterator]();
  await output.next();
  await output.next();
  assert.deepEqual(world.called, []);
  // It may have come so far before.
  await world.logs.call('CreateLogStream', { logGroupName: 'audit', logStreamName: SESSION });
  const next = await world.process();
  await next.close();
  assert.deepEqual(await world.messages(), ['one', 'two']);
  assert.equal(await world.object(), 'one\r\ntwo');
  assert.deepEqual(await readdir(world.folder), []);
  await killed.close();
  program.close();
});

test('what the role may not do is said, and the rest is done', async (t) => {
  const world = await open(t, (operation) => operation === 'PutObject');
  const execLogs = await world.process();
  await readAll(await execLogs.record(SESSION, BOTH, async () => printing(['text'])));
  await execLogs.close();
  assert.deepEqual(await world.messages(), ['text']);
  assert.equal(world.printed.length, 1);
  assert.match(world.printed[0] ?? '', /could not be logged.*kept.*cafe.*AccessDeniedException: may not PutObject/);
  assert.deepEqual(await readdir(world.folder), []);
});

test('what fails otherwise is tried again at the next start, without what was done', async (t) => {
  const world = await open(t);
  let isBroken = true;
  const put = world.logs.call.bind(world.logs);
  world.logs.call = (async (operation: 'PutLogEvents', input: never) => {
    if (isBroken && operation === 'PutLogEvents') throw new Error('the disk is full');
    return put(operation, input);
  }) as typeof put;
  const broken = await world.process();
  await readAll(await broken.record(SESSION, BOTH, async () => printing(['text'])));
  await broken.close();
  assert.match(world.printed.join(''), /not logged before the next start/);
  isBroken = false;
  await (await world.process()).close();
  assert.deepEqual(await world.messages(), ['text']);
  assert.equal(world.called.filter(({ operation }) => operation === 'PutObject').length, 1);
});

test('where the destination must be encrypted and is not, no program starts', async (t) => {
  const world = await open(t);
  const execLogs = await world.process();
  const never = () => Promise.reject(new Error('it was started'));
  const encrypted = { mustBeEncrypted: true };
  await assert.rejects(
    execLogs.record(SESSION, { ...BOTH, logGroup: { ...GROUP.logGroup, ...encrypted } }, never),
    /^Error: We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group\./,
  );
  await assert.rejects(
    execLogs.record(SESSION, { ...BOTH, bucket: { ...BUCKET.bucket, ...encrypted } }, never),
    /unable to validate encryption on Amazon S3 bucket\. Error: ServerSideEncryptionConfigurationNotFoundError: /,
  );
  await assert.rejects(execLogs.record(SESSION, BOTH, never), /it was started/);
  assert.deepEqual(await readdir(world.folder), []);
});

test('a session that prints too much ends, and its log says so', async (t) => {
  const world = await open(t);
  const execLogs = await world.process(6);
  const program = await execLogs.record(SESSION, BOTH, async () => printing(['1234', '5678', '9']));
  await assert.rejects(readAll(program), /its log may have 6 bytes/);
  await execLogs.close();
  assert.deepEqual(await world.messages(), ['123456', 'The session was ended: its log may have 6 bytes.']);
});

test('a large transcript goes to S3 in parts', async (t) => {
  const world = await open(t);
  const execLogs = await world.process();
  const chunk = Buffer.alloc(1024 * 1024, 'x'.repeat(99) + '\n');
  const { logGroup: _, ...onlyBucket } = { ...BOTH, bucket: { ...BUCKET.bucket, keyPrefix: '' } };
  await readAll(await execLogs.record(SESSION, onlyBucket, async () => printing(Array(9).fill(chunk))));
  await execLogs.close();
  assert.equal((await world.object(`${SESSION}.log`))?.length, 9 * 1024 * 1024);
  assert.equal(world.called.filter(({ operation }) => operation === 'UploadPart').length, 2);
});
