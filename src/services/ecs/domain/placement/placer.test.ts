import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../../../kernel/ids.ts';
import { compileConstraints } from './constraints.ts';
import type { Demand, InstanceFacts } from './instance.ts';
import { Placer } from './placer.ts';
import { placementEvent, placementFailures } from './reasons.ts';
import type { Strategy } from './strategies.ts';
import { demand, instanceFacts } from './testing-placement.ts';

const ZONE: Strategy = { kind: 'spread', attribute: 'ecs.availability-zone' };
const PACK: Strategy = { kind: 'binpack', resource: 'memory' };
const ALONE = compileConstraints([{ type: 'distinctInstance' }]);

function cluster(...instances: readonly InstanceFacts[]): Placer {
  const placer = new Placer(seededIds(3));
  for (const one of instances) placer.setInstance(one);
  return placer;
}

const inZone = (id: string, zone: string, changes: Partial<InstanceFacts> = {}) =>
  instanceFacts(id, changes, { 'ecs.availability-zone': zone });

function placed(placer: Placer, wanted: Demand, count: number): (string | undefined)[] {
  const from = placer.taskCount;
  return Array.from({ length: count }, (_, index) => placer.place(`t-${from + index}`, wanted));
}

test("a service's default: zones in turn, and in a zone the instance with the fewest of its tasks", () => {
  const placer = cluster(inZone('a1', 'a'), inZone('a2', 'a'), inZone('b1', 'b'));
  assert.deepEqual(placed(placer, demand({ strategies: [ZONE] }), 5), ['a1', 'b1', 'a2', 'b1', 'a1']);
});

test('binpack fills one instance before the next', () => {
  const placer = cluster(instanceFacts('big'), instanceFacts('small', { memory: 1024 }));
  const chosen = placed(placer, demand({ cpu: 0, strategies: [PACK] }), 11);
  assert.deepEqual(chosen, ['small', 'small', ...Array.from({ length: 8 }, () => 'big'), undefined]);
});

test('strategies decide in their order', () => {
  const facts = [inZone('a1', 'a'), inZone('b1', 'b', { memory: 2048 }), inZone('b2', 'b', { memory: 1024 })];
  assert.deepEqual(placed(cluster(...facts), demand({ strategies: [ZONE, PACK] }), 4), ['b2', 'a1', 'b2', 'a1']);
  assert.deepEqual(placed(cluster(...facts), demand({ strategies: [PACK, ZONE] }), 3), ['b2', 'b2', 'b1']);
});

test('random takes any that fits, and each some time', () => {
  const placer = cluster(
    ...Array.from({ length: 4 }, (_, index) => instanceFacts(`i-${index}`, { cpu: 2 ** 20, memory: 2 ** 20 })),
  );
  const chosen = new Set(placed(placer, demand({ strategies: [{ kind: 'random' }] }), 100));
  assert.equal(chosen.size, 4);
  const among = new Set(placed(placer, demand({ strategies: [ZONE, { kind: 'random' }] }), 100));
  assert.equal(among.size, 4);
});

test('a task that stops makes room for the next of its group, but keeps what it takes', () => {
  const placer = cluster(instanceFacts('i', { memory: 1024 }));
  const wanted = demand({ constraints: ALONE });
  assert.deepEqual(placed(placer, wanted, 2), ['i', undefined]);
  placer.stopTask('t-0');
  assert.equal(placer.place('next', wanted), 'i');
  assert.equal(placer.choose(demand({ group: 'other' })), undefined);
  placer.removeTask('t-0');
  assert.equal(placer.choose(demand({ group: 'other' })), 'i');
});

test('a kind of task that was not placed for long sees what happened meanwhile', () => {
  const placer = cluster(instanceFacts('a'), instanceFacts('b'), instanceFacts('gone'));
  const rare = demand({ group: 'service:rare', cpu: 1024, strategies: [{ kind: 'binpack', resource: 'cpu' }] });
  assert.equal(placer.choose(rare), 'a');
  const often = demand({ cpu: 0, memory: 1 });
  for (let index = 0; index < 3000; index++) {
    placer.place(`often-${index}`, often);
    placer.removeTask(`often-${index}`);
  }
  placer.removeInstance('gone');
  placer.addTask({ ...demand({ cpu: 1500 }), id: 'large', instanceId: 'a' });
  assert.equal(placer.choose(rare), 'b');
});

test('an instance that came in the place of another has nothing of it', () => {
  const placer = cluster(instanceFacts('old', { memory: 512 }));
  const wanted = demand({ strategies: [ZONE], constraints: ALONE });
  assert.equal(placer.place('t', wanted), 'old');
  placer.removeInstance('old');
  assert.deepEqual([placer.taskCount, placer.instanceCount, placer.choose(wanted)], [0, 0, undefined]);
  placer.setInstance(inZone('new', 'b'));
  assert.equal(placer.place('t', wanted), 'new');
});

