import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
import type { ContainerInstance, CreateServiceCommandInput, RunTaskCommandInput, Task } from '@aws-sdk/client-ecs';
import { CreateListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { InstanceLab } from './harness/instance-lab.ts';
import { createLoadBalancer, createTargetGroup, given } from './harness/site-parts.ts';
import { TaskLab, longshoreOf } from './harness/task-lab.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

let lab: TaskLab;
let instances: InstanceLab;
let ids: string[];
let first: ContainerInstance;
let second: ContainerInstance;
let definition: string;

before(async () => {
  lab = await TaskLab.open('container-instances');
  instances = await InstanceLab.open(lab);
  ids = [await instances.launch(0), await instances.launch(1)];
  first = await instances.joined(ids[0] ?? '');
  second = await instances.joined(ids[1] ?? '');
  definition = await lab.register({
    requiresCompatibilities: ['EC2'],
    networkMode: 'bridge',
    cpu: undefined,
    memory: undefined,
    containers: { web: { cpu: 128, memory: 64, stopTimeout: 2, portMappings: [{ containerPort: 80 }] } },
  });
});

after(async () => lab?.remove());

async function run(change: Partial<RunTaskCommandInput> = {}): Promise<Task[]> {
  const input = { cluster: lab.name, taskDefinition: definition, launchType: 'EC2' as const, ...change };
  const { tasks = [], failures } = await lab.clients.ecs.send(new RunTaskCommand(input));
  assert.deepEqual(failures, []);
  return tasks;
}

async function stop(tasks: readonly Task[]): Promise<void> {
  for (const { taskArn } of tasks) {
    await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: taskArn }));
  }
  for (const task of tasks) await lab.untilStopped(task);
}

/** How many tasks of each instance are to run. */
async function tasksByInstance(): Promise<Record<string, number>> {
  const { taskArns = [] } = await lab.clients.ecs.send(new ListTasksCommand({ cluster: lab.name }));
  if (taskArns.length === 0) return {};
  const described = await lab.clients.ecs.send(new DescribeTasksCommand({ cluster: lab.name, tasks: taskArns }));
  const counts: Record<string, number> = {};
  for (const { containerInstanceArn = '' } of described.tasks ?? []) {
    counts[containerInstanceArn] = (counts[containerInstanceArn] ?? 0) + 1;
  }
  return counts;
}

const arnOf = ({ containerInstanceArn }: ContainerInstance) => containerInstanceArn ?? '';

async function createService(serviceName: string, change: Partial<CreateServiceCommandInput>): Promise<void> {
  const input = { cluster: lab.name, serviceName, taskDefinition: definition, launchType: 'EC2' as const, ...change };
  await lab.clients.ecs.send(new CreateServiceCommand(input));
}

async function service(name: string) {
  const seen = await lab.clients.ecs.send(new DescribeServicesCommand({ cluster: lab.name, services: [name] }));
  return given(seen.services?.[0], 'service');
}

const runs = (name: string, count: number) =>
  until(`${name} runs ${count} tasks`, async () => {
    const { runningCount, pendingCount, deployments = [] } = await service(name);
    return runningCount === count && pendingCount === 0 && deployments.length === 1;
  });

async function remove(name: string): Promise<void> {
  await lab.clients.ecs.send(new DeleteServiceCommand({ cluster: lab.name, service: name, force: true }));
  await until(`${name} is gone`, async () => (await service(name)).status === 'INACTIVE');
}

async function answer(url: string): Promise<string | undefined> {
  try {
    return (await (await fetch(url, { signal: AbortSignal.timeout(1000) })).text()).trim();
  } catch {
    return undefined;
  }
}

const drain = (instance: ContainerInstance, status: 'DRAINING' | 'ACTIVE') =>
  lab.clients.ecs.send(
    new UpdateContainerInstancesStateCommand({ cluster: lab.name, containerInstances: [arnOf(instance)], status }),
  );

test('instances join the cluster that their user data names, with what their type has', async () => {
  const resource = (name: string) => first.registeredResources?.find((one) => one.name === name);
  assert.deepEqual([resource('CPU')?.integerValue, resource('MEMORY')?.integerValue], [2048, 2048]);
  const attribute = (name: string) => first.attributes?.find((one) => one.name === name)?.value;
  assert.equal(attribute('ecs.instance-type'), 't3.small');
  assert.notEqual(attribute('ecs.availability-zone'), undefined);
  assert.match(first.versionInfo?.dockerVersion ?? '', /^DockerVersion: /);
});

test('a task on the bridge answers at the dynamic port of its instance', async () => {
  const [task] = await run();
  const seen = await lab.untilRunning(given(task, 'task'));
  const [binding] = seen.containers?.[0]?.networkBindings ?? [];
  assert.ok((binding?.hostPort ?? 0) >= 32_768);
  const own = seen.containerInstanceArn === arnOf(first) ? ids[0] : ids[1];
  const url = `http://${await instances.publicIp(own ?? '')}:${binding?.hostPort}/healthz`;
  try {
    assert.equal(await until('it answers', () => answer(url)), 'ok');
  } finally {
    await stop([seen]);
  }
});

