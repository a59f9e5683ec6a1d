import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { seededIds } from '../../kernel/ids.ts';
import { SqliteStore } from '../../store/sqlite/sqlite-store.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { containerInstances } from './container-instance-tables.ts';
import { compileConstraints } from './domain/placement/constraints.ts';
import type { Placer } from './domain/placement/placer.ts';
import { demand } from './domain/placement/testing-placement.ts';
import { containerInstanceRow, taskRow } from './domain/testing-rows.ts';
import { placedClusters, withPlacer } from './placed-clusters.ts';
import { tasks } from './tables.ts';
import type { TaskRow } from './tables.ts';

const RUNS = 200;
const CLUSTER = taskRow().clusterArn;
const INSTANCES = 5;
const TASKS = 6;
const GROUPS = ['service:web', 'family:job'];
const zone = { kind: 'spread', attribute: 'ecs.availability-zone' } as const;
const isolated = compileConstraints([], [{ type: 'distinctInstance' }]);
const few = compileConstraints([{ type: 'memberOf', expression: 'runningTasksCount < 2' }]);

/** What is asked of both placers; a draw would be another one for each. */
const DEMANDS = [
  demand({ strategies: [zone, { kind: 'spread' }] }),
  demand({ strategies: [{ kind: 'binpack', resource: 'memory' }], constraints: few }),
  demand({ group: 'family:job', ports: { tcp: [80], udp: [53] }, strategies: [zone], constraints: isolated }),
  demand({ interfaces: 1, capacityProvider: 'group', strategies: [{ kind: 'binpack', resource: 'cpu' }] }),
];

const instance = fc.record({
  status: fc.constantFrom('ACTIVE' as const, 'ACTIVE' as const, 'DRAINING' as const, 'INACTIVE' as const),
  agentConnected: fc.constantFrom(true, true, true, false),
  capacityProviderName: fc.constantFrom(undefined, 'group'),
  availabilityZone: fc.constantFrom('us-east-1a', 'us-east-1b', 'us-east-1c'),
  cpu: fc.constantFrom(512, 2048),
  reservedPorts: fc.constantFrom({ tcp: [], udp: [] }, { tcp: [80], udp: [] }),
  registeredAtMs: fc.constantFrom(1, 1, 1, 2),
});
const task = fc.record({
  on: fc.constantFrom(undefined, 0, 0, 1, 2),
  group: fc.constantFrom(...GROUPS),
  lastStatus: fc.constantFrom('PENDING' as const, 'RUNNING' as const, 'RUNNING' as const, 'STOPPED' as const),
  desiredStatus: fc.constantFrom('RUNNING' as const, 'RUNNING' as const, 'STOPPED' as const),
  reserved: fc.constantFrom(
    { cpu: 256, memory: 128, interfaces: 0, ports: { tcp: [], udp: [] } },
    { cpu: 256, memory: 128, interfaces: 0, ports: { tcp: [80], udp: [53] } },
    { cpu: 512, memory: 1024, interfaces: 1, ports: { tcp: [], udp: [] } },
  ),
});
/** `turn`: a task that runs stops, or the other way round. */
const OTHERS = ['no-instance', 'no-task', 'turn'] as const;
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('instance' as const), at: fc.nat(INSTANCES - 1), instance }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('task' as const), at: fc.nat(TASKS - 1), task }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom(...OTHERS), at: fc.nat(TASKS - 1) }) },
);
const step = fc.record({
  changes: fc.array(change, { maxLength: 4 }),
  looks: fc.boolean(),
  fails: fc.constantFrom(false, false, true),
  waits: fc.boolean(),
});

const idOf = (index: number) => `i-${index}`;
const arnOf = (index: number) => containerInstanceRow(idOf(index)).arn;
const taskArnOf = (index: number) => taskRow({ id: `t${index}` }).arn;

type Written = typeof change extends fc.Arbitrary<infer C> ? C : never;

async function write(tx: WriteTx, one: Written): Promise<void> {
  if (one.what === 'instance') return putInstance(tx, one.at, one.instance);
  if (one.what === 'task') return putTask(tx, one.at, one.task);
  if (one.what === 'no-instance') return tx.delete(containerInstances, arnOf(one.at));
  if (one.what === 'no-task') return tx.delete(tasks, taskArnOf(one.at));
  const row = await tx.get(tasks, taskArnOf(one.at));
  if (row) await tx.put(tasks, { ...row, desiredStatus: row.desiredStatus === 'RUNNING' ? 'STOPPED' : 'RUNNING' });
}

type InstanceChange = typeof instance extends fc.Arbitrary<infer C> ? C : never;

async function putInstance(tx: WriteTx, at: number, { capacityProviderName, ...rest }: InstanceChange): Promise<void> {
  const given = { ...rest, ...(capacityProviderName !== undefined && { capacityProviderName }) };
  const before = await tx.get(containerInstances, arnOf(at));
  await tx.put(containerInstances, {
    ...containerInstanceRow(idOf(at), given),
    ...(before && { revision: before.revision }),
  });
}

type TaskChange = typeof task extends fc.Arbitrary<infer C> ? C : never;

async function putTask(tx: WriteTx, at: number, { on, ...rest }: TaskChange): Promise<void> {
  const given: Partial<TaskRow> = { ...rest, ...(on !== undefined && { containerInstanceArn: arnOf(on) }) };
  const before = await tx.get(tasks, taskArnOf(at));
  await tx.put(tasks, { ...taskRow({ id: `t${at}`, ...given }), ...(before && { revision: before.revision }) });
}

/** All that anybody asks a placer. */
function answersOf(placer: Placer) {
  const asked = DEMANDS.map((wanted) => ({
    chosen: placer.choose(wanted),
    why: placer.why(wanted),
    targets: placer.daemonTargets(wanted),
    refused: placer.daemonRefusals(wanted),
    strays: placer.daemonStrays(wanted).toSorted(),
  }));
  // Several in a row, which are taken back.
  const placed = [0, 1, 2, 3, 4, 5].map((index) => placer.place(`new/${index}`, DEMANDS[index % 4] ?? demand()));
  return { asked, placed, instances: placer.instanceCount };
}

let made = 0;

async function check(tx: ReadTx): Promise<void> {
  const kept = await withPlacer(tx, CLUSTER, seededIds(1), answersOf);
  const anew = { ...placedClusters, name: `test.anew-${made++}` };
  const expected = await tx.project(anew, CLUSTER, (cluster) => cluster.try(seededIds(1), answersOf));
  assert.deepEqual(kept, expected);
}

test('property: the placer that is kept decides as one that is made anew, whatever is written and undone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = new SqliteStore(':memory:');
      let under: Promise<void>[] = [];
      try {
        for (const { changes, looks, fails, waits } of steps) {
          const written = store.write(async (tx) => {
            for (const one of changes) await write(tx, one);
            if (looks) await check(tx);
            if (fails) throw new Error('undone');
          });
          under.push(written.catch((error: unknown) => assert.match(String(error), /undone/)));
          if (!waits) continue;
          await Promise.all(under);
          under = [];
        }
        await Promise.all(under);
        await store.read(check);
      } finally {
        await Promise.allSettled(under);
        await store.close();
      }
    }),
    { numRuns: RUNS },
  );
});
