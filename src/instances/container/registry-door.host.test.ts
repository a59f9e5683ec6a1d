import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

/** Asks for a listener in its own namespace, and dies before it can be handed over. */
const DIES = `
  import { listenInside } from ${JSON.stringify(new URL('registry-door.ts', import.meta.url).href)};
  void listenInside(process.pid, '127.0.0.1', 0, () => undefined);
  setImmediate(() => process.kill(process.pid, 'SIGKILL'));`;

const LIMIT_MS = 30_000;
const POLL_MS = 50;

test('a listener that nobody is left to take over ends, so that the next server finds the port free', async () => {
  // A group of its own, which is there as long as one of its processes.
  const asking = spawn(process.execPath, ['--input-type=module', '-e', DIES], { detached: true, stdio: 'ignore' });
  const group = -(asking.pid ?? 0);
  try {
    const [, signal] = await once(asking, 'exit');
    assert.equal(signal, 'SIGKILL');
    let rounds = LIMIT_MS / POLL_MS;
    while (isThere(group) && rounds-- > 0) await delay(POLL_MS);
    assert.equal(isThere(group), false);
  } finally {
    if (isThere(group)) process.kill(group, 'SIGKILL');
  }
});

function isThere(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}
