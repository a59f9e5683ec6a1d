import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interrupted } from './cli-error.ts';
import { run, tryRun } from './command-line.ts';

test('a program gets its input and environment, and its lines are seen', async () => {
  const lines: string[] = [];
  const output = await run('sh', ['-c', 'read -r word; echo "$word $NAME"; echo more >&2'], {
    input: 'hello\n',
    env: { NAME: 'there' },
    onLine: (line) => lines.push(line),
  });
  assert.equal(output, 'hello there\n');
  assert.deepEqual(lines.toSorted(), ['hello there', 'more']);
});

test('a failure shows the end of what was printed', async () => {
  await assert.rejects(run('sh', ['-c', 'echo broken; exit 3']), /ended with code 3:\nbroken/);
  assert.equal((await tryRun('sh', ['-c', 'exit 3'])).code, 3);
});

test('a missing program, a slow one and an interrupted one each say so', async () => {
  await assert.rejects(run('longshore-no-such-program', []), { hint: 'run: scripts/setup' });
  await assert.rejects(run('sleep', ['10'], { timeoutMs: 20 }), /took longer than 20 ms/);
  await assert.rejects(run('sleep', ['10'], { signal: AbortSignal.abort() }), Interrupted);
});