test('what changes of an instance is taken, with its tasks on it', () => {
  const placer = cluster(inZone('i', 'a'));
  const wanted = demand({
    constraints: compileConstraints([{ type: 'memberOf', expression: 'agentVersion > 1.90.0' }]),
  });
  assert.equal(placer.choose(wanted), undefined);
  placer.addTask({ ...demand({ memory: 4000 }), id: 't', instanceId: 'i' });
  placer.setInstance(inZone('i', 'a', { agentVersion: '1.91.0' }));
  assert.equal(placer.choose(wanted), undefined);
  placer.setInstance(inZone('i', 'a', { agentVersion: '1.91.0', memory: 8192 }));
  assert.equal(placer.choose(wanted), 'i');
  placer.setInstance(inZone('i', 'a', { agentVersion: '1.91.0', memory: 8192, status: 'DRAINING' }));
  assert.equal(placer.choose(wanted), undefined);
});

const TROUBLE = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.';
const UNPLACED = 'was unable to place a task because no container instance met all of its requirements.';

test('why not: every reason of every instance', () => {
  const busy = { tcp: [80], udp: [] };
  const placer = cluster(
    instanceFacts('full', { cpu: 1, memory: 1 }),
    instanceFacts('busy', { reservedPorts: busy, interfaces: 0, agentConnected: false }),
    instanceFacts('drains', { status: 'DRAINING' }),
    instanceFacts('fine', { attributes: new Map([['gpu', '']]) }),
  );
  const wanted = demand({
    ports: busy,
    interfaces: 1,
    requiredAttributes: [{ name: 'gpu' }],
    constraints: compileConstraints([{ type: 'memberOf', expression: 'attribute:gpu exists' }]),
  });
  const why = placer.why(wanted).map(({ id, refusals }) => [id, ...refusals.map(({ reason }) => reason)]);
  const lacks = ['ATTRIBUTE', 'MemberOf placement constraint unsatisfied.'];
  assert.deepEqual(why, [
    ['busy', 'AGENT', 'RESOURCE:PORTS', 'RESOURCE:ENI', ...lacks],
    ['drains', 'DRAINING', ...lacks],
    ['full', 'RESOURCE:CPU', 'RESOURCE:MEMORY', ...lacks],
  ]);
  assert.equal(placer.whyNot('busy', wanted)?.refusals[1]?.detail, 'in use: 80/tcp');
  assert.deepEqual(placer.whyNot('fine', wanted)?.refusals, []);
  assert.equal(placer.whyNot('none', wanted), undefined);
  assert.deepEqual(placementFailures(placer.why(wanted)), [
    { arn: 'busy', reason: 'AGENT' },
    { arn: 'full', reason: 'RESOURCE:CPU' },
  ]);
});

test('what is attempted leaves nothing, whatever it throws', () => {
  const placer = cluster(instanceFacts('one', { cpu: 256 }));
  assert.equal(
    placer.attempt(() => placer.place('new', demand())),
    'one',
  );
  assert.throws(() =>
    placer.attempt(() => {
      placer.place('new', demand());
      throw new Error('no');
    }),
  );
  assert.equal(placer.taskCount, 0);
  assert.equal(placer.choose(demand()), 'one');
});

test('a task is brought to what it is now, and a port that was reserved meanwhile stays taken', () => {
  const placer = cluster(instanceFacts('one'), instanceFacts('two'));
  const ports = { tcp: [80], udp: [] };
  const task = { id: 'task', instanceId: 'one', group: 'family:job', cpu: 0, memory: 0, interfaces: 0, ports };
  const isFree = (id: string) => placer.whyNot(id, demand({ ports }))?.refusals.length === 0;
  placer.setTask(task, true);
  placer.setTask({ ...task, instanceId: 'two' }, false);
  assert.deepEqual([isFree('one'), isFree('two')], [true, false]);
  placer.setInstance(instanceFacts('two', { reservedPorts: ports }));
  placer.setTask({ ...task, instanceId: 'elsewhere' }, false);
  assert.equal(placer.taskCount, 0);
  assert.equal(isFree('two'), false);
  placer.setInstance(instanceFacts('two'));
  assert.equal(isFree('two'), true);
});

