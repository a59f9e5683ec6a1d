import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import * as fc from 'fast-check';
import { ServiceError } from '../../kernel/errors.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';
import { tasks } from './tables.ts';
import type { TaskRow } from './tables.ts';
import { NETWORK, must, openTestEcs } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { joinInstance } from './testing-instances.ts';

const RUNS = 40;
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1a'];
/** One more than there are at the start. */
const MOST_INSTANCES = 4;

const web = { name: 'web', image: 'httpd:2.4', cpu: 200, memory: 300 };
const ported = (hostPort: number, protocol: 'tcp' | 'udp') => [{ containerPort: 80, hostPort, protocol }];
/** Each kind wants something else of its instance: 1024 CPU units, 2048 MiB, two network interfaces for tasks. */
const KINDS: readonly RegisterTaskDefinitionCommandInput[] = [
  { family: 'small', networkMode: 'bridge', containerDefinitions: [{ ...web, portMappings: [{ containerPort: 80 }] }] },
  {
    family: 'large',
    networkMode: 'bridge',
    containerDefinitions: [{ ...web, memory: 1200, memoryReservation: 900, cpu: 500 }],
  },
  { family: 'tcp', networkMode: 'bridge', containerDefinitions: [{ ...web, portMappings: ported(8080, 'tcp') }] },
  { family: 'udp', networkMode: 'bridge', containerDefinitions: [{ ...web, portMappings: ported(8080, 'udp') }] },
  {
    family: 'host',
    networkMode: 'host',
    containerDefinitions: [{ ...web, portMappings: [{ containerPort: 8080 }, { containerPort: 9090 }] }],
  },
  { family: 'ssh', networkMode: 'bridge', containerDefinitions: [{ ...web, portMappings: ported(22, 'tcp') }] },
  {
    family: 'awsvpc',
    networkMode: 'awsvpc',
    containerDefinitions: [{ ...web, portMappings: [{ containerPort: 80 }] }],
  },
];
const IN_A = { type: 'memberOf' as const, expression: 'attribute:ecs.availability-zone == us-east-1a' };
const ALONE = { type: 'distinctInstance' as const };
const STRATEGIES = [
  [{ type: 'spread' as const, field: 'attribute:ecs.availability-zone' }],
  [{ type: 'binpack' as const, field: 'memory' }],
  [{ type: 'random' as const }],
];

const family = fc.constantFrom(...KINDS.map((kind) => must(kind.family)));
const at = fc.nat(30);
const step = fc.record({
  does: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        what: fc.constant('run' as const),
        family,
        count: fc.integer({ min: 1, max: 4 }),
        limit: fc.constantFrom('none' as const, 'in-a' as const, 'alone' as const),
        strategy: fc.constantFrom(...STRATEGIES),
      }),
    },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('start' as const), family, at }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('stop' as const), at }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('ended' as const), at }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('scale' as const), at, count: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('drain' as const, 'readmit' as const), at }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('join' as const), at }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('pass' as const), at }) },
  ),
  /** For all that are under way. */
  waits: fc.constantFrom(true, false, false),
});
type Does = (typeof step extends fc.Arbitrary<infer S> ? S : never)['does'];

async function openWorld(): Promise<TestEcs> {
  const ecs = openTestEcs();
  await ecs.call('CreateCluster', {});
  for (const kind of KINDS) await ecs.call('RegisterTaskDefinition', { requiresCompatibilities: ['EC2'], ...kind });
  for (const [index, zone] of ZONES.entries()) await joinInstance(ecs, `i-${index}`, zone);
  const create = (serviceName: string, taskDefinition: string, change: object = {}) =>
    ecs.call('CreateService', { serviceName, taskDefinition, launchType: 'EC2', desiredCount: 0, ...change });
  await create('ported', 'tcp');
  await create('alone', 'small', { placementConstraints: [ALONE] });
  await create('in-a', 'large', { placementConstraints: [IN_A] });
  await create('own', 'awsvpc', { networkConfiguration: NETWORK });
  await create('daemon', 'udp', { desiredCount: undefined, schedulingStrategy: 'DAEMON' });
  return ecs;
}

const SCALED = ['ported', 'alone', 'in-a', 'own'];
const nth = <T>(all: readonly T[], place: number): T | undefined => all[place % Math.max(1, all.length)];
const networkOf = (name: string) => (name === 'awsvpc' ? { networkConfiguration: NETWORK } : {});

