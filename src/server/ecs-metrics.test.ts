import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import type { ContainerStats } from '../runtime/runtime.ts';
import type { ClusterCapacity, RunningTask } from '../services/ecs/index.ts';
import { EcsMetrics } from './ecs-metrics.ts';
import type { EcsMeasurement } from './ecs-metrics.ts';

const MIB = 1024 ** 2;
const SCOPE = { account: '123456789012', region: 'us-east-1' };
const task = (change: Partial<RunningTask> = {}): RunningTask => ({
  ...SCOPE,
  clusterName: 'default',
  serviceName: 'web',
  highResolution: [],
  cpuUnits: 512,
  memoryMib: 256,
  runtimeIds: ['a', 'b'],
  ...change,
});

/** A world whose containers have used so much: by id, CPU in ns and memory in MiB. */
function world(
  running: RunningTask[],
  used: Record<string, readonly [cpuNs: number, memoryMib: number]>,
  capacities: readonly ClusterCapacity[] = [],
) {
  const clock = new FakeClock();
  const put: { scope: object; namespace: string; measurements: readonly EcsMeasurement[] }[] = [];
  const stats = async (id: string): Promise<ContainerStats | undefined> => {
    const [cpuNs, memoryMib] = used[id] ?? [];
    if (cpuNs === undefined || memoryMib === undefined) return undefined;
    const memory_stats = { usage: (memoryMib + 10) * MIB, stats: { total_inactive_file: 10 * MIB } };
    return { cpu_stats: { cpu_usage: { total_usage: cpuNs } }, memory_stats };
  };
  const metrics = new EcsMetrics({
    tasks: async () => running,
    capacities: async () => capacities,
    engineOf: () => ({ stats }),
    metrics: { put: async (scope, namespace, measurements) => void put.push({ scope, namespace, measurements }) },
    clock,
    log: silentLog,
  });
  return { clock, put, metrics };
}

const print = (measurements: readonly EcsMeasurement[] = []) =>
  measurements.map((one) => `${Object.values(one.dimensions).join('/')} ${one.name} ${one.value} ${one.unit}`);

test('a task’s use is a share of what it may use, of its cluster and of its service', async () => {
  const used: Record<string, readonly [number, number]> = { a: [0, 64], b: [5e9, 0] };
  const { clock, put, metrics } = world([task()], used);
  await metrics.sample();
  assert.deepEqual(print(put[0]?.measurements), [
    'default MemoryUtilization 25 Percent',
    'default/web MemoryUtilization 25 Percent',
  ]);
  assert.equal(put[0]?.namespace, 'AWS/ECS');
  used['a'] = [6e9, 128];
  used['b'] = [14e9, 0];
  clock.advance(60_000);
  await metrics.sample();
  // 15 s of CPU time in a minute: a quarter of a CPU, of the half that it may use.
  assert.deepEqual(print(put[1]?.measurements), [
    'default CPUUtilization 50 Percent',
    'default MemoryUtilization 50 Percent',
    'default/web CPUUtilization 50 Percent',
    'default/web MemoryUtilization 50 Percent',
  ]);
});

test('a task alone is its cluster’s; a container that has gone, or begun anew, tells nothing', async () => {
  const { serviceName: _none, ...alone } = task({ runtimeIds: ['a', 'gone'] });
  const used: Record<string, readonly [number, number]> = { a: [5e9, 64] };
  const { clock, put, metrics } = world([alone, task({ runtimeIds: ['gone'] })], used);
  await metrics.sample();
  assert.deepEqual(print(put[0]?.measurements), ['default MemoryUtilization 25 Percent']);
  used['a'] = [1e9, 64];
  clock.advance(60_000);
  await metrics.sample();
  assert.deepEqual(print(put[1]?.measurements), ['default MemoryUtilization 25 Percent']);
});

test('a service that asks for it is measured every 20 seconds, its cluster each minute', async () => {
  const used: Record<string, readonly [number, number]> = { a: [0, 64], b: [0, 0] };
  const { clock, put, metrics } = world(
    [task({ highResolution: ['CPUUtilization'] }), task({ serviceName: 'other' })],
    used,
  );
  metrics.start();
  const turns = async (count: number) => {
    for (const seen = put.length; put.length < seen + count;) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  };
  await turns(1);
  put.length = 0;
  for (const cpuNs of [2e9, 12e9, 12e9]) {
    used['a'] = [cpuNs, 64];
    clock.advance(20_000);
    await turns(1);
  }
  metrics.close();
  assert.deepEqual(
    put.map(({ measurements }) => print(measurements.filter((one) => one.isHighResolution))),
    [
      ['default/web CPUUtilization 20 Percent'],
      ['default/web CPUUtilization 100 Percent'],
      ['default/web CPUUtilization 0 Percent'],
    ],
  );
  assert.deepEqual(print(put[2]?.measurements.filter((one) => one.name === 'CPUUtilization')), [
    'default CPUUtilization 40 Percent',
    'default/web CPUUtilization 0 Percent',
    'default CPUUtilization 40 Percent',
    'default/other CPUUtilization 40 Percent',
  ]);
});

test('of tasks on instances, their cluster’s use is a share of what all of its instances have', async () => {
  const used: Record<string, readonly [number, number]> = { a: [0, 64], b: [0, 64], c: [0, 64] };
  const onInstance = { instanceId: 'i-1', cpuUnits: 256, memoryMib: 128 };
  const running = [
    task({ ...onInstance, runtimeIds: ['a'] }),
    task({ ...onInstance, runtimeIds: ['b'], serviceName: 'free', cpuUnits: 0 }),
    task({ runtimeIds: ['c'], clusterName: 'other' }),
  ];
  const capacity = { ...SCOPE, clusterName: 'default', cpuUnits: 2048, memoryMib: 1024 };
  const { clock, put, metrics } = world(running, used, [
    { ...capacity, reservedCpuUnits: 256, reservedMemoryMib: 256 },
    { ...capacity, clusterName: 'other', reservedCpuUnits: 0, reservedMemoryMib: 0 },
  ]);
  await metrics.sample();
  for (const id of ['a', 'b', 'c']) used[id] = [15e9, 64];
  clock.advance(60_000);
  put.length = 0;
  await metrics.sample();
  assert.deepEqual(
    put.map(({ measurements }) => print(measurements)),
    [
      [
        'default/web CPUUtilization 100 Percent',
        'default/web MemoryUtilization 50 Percent',
        // It has reserved no CPU: there is nothing that it could use a share of.
        'default/free MemoryUtilization 50 Percent',
        'other CPUUtilization 50 Percent',
        'other MemoryUtilization 25 Percent',
        'other/web CPUUtilization 50 Percent',
        'other/web MemoryUtilization 25 Percent',
      ],
      [
        'default CPUUtilization 25 Percent',
        'default MemoryUtilization 12.5 Percent',
        'default CPUReservation 12.5 Percent',
        'default MemoryReservation 25 Percent',
      ],
    ],
  );
});
