import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostWorld, LB, TARGETS, until } from './testing-world.ts';

const [ONE, TWO] = TARGETS;

for (const reload of [false, true]) {
  test(`what a target has not answered when it has drained is cut${reload ? ' by a reload' : ''}, and nothing else`, async () => {
    await using world = new HostWorld();
    await world.serve(ONE, TWO);
    const plane = world.plane();
    const draining = (ip: string) => {
      const table = world.table([ONE, TWO]);
      const targetGroups = table.targetGroups.map((it) => ({
        ...it,
        targets: it.targets.map((target) => ({ ...target, draining: target.ip === ip })),
      }));
      return { ...table, targetGroups };
    };
    await plane.apply(world.table([ONE]));
    await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
    await world.tell({ do: 'slow', url: `http://${LB}/endless` });
    await plane.apply(world.table([ONE, TWO]));
    await until(async () => (await plane.health('vpc-1')).every((it) => it.state === 'healthy'));
    await world.tell({ do: 'start-load', url: `http://${LB}/` });
    await plane.apply(draining(ONE));
    const ended = world.tell({ do: 'slow-end' });
    const meanwhile = await Promise.race([
      ended,
      until(async () => (await plane.health('vpc-1'))[0]?.state === 'draining'),
    ]);
    assert.equal(meanwhile, undefined);
    // What the load asked of the target before it drained would be cut as well.
    await world.tell({ do: 'pass-load' });
    const last = world.table([TWO]);
    const listeners = last.listeners.map((it) => ({ ...it, idleTimeoutMs: it.idleTimeoutMs + 1000 }));
    await plane.apply(reload ? { ...last, listeners } : last);
    assert.equal(await ended, 'cut');
    const { failures } = (await world.tell({ do: 'stop-load' })) as { failures: string[] };
    assert.deepEqual(failures, []);
  });
}
