import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const LAUNCHER = join(import.meta.dirname, '../../bin/longshore');

function longshore(
  args: readonly string[],
  launcher = LAUNCHER,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(launcher, [...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function scratchFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('help names every command, with examples', async () => {
  const { code, stdout } = await longshore(['--help']);
  assert.equal(code, 0);
  for (const name of ['up', 'down', 'status', 'env', 'doctor', 'reset', 'demo'])
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
  assert.match(stdout, /eval "\$\(longshore env\)"/);
});

test('wrong usage is 2 and points to the help', async () => {
  for (const args of [['upp'], ['up', '--port', 'x'], ['env', '--shell', 'csh'], ['down', 'now']]) {
    const { code, stderr } = await longshore(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /--help/);
  }
});

test('without a server, commands say how to start one', async (t) => {
  const home = scratchFolder(t);
  for (const command of ['env', 'status']) {
    const { code, stdout, stderr } = await longshore([command, '--home', home]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^longshore: no server runs for .*\n +start it: longshore up --detach --home \S+\n$/);
  }
  const down = await longshore(['down', '--home', home]);
  assert.deepEqual([down.code, down.stdout], [0, `No server runs for ${home}.\n`]);
});

test('reset does not remove anything unasked', async (t) => {
  const { code, stderr } = await longshore(['reset', '--home', scratchFolder(t)]);
  assert.equal(code, 1);
  assert.match(stderr, /longshore reset --yes/);
});

test('reset takes the engine whose containers it removes', async (t) => {
  const home = scratchFolder(t);
  const { code, stderr } = await longshore(['reset', '--yes', '--home', home, '--docker', 'tcp://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(stderr, /--docker takes a unix socket, e\.g\. unix:\/\/\/var\/run\/docker\.sock, not 'tcp:/);
});

test('the launcher is found through links', async (t) => {
  const folder = scratchFolder(t);
  symlinkSync(LAUNCHER, join(folder, 'one'));
  symlinkSync('one', join(folder, 'two'));
  assert.match((await longshore(['--version'], join(folder, 'two'))).stdout, /^\d+\.\d+\.\d+/);
});
