import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { Census } from './harness/census.ts';
import { Engine } from './harness/engine.ts';
import { containersOf } from './harness/host.ts';
import { InstanceLab } from './harness/instance-lab.ts';
import { run } from './harness/run.ts';
import { TaskLab, describeEnd, exitCodes } from './harness/task-lab.ts';
import type { LabTask } from './harness/task-lab.ts';
import { until } from './harness/until.ts';

/*
 * The Docker Engine goes away and comes back: killed (it ends its containers when it is back), switched off with the
 * host, or hanging. The server is not touched: it goes on by itself.
 */

const WAIT = "trap 'exit 0' TERM; echo here; while true; do sleep 0.1; done";
const PAIR: LabTask = {
  volumes: [{ name: 'scratch' }],
  containers: {
    main: { run: WAIT, mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch' }] },
    side: { run: WAIT, essential: false },
  },
};
const SERVICE = 'kept';
const DESIRED = 2;

let engine: Engine;
let lab: TaskLab;
let census: Census;
let definition: string;

before(async () => {
  engine = await Engine.start();
  lab = await TaskLab.open('engine');
  census = await Census.of(lab);
  definition = await lab.register(PAIR);
  await lab.clients.ecs.send(
    new CreateServiceCommand({
      cluster: lab.name,
      serviceName: SERVICE,
      taskDefinition: definition,
      desiredCount: DESIRED,
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [...lab.placement.subnetIds], assignPublicIp: 'ENABLED' },
      },
    }),
  );
  await steady();
});
after(async () => {
  await lab?.remove();
  await engine?.remove();
});

/** Waits until the service has its tasks, and nothing else runs; answers their containers. */
async function steady() {
  return until('the service has its tasks', async () => {
    const seen = await lab.clients.ecs.send(new DescribeServicesCommand({ cluster: lab.name, services: [SERVICE] }));
    const [one] = seen.services ?? [];
    const containers = await containersOf(census.instance);
    const isSteady = one?.runningCount === DESIRED && one.pendingCount === 0 && one.deployments?.length === 1;
    return isSteady && containers.length === 3 * DESIRED && containers.every(({ running }) => running) && containers;
  });
}

/** New tasks whose deployment has no failures: after failures the next launch waits longer and longer. */
async function renewed() {
  const update = { cluster: lab.name, service: SERVICE, forceNewDeployment: true };
  await lab.clients.ecs.send(new UpdateServiceCommand(update));
  return steady();
}

async function stop(task: Task): Promise<void> {
  await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: task.taskArn }));
}

/** It ended with its containers, not because it was asked to. */
async function endedWithTheEngine(task: Task): Promise<void> {
  const end = await lab.untilStopped(task);
  assert.equal(end.stopCode, 'EssentialContainerExited', describeEnd(end));
  assert.match(end.stoppedReason ?? '', /^Essential container in task exited/);
  assert.ok([0, 137, 255].includes(exitCodes(end)['main'] ?? -1), describeEnd(end));
}

for (const [what, goAway] of [
  ['is killed', () => engine.kill9()],
  ['is stopped, and its containers with it,', () => engine.stop()],
  ['is switched off with its host', () => engine.powerCut()],
] as const) {
  test(`an engine that ${what} is waited for: services come back, other tasks have stopped`, async (t) => {
    const before = await renewed();
    const alone = await lab.running(definition);
    await goAway();
    // Asked for while there is no engine.
    const [late] = await lab.start(definition);
    await engine.up();
    const at = performance.now();
    await endedWithTheEngine(alone);
    assert.ok(late);
    await lab.untilRunning(late);
    await stop(late);
    assert.equal((await lab.untilStopped(late)).stopCode, 'UserInitiated');
    const later = await steady();
    t.diagnostic(`steady ${Math.round(performance.now() - at)} ms after the engine was back`);
    assert.ok(later.every(({ id }) => before.every((one) => one.id !== id)));
    const { links, interfaces } = await census.counts();
    assert.deepEqual({ links, interfaces }, { links: DESIRED, interfaces: DESIRED });
  });
}

test('an engine that hangs is waited for: the API answers, what is asked for is done later, nothing is disturbed', async () => {
  const before = await steady();
  const leaving = await lab.running(definition);
  engine.freeze();
  await stop(leaving);
  const [late] = await lab.start(definition);
  assert.ok(late);
  assert.equal((await lab.describe(late)).stoppedReason, undefined);
  engine.thaw();
  await lab.untilRunning(late);
  assert.equal((await lab.untilStopped(leaving)).stopCode, 'UserInitiated');
  await stop(late);
  await lab.untilStopped(late);
  const later = await steady();
  assert.deepEqual(later.map(({ id }) => id).toSorted(), before.map(({ id }) => id).toSorted());
});

test('EC2 instances boot again with their engine, and are the same to ECS', async (t) => {
  const { ec2 } = lab.clients;
  const instances = await InstanceLab.open(lab);
  const id = await instances.launch();
  const describe = async () => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0];
  };
  const { containerInstanceArn } = await instances.joined(id);
  const containers = { web: { run: WAIT, cpu: 128, memory: 64, stopTimeout: 2 } };
  const web = await lab.register({ requiresCompatibilities: ['EC2'], networkMode: 'bridge', containers }, 'web');
  const launch = { launchType: 'EC2', networkConfiguration: undefined } as const;
  const before = await describe();
  for (const goAway of [() => engine.kill9(), () => engine.powerCut()]) {
    const task = await lab.running(web, launch);
    await goAway();
    await engine.up();
    const at = performance.now();
    const end = await lab.untilStopped(task);
    assert.match(
      end.stoppedReason ?? '',
      /^(Essential container in task exited|Host EC2 \(instance i-\w+\) stopped\.)/,
    );
    const next = await until('a task runs on it', async () => {
      const [placed] = await lab.start(web, launch);
      // One that was placed before the engine's end was seen is lost with the others.
      return placed && lab.untilRunning(placed).catch(() => undefined);
    });
    assert.equal(next.containerInstanceArn, containerInstanceArn);
    t.diagnostic(`a task runs ${Math.round(performance.now() - at)} ms after the engine was back`);
    await stop(next);
    await lab.untilStopped(next);
    const { PrivateIpAddress, PublicIpAddress, State, LaunchTime } = (await describe()) ?? {};
    assert.equal(State?.Name, 'running');
    assert.deepEqual(
      { PrivateIpAddress, PublicIpAddress, LaunchTime },
      {
        PrivateIpAddress: before?.PrivateIpAddress,
        PublicIpAddress: before?.PublicIpAddress,
        LaunchTime: before?.LaunchTime,
      },
    );
  }
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await until('it is gone', async () => (await describe())?.State?.Name === 'terminated');
});

test('a server that is started while its engine is away says so, and finds its tasks ended when it is back', async () => {
  await renewed();
  await lab.server.kill9();
  await engine.powerCut();
  const child = lab.server.boot();
  await until('it ends', async () => child.exitCode !== null);
  assert.equal(child.exitCode, 2);
  assert.match(lab.server.log, /^longshore: The Docker engine at .* does not answer: .*--docker\.$/m);
  await engine.up();
  await lab.server.up();
  await steady();
});

test('nothing is left of any of it', async () => {
  const { ecs } = lab.clients;
  await ecs.send(new UpdateServiceCommand({ cluster: lab.name, service: SERVICE, desiredCount: 0 }));
  await census.untilEmpty();
  const { stdout } = await run('docker', ['ps', '--all', '--quiet']);
  assert.equal(stdout, '');
});