async function act(ecs: TestEcs, does: Does): Promise<void> {
  if (does.what === 'pass') return ecs.reconcile();
  if (does.what === 'join') {
    await joinInstance(ecs, `i-${does.at % MOST_INSTANCES}`, ZONES[does.at % MOST_INSTANCES] ?? 'us-east-1b');
    return;
  }
  if (does.what === 'run') {
    const { family: taskDefinition, count, limit, strategy } = does;
    await ecs.call('RunTask', {
      taskDefinition,
      launchType: 'EC2',
      count,
      placementStrategy: [...strategy],
      ...networkOf(taskDefinition),
      ...(limit === 'in-a' && { group: 'in-a', placementConstraints: [IN_A] }),
      ...(limit === 'alone' && { group: 'alone', placementConstraints: [ALONE] }),
    });
    return;
  }
  if (does.what === 'scale') {
    await ecs.call('UpdateService', { service: must(nth(SCALED, does.at)), desiredCount: does.count });
    return;
  }
  await (['stop', 'ended'].includes(does.what) ? actOnTask(ecs, does) : actOnInstance(ecs, does));
}

async function actOnTask(ecs: TestEcs, { what, at: place }: { readonly what: string; readonly at: number }) {
  const all = await ecs.store.read((tx) => tx.list(tasks));
  const chosen = nth(
    all.filter((one) => one.lastStatus !== 'STOPPED' && (what === 'stop' || one.desiredStatus === 'STOPPED')),
    place,
  );
  if (!chosen) return;
  if (what === 'stop') await ecs.call('StopTask', { task: chosen.arn });
  else await ecs.report(chosen.arn, 'STOPPED');
}

async function actOnInstance(ecs: TestEcs, does: Does & { readonly at: number }): Promise<void> {
  const rows = await ecs.store.read((tx) => tx.list(containerInstances));
  const named = rows.filter((_, index) => ((does.at + 1) >> (index % 3)) % 2 === 1).map((row) => row.arn);
  if (named.length === 0) return;
  if (does.what === 'start') {
    const { family: taskDefinition } = does;
    await ecs.call('StartTask', { taskDefinition, containerInstances: named, ...networkOf(taskDefinition) });
  } else {
    const status = does.what === 'drain' ? 'DRAINING' : 'ACTIVE';
    await ecs.call('UpdateContainerInstancesState', { containerInstances: named.slice(0, 1), status });
  }
}

/** What no call may ever break, on the rows themselves. */
function assertLimits(rows: readonly ContainerInstanceRow[], all: readonly TaskRow[]): void {
  for (const row of rows) {
    const held = all.filter((task) => task.containerInstanceArn === row.arn && task.lastStatus !== 'STOPPED');
    const sum = (member: 'cpu' | 'memory' | 'interfaces') =>
      held.reduce((total, { reserved }) => total + must(reserved)[member], 0);
    for (const member of ['cpu', 'memory', 'interfaces'] as const) {
      assert.ok(sum(member) <= row[member], `${sum(member)} of ${row[member]} ${member}`);
    }
    for (const protocol of ['tcp', 'udp'] as const) {
      const taken = [...row.reservedPorts[protocol], ...held.flatMap((task) => must(task.reserved).ports[protocol])];
      assert.equal(new Set(taken).size, taken.length, `${protocol} ports ${taken.join(', ')}`);
    }
    const running = held.filter((task) => task.desiredStatus === 'RUNNING').map((task) => task.group);
    for (const group of ['alone', 'service:alone', 'service:daemon']) {
      assert.ok(running.filter((one) => one === group).length <= 1, `${group} twice on one instance`);
    }
    const isInA = row.availabilityZone === 'us-east-1a';
    assert.ok(isInA || !held.some(({ group }) => group === 'in-a' || group === 'service:in-a'), 'the zone');
  }
}

test('property: no instance is ever promised twice, and constraints hold, however many calls come at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const ecs = await openWorld();
      const look = () =>
        ecs.store.read(async (tx) => assertLimits(await tx.list(containerInstances), await tx.list(tasks)));
      let under: Promise<void>[] = [];
      try {
        for (const { does, waits } of steps) {
          // What finds no room, or what is gone meanwhile, is refused.
          const done = act(ecs, does).catch((error: unknown) =>
            assert.ok(error instanceof ServiceError, String(error)),
          );
          under.push(done.then(look));
          if (!waits) continue;
          await Promise.all(under);
          under = [];
        }
        await Promise.all(under);
        await ecs.reconcile();
        await look();
      } finally {
        await Promise.allSettled(under);
        await ecs.close();
      }
    }),
    { numRuns: RUNS },
  );
});
