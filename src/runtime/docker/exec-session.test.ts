import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { EngineClient } from './engine-client.ts';
import { openExec } from './exec-session.ts';

test('a program that does not read its input is let go of before the input fills the memory', async () => {
  const connection = new Duplex({ read() {}, write() {} });
  const engine = {
    call: async () => ({ status: 200, body: { Id: 'e', Running: false } }),
    upgrade: async () => connection,
  } as unknown as EngineClient;
  const session = await openExec(engine, 'c', { command: ['sleep', '1000'], terminal: true });
  const read = (async () => {
    for await (const _ of session.output);
  })();
  for (let sent = 0; sent < 17; sent++) session.write(Buffer.alloc(1024 * 1024));
  await assert.rejects(read, /more input came than the program reads/);
  assert.equal(connection.destroyed, true);
  session.write(Buffer.alloc(1));
  session.close();
});
