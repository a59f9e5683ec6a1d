import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from './config.ts';
import { keepEngine, withKeptEngine } from './engine-socket.ts';

test('a reset looks for containers on the engine of the last start, unless it is told another', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'ls-engine-'));
  t.after(() => rm(home, { recursive: true }));
  const engine = async (args: readonly string[], env: NodeJS.ProcessEnv) =>
    readConfig(args, await withKeptEngine(home, env)).dockerSocket;
  assert.equal(await engine([], {}), '/var/run/docker.sock', 'it was never started');
  await keepEngine(home, '/run/other/docker.sock');
  assert.equal(await engine([], {}), '/run/other/docker.sock');
  assert.equal(await engine([], { LONGSHORE_DOCKER: 'unix:///run/third.sock' }), '/run/third.sock');
  assert.equal(await engine(['--docker', 'unix:///run/fourth.sock'], {}), '/run/fourth.sock');
});
