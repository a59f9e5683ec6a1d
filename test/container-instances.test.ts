import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
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
import { CreateListenerCommand, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { InstanceLab } from './harness/instance-lab.ts';
import { must } from './harness/run.ts';
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
  ids = [await instances.launch(0), await instances.launch(1, spot())];
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

/** On Spot capacity, with an agent that drains at the notice. */
function spot() {
  const config = `ECS_CLUSTER=${lab.name}\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true`;
  const script = `#!/bin/bash\necho '${config}' >> /etc/ecs/ecs.config\n`;
  return {
    UserData: Buffer.from(script).toString('base64'),
    InstanceMarketOptions: { MarketType: 'spot' as const },
  };
}

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

async function liveTasks(): Promise<Task[]> {
  const { taskArns = [] } = await lab.clients.ecs.send(new ListTasksCommand({ cluster: lab.name }));
  if (taskArns.length === 0) return [];
  const described = await lab.clients.ecs.send(new DescribeTasksCommand({ cluster: lab.name, tasks: taskArns }));
  return described.tasks ?? [];
}

/** How many tasks of each instance are to run. */
async function tasksByInstance(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { containerInstanceArn = '' } of await liveTasks()) {
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

test('a range of ports answers at as many of its instance, and containers of a task share memory', async () => {
  const serve = 'mkdir -p /www && cp /dev/shm/note /www/index.html && exec httpd -f -p 81 -h /www';
  const run81 = `until [ -s /dev/shm/note ]; do sleep 0.05; done; ${serve}`;
  const sizes = { cpu: 64, memory: 32, stopTimeout: 2 };
  const taskDefinition = await lab.register({
    requiresCompatibilities: ['EC2'],
    networkMode: 'bridge',
    ipcMode: 'task',
    cpu: undefined,
    memory: undefined,
    containers: {
      web: { ...sizes, run: run81, portMappings: [{ containerPortRange: '80-81' }] },
      writer: { ...sizes, run: "trap 'exit 0' TERM; echo shared > /dev/shm/note; while true; do sleep 0.1; done" },
    },
  });
  const [task] = await run({ taskDefinition });
  const seen = await lab.untilRunning(given(task, 'task'));
  const [binding] = seen.containers?.find(({ name }) => name === 'web')?.networkBindings ?? [];
  assert.equal(binding?.containerPortRange, '80-81');
  const [from = 0, to = 0] = binding?.hostPortRange?.split('-').map(Number) ?? [];
  assert.deepEqual([to - from, binding?.hostPort], [1, undefined]);
  const own = seen.containerInstanceArn === arnOf(first) ? ids[0] : ids[1];
  const url = `http://${await instances.publicIp(own ?? '')}:${to}/`;
  try {
    assert.equal(await until('it answers', () => answer(url)), 'shared');
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
  await arePortsRegistered(targetGroupArn);
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

/** Each task by its instance and the port that the engine chose for it. */
async function arePortsRegistered(TargetGroupArn: string): Promise<void> {
  const seen = await lab.clients.elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  const targets = (seen.TargetHealthDescriptions ?? []).map(({ Target }) => `${Target?.Id}:${Target?.Port}`);
  const bound = (await liveTasks()).map(({ containerInstanceArn, containers }) => {
    const id = containerInstanceArn === arnOf(first) ? ids[0] : ids[1];
    return `${id}:${containers?.[0]?.networkBindings?.[0]?.hostPort}`;
  });
  assert.equal(bound.length, 2);
  assert.deepEqual(targets.toSorted(), bound.toSorted());
}

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
  const processes = await everyProcess();
  assert.equal(processes.length, 4);
  await lab.server.kill9();
  await lab.server.up();
  const again = await instances.joined(ids[0] ?? '');
  assert.equal(again.containerInstanceArn, first.containerInstanceArn);
  await runs('everywhere', 2);
  assert.deepEqual(await everyProcess(), processes);
});

const machine = async (id: string) => `ls-${await lab.server.instanceId()}-${id}`;
const FORMAT = ['--format', '{{.Id}} {{.State.Pid}} {{.State.StartedAt}}'];

/** Id, process and start of each instance, and of the containers of the tasks inside. */
async function everyProcess(): Promise<string[]> {
  const found = ids.map(async (id) => await must('docker', ['inspect', ...FORMAT, await machine(id)]));
  for (const { containerInstanceArn, containers = [] } of await liveTasks()) {
    const id = (containerInstanceArn === arnOf(first) ? ids[0] : ids[1]) ?? '';
    const inside = containers.map(({ runtimeId = '' }) => ['docker', 'inspect', ...FORMAT, runtimeId]);
    found.push(...inside.map(async (words) => must('docker', ['exec', await machine(id), ...words])));
  }
  return (await Promise.all(found)).toSorted();
}

/** The daemon's task on the first instance, once another one than this runs. */
const newDaemon = (before: Task | undefined) =>
  until('the daemon runs on the first instance again', async () => {
    const task = (await liveTasks()).find((one) => one.containerInstanceArn === arnOf(first));
    return task?.lastStatus === 'RUNNING' && task.taskArn !== before?.taskArn && task;
  });

test('an instance loses its engine, reboots, stops and starts: it is the same one to ECS, and its tasks are replaced', async () => {
  const [id = ''] = ids;
  const { ec2 } = lab.clients;
  const ended = async (task: Task) => (await lab.untilStopped(task)).stoppedReason;
  const one = await newDaemon(undefined);
  await must('docker', ['exec', await machine(id), 'sh', '-c', 'kill -9 $(cat /run/docker.pid)']);
  assert.equal(await ended(one), 'Essential container in task exited');
  const two = await newDaemon(one);
  await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
  assert.equal(await ended(two), 'Essential container in task exited');
  const three = await newDaemon(two);
  await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  assert.equal(await ended(three), `Host EC2 (instance ${id}) stopped.`);
  await until('its agent is away', async () => (await instances.describe(arnOf(first))).agentConnected === false);
  const { status, runningTasksCount } = await instances.describe(arnOf(first));
  assert.deepEqual([status, runningTasksCount], ['ACTIVE', 0]);
  await until('it has stopped', async () => (await instances.state(id)) === 'stopped');
  await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  assert.equal((await instances.joined(id)).containerInstanceArn, arnOf(first));
  await newDaemon(three);
});

test('a Spot Instance drains at its notice, and leaves the cluster as it is terminated', async () => {
  const [, id = ''] = ids;
  const { stdout } = await longshoreOf(lab, 'spot', 'interrupt', id, '--notice', '30');
  assert.match(stdout, new RegExp(`${id} has its notice: terminate at 20`));
  await until('it drains', async () => (await instances.describe(arnOf(second))).status === 'DRAINING');
  await until('its tasks have ended', async () => (await tasksByInstance())[arnOf(second)] === undefined);
  assert.equal(await instances.state(id), 'running', 'before its time');
  await until('it has left', async () => (await instances.describe(arnOf(second))).status === 'INACTIVE');
  await runs('everywhere', 1);
  assert.deepEqual(await tasksByInstance(), { [arnOf(first)]: 1 });
});

test('an instance of a group is killed: its task runs elsewhere, and the group replaces it', async (t) => {
  await remove('everywhere');
  await lab.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ids[0] ?? ''] }));
  const template = ['--launch-template-name', lab.name, '--launch-template-data'];
  await lab.server.awsJson(['ec2', 'create-launch-template', ...template, JSON.stringify(instances.launchData())]);
  const group = ['--auto-scaling-group-name', lab.name];
  const sizes = ['--min-size', '2', '--max-size', '2', '--vpc-zone-identifier', lab.placement.subnetIds.join(',')];
  const launch = ['--launch-template', `LaunchTemplateName=${lab.name}`];
  await lab.server.awsJson(['autoscaling', 'create-auto-scaling-group', ...group, ...sizes, ...launch]);
  const pair = await pairWithout('');
  const placementStrategy = [{ type: 'spread' as const, field: 'instanceId' }];
  await createService('grouped', { desiredCount: 2, placementStrategy });
  await runs('grouped', 2);
  const [lost, kept] = await liveTasks();
  const killed = pair.find((one) => arnOf(one) === lost?.containerInstanceArn)?.ec2InstanceId ?? '';
  const pid = await must('docker', ['inspect', '--format', '{{.State.Pid}}', await machine(killed)]);
  process.kill(Number(pid), 'SIGKILL');
  const at = performance.now();
  const end = await lab.untilStopped(given(lost, 'task'));
  assert.match(end.stoppedReason ?? '', new RegExp(`^Host EC2 \\(instance ${killed}\\) (stopped|terminated)\\.$`));
  await until('its task runs on the other instance', async () => {
    const live = await liveTasks();
    const isElsewhere = live.every((one) => one.containerInstanceArn === kept?.containerInstanceArn);
    return live.length === 2 && isElsewhere && live.every((one) => one.lastStatus === 'RUNNING');
  });
  t.diagnostic(`its task runs elsewhere ${Math.round(performance.now() - at)} ms after the kill`);
  await pairWithout(killed);
  t.diagnostic(`another instance has joined ${Math.round(performance.now() - at)} ms after the kill`);
});

/** The two instances of the cluster, once none of them is that one. */
const pairWithout = (id: string) =>
  until('two instances are in the cluster', async () => {
    const all = (await instances.list()).filter((one) => one.agentConnected && one.ec2InstanceId !== ids[0]);
    return all.length === 2 && all.every((one) => one.ec2InstanceId !== id) && all;
  });
