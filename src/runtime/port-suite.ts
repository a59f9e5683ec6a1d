import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, inspect, rejects, removeAll, type RuntimeHarness } from './suite-steps.ts';

/** The engine's own network, and ports of it at the host's addresses. */
export function describePorts(open: () => RuntimeHarness): void {
  test('published ports are bound while a container runs, and only once each', async () => {
    const harness = open();
    const { runtime, programs } = harness;
    const ports = [
      { containerPort: 80, hostPort: 0, protocol: 'tcp' },
      { containerPort: 81, hostPort: 0, protocol: 'udp' },
    ] as const;
    const id = await create(harness, 'published', programs.service(), { network: 'bridge', ports });
    assert.equal((await inspect(runtime, id)).ports, undefined);
    await runtime.start(id);
    const bound = (await inspect(runtime, id)).ports ?? [];
    const shown = bound.map(({ bindIp, containerPort, protocol }) => `${bindIp} ${containerPort}/${protocol}`);
    assert.deepEqual(shown, ['0.0.0.0 80/tcp', '0.0.0.0 81/udp']);
    const hostPort = bound[0]?.hostPort ?? 0;
    assert.ok(hostPort >= 32_768 && hostPort <= 65_535, String(hostPort));

    const fixed = [{ containerPort: 80, hostPort, protocol: 'tcp' }] as const;
    const second = await create(harness, 'published-2', programs.service(), { network: 'bridge', ports: fixed });
    await rejects(runtime.start(second), 'rejected', /already (allocated|in use)/);
    await runtime.stop(id, 10_000);
    assert.equal((await inspect(runtime, id)).ports, undefined);
    await runtime.start(second);
    assert.deepEqual((await inspect(runtime, second)).ports, [{ bindIp: '0.0.0.0', ...fixed[0] }]);
    await removeAll(harness);
  });

  test('a link needs the other to run; the host’s network has no ports of its own', async () => {
    const harness = open();
    const { runtime, programs, labels } = harness;
    const container = `${labels['longshore.instance'] ?? 'suite'}-linked`;
    const linked = await create(harness, 'linked', programs.service(), { network: 'bridge' });
    const links = [{ container, alias: 'store' }];
    const id = await create(harness, 'links', programs.service(), { network: 'bridge', links });
    await rejects(runtime.start(id), 'rejected', /non running container/);
    await runtime.start(linked);
    await runtime.start(id);
    const onHost = await create(harness, 'on-host', programs.service(), { network: 'host' });
    await runtime.start(onHost);
    assert.equal((await inspect(runtime, onHost)).ports, undefined);
    await removeAll(harness);
  });
}
