import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../kernel/clock.ts';
import { homeAt } from './home.ts';
import { launchServer, logTail, startServer } from './server-launch.ts';

test('the tail of the log begins where it is told', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-launch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const home = homeAt(folder);
  assert.equal(logTail(home), '');
  writeFileSync(home.logFile, 'of the last start é\n');
  const from = Buffer.byteLength('of the last start é\n');
  appendFileSync(home.logFile, 'one\ntwo\n');
  assert.equal(logTail(home, from), '    one\n    two');
  assert.equal(logTail(home), '    of the last start é\n    one\n    two');
});

test('a data folder that cannot be made is named', () => {
  assert.throws(() => launchServer(homeAt('/dev/null/home'), {}, 'file'), {
    name: 'CliError',
    message: /^the data folder \/dev\/null\/home cannot be made: ENOTDIR/,
    hint: 'choose another: --home DIR',
  });
});

test('an option that the server cannot take is wrong usage, and only this start’s log is shown', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-launch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const home = homeAt(folder);
  writeFileSync(home.logFile, 'of the last start\n');
  await assert.rejects(startServer(home, { account: '12' }, systemClock), {
    name: 'CliError',
    exitCode: 2,
    hint: undefined,
    message:
      "the server ended with code 2; the end of its log:\n    longshore: --account takes twelve digits, not '12'.",
  });
});
