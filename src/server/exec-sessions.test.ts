import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import type { ContainerState, ExecSpec } from '../runtime/runtime.ts';
import { ClientChannel } from '../sessions/client-channel.ts';
import { Sessions } from '../sessions/sessions.ts';
import { execSessions } from './exec-sessions.ts';

/** What is run in a container whose first process is `pid`, for a command. */
async function executed(pid: number | undefined, command: string): Promise<ExecSpec | undefined> {
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
  const open = execSessions(sessions, () => runtime, 'http://127.0.0.1:4566');
  const { sessionId, streamUrl, tokenValue } = open({ runtimeId: 'abc', command, owner: 'anna' });
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
  return begun.promise;
}

test('a command runs by the container’s shell, as root, on a terminal', async () => {
  const spec = await executed(process.pid, 'ls -l | wc');
  assert.deepEqual(spec?.command, ['/bin/sh', '-c', 'ls -l | wc']);
  assert.deepEqual([spec?.user, spec?.terminal], ['0:0', true]);
});

test('in an image without a shell, the words are the program', async () => {
  // A process that is not there has no shell in its root.
  const spec = await executed(2 ** 30, ' /server  --version ');
  assert.deepEqual(spec?.command, ['/server', '--version']);
});
