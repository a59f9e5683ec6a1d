import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { LIFECYCLE_STAGES } from '../traffic-tables.ts';
import { isProtected } from './scale-in.ts';
import { BEFORE_A_SHIFT } from './testing-rows.ts';
import { Story } from './testing-story.ts';

/** `UPDATE_GOLDEN=1` writes the plans anew: read what has changed. */
async function isGolden(name: string, text: string): Promise<void> {
  const file = new URL(`golden/${name}.txt`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(file, text);
  assert.equal(text, await readFile(file, 'utf8'), `golden/${name}.txt`);
}

function rolling(title: string, desiredCount: number, deploymentConfiguration: DeploymentConfiguration): Story {
  return new Story(title, { desiredCount, deploymentConfiguration });
}

for (const [minimumHealthyPercent, maximumPercent, desiredCount, isBlocked] of [
  [100, 200, 4],
  [50, 100, 4],
  [0, 100, 4],
  [100, 110, 10],
  [100, 110, 4, true],
] as const) {
  const name = `rolling-${minimumHealthyPercent}-${maximumPercent}${isBlocked ? '-blocked' : ''}`;
  test(`the plan of a rolling update is as in golden/${name}.txt`, async () => {
    const title = `Rolling update of ${desiredCount} tasks, minimum ${minimumHealthyPercent} %, maximum ${maximumPercent} %`;
    const story = rolling(title, desiredCount, { minimumHealthyPercent, maximumPercent });
    story.ask('deploy new', () => story.deploy('new'));
    await isGolden(name, story.goOn(() => story.isOver, undefined, isBlocked ? 2 : 60).render());
  });
}

test('the plan of a circuit breaker with rollback is as in golden/circuit-breaker-rollback.txt', async () => {
  const deploymentCircuitBreaker = { enable: true, rollback: true };
  const story = rolling('Circuit breaker, 4 tasks: none of the new revision starts', 4, { deploymentCircuitBreaker });
  story.ask('deploy bad', () => story.deploy('bad'));
  story.goOn(
    () => story.isOver,
    (task) => (story.isOf(task, 'bad') ? 'fail-start' : undefined),
  );
  await isGolden('circuit-breaker-rollback', story.render());
});

test('the plan of an alarm with rollback is as in golden/alarm-rollback.txt', async () => {
  const alarms = { alarmNames: ['errors'], enable: true, rollback: true };
  const story = rolling('Alarm, 2 tasks: it goes off while the new revision bakes', 2, {
    alarms,
    bakeTimeInMinutes: 5,
  });
  story.ask('deploy bad', () => story.deploy('bad'));
  story.goOn(() => story.service.deployments[0]?.bakeFromMs !== undefined);
  story.ask('the alarm goes off', () => (story.isAlarming = true));
  await isGolden('alarm-rollback', story.goOn(() => story.isOver).render());
});

test('the plan of scaling is as in golden/scaling.txt', async () => {
  const story = new Story('Scaling out and in, with a protected task', { desiredCount: 2 }, { zones: true });
  story.ask('4 tasks are desired', () => story.change({ desiredCount: 4, steady: false }));
  story.goOn(() => story.isOver);
  const newest = story.tasks.at(-1)?.arn ?? '';
  story.ask('the newest task is protected for 10 minutes', () => story.befall('protect', newest));
  story.ask('1 task is desired', () => story.change({ desiredCount: 1, steady: false }));
  story.goOn(() => story.isOver);
  story.ask('no task is desired', () => story.change({ desiredCount: 0, steady: false }));
  story.goOn(() => !story.tasks.some((task) => isProtected(task, story.now)) && story.isOver);
  await isGolden('scaling', story.render());
});

test('the plan of rebalancing is as in golden/zone-rebalancing.txt', async () => {
  const story = new Story('Six tasks of three zones, four of them in one', { desiredCount: 6 }, { zones: true });
  const zones = ['s1', 's1', 's1', 's1', 's2', 's3'];
  story.ask('zones b and c have been away', () => {
    story.tasks = story.tasks.map((task, at) => ({ ...task, subnetId: zones[at] ?? 's1' }));
  });
  await isGolden('zone-rebalancing', story.goOn(() => story.isOver && !story.service.isRebalancing).render());
});

function shifting(title: string, deploymentConfiguration: DeploymentConfiguration): Story {
  const change = { desiredCount: 2, deploymentConfiguration, ...BEFORE_A_SHIFT };
  return new Story(title, change, { isBalanced: true });
}

const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 };
const SHIFTS: Readonly<Record<string, DeploymentConfiguration>> = {
  'blue-green': BLUE_GREEN,
  canary: {
    strategy: 'CANARY',
    bakeTimeInMinutes: 3,
    canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 3 },
  },
  linear: {
    strategy: 'LINEAR',
    bakeTimeInMinutes: 5,
    linearConfiguration: { stepPercent: 30, stepBakeTimeInMinutes: 2 },
  },
};

for (const [name, configuration] of Object.entries(SHIFTS)) {
  test(`the plan of a shift is as in golden/${name}.txt`, async () => {
    const story = shifting(`${configuration.strategy}, 2 tasks`, configuration);
    story.ask('deploy new', () => story.deploy('new'));
    await isGolden(name, story.goOn(() => story.isOver).render());
  });
}

const STAGES = LIFECYCLE_STAGES.filter((stage) => stage !== 'CLEAN_UP');

test('the plans of rollbacks at each stage are as in golden/blue-green-rollbacks.txt', async () => {
  const stories = STAGES.map((stage) => {
    const holds = stage === 'SCALE_UP' || stage === 'BAKE_TIME' ? [] : [stage];
    const lifecycleHooks = holds.map((one) => ({ hookTargetArn: 'https://hooks.test', lifecycleStages: [one] }));
    const story = shifting(`BLUE_GREEN, rolled back at ${stage}`, { ...BLUE_GREEN, lifecycleHooks });
    story.hookAnswer = 'IN_PROGRESS';
    if (stage === 'RECONCILE_SERVICE') story.ask('deploy another', () => story.deploy('another'));
    story.ask('deploy new', () => story.deploy('new'));
    story.goOn(() => story.service.deployments[0]?.lifecycle?.stage === stage);
    story.ask('StopServiceDeployment asks for a rollback', () => {
      const [primary, ...others] = story.service.deployments;
      if (primary) story.change({ deployments: [{ ...primary, stopRequest: 'ROLLBACK' }, ...others] });
    });
    return story.goOn(() => story.isOver).render();
  });
  await isGolden('blue-green-rollbacks', stories.join('\n'));
});
