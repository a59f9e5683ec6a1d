import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError } from '../../kernel/errors.ts';
import { createLog } from '../../kernel/log.ts';
import type { ListenerRoutes, RouteTable } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf, tableOf } from '../testing.ts';
import { applyRest, type VpcServer } from './partial-apply.ts';
import { renderVpcConfig } from './vpc-config.ts';

/** HAProxy would not take a listener of this port. */
const REFUSED_PORT = 666;

class FakeServer implements VpcServer {
  taken: RouteTable | undefined;
  running = true;
  /** At most so many listeners can be put, however many it would take. */
  most = Infinity;
  reloads = 0;
  readonly said: string[] = [];
  readonly log = createLog({ level: 'warn', format: 'json', now: () => 0, write: (line) => this.said.push(line) });

  constructor(taken?: RouteTable) {
    this.taken = taken;
  }

  ids(): readonly string[] | undefined {
    return this.taken?.listeners.map((it) => it.loadBalancerId);
  }

  async isRunning(): Promise<boolean> {
    return this.running;
  }

  async served(): Promise<RouteTable | undefined> {
    return this.taken;
  }

  async check({ listeners }: RouteTable): Promise<void> {
    if (listeners.some(({ port }) => port === REFUSED_PORT)) throw new RuntimeError('rejected', 'that port');
  }

  async put(table: RouteTable): Promise<void> {
    await this.check(table);
    if (table.listeners.length > this.most) throw new RuntimeError('rejected', 'too many');
    if (descriptionOf(table) !== (this.taken && descriptionOf(this.taken))) this.reloads += 1;
    this.taken = table;
  }
}

function descriptionOf(table: RouteTable): string {
  return renderVpcConfig(table, { folder: '/lb/vpc-1', owner: '0a1b2c3d' }).description;
}

/** It forwards to the groups `ID-1` and `ID-2`, and to others instead when they are named. */
const loadBalancer = (id: string, port: number, groups = [`${id}-1`, `${id}-2`]): ListenerRoutes =>
  listenerOf({
    listenerId: `l-${id}`,
    loadBalancerId: id,
    port,
    rules: groups.map((group) => forwardTo(group, { ruleId: `${id}-${group}` })),
  });

const tableWith = (listeners: readonly ListenerRoutes[], ip: string, groups: readonly string[]) =>
  tableOf({
    listeners,
    targetGroups: groups.map((targetGroupId) =>
      groupOf({ targetGroupId, targets: [{ ip, port: 80, draining: false }] }),
    ),
  });
const GROUPS = ['a-1', 'a-2', 'b-1', 'b-2'];

test('a load balancer that is refused again and again does not reload the others', async () => {
  const served = tableWith([loadBalancer('a', 81), loadBalancer('b', 82)], '10.0.1.1', GROUPS);
  const server = new FakeServer(served);
  for (const ip of ['10.0.1.1', '10.0.1.1', '10.0.1.2', '10.0.1.1']) {
    const wanted = tableWith([loadBalancer('a', 81), loadBalancer('b', REFUSED_PORT)], ip, GROUPS);
    await applyRest(server, wanted, server.log);
    assert.deepEqual(server.taken, { ...served, targetGroups: wanted.targetGroups });
  }
  assert.equal(server.reloads, 0);
  assert.equal(JSON.parse(server.said[0] ?? '').refused.join(), 'b');
});

test('no address stays that is no target any more of the groups that a refused one goes on to', async () => {
  const server = new FakeServer(tableWith([loadBalancer('b', 82)], '10.0.1.1', GROUPS));
  const moved = [loadBalancer('b', REFUSED_PORT, ['b-3'])];
  const targets = () =>
    server.taken?.targetGroups.flatMap((it) => it.targets.map(({ ip }) => `${it.targetGroupId} ${ip}`));
  await applyRest(server, tableWith(moved, '10.0.1.2', ['b-1', 'b-2', 'b-3']), server.log);
  assert.deepEqual(targets(), ['b-1 10.0.1.2', 'b-2 10.0.1.2']);
  await applyRest(server, tableWith(moved, '10.0.1.3', ['b-2', 'b-3']), server.log);
  assert.deepEqual(targets(), ['b-2 10.0.1.3']);
  assert.equal(server.reloads, 0, 'targets go while it runs');
});

test('where the rest is not taken either, all stay, with their new targets', async () => {
  const served = tableWith([loadBalancer('a', 81)], '10.0.1.1', GROUPS);
  const server = new FakeServer(served);
  server.most = 1;
  const more = [loadBalancer('a', 81), loadBalancer('b', REFUSED_PORT), loadBalancer('c', 83, ['a-1'])];
  await applyRest(server, tableWith(more, '10.0.1.2', GROUPS), server.log);
  assert.deepEqual(server.ids(), ['a']);
  assert.equal(server.taken?.targetGroups[0]?.targets[0]?.ip, '10.0.1.2');
  assert.deepEqual(
    server.said.map((line) => JSON.parse(line).message),
    [
      'HAProxy refuses a change, and could not be given what it takes of it',
      'HAProxy refuses a change, and got what it takes of it',
    ],
  );
});

test('from nothing, what is good of it; one that runs, of which nothing tells what it serves, is left alone', async () => {
  const wanted = tableWith([loadBalancer('a', REFUSED_PORT), loadBalancer('b', 82)], '10.0.1.1', GROUPS);
  const server = new FakeServer();
  await applyRest(server, wanted, server.log);
  assert.equal(server.ids(), undefined);
  server.running = false;
  await applyRest(server, wanted, server.log);
  assert.deepEqual(server.ids(), ['b']);
});
