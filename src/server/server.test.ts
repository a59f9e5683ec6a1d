import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { plain } from '../gateway/http-server.ts';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { silentLog } from '../kernel/log.ts';
import { readConfig } from './config.ts';
import type { Composition } from './composition.ts';
import { LongshoreServer } from './server.ts';

/** A server with nothing below it, in permissive mode. */
async function openLab(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'ls-server-'));
  const listening = Promise.withResolvers<string>();
  const lab = {
    endpoint: listening.promise,
    home,
    /** What composing waits for. */
    gate: Promise.resolve(),
    /** Errors of the next times that the host is cleared, or that the server is composed. */
    clearErrors: [] as Error[],
    composeErrors: [] as Error[],
    open: 0,
    composed: 0,
    post: async (path: string, method = 'POST') => fetch(`${await listening.promise}${path}`, { method }),
    state: async () => JSON.parse(await readFile(join(home, 'server.json'), 'utf8')),
  };
  const compose = async ({ endpoint }: { readonly endpoint: string }): Promise<Composition> => {
    listening.resolve(endpoint);
    await lab.gate;
    const error = lab.composeErrors.shift();
    if (error) throw error;
    lab.open++;
    lab.composed++;
    return {
      host: { edge: { bindAddress: '127.0.0.1', httpPort: 8000 + lab.composed, httpsPort: 9000 } },
      driver: { start: async () => undefined, status: () => [{ name: 'tasks' }] },
      routes: { api: async () => plain(200, 'here'), stream: () => undefined, own: async () => undefined },
      close: async () => void lab.open--,
    } as unknown as Composition;
  };
  const clearHost = async () => {
    const error = lab.clearErrors.shift();
    if (error) throw error;
  };
  const boot = () => {
    const config = readConfig(['--home', home, '--port', '0', '--auth', 'permissive'], {});
    const parts = { clock: new FakeClock(), ids: seededIds(1), log: silentLog };
    const starting = LongshoreServer.start(config, parts, { compose, clearHost });
    t.after(async () => {
      await (await starting).stop();
      await rm(home, { recursive: true });
    });
    return starting;
  };
  return { lab, boot };
}

test('while it starts it is put off, and reset by nobody', async (t) => {
  const { lab, boot } = await openLab(t);
  const gate = Promise.withResolvers<void>();
  lab.gate = gate.promise;
  const starting = boot();
  for (const [method, path] of [
    ['POST', '/_longshore/reset'],
    ['GET', '/_longshore/reconcilers'],
    ['POST', '/_longshore/instances/i-1/spot-interruption'],
    ['POST', '/'],
  ] as const) {
    const { status, headers } = await lab.post(path, method);
    assert.deepEqual([status, headers.get('retry-after')], [503, '1'], path);
  }
  gate.resolve();
  await starting;
  assert.deepEqual([lab.composed, lab.open], [1, 1]);
  assert.equal((await lab.post('/_longshore/reconcilers', 'GET')).status, 200);
});

test('a reset leaves one server as new, whose ports are told', async (t) => {
  const { lab, boot } = await openLab(t);
  await boot();
  await writeFile(join(lab.home, 'store.db'), 'rows');
  const before = await lab.state();
  const answers = await Promise.all([lab.post('/_longshore/reset'), lab.post('/_longshore/reset')]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  assert.equal(lab.open, 1);
  await assert.rejects(readFile(join(lab.home, 'store.db')), { code: 'ENOENT' });
  const { httpPort } = (await lab.state()).edge;
  assert.equal(httpPort, 8000 + lab.composed);
  assert.deepEqual(await lab.state(), { ...before, edge: { ...before.edge, httpPort } });
});

test('a reset that fails says so, and the server goes on', async (t) => {
  const { lab, boot } = await openLab(t);
  await boot();
  lab.clearErrors.push(new Error('the engine is gone'));
  assert.equal((await lab.post('/_longshore/reset')).status, 500);
  assert.equal(lab.open, 1);
  assert.equal(await (await lab.post('/')).text(), 'here');
  lab.clearErrors.push(new Error('the engine is gone'));
  lab.composeErrors.push(new Error('still'));
  assert.equal((await lab.post('/_longshore/reset')).status, 500);
  assert.deepEqual([lab.open, (await lab.post('/')).status], [0, 503]);
  assert.equal((await lab.post('/_longshore/reset')).status, 200);
  assert.deepEqual([lab.open, (await lab.post('/')).status], [1, 200]);
});
