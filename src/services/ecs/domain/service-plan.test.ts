import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceRow, TaskRow } from '../tables.ts';
import { planService } from './service-plan.ts';
import type { ServiceStep } from './service-plan.ts';
import { containerRow, deploymentRow, serviceRow, serviceTask } from './testing-rows.ts';

const NOW = 1_000_000;
const old = deploymentRow('old', { status: 'ACTIVE', rolloutState: 'COMPLETED' });
const rolling = [deploymentRow('new'), old];
const done = [deploymentRow('new', { rolloutState: 'COMPLETED' })];

interface Seen {
  readonly service?: Partial<ServiceRow>;
  readonly tasks?: readonly TaskRow[];
  /** Names of checked containers. */
  readonly checked?: readonly string[];
}

/** A plan as one line: what starts, what stops and why, what is said. */
function plan({ service = {}, tasks = [], checked = [] }: Seen): string {
  const checkedContainers = new Map(tasks.map((task) => [task.taskDefinitionArn, new Set(checked)]));
  const { actions, wakeAt } = planService({ service: serviceRow(service), tasks, checkedContainers }, NOW);
  const lines = actions.map((action) =>
    action.type === 'step'
      ? printStep(action)
      : action.type === 'check-targets'
        ? `check ${action.tasks.length} targets`
        : 'check alarms',
  );
  return [...lines, ...(wakeAt === undefined ? [] : [`wake in ${wakeAt - NOW}`])].join('; ');
}

function printStep(step: ServiceStep): string {
  return [
    ...(step.failures.length > 0 ? [`${step.failures.length} failed`] : []),
    ...step.sick.map((one) => one.event),
    ...step.stops.map((stop) => `stop ${stop.taskArn.split('/').at(-1)}`),
    ...(step.start > 0 ? [`start ${step.start}`] : []),
    ...(step.rebalance ? [`rebalance ${step.rebalance}`] : []),
    ...(step.rollout ? [step.rollout] : []),
    ...(step.failure ? [step.failure] : []),
    ...(step.blocked ? ['blocked'] : []),
    ...(step.steady ? ['steady'] : []),
    ...(step.gone ? ['gone'] : []),
  ].join(', ');
}

const tasksOf = (deploymentId: string, names: string, change: Partial<TaskRow> = {}) =>
  names.split(' ').map((id, i) => serviceTask(id, deploymentId, { createdAtMs: i, ...change }));
const healthy = { containers: [containerRow('web', { status: 'RUNNING', health: 'HEALTHY' })] };
const unhealthy = { containers: [containerRow('web', { status: 'RUNNING', health: 'UNHEALTHY' })] };
const percents = (minimumHealthyPercent: number, maximumPercent: number) => ({
  deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
});

test('golden: a first deployment', () => {
  assert.equal(plan({}), 'start 2');
  assert.equal(plan({ tasks: tasksOf('new', 'a b', { lastStatus: 'PENDING' }) }), '');
  assert.equal(plan({ tasks: tasksOf('new', 'a') }), 'start 1');
  assert.equal(plan({ tasks: tasksOf('new', 'a b') }), 'completed, steady');
  assert.equal(plan({ service: { deployments: done, steady: true }, tasks: tasksOf('new', 'a b') }), '');
  assert.equal(plan({ service: { desiredCount: 0 } }), 'completed, steady');
});

test('golden: a rolling update, one step after the other', () => {
  const service = { deployments: rolling };
  const two = tasksOf('old', 'o1 o2');
  assert.equal(plan({ service, tasks: two }), 'start 2');
  assert.equal(plan({ service, tasks: [...two, ...tasksOf('new', 'n1 n2', { lastStatus: 'PENDING' })] }), '');
  const one = [...tasksOf('new', 'n1'), ...tasksOf('new', 'n2', { lastStatus: 'PENDING' })];
  assert.equal(plan({ service, tasks: [...two, ...one] }), 'stop o1');
  assert.equal(plan({ service, tasks: [...two, ...tasksOf('new', 'n1 n2')] }), 'stop o1, stop o2');
  assert.equal(plan({ service, tasks: tasksOf('new', 'n1 n2') }), 'completed, steady');
});

test('golden: the percentages decide how many go and come at a time', () => {
  const tasks = tasksOf('old', 'o1 o2 o3 o4');
  const at = (least: number, most: number, desiredCount = 4) =>
    plan({
      service: { desiredCount, deployments: rolling, ...percents(least, most) },
      tasks: tasks.slice(0, desiredCount),
    });
  assert.equal(at(100, 200), 'start 4');
  assert.equal(at(100, 150), 'start 2');
  assert.equal(at(50, 100), 'stop o1, stop o2');
  assert.equal(at(0, 100), 'stop o1, stop o2, stop o3, stop o4');
  assert.equal(at(75, 125), 'stop o1, start 1');
  assert.equal(at(50, 100, 1), 'blocked');
  assert.equal(at(0, 100, 1), 'stop o1');
  assert.equal(at(100, 199, 1), 'blocked');
});

