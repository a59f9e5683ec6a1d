import { seededIds, systemIds } from '../src/kernel/ids.ts';
import { compileConstraints } from '../src/services/ecs/domain/placement/constraints.ts';
import type { Demand, InstanceFacts } from '../src/services/ecs/domain/placement/instance.ts';
import { Placer } from '../src/services/ecs/domain/placement/placer.ts';
import { compileStrategies } from '../src/services/ecs/domain/placement/strategies.ts';
import { quantile } from './measure.ts';
import { printTable, say } from './report.ts';
import type { Row } from './report.ts';

const SIZES = [100, 1000, 10_000];
const TASKS_EACH = 10;
const SERVICE_TASKS = 1000;
/** As many as a service's plan starts at once. */
const BATCH = 10;
const ROUNDS = 5;
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const TYPES = ['m5.xlarge', 'm5.2xlarge', 'c5.xlarge', 't3.large'];
const REQUIRED = ['com.amazonaws.ecs.capability.docker-remote-api.1.18', 'ecs.capability.execution-role-awslogs'];
const NO_PORTS = { tcp: [], udp: [] };

const STRATEGIES = {
  'binpack memory': [{ type: 'binpack', field: 'MEMORY' }],
  'spread zone, spread instanceId': [
    { type: 'spread', field: 'attribute:ecs.availability-zone' },
    { type: 'spread', field: 'instanceId' },
  ],
  'spread zone, binpack cpu': [
    { type: 'spread', field: 'attribute:ecs.availability-zone' },
    { type: 'binpack', field: 'CPU' },
  ],
  random: [{ type: 'random' }],
} as const;
type Chain = (typeof STRATEGIES)[keyof typeof STRATEGIES];

/** How services take turns: the tasks that one places before the next one does. */
const TURNS = { 'one service after the other': SERVICE_TASKS, 'services in turn, ten tasks each': BATCH } as const;

interface Run {
  readonly perSecond: number;
  /** Of single decisions, in microseconds. */
  readonly p99: number;
  /** The median of the first decisions for each service, which look at every instance, in microseconds. */
  readonly first: number;
}

/**
 * Placements a second on one core, in memory: a cluster is filled with ten tasks for each instance, by services of a
 * thousand tasks each with constraints of their own. Ratios are to the smallest cluster.
 */
export async function placement(): Promise<void> {
  for (const [turn, batch] of Object.entries(TURNS)) {
    const rates: Row[] = [];
    const p99s: Row[] = [];
    const firsts: Row[] = [];
    for (const [name, chain] of Object.entries(STRATEGIES)) {
      let smallest: readonly Run[] = [];
      for (const instances of SIZES) {
        const runs = Array.from({ length: ROUNDS + 1 }, () => fill(instances, chain, batch)).slice(1);
        const row = (of: (run: Run) => number): Row => ({
          what: `${name}, ${instances} instances`,
          samples: runs.map(of),
          ...(smallest.length > 0 && { against: smallest.map(of) }),
        });
        rates.push(row(({ perSecond }) => perSecond));
        p99s.push(row(({ p99 }) => p99));
        firsts.push(row(({ first }) => first));
        if (smallest.length === 0) smallest = runs;
      }
    }
    say(`\n### ${turn}`);
    printTable('placements', 'a second', rates);
    printTable('p99 of one decision', 'µs', p99s);
    printTable('first decision of a service', 'µs', firsts);
  }
}

function fill(instances: number, chain: Chain, batch: number): Run {
  const placer = clusterOf(instances);
  const total = instances * TASKS_EACH;
  const services = Array.from({ length: Math.ceil(total / SERVICE_TASKS) }, (_, index) => serviceOf(index, chain));
  const times = new Float64Array(total);
  const first: number[] = [];
  let placed = 0;
  const beganAt = performance.now();
  for (let round = 0; placed < total; round++) {
    const service = services[round % services.length];
    for (let index = 0; service && index < batch && placed < total; index++) {
      const from = performance.now();
      if (placer.place(`task-${placed}`, service) === undefined) throw new Error('The cluster is too small.');
      const took = (performance.now() - from) * 1000;
      times[placed++] = took;
      if (round < services.length && index === 0) first.push(took);
    }
  }
  const seconds = (performance.now() - beganAt) / 1000;
  return { perSecond: total / seconds, p99: quantile([...times], 0.99), first: quantile(first, 0.5) };
}

/** Instances of different size in three zones, each with room for more than its share of tasks. */
function clusterOf(count: number): Placer {
  const placer = new Placer(systemIds);
  const ids = seededIds(7);
  for (let index = 0; index < count; index++) {
    const size = 1 + (ids.bytes(1)[0] ?? 0) / 255;
    placer.setInstance(instanceOf(index, size));
  }
  return placer;
}

function instanceOf(index: number, size: number): InstanceFacts {
  const attributes = new Map([
    ['ecs.availability-zone', ZONES[index % ZONES.length] ?? ''],
    ['ecs.instance-type', TYPES[index % TYPES.length] ?? ''],
    ['ecs.os-type', 'linux'],
    ['stack', index % 10 === 0 ? 'test' : 'production'],
    ...REQUIRED.map((name): [string, string] => [name, '']),
  ]);
  return {
    id: `instance-${index}`,
    status: 'ACTIVE',
    agentConnected: true,
    agentVersion: '1.89.0',
    ec2InstanceId: `i-${index.toString(16).padStart(17, '0')}`,
    registeredAtMs: index,
    attributes,
    cpu: Math.round(8192 * size),
    memory: Math.round(16_384 * size),
    interfaces: 3,
    reservedPorts: { tcp: [22, 2375, 2376, 51_678, 51_679], udp: [] },
  };
}

/** Each wants a stack, every second one a type by a pattern, every third a distance to another service. */
function serviceOf(index: number, chain: Chain): Demand {
  const expressions = [
    'attribute:stack == production',
    ...(index % 2 === 0 ? ["attribute:ecs.instance-type =~ '(m5|c5)\\..*'"] : []),
    ...(index % 3 === 0 ? ['not(task:group == service:noisy)'] : []),
  ];
  return {
    group: `service:s-${index}`,
    cpu: 128 + 64 * (index % 3),
    memory: 256 + 128 * (index % 4),
    interfaces: 0,
    ports: NO_PORTS,
    requiredAttributes: REQUIRED.map((name) => ({ name })),
    constraints: compileConstraints(expressions.map((expression) => ({ type: 'memberOf' as const, expression }))),
    strategies: compileStrategies(chain),
  };
}