test("a service's event names the closest instance and its reason", () => {
  const eventOf = (facts: Partial<InstanceFacts>, wanted: Partial<Demand> = {}) => {
    const arn = 'arn:aws:ecs:us-east-1:123456789012:container-instance/main/abc';
    const worse = instanceFacts('worse', { agentConnected: false, cpu: 0, memory: 0 }, { x: '1' });
    return placementEvent(cluster(worse, instanceFacts(arn, facts)).why(demand(wanted)));
  };
  const closest = (what: string) => `${UNPLACED} The closest matching (container-instance abc) ${what}. ${TROUBLE}`;
  const http = { tcp: [80], udp: [] };
  const memberOf = compileConstraints([{ type: 'memberOf', expression: 'attribute:x == 1' }]);
  assert.equal(eventOf({ cpu: 1 }), closest('has insufficient CPU units available'));
  assert.equal(eventOf({ memory: 1 }), closest('has insufficient memory available'));
  assert.equal(
    eventOf({ reservedPorts: http }, { ports: http }),
    closest('is already using a port required by your task'),
  );
  assert.equal(
    eventOf({}, { requiredAttributes: [{ name: 'x' }] }),
    closest('is missing an attribute required by your task'),
  );
  assert.equal(eventOf({ agentConnected: false }), closest('encountered error "AGENT"'));
  assert.equal(eventOf({ interfaces: 0 }, { interfaces: 1 }), closest('encountered error "RESOURCE:ENI"'));
  assert.equal(
    eventOf({}, { constraints: memberOf }),
    closest('encountered error "MemberOf placement constraint unsatisfied."'),
  );
});

test('where there is no instance to ask, the event says so', () => {
  const draining = cluster(instanceFacts('i', { status: 'DRAINING' })).why(demand());
  const none = 'Reason: No Container Instances were found in your cluster.';
  for (const refused of [[], draining]) assert.equal(placementEvent(refused), `${UNPLACED} ${none} ${TROUBLE}`);
  const other = cluster(instanceFacts('i', { capacityProvider: 'other' }));
  assert.match(
    placementEvent(other.why(demand({ capacityProvider: 'mine' })), 'mine'),
    /Reason: No Container Instances were found in your capacity provider\. /,
  );
  assert.equal(other.choose(demand({ capacityProvider: 'mine' })), undefined);
  assert.equal(other.choose(demand()), 'i');
});

test('an instance reserves a hundred host ports at most', () => {
  const tcp = Array.from({ length: 99 }, (_, index) => 1000 + index);
  const placer = cluster(instanceFacts('i', { reservedPorts: { tcp, udp: [] } }));
  assert.equal(placer.choose(demand({ ports: { tcp: [80], udp: [] } })), 'i');
  const two = demand({ ports: { tcp: [80], udp: [80] } });
  assert.equal(placer.choose(two), undefined);
  assert.equal(placer.whyNot('i', two)?.refusals[0]?.detail, 'it would reserve more than 100 ports');
});

test('a daemon has one task on each instance that meets its constraints', () => {
  const memberOf = compileConstraints([{ type: 'memberOf', expression: 'attribute:ecs.availability-zone != c' }]);
  const agent = demand({ group: 'service:agent', constraints: memberOf, strategies: [ZONE] });
  const full = inZone('full', 'a', { memory: 0 });
  const placer = cluster(inZone('a1', 'a'), inZone('b1', 'b'), inZone('c1', 'c'), full);
  assert.deepEqual(placer.daemonTargets(agent), ['a1', 'b1']);
  placer.addTask({ ...agent, id: 'on-a', instanceId: 'a1' });
  assert.deepEqual(placer.daemonTargets(agent), ['b1']);
  assert.deepEqual(
    placer.daemonRefusals(agent).map(({ id, refusals }) => [id, refusals[0]?.reason]),
    [['full', 'RESOURCE:MEMORY']],
  );
  assert.deepEqual(placer.daemonStrays(agent), []);
  placer.setInstance(inZone('a1', 'c'));
  assert.deepEqual(placer.daemonStrays(agent), ['on-a']);
  placer.setInstance(inZone('a1', 'a', { status: 'DRAINING' }));
  assert.deepEqual(placer.daemonStrays(agent), ['on-a']);
});

test('scale in: a spread stays balanced, and packed instances become empty', () => {
  const placer = cluster(inZone('a1', 'a'), inZone('a2', 'a'), inZone('b1', 'b'));
  const put = (id: string, instanceId: string, group = 'service:web') =>
    placer.addTask({ ...demand({ group }), id, instanceId });
  for (const [id, instance] of [
    ['a1-1', 'a1'],
    ['a1-2', 'a1'],
    ['a2-1', 'a2'],
    ['b1-1', 'b1'],
    ['b1-2', 'b1'],
  ] as const)
    put(id, instance);
  put('other', 'b1', 'service:db');
  const all = ['b1-2', 'b1-1', 'a2-1', 'a1-2', 'a1-1'];
  const stop = (strategies: readonly Strategy[], count: number, of = all) =>
    placer.tasksToStop('service:web', of, strategies, count);
  assert.deepEqual(stop([ZONE], 3), ['a1-2', 'b1-2', 'a2-1']);
  assert.deepEqual(stop([PACK], 3), ['a2-1', 'a1-2', 'a1-1']);
  assert.deepEqual(stop([{ kind: 'spread' }], 2), ['b1-2', 'a1-2']);
  assert.deepEqual(stop([{ kind: 'random' }], 2), ['b1-2', 'b1-1']);
  assert.deepEqual(stop([ZONE], 9, ['b1-1', 'unknown']), ['b1-1']);
});