test('tasks in awsvpc, host and none mode run on an instance', async () => {
  const containers = { web: { cpu: 128, memory: 64, stopTimeout: 2, portMappings: [{ containerPort: 80 }] } };
  const base = { requiresCompatibilities: ['EC2' as const], cpu: undefined, memory: undefined };
  const own = await lab.register({ ...base, containers });
  const subnets = [...lab.placement.subnetIds];
  const awsvpcConfiguration = { subnets, securityGroups: [lab.placement.taskGroupId] };
  const [task] = await run({ taskDefinition: own, networkConfiguration: { awsvpcConfiguration } });
  const seen = await lab.untilRunning(given(task, 'task'));
  assert.equal(seen.attachments?.[0]?.status, 'ATTACHED');
  const onHost = await lab.register({ ...base, networkMode: 'host', containers });
  const alone = await lab.register({
    ...base,
    networkMode: 'none',
    containers: { web: { ...containers.web, portMappings: [] } },
  });
  const others = [...(await run({ taskDefinition: onHost })), ...(await run({ taskDefinition: alone }))];
  for (const other of others) await lab.untilRunning(other);
  const { containers: [web] = [] } = await lab.describe(given(others[0], 'task'));
  assert.deepEqual(
    web?.networkBindings?.map(({ hostPort }) => hostPort),
    [80],
  );
  await stop([seen, ...others]);
});

test('spread takes turns, binpack fills one', async () => {
  const spread = await run({ count: 4, placementStrategy: [{ type: 'spread', field: 'instanceId' }] });
  assert.deepEqual(await tasksByInstance(), { [arnOf(first)]: 2, [arnOf(second)]: 2 });
  await stop(spread);
  const packed = await run({ count: 4, placementStrategy: [{ type: 'binpack', field: 'memory' }] });
  assert.deepEqual(Object.values(await tasksByInstance()), [4]);
  for (const task of packed) await lab.untilRunning(task);
  await stop(packed);
});

test('draining moves the tasks of a service, and its visitors do not notice', async () => {
  const targetGroupArn = await createTargetGroup(lab.clients, 'moved', lab.placement.vpcId, 2, 'instance');
  const balancer = await createLoadBalancer(lab.clients, 'moved', lab.placement);
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }];
  const listener = { LoadBalancerArn: balancer.LoadBalancerArn, Protocol: 'HTTP' as const, Port: 80, DefaultActions };
  await lab.clients.elbv2.send(new CreateListenerCommand(listener));
  const loadBalancers = [{ targetGroupArn, containerName: 'web', containerPort: 80 }];
  await createService('moved', { desiredCount: 2, loadBalancers });
  const isDeployed = async () => (await service('moved')).deployments?.[0]?.rolloutState === 'COMPLETED';
  await until('it is deployed, and healthy', isDeployed);
  const hostname = given(balancer.DNSName, 'DNSName');
  const visitors = new Visitors({ port: lab.server.httpPort, hostname, path: '/healthz' });
  try {
    await isDrained();
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
  assert.ok(visitors.total > 0);
  await drain(first, 'ACTIVE');
  await remove('moved');
});

async function isDrained(): Promise<void> {
  await drain(first, 'DRAINING');
  await until('its tasks are elsewhere', async () => {
    const counts = await tasksByInstance();
    return counts[arnOf(first)] === undefined && counts[arnOf(second)] === 2;
  });
  const left = async () => (await instances.describe(arnOf(first))).runningTasksCount === 0;
  await until('the first instance is empty', left);
  assert.equal((await instances.describe(arnOf(first))).status, 'DRAINING');
}

test('a service that finds no room says of each instance why', async () => {
  const web = { cpu: 4096, memory: 64, portMappings: [{ containerPort: 80 }] };
  const base = { requiresCompatibilities: ['EC2' as const], networkMode: 'bridge' as const };
  const taskDefinition = await lab.register(
    { ...base, cpu: undefined, memory: undefined, containers: { web } },
    'large',
  );
  await createService('large', { taskDefinition, desiredCount: 1 });
  const said = await until('its events say it', async () => (await service('large')).events?.[0]?.message);
  assert.match(said, /was unable to place a task because no container instance met all of its requirements\./);
  const { stdout } = await longshoreOf(lab, 'why', 'large');
  for (const one of [first, second]) assert.ok(stdout.includes(arnOf(one).split('/').at(-1) ?? '-'), stdout);
  assert.match(stdout, /RESOURCE:CPU: it needs 4096 CPU units, and 2048 are left/);
  await remove('large');
});

test('a daemon runs on each instance; a killed server finds instances and tasks again', async () => {
  await createService('everywhere', { schedulingStrategy: 'DAEMON' });
  await runs('everywhere', 2);
  const before = await tasksByInstance();
  assert.deepEqual(before, { [arnOf(first)]: 1, [arnOf(second)]: 1 });
  const { taskArns = [] } = await lab.clients.ecs.send(new ListTasksCommand({ cluster: lab.name }));
  await lab.server.kill9();
  await lab.server.up();
  const again = await instances.joined(ids[0] ?? '');
  assert.equal(again.containerInstanceArn, first.containerInstanceArn);
  await runs('everywhere', 2);
  const after = await lab.clients.ecs.send(new ListTasksCommand({ cluster: lab.name }));
  assert.deepEqual(after.taskArns, taskArns);
});

test('a terminated instance leaves the cluster with its tasks', async () => {
  await lab.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ids[1] ?? ''] }));
  await until('it has left', async () => (await instances.describe(arnOf(second))).status === 'INACTIVE');
  await runs('everywhere', 1);
  assert.deepEqual(await tasksByInstance(), { [arnOf(first)]: 1 });
});
