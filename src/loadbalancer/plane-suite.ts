import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadBalancerPlane, RouteTable, TargetHealth } from './load-balancer.ts';

/** A plane in a world with one target that can be told how to answer its health checks. */
export interface PlaneWorld extends AsyncDisposable {
  readonly plane: LoadBalancerPlane;
  /** One listener that forwards to one group; its target answers at the address in it. */
  readonly table: RouteTable;
  behave(target: { readonly ip: string; readonly port: number }, health: 'good' | 'bad'): Promise<void>;
}

/** What every LoadBalancerPlane must do. */
export function planeSuite(name: string, open: () => Promise<PlaneWorld>): void {
  const it = (title: string, run: (world: PlaneWorld) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      await using world = await open();
      await run(world);
    });

  it('knows nothing before a table is applied', async ({ plane, table }) => {
    assert.deepEqual(await plane.list(), []);
    assert.deepEqual(await plane.health(table.vpcId), []);
    await plane.forgetLogs(table.vpcId);
    const logs = await plane.readLogs(table.vpcId, 'lb1', {});
    assert.deepEqual([logs.entries, logs.more], [[], false]);
  });

  it('lists a VPC while it has listeners', async ({ plane, table }) => {
    await plane.apply(table);
    await plane.apply(table);
    assert.deepEqual(await plane.list(), [table.vpcId]);
    await plane.apply({ ...table, listeners: [], targetGroups: [] });
    assert.deepEqual(await plane.list(), []);
    assert.deepEqual(await plane.health(table.vpcId), []);
  });

  it('tells a good target from a bad one', async (world) => {
    const { plane, table } = world;
    const target = targetOf(table);
    await world.behave(target, 'good');
    await plane.apply(table);
    const healthy = await until(plane, table.vpcId, 'healthy');
    assert.deepEqual(healthy, { ...target, targetGroupId: table.targetGroups[0]?.targetGroupId, state: 'healthy' });
    await world.behave(target, 'bad');
    const unhealthy = await until(plane, table.vpcId, 'unhealthy');
    assert.equal(unhealthy.reason, 'Target.ResponseCodeMismatch');
    assert.equal(unhealthy.description, 'Health checks failed with these codes: [500]');
    await world.behave(target, 'good');
    await until(plane, table.vpcId, 'healthy');
  });

  it('shows a draining target', async ({ plane, table }) => {
    const drained = table.targetGroups.map((group) => ({
      ...group,
      targets: group.targets.map((target) => ({ ...target, draining: true })),
    }));
    await plane.apply({ ...table, targetGroups: drained });
    const [health] = await plane.health(table.vpcId);
    assert.equal(health?.state, 'draining');
    assert.equal(health.reason, 'Target.DeregistrationInProgress');
  });

  it('says nothing of a group that no listener uses', async ({ plane, table }) => {
    const [group] = table.targetGroups;
    assert.ok(group);
    await plane.apply({ ...table, targetGroups: [...table.targetGroups, { ...group, targetGroupId: 'spare' }] });
    assert.deepEqual(
      (await plane.health(table.vpcId)).map((health) => health.targetGroupId),
      [group.targetGroupId],
    );
    assert.deepEqual(
      (await plane.traffic(table.vpcId)).targetGroups.map((it) => it.targetGroupId),
      [group.targetGroupId],
    );
  });

  it('counts for what it serves, from zero', async ({ plane, table }) => {
    assert.deepEqual(await plane.traffic(table.vpcId), { listeners: [], targetGroups: [] });
    await plane.apply(table);
    const traffic = await plane.traffic(table.vpcId);
    assert.deepEqual(
      traffic.listeners.map((it) => [it.listenerId, it.connections, it.responses['2xx']]),
      table.listeners.map((it) => [it.listenerId, 0, 0]),
    );
    assert.deepEqual(
      traffic.targetGroups.map((it) => [it.targetGroupId, it.requests]),
      table.targetGroups.map((it) => [it.targetGroupId, 0]),
    );
  });

  it('stops everything', async ({ plane, table }) => {
    await plane.apply(table);
    await plane.stop();
    assert.deepEqual(await plane.list(), []);
  });
}

function targetOf(table: RouteTable): { ip: string; port: number } {
  const target = table.targetGroups[0]?.targets[0];
  assert.ok(target);
  return { ip: target.ip, port: target.port };
}

/** Asks until the one target is in this state; the runner's time limit ends a wait in vain. */
async function until(plane: LoadBalancerPlane, vpcId: string, state: TargetHealth['state']): Promise<TargetHealth> {
  for (;;) {
    const [health] = await plane.health(vpcId);
    if (health?.state === state) return health;
  }
}
