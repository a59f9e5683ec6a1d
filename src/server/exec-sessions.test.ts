import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import type { ContainerState, ExecSpec } from '../runtime/runtime.ts';
import { ClientChannel } from '../sessions/client-channel.ts';
import { Sessions } from '../sessions/sessions.ts';
import type { ExecLogging } from '../services/ecs/index.ts';
import type { Program } from '../sessions/program.ts';
import { execSessions } from './exec-sessions.ts';

interface Executed {
  /** What is run. */
  readonly spec: ExecSpec;
  readonly sessionId: string;
  /** The sessions whose output is logged. */
  readonly logged: readonly string[];
}

/** A session in a container whose first process is `pid`. */
async function executed(pid: number | undefined, command: string, logging?: ExecLogging): Promise<Executed> {
  const logged: string[] = [];
  const begun = Promise.withResolvers<ExecSpec>();
  const ids = seededIds(1);
  const clock = new FakeClock();
  const sessions = new Sessions({ clock, ids, log: silentLog });
  const runtime = {
    inspect: async () => (pid === undefined ? undefined : ({ pid } as ContainerState)),
    exec: (_id: string, spec: ExecSpec) => {
      begun.resolve(spec);
      return Promise.reject(new Error('enough is seen'));
    },
  };
  const logs = {
    record(id: string, _logging: ExecLogging, start: () => Promise<Program>) {
      logged.push(id);
      return start();
    },
  };
  const open = execSessions(sessions, () => runtime, 'http://127.0.0.1:4566', logs);
  const asked = { runtimeId: 'abc', command, owner: 'anna' };
  const { sessionId, streamUrl, tokenValue } = open(logging ? { ...asked, logging } : asked);
  assert.equal(streamUrl, `ws://127.0.0.1:4566/_longshore/sessions/${sessionId}?role=publish_subscribe`);
  const early: Buffer[] = [];
  const socket = { send: (bytes: Buffer) => void early.push(bytes), close: () => {} };
  const connection = sessions.connect(sessionId, tokenValue, socket);
  const client = new ClientChannel({
    clock,
    ids,
    send: (bytes) => connection?.receive(bytes),
    onOutput: () => {},
    onReady: () => {},
    onClosed: () => {},
  });
  for (const bytes of early.splice(0)) client.receive(bytes);
  return { spec: await begun.promise, sessionId, logged };
}

test('a command runs by the container’s shell, as root, on a terminal', async () => {
  const { spec, logged } = await executed(process.pid, 'ls -l | wc');
  assert.deepEqual(logged, []);
  assert.deepEqual(spec.command, ['/bin/sh', '-c', 'ls -l | wc']);
  assert.deepEqual([spec.user, spec.terminal], ['0:0', true]);
});

test('in an image without a shell, the words are the program', async () => {
  // A process that is not there has no shell in its root.
  const { spec } = await executed(2 ** 30, ' /server  --version ');
  assert.deepEqual(spec.command, ['/server', '--version']);
});

test('a session that is to be logged is, under its own id', async () => {
  const logging = {
    account: '123456789012',
    region: 'us-east-1',
    role: { arn: 'arn:aws:iam::123456789012:role/task', sessionName: 'cafe' },
    logGroup: { name: 'audit', region: 'us-east-1', mustBeEncrypted: false },
  };
  const { sessionId, logged } = await executed(process.pid, 'ls', logging);
  assert.deepEqual(logged, [sessionId]);
});
