import { openTestService, TEST_SCOPE } from '../src/api/testing.ts';
import { formatArn } from '../src/kernel/arn.ts';
import { systemIds } from '../src/kernel/ids.ts';
import { silentLog } from '../src/kernel/log.ts';
import { containerInstances } from '../src/services/ecs/container-instance-tables.ts';
import type { ContainerInstanceRow } from '../src/services/ecs/container-instance-tables.ts';
import { ecs } from '../src/services/ecs/index.ts';
import type { EcsPorts } from '../src/services/ecs/operation.ts';
import { serviceReconciler } from '../src/services/ecs/reconcilers/service.ts';
import { tasks } from '../src/services/ecs/tables.ts';
import type { TaskRow } from '../src/services/ecs/tables.ts';
import { printTable } from './report.ts';
import type { Row } from './report.ts';

const SIZES = [10, 100, 1000, 10_000];
/** On each instance, before anything is measured. */
const TASKS_EACH = 2;
const ROUNDS = 20;
const BATCH = 1000;
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const ATTRIBUTES = [
  ...Array.from({ length: 20 }, (_, index) => ({ name: `ecs.capability.number-${index}` })),
  { name: 'com.amazonaws.ecs.capability.docker-remote-api.1.18' },
  { name: 'ecs.os-type', value: 'linux' },
];
const SPREAD = [
  { type: 'spread' as const, field: 'attribute:ecs.availability-zone' },
  { type: 'spread' as const, field: 'instanceId' },
];

type World = Awaited<ReturnType<typeof openWorld>>;

/**
 * What a decision of ECS costs with its rows: RunTask of one task, and a pass over a service that lacks one task, on clusters of
 * 10 to 10,000 container instances with two tasks each. The ECS service itself over a store in memory; instances and
 * tasks are rows. The first of each look at the whole cluster, and stand in a table of their own.
 */
export async function planning(): Promise<void> {
  const rows = { first: [] as Row[], run: [] as Row[], step: [] as Row[] };
  let smallest: Awaited<ReturnType<typeof measure>> | undefined;
  for (const size of SIZES) {
    const times = await measure(size);
    const row = (samples: readonly number[], against?: readonly number[]): Row => ({
      what: `${size} instances, ${size * TASKS_EACH} tasks`,
      samples,
      ...(against && { against }),
    });
    rows.first.push(row(times.first, smallest?.first));
    rows.run.push(row(times.run, smallest?.run));
    rows.step.push(row(times.step, smallest?.step));
    smallest ??= times;
  }
  printTable('the first RunTask after a start', 'ms', rows.first);
  printTable('RunTask of one task', 'ms', rows.run);
  printTable('a service with a task too few, until it is placed', 'ms', rows.step);
}

async function measure(size: number) {
  const world = await openWorld(size);
  try {
    await createService(world);
    const first = [await timed(() => runTask(world))];
    const run: number[] = [];
    for (let round = 0; round < ROUNDS; round++) run.push(await timed(() => runTask(world)));
    const step: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await world.call('UpdateService', { service: 'web', desiredCount: round });
      step.push(await timed(() => stepService(world)));
    }
    const { services = [] } = await world.call('DescribeServices', { services: ['web'] });
    if (services[0]?.pendingCount !== ROUNDS) throw new Error('The service has not placed its tasks.');
    return { first, run, step };
  } finally {
    await world.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
}

async function openWorld(size: number) {
  const ports: EcsPorts = {
    executor: { ensure() {}, async reap() {} },
    network: { async connect() {} },
    registryHost: '127.0.0.1:4566',
    openSession: () => ({ sessionId: '', streamUrl: '', tokenValue: '' }),
    stoppedTaskRetentionMs: 3_600_000,
    mayAssume: async () => true,
    hooks: { allows: () => false, post: async () => ({ hookStatus: 'FAILED' }) },
    metrics: { async put() {} },
    managedScalingPeriodMs: 60_000,
    domain: 'localhost',
  };
  const service = openTestService('ecs', ecs, ports);
  const reconciler = serviceReconciler({
    store: service.store,
    clock: service.clock,
    ids: systemIds,
    log: silentLog,
    ports,
    endpoint: 'http://127.0.0.1:4566',
    callIn: () => () => Promise.reject(new Error('Placement calls nobody.')),
  });
  const world = { ...service, reconciler };
  await world.call('CreateCluster', {});
  const container = { name: 'web', image: 'httpd:2.4', cpu: 128, memory: 256, portMappings: [{ containerPort: 80 }] };
  await world.call('RegisterTaskDefinition', {
    family: 'web',
    requiresCompatibilities: ['EC2'],
    networkMode: 'bridge',
    containerDefinitions: [container],
  });
  await fill(world, size);
  return world;
}

