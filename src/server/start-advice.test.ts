import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { ConfigError } from './config.ts';
import { RuntimeError } from '../kernel/errors.ts';
import { startAdvice } from './start-advice.ts';

function listenError(port: number, address: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', resolve).listen(port, address, () => reject(new Error('it listens')));
  });
}

test('a port that is taken, and an address of another machine, are named with the option', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(typeof address === 'object' && address !== null);
  assert.equal(
    startAdvice(await listenError(address.port, '127.0.0.1')),
    `127.0.0.1:${address.port} is taken by another program: choose another with --port.`,
  );
  assert.equal(
    startAdvice(await listenError(0, '192.0.2.1')),
    'This machine does not have the address 192.0.2.1: choose one of its own with --address.',
  );
});

test('wrong options are said as they are; bugs are not advice', () => {
  assert.equal(startAdvice(new ConfigError('--port takes a port')), '--port takes a port');
  assert.equal(startAdvice(new TypeError('x is not a function')), undefined);
  assert.equal(startAdvice('text'), undefined);
});

test('an engine that does not answer is named, with the option that names another', () => {
  const away = new RuntimeError('temporary', 'The Docker engine at /run/d.sock does not answer: connect ENOENT');
  assert.match(startAdvice(away) ?? '', /^The Docker engine at \/run\/d\.sock does not answer: .*--docker\.$/);
  assert.equal(startAdvice(new RuntimeError('rejected', 'The Docker engine speaks 1.2')), undefined);
});
