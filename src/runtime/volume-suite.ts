import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, create, rejects, type RuntimeHarness, until } from './suite-steps.ts';

/** Volumes, terminals and namespaces of their own kind. */
export function describeVolumes(open: () => RuntimeHarness): void {
  test('a volume is made once, found by its labels, and kept while it is used', async () => {
    const harness = open();
    const { runtime, labels } = harness;
    const name = `${labels['longshore.instance'] ?? 'suite'}-volume`;
    const wanted = { ...labels, role: 'volume' };
    await runtime.createVolume({ name, labels: wanted });
    await runtime.createVolume({ name, labels: wanted });
    await rejects(runtime.createVolume({ name, labels: { ...labels, role: 'other' } }), 'rejected', /other labels/);
    assert.deepEqual(await runtime.listVolumes(wanted), [name]);
    assert.deepEqual(await runtime.listVolumes({ ...wanted, role: 'nobody' }), []);

    const mounts = [{ kind: 'volume', source: name, target: '/kept', readOnly: false }] as const;
    const id = await create(harness, 'mounted', harness.programs.service(), { mounts });
    await rejects(runtime.removeVolume(name), 'temporary', /in use/);
    await runtime.remove(id);
    assert.deepEqual(await runtime.listVolumes(wanted), [name]);
    await runtime.removeVolume(name);
    await runtime.removeVolume(name);
    assert.deepEqual(await runtime.listVolumes(wanted), []);
  });

  test('what a container prints to its terminal is logged as one stream', async () => {
    const harness = open();
    const lines = ['one', '', 'three \u00e9', 'x'.repeat(40_000)];
    const command = harness.programs.print(lines, 0, ['trouble']);
    const id = await create(harness, 'terminal-logs', command, { pseudoTerminal: true, interactive: true });
    await harness.runtime.start(id);
    const seen = await collect(harness.runtime.logs(id, { signal: new AbortController().signal }));
    assert.deepEqual(seen.map(({ text }) => text).sort(), [...lines, 'trouble'].sort());
    assert.ok(seen.every(({ stream, timeMs }) => stream === 'stdout' && timeMs > 0));
    await harness.runtime.remove(id);
  });

  test('a bare namespace is shared like any other', async () => {
    const harness = open();
    const { runtime, programs } = harness;
    const owner = await create(harness, 'bare', programs.service(), { network: 'bare', hostname: 'bare-host' });
    await runtime.start(owner);
    const guest = await create(harness, 'bare-guest', programs.print(['here'], 0), { network: `container:${owner}` });
    await runtime.start(guest);
    await until(harness, async () => (await runtime.inspect(guest))?.exitCode === 0);
    await runtime.remove(guest);
    await runtime.remove(owner);
  });
}