test('golden: an old task that is not healthy goes at once', () => {
  const service = { deployments: rolling };
  const waiting = tasksOf('old', 'o2', { lastStatus: 'PENDING' });
  assert.equal(plan({ service, tasks: [...tasksOf('old', 'o1'), ...waiting] }), 'stop o2, start 2');
});

test('golden: scaling in takes what is not healthy first, then the newest', () => {
  const service = { deployments: done, steady: true, desiredCount: 1 };
  const tasks = [...tasksOf('new', 'a b c'), ...tasksOf('new', 'd', { lastStatus: 'PENDING' })];
  assert.equal(plan({ service, tasks }), 'stop d, stop c, stop b');
});

test('golden: scaling in keeps a healthy one while a protected one is not healthy yet', () => {
  const service = { deployments: done, steady: true, desiredCount: 1 };
  const starting = tasksOf('new', 'c', { lastStatus: 'PENDING', protectedUntilMs: NOW + 1000 });
  assert.equal(plan({ service, tasks: [...tasksOf('new', 'a b'), ...starting] }), 'stop b; wake in 1000');
  const started = tasksOf('new', 'c', { protectedUntilMs: NOW + 1000 });
  assert.equal(plan({ service, tasks: [...tasksOf('new', 'a'), ...started] }), 'stop a; wake in 1000');
});

test('golden: containers that fail their health checks are replaced, after the grace period', () => {
  const service = { deployments: done, steady: true };
  const fine = tasksOf('new', 'a', healthy);
  const sick = tasksOf('new', 'b', { ...unhealthy, startedAtMs: NOW - 9000 });
  const checked = ['web'];
  const tasks = [...fine, ...sick];
  const said = '(task b) failed container health checks.';
  assert.equal(plan({ service, tasks, checked }), `${said}, start 1`);
  assert.equal(plan({ service: { ...service, healthCheckGracePeriodSeconds: 10 }, tasks, checked }), '; wake in 1000');
  const grace9 = { ...service, healthCheckGracePeriodSeconds: 9 };
  assert.equal(plan({ service: grace9, tasks, checked }).slice(0, said.length), said);
  assert.equal(plan({ service, tasks: [...fine, ...tasksOf('new', 'b')], checked }), '');
  const counted = tasksOf('new', 'b', { ...unhealthy, countedAsFailure: true });
  const stepping = { ...service, steady: false };
  const coming = tasksOf('new', 'c', { lastStatus: 'PENDING' });
  assert.equal(
    plan({ service: stepping, tasks: [...fine, ...counted, ...coming], checked }),
    '',
    'its replacement comes',
  );
  const come = tasksOf('new', 'c', healthy);
  assert.equal(plan({ service: stepping, tasks: [...fine, ...counted, ...come], checked }), 'stop b');
  const full = { ...stepping, ...percents(50, 100) };
  assert.equal(plan({ service: full, tasks: [...fine, ...counted], checked }), 'stop b, start 1', 'no room for two');
  const both = [...counted, ...tasksOf('new', 'a', { ...unhealthy, countedAsFailure: true })];
  assert.equal(plan({ service: full, tasks: both, checked }), 'stop b, start 1', 'one at a time');
  const trying = { ...stepping, deployments: [deploymentRow('new')] };
  assert.equal(plan({ service: trying, tasks: [...fine, ...counted], checked }), 'stop b, start 1', 'never served');
});

