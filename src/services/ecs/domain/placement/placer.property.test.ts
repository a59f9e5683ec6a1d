import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { seededIds } from '../../../../kernel/ids.ts';
import { compileConstraints } from './constraints.ts';
import { isEligible } from './filters.ts';
import type { Demand } from './instance.ts';
import { Placer } from './placer.ts';
import type { Strategy } from './strategies.ts';
import { NaivePlacer, demand, instanceFacts } from './testing-placement.ts';

const RUNS = 300;
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const strategy = fc.constantFrom<Strategy>(
  { kind: 'spread', attribute: 'ecs.availability-zone' },
  { kind: 'spread', attribute: 'rack' },
  { kind: 'spread' },
  { kind: 'binpack', resource: 'cpu' },
  { kind: 'binpack', resource: 'memory' },
  { kind: 'random' },
);
const expressions = fc.subarray(
  [
    'attribute:ecs.availability-zone in [us-east-1a, us-east-1b]',
    'attribute:ecs.instance-type =~ t3.*',
    'runningTasksCount < 4',
    'not(task:group == service:db)',
    'task:group == service:db or attribute:rack == r1',
  ],
  { maxLength: 2 },
);
const kind: fc.Arbitrary<Demand> = fc
  .record({
    group: fc.constantFrom('service:web', 'service:db', 'family:job'),
    cpu: fc.constantFrom(0, 128, 256, 1024),
    memory: fc.constantFrom(64, 512, 2048),
    interfaces: fc.constantFrom(0, 0, 1),
    tcp: fc.subarray([80, 443], { maxLength: 1 }),
    udp: fc.subarray([80, 53], { maxLength: 1 }),
    strategies: fc.array(strategy, { maxLength: 3 }),
    isDistinct: fc.boolean(),
    expressions,
    os: fc.constantFrom(undefined, 'linux'),
  })
  .map(({ tcp, udp, isDistinct, expressions: memberOf, os, ...rest }) => ({
    ...rest,
    ports: { tcp, udp },
    requiredAttributes: os ? [{ name: 'ecs.os-type', value: os }] : [],
    constraints: compileConstraints(
      memberOf.map((expression) => ({ type: 'memberOf' as const, expression })),
      isDistinct ? [{ type: 'distinctInstance' }] : [],
    ),
  }));

const facts = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    type: fc.constantFrom('t3.medium', 'm5.large'),
    rack: fc.constantFrom('r1', 'r2', ''),
    os: fc.constantFrom('linux', 'linux', 'windows'),
    status: fc.constantFrom('ACTIVE' as const, 'ACTIVE' as const, 'ACTIVE' as const, 'DRAINING' as const),
    agentConnected: fc.constantFrom(true, true, true, false),
    cpu: fc.constantFrom(1024, 2048),
    memory: fc.constantFrom(2048, 4096),
  })
  .map(({ zone, type, rack, os, ...rest }) => {
    const attributes = { 'ecs.availability-zone': zone, 'ecs.instance-type': type, 'ecs.os-type': os };
    return (id: string) => instanceFacts(id, rest, { ...attributes, ...(rack && { rack }) });
  });

const at = fc.nat(30);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('place' as const), at }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('remove' as const, 'stop' as const), at }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('set' as const), at: fc.nat(8), facts }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('leave' as const), at: fc.nat(8) }) },
);

/** The placer and the reference, told the same. */
class Pair {
  readonly placer = new Placer(seededIds(1));
  readonly naive = new NaivePlacer();
  #placed = 0;

  place(wanted: Demand): string | undefined {
    const best = this.naive.best(wanted);
    const id = `task-${this.#placed++}`;
    const chosen = this.placer.place(id, wanted);
    if (best.length === 0) assert.equal(chosen, undefined, 'nothing is eligible');
    else assert.ok(chosen !== undefined && best.includes(chosen), `${chosen} is one of ${best.join(', ')}`);
    if (chosen !== undefined) this.naive.addTask({ ...wanted, id, instanceId: chosen });
    return chosen;
  }

  each(does: (one: Placer | NaivePlacer) => void): void {
    does(this.placer);
    does(this.naive);
  }

  nthTask(place: number): string {
    return [...this.naive.tasks.keys()][place % Math.max(1, this.naive.tasks.size)] ?? '';
  }
}

function assertWithinLimits({ naive }: Pair): void {
  for (const instance of naive.instances.values()) {
    const tasks = [...naive.tasks.values()].flatMap(({ task }) => (task.instanceId === instance.facts.id ? task : []));
    const sum = (of: (task: (typeof tasks)[number]) => number) => tasks.reduce((total, task) => total + of(task), 0);
    assert.ok(sum(({ cpu }) => cpu) <= 2048 && sum(({ memory }) => memory) <= 4096, 'never over CPU or memory');
    assert.ok(sum(({ interfaces }) => interfaces) <= instance.facts.interfaces, 'never over network interfaces');
    for (const protocol of ['tcp', 'udp'] as const) {
      const ports = tasks.flatMap((task) => task.ports[protocol]);
      assert.equal(new Set(ports).size, ports.length, 'a host port is of one task');
    }
  }
}

