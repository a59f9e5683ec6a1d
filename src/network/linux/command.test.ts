import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ask, closeShells, run } from './command.ts';
import { Shell } from './shell.ts';
import { ShellPool } from './shell-pool.ts';
import { scriptOf } from './shell-script.ts';

after(closeShells);

test('words and input reach the program as they are', async () => {
  const words = ["it's", '$HOME', '`id`', '"', '\\', 'a\nb', '', '; exit 3', '\u00e9', '-n', '*', '\\n%s'];
  const out = await run('/usr/bin/printf', ['%s|', ...words]);
  assert.equal(out, words.map((word) => `${word}|`).join(''));
  const input = `no newline at the end, 'quoted' $x \\n %s \u00e9 ${'long '.repeat(100_000)}`;
  assert.equal(await run('cat', [], input), input);
  assert.equal(await run('cat', [], ''), '');
  await assert.rejects(run('echo', ['a\0b']), { kind: 'rejected' });
});

test('a failure has the words of the program; one that is not installed is rejected', async () => {
  await assert.rejects(run('sh', ['-c', 'echo out; echo why >&2; exit 3']), { kind: 'temporary', message: /: why$/ });
  await assert.rejects(run('sh', ['-c', 'exit 3']), { kind: 'temporary', message: /it ended with 3$/ });
  await assert.rejects(run('nosuchprogram', []), { kind: 'rejected', message: 'nosuchprogram is not installed' });
  await assert.rejects(run('env', ['nosuchprogram']), { kind: 'temporary' });
  assert.equal(await ask('false', []), undefined);
  assert.equal(await ask('echo', ['yes']), 'yes\n');
});

test('what a program ends with is not mistaken for the end of its output', async () => {
  for (const text of ['\n', 'x', '\n\n', '0123456789abcdef 0\n']) assert.equal(await run('printf', ['%s', text]), text);
  const many = await Promise.all(Array.from({ length: 40 }, (_, index) => run('echo', [String(index)])));
  assert.deepEqual(
    many,
    many.map((_, index) => `${index}\n`),
  );
});

test('builtins leave the shell as it was', async () => {
  const shell = new Shell();
  const ran = async (...words: string[]) => shell.run(scriptOf(words), 5000);
  const { stdout: before } = await ran('pwd');
  assert.equal((await ran('exit', '7')).exitCode, 7);
  await ran('cd', '/tmp');
  await ran('exec', 'true');
  assert.equal((await ran('pwd')).stdout, before);
  shell.close();
});

test('what takes too long is killed with all it started, and the shell with it', async () => {
  const pool = new ShellPool(1);
  const pids = await pool.run('echo $$', 5000);
  const slow = pool.run(scriptOf(['sh', '-c', 'sleep 1000 & wait']), 50);
  const next = pool.run('echo $$', 5000);
  await assert.rejects(slow, /longer than 50 ms/);
  assert.notEqual((await next).stdout, pids.stdout);
  pool.close();
});

test('a shell that dies is replaced', async () => {
  const pool = new ShellPool(1);
  await assert.rejects(pool.run('kill -9 $$', 5000), /ended by itself: SIGKILL/);
  assert.equal((await pool.run('echo again', 5000)).stdout, 'again\n');
  pool.close();
  assert.equal((await pool.run('echo later', 5000)).stdout, 'later\n');
  pool.close();
});

test('a shell that cannot start takes no place in the pool', async () => {
  let failures = 2;
  const pool = new ShellPool(1, () => {
    if (failures-- > 0) throw new Error('spawn EAGAIN');
    return new Shell();
  });
  await assert.rejects(pool.run('echo 1', 5000), /EAGAIN/);
  await assert.rejects(pool.run('echo 2', 5000), /EAGAIN/);
  assert.equal((await pool.run('echo 3', 5000)).stdout, '3\n');
  pool.close();
});

test('a process without room for more files goes on, and runs programs again once there is some', async () => {
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { ShellPool } from '${import.meta.resolve('./shell-pool.ts')}';
    const pool = new ShellPool(1);
    const files = [];
    try { for (;;) files.push(openSync('/dev/null')); } catch {}
    const told = await pool.run('echo no', 5000).catch((error) => error.code);
    files.forEach((file) => closeSync(file));
    console.log(told, (await pool.run('echo yes', 5000)).stdout.trim());
    pool.close();`;
  const limited = ['-c', 'ulimit -n 64; exec "$@"', 'limited', process.execPath, '--input-type=module', '-e', script];
  assert.equal(await run('sh', limited), 'EMFILE yes\n');
});