test('golden: tasks change their zone one for one, the new ones first', () => {
  const network = {
    subnets: ['s1', 's2', 's3'],
    securityGroups: [],
    assignPublicIp: false,
    zones: { s1: 'a', s2: 'b', s3: 'b' },
  };
  const deployments = [deploymentRow('new', { network, rolloutState: 'COMPLETED' as const })];
  const service = { deployments, network, steady: true, desiredCount: 4 };
  const inZones = (names: string, subnetId: string, change: Partial<TaskRow> = {}) =>
    tasksOf('new', names, { network, subnetId, ...change });
  const lopsided = inZones('t1 t2 t3 t4', 's1');
  assert.equal(plan({ service, tasks: lopsided }), 'start 2, rebalance started');
  assert.equal(plan({ service: { ...service, availabilityZoneRebalancing: 'DISABLED' }, tasks: lopsided }), '');
  assert.equal(plan({ service: { ...service, ...percents(50, 125) }, tasks: lopsided }), 'start 1, rebalance started');
  const moving = { ...service, steady: false, isRebalancing: true as const };
  const coming = inZones('t5 t6', 's2', { lastStatus: 'PENDING' });
  assert.equal(plan({ service: moving, tasks: [...lopsided, ...coming] }), '', 'the new ones are not healthy yet');
  const come = inZones('t5 t6', 's2');
  assert.equal(plan({ service: moving, tasks: [...lopsided, ...come] }), 'stop t4, stop t3, rebalance stopped');
  assert.equal(plan({ service: moving, tasks: [...lopsided.slice(0, 2), ...come] }), 'rebalance completed, steady');
  const protectedUntilMs = NOW + 1000;
  const spared = inZones('t1 t2 t3 t4', 's1', { protectedUntilMs });
  assert.equal(plan({ service, tasks: spared }), 'wake in 1000', 'what is protected stays');
  const scaledIn = { ...service, desiredCount: 2 };
  assert.equal(plan({ service: scaledIn, tasks: [...lopsided.slice(0, 3), ...come.slice(0, 1)] }), 'stop t3, stop t2');
});

test('golden: target groups are asked, often while they are waited for', () => {
  const targets = [{ targetGroupArn: 'tg', port: 80 }];
  const joined = (id: string, targetHealth: TaskRow['targetHealth'], change: Partial<TaskRow> = {}) =>
    tasksOf('new', id, {
      targets,
      targetsSaid: 'registered' as const,
      ...(targetHealth ? { targetHealth } : {}),
      ...change,
    });
  const steady = { deployments: done, steady: true };
  assert.equal(plan({ tasks: [...joined('a', 'healthy'), ...joined('b', undefined)] }), 'check 2 targets; wake in 500');
  assert.equal(plan({ tasks: [...joined('a', 'healthy'), ...joined('b', 'initial')] }), 'check 2 targets; wake in 500');
  const fine = [...joined('a', 'healthy'), ...joined('b', 'healthy')];
  assert.equal(plan({ tasks: fine }), 'completed, steady; check 2 targets; wake in 5000');
  assert.equal(plan({ service: steady, tasks: fine }), 'check 2 targets; wake in 5000');
  const sick = [...joined('a', 'healthy'), ...joined('b', 'unhealthy')];
  assert.equal(
    plan({ service: steady, tasks: sick }),
    '(task b) (port 80) is unhealthy in (target-group tg) due to (reason Health checks failed)., start 1; check 2 targets; wake in 500',
  );
  const starting = joined('a', undefined, { lastStatus: 'PENDING' });
  assert.equal(plan({ service: { desiredCount: 1 }, tasks: starting }), '');
});

test('golden: a service that is being deleted', () => {
  const service = { status: 'DRAINING' as const, desiredCount: 0, steady: false };
  assert.equal(plan({ service, tasks: tasksOf('new', 'a b') }), 'stop a, stop b');
  const stopping = tasksOf('new', 'a', { desiredStatus: 'STOPPED', lastStatus: 'STOPPING' });
  assert.equal(plan({ service, tasks: stopping }), '');
  const stopped = tasksOf('new', 'a', { desiredStatus: 'STOPPED', lastStatus: 'STOPPED' });
  assert.equal(plan({ service, tasks: stopped }), 'gone');
  assert.equal(plan({ service }), 'gone');
  assert.equal(plan({ service: { ...service, status: 'INACTIVE' } }), '');
});

test('every plan says why', () => {
  const why = (service: Partial<ServiceRow>, tasks: readonly TaskRow[] = []) =>
    planService({ service: serviceRow(service), tasks, checkedContainers: new Map() }, NOW).why;
  assert.equal(why({}), '2 tasks are missing');
  assert.equal(why({}, tasksOf('new', 'a b', { lastStatus: 'PENDING' })), 'its tasks are not healthy yet');
  assert.equal(why({}, tasksOf('new', 'a b')), 'it has reached a steady state');
  assert.equal(why({}, tasksOf('new', 'a b c')), '1 tasks are unhealthy or no longer wanted');
  const failing = deploymentRow('new', { failedTasks: 1, lastFailureAtMs: NOW });
  assert.equal(why({ deployments: [failing] }), 'its tasks keep failing: the next launch waits');
  const blocked = { desiredCount: 1, deployments: rolling, ...percents(50, 100) };
  assert.equal(why(blocked, tasksOf('old', 'a')), 'its percentages let no task start and none stop');
});