test('property: the placer answers as one that looks at every instance, whatever comes and goes', () => {
  const world = fc.record({
    kinds: fc.array(kind, { minLength: 1, maxLength: 4 }),
    first: fc.array(facts, { minLength: 1, maxLength: 9 }),
    steps: fc.array(step, { maxLength: 80 }),
  });
  fc.assert(
    fc.property(world, ({ kinds, first, steps }) => {
      const pair = new Pair();
      first.forEach((of, index) => pair.each((one) => one.setInstance(of(`i-${index}`))));
      for (const one of steps) {
        const kindOf = kinds[one.at % kinds.length] ?? demand();
        if (one.what === 'place') pair.place(kindOf);
        if (one.what === 'remove') pair.each((each) => each.removeTask(pair.nthTask(one.at)));
        if (one.what === 'stop') pair.each((each) => each.stopTask(pair.nthTask(one.at)));
        if (one.what === 'set') pair.each((each) => each.setInstance(one.facts(`i-${one.at}`)));
        if (one.what === 'leave') pair.each((each) => each.removeInstance(`i-${one.at}`));
        assertWithinLimits(pair);
      }
      assert.equal(pair.placer.taskCount, pair.naive.tasks.size);
      assertExplained(pair, kinds);
    }),
    { numRuns: RUNS },
  );
});

/** An instance that is not eligible has a reason, and one that is has none. */
function assertExplained({ placer, naive }: Pair, kinds: readonly Demand[]): void {
  for (const wanted of kinds) {
    const refused = new Set(placer.why(wanted).map(({ id }) => id));
    for (const [id, instance] of naive.instances) assert.equal(refused.has(id), !isEligible(instance, wanted));
    const { constraints } = wanted;
    const lone = { ...wanted, constraints: { ...constraints, isDistinct: true } };
    const targets = naive.eligible(lone).map(({ facts: { id } }) => id);
    assert.deepEqual(placer.daemonTargets(wanted).toSorted(), targets.toSorted());
  }
}

test('property: a spread differs by one at most between the values that can take a task', () => {
  const field = fc.constantFrom<Strategy>({ kind: 'spread', attribute: 'ecs.availability-zone' }, { kind: 'spread' });
  const world = fc.record({
    field,
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    tasks: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(world, ({ field: spread, sizes, tasks }) => {
      const pair = new Pair();
      sizes.forEach((size, zone) => {
        const attributes = { 'ecs.availability-zone': ZONES[zone] ?? '' };
        for (let index = 0; index < size; index++) {
          pair.each((one) =>
            one.setInstance(instanceFacts(`${zone}-${index}`, { cpu: 2 ** 20, memory: 2 ** 20 }, attributes)),
          );
        }
      });
      const wanted = demand({ strategies: [spread] });
      for (let index = 0; index < tasks; index++) assert.ok(pair.place(wanted));
      const counts =
        'attribute' in spread
          ? sizes.map((_, zone) => pair.naive.tasksWith(wanted.group, 'ecs.availability-zone', ZONES[zone] ?? ''))
          : [...pair.naive.instances.values()].map((one) => one.groups.get(wanted.group) ?? 0);
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join(' '));
    }),
    { numRuns: RUNS },
  );
});

test('property: a chain of spreads holds its order where a task changes the rank of many racks', () => {
  const place = fc.record({ zone: fc.nat(2), rack: fc.nat(7), memory: fc.constantFrom(512, 1024, 4096) });
  const chain = [
    { kind: 'spread', attribute: 'ecs.availability-zone' },
    { kind: 'spread', attribute: 'rack' },
  ] as const;
  const moves = fc.array(fc.record({ isPlacing: fc.boolean(), at: fc.nat(100) }), { maxLength: 120 });
  fc.assert(
    fc.property(fc.array(place, { minLength: 8, maxLength: 40 }), moves, (places, steps) => {
      const pair = new Pair();
      places.forEach(({ zone, rack, memory }, index) => {
        const attributes = { 'ecs.availability-zone': ZONES[zone] ?? '', rack: `r${rack}` };
        pair.each((one) => one.setInstance(instanceFacts(`i-${index}`, { memory }, attributes)));
      });
      const wanted = demand({ cpu: 0, strategies: chain });
      for (let index = 0; index < 20; index++) pair.place(wanted);
      for (const { isPlacing, at: which } of steps) {
        if (!isPlacing) pair.each((one) => one.removeTask(pair.nthTask(which)));
        pair.place(wanted);
      }
    }),
    { numRuns: RUNS },
  );
});

test('property: binpack picks the fullest instance that fits', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(sizes, fc.array(fc.integer({ min: 1, max: 32 }), { maxLength: 40 }), (instances, tasks) => {
      const pair = new Pair();
      instances.forEach((memory, index) =>
        pair.each((one) => one.setInstance(instanceFacts(`i-${index}`, { memory }))),
      );
      for (const memory of tasks) {
        const left = [...pair.naive.instances.values()].map((one) => one.freeMemory).filter((free) => free >= memory);
        const wanted = demand({ cpu: 0, memory, strategies: [{ kind: 'binpack', resource: 'memory' }] });
        const chosen = pair.naive.instances.get(pair.place(wanted) ?? '');
        if (chosen) assert.equal(chosen.freeMemory + memory, Math.min(...left));
        else assert.deepEqual(left, []);
      }
    }),
    { numRuns: RUNS },
  );
});
