import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExecSession } from './runtime.ts';
import { create, inspect, rejects, type RuntimeHarness, until } from './suite-steps.ts';

/** More programs in a running container, and what it uses. */
export function describeExec(open: () => RuntimeHarness): void {
  test('a program runs in the container, with both streams and its exit code', async () => {
    const { harness, id } = await started(open(), 'exec');
    const environment = { GREETING: 'hello' };
    const session = await harness.runtime.exec(id, { command: harness.execs.greet(), terminal: false, environment });
    const seen = await outputOf(session);
    assert.deepEqual(seen, { stdout: 'hello\n', stderr: 'trouble\n' });
    assert.equal(await session.exitCode(), 5);
    session.close();
    await harness.runtime.remove(id);
  });

  test('input reaches the program, all of it, and its end', async () => {
    const { harness, id } = await started(open(), 'input');
    const session = await harness.runtime.exec(id, { command: harness.execs.copy(), terminal: false });
    const text = 'x'.repeat(1_000_000);
    session.write(Buffer.from('one\n'));
    session.write(Buffer.from(text));
    session.end();
    const { stdout } = await outputOf(session);
    assert.equal(stdout.length, text.length + 4);
    assert.equal(stdout, `one\n${text}`);
    assert.equal(await session.exitCode(), 0);
    await harness.runtime.remove(id);
  });

  test('a terminal has a size, and is hung up when it is closed', async () => {
    const { harness, id } = await started(open(), 'terminal');
    const session = await harness.runtime.exec(id, { command: harness.execs.size(), terminal: true });
    let text = '';
    const reading = (async () => {
      for await (const { stream, bytes } of session.output) {
        assert.equal(stream, 'stdout');
        text += bytes.toString();
      }
    })();
    await until(harness, async () => text.includes('ready'));
    await session.resize(100, 40);
    session.write(Buffer.from('\n'));
    await until(harness, async () => text.includes('40 100'));
    session.close();
    await reading;
    await until(harness, async () => (await session.exitCode()) === 129);
    session.write(Buffer.from('late'));
    await harness.runtime.remove(id);
  });

  test('nothing is run in what does not run', async () => {
    const harness = open();
    const id = await create(harness, 'idle', harness.programs.service());
    const spec = { command: harness.execs.greet(), terminal: false };
    await rejects(harness.runtime.exec(id, spec), 'rejected', /is not running/);
    await rejects(harness.runtime.exec('nosuchcontainer', spec), 'gone', /No such container/);
    assert.equal(await harness.runtime.stats(id), undefined);
    assert.equal(await harness.runtime.stats('nosuchcontainer'), undefined);
    await harness.runtime.remove(id);
  });

  test('a sample has the usage now and, from the second on, before', async () => {
    const { harness, id } = await started(open(), 'stats');
    const usage = (cpu: unknown) => (cpu as { system_cpu_usage: number }).system_cpu_usage;
    for (let sample = 0; sample < 2; sample++) {
      const stats = await harness.runtime.stats(id);
      assert.ok(stats);
      assert.equal(stats['id'], id);
      assert.ok(usage(stats['cpu_stats']) >= (usage(stats['precpu_stats']) ?? 0));
      if (sample > 0) assert.ok(usage(stats['precpu_stats']) > 0);
      assert.ok((stats['memory_stats'] as { usage: number }).usage > 0);
      await harness.pass();
    }
    await harness.runtime.remove(id);
  });
}

async function started(harness: RuntimeHarness, name: string): Promise<{ harness: RuntimeHarness; id: string }> {
  const id = await create(harness, name, harness.programs.service());
  await harness.runtime.start(id);
  assert.equal((await inspect(harness.runtime, id)).status, 'running');
  return { harness, id };
}

async function outputOf(session: ExecSession): Promise<{ stdout: string; stderr: string }> {
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  for await (const { stream, bytes } of session.output) chunks[stream].push(bytes);
  const text = (stream: 'stdout' | 'stderr') => Buffer.concat(chunks[stream]).toString();
  return { stdout: text('stdout'), stderr: text('stderr') };
}