async function fill({ store, call }: Pick<World, 'store' | 'call'>, size: number): Promise<void> {
  const clusterArn = formatArn('ecs', TEST_SCOPE, 'cluster/default');
  const rows = Array.from({ length: size }, (_, index) => instanceOf(index, clusterArn));
  const put = async (chosen: readonly ContainerInstanceRow[], task?: TaskRow) =>
    store.write(async (tx) => {
      for (const row of chosen) {
        if (!task) await tx.put(containerInstances, row);
        for (let index = 0; task && index < TASKS_EACH; index++) await tx.put(tasks, taskOf(task, row, index));
      }
    });
  for (let from = 0; from < size; from += BATCH) await put(rows.slice(from, from + BATCH));
  // The cluster itself must be new to whoever places on it.
  const { cluster } = await call('CreateCluster', { clusterName: 'sample' });
  await put([instanceOf(0, cluster?.clusterArn ?? '')]);
  const run = { cluster: 'sample', taskDefinition: 'web', launchType: 'EC2' as const };
  const { tasks: [made] = [] } = await call('RunTask', run);
  const sample = await store.read((tx) => tx.get(tasks, made?.taskArn ?? ''));
  if (!sample) throw new Error('No task was placed.');
  const { revision: _old, ...old } = sample;
  const task = { ...old, clusterArn };
  for (let from = 0; from < size; from += BATCH) await put(rows.slice(from, from + BATCH), task);
}

function instanceOf(index: number, clusterArn: string): ContainerInstanceRow {
  const id = systemIds.hex(32);
  const availabilityZone = ZONES[index % ZONES.length] ?? '';
  return {
    ...TEST_SCOPE,
    arn: formatArn('ecs', TEST_SCOPE, `container-instance/default/${id}`),
    id,
    clusterArn,
    ec2InstanceId: `i-${systemIds.hex(17)}`,
    instanceType: 'm5.xlarge',
    vpcId: 'vpc-1',
    availabilityZone,
    status: 'ACTIVE',
    agentConnected: true,
    agentChangedAtMs: 0,
    versionInfo: { agentVersion: '1.99.0' },
    cpu: 4096,
    memory: 15_000,
    reservedPorts: { tcp: [22, 2375, 2376, 51_678, 51_679], udp: [] },
    interfaces: 3,
    attributes: [...ATTRIBUTES, { name: 'ecs.availability-zone', value: availabilityZone }],
    registeredAtMs: index,
    tags: {},
    version: 1,
  };
}

function taskOf(task: TaskRow, { arn, ec2InstanceId, availabilityZone }: ContainerInstanceRow, index: number): TaskRow {
  const id = systemIds.hex(32);
  const place = { containerInstanceArn: arn, ec2InstanceId, availabilityZone };
  return {
    ...task,
    ...place,
    id,
    arn: formatArn('ecs', TEST_SCOPE, `task/default/${id}`),
    group: `family:old-${index}`,
  };
}

async function createService(world: World): Promise<void> {
  await world.call('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web',
    launchType: 'EC2',
    desiredCount: 0,
    placementStrategy: SPREAD,
  });
}

async function runTask(world: World): Promise<void> {
  const input = { taskDefinition: 'web', launchType: 'EC2' as const, placementStrategy: SPREAD };
  const { tasks: placed = [] } = await world.call('RunTask', input);
  if (placed.length !== 1) throw new Error('No task was placed.');
}

/** One pass of the reconciler over the service, as the driver makes it. */
async function stepService({ store, clock, reconciler }: World): Promise<void> {
  const arn = formatArn('ecs', TEST_SCOPE, 'service/default/web');
  const observed = await store.read((tx) => reconciler.observe(tx, arn));
  if (!observed) throw new Error('The service is gone.');
  for (const action of reconciler.plan(observed, clock.now()).actions) await reconciler.apply(action);
}
