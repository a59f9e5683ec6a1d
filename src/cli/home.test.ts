import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { engineUrl, homeAt, readCredentials, readState } from './home.ts';
import { requireServer, runningServer } from './server-process.ts';

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

test('the engine is the one that was named, else that of the last start', (t) => {
  const home = scratchHome(t);
  assert.equal(engineUrl(home, {}), 'unix:///var/run/docker.sock');
  writeFileSync(home.engineFile, '/run/other.sock\n');
  assert.equal(engineUrl(home, { DOCKER_HOST: 'tcp://127.0.0.1:1' }), 'unix:///run/other.sock');
  assert.equal(engineUrl(home, { LONGSHORE_DOCKER: 'unix:///run/third.sock' }), 'unix:///run/third.sock');
});
