import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { homeAt, readCredentials, readState } from './home.ts';
import { engineUrl, requireServer, runningServer } from './server-process.ts';

function scratchHome(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-home-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return homeAt(folder);
}

test('the default is a folder of the user', () => {
  assert.equal(homeAt(undefined).path, join(homedir(), '.longshore'));
  assert.equal(homeAt('some/where').caFile, join(process.cwd(), 'some/where/ca.pem'));
});

test('a home that was never started says what to do', (t) => {
  const home = scratchHome(t);
  assert.throws(() => readCredentials(home), {
    name: 'CliError',
    hint: `run: longshore up --detach --home ${home.path}`,
  });
  assert.throws(() => requireServer(home), {
    name: 'CliError',
    hint: `start it: longshore up --detach --home ${home.path}`,
  });
});

test('a half-written state is no state', (t) => {
  const home = scratchHome(t);
  writeFileSync(home.stateFile, '{"pid": 12');
  assert.equal(readState(home), undefined);
});

test('a process that has the id of a dead server is not taken for it', (t) => {
  const home = scratchHome(t);
  writeFileSync(home.stateFile, JSON.stringify({ pid: process.pid, endpoint: 'http://127.0.0.1:1' }));
  assert.equal(readState(home)?.pid, process.pid);
  assert.equal(runningServer(home), undefined);
});

test('the engine is that of the server while it runs, else the one that is named', (t) => {
  const home = scratchHome(t);
  const named = { LONGSHORE_DOCKER: 'unix:///run/third.sock' };
  writeFileSync(home.engineFile, '/run/other.sock\n');
  assert.equal(engineUrl(home, { DOCKER_HOST: 'tcp://127.0.0.1:1' }), 'unix:///var/run/docker.sock');
  assert.equal(engineUrl(home, named), 'unix:///run/third.sock');
  // By its command line it is a server of ours.
  const server = spawn('sleep', ['60'], { argv0: 'server/main.ts' });
  t.after(() => server.kill());
  writeFileSync(home.stateFile, JSON.stringify({ pid: server.pid, endpoint: 'http://127.0.0.1:1' }));
  assert.equal(engineUrl(home, named), 'unix:///run/other.sock');
});
