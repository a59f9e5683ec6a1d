import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import {
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { DescribeClustersCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { EngineClient } from '../src/runtime/docker/engine-client.ts';
import { InstanceLab } from '../test/harness/instance-lab.ts';
import { TaskLab } from '../test/harness/task-lab.ts';
import { printTable, say } from './report.ts';
import { residentMb, serverOptions } from './server.ts';
import { waitUntil } from './site.ts';

const NAME = 'instances';
const INSTANCES = Number(process.env['INSTANCES'] ?? 30);
const TASKS_EACH = 10;
const TASKS = INSTANCES * TASKS_EACH;
/** As many as RunTask starts. */
const AT_ONCE = 10;
const WITHIN_MS = 10 * 60_000;
/** Seldom enough to cost the server nothing. */
const POLL_MS = 250;

/**
 * An Auto Scaling group of 30 container instances, and 300 tasks on their bridges, ten on each: how long it takes until all are
 * there, what they hold of the host's memory, and how long until nothing is left. INSTANCES= makes it smaller.
 */
export async function instances(cleanup: AsyncDisposableStack): Promise<void> {
  const lab = await TaskLab.open(NAME, { args: serverOptions() });
  cleanup.defer(() => lab.remove());
  const group = await openGroup(lab);
  const load = () => `load ${loadavg()[0]?.toFixed(1)}`;
  const before = await usage(lab);
  say(`${INSTANCES} instances, ${TASKS} tasks; ${load()} at the start`);
  const registered = await seconds(async () => {
    await group.create();
    await waits('all instances have registered', async () => (await counts(lab)).instances === INSTANCES);
  });
  say(`registered: ${load()}`);
  const empty = await usage(lab);
  const run = await runDefinition(lab);
  const placed: number[] = [];
  const running = await seconds(async () => {
    for (let count = 0; count < TASKS; count += AT_ONCE) placed.push((await seconds(run)) * 1000);
    await waits('all tasks run', async () => (await counts(lab)).running === TASKS);
  });
  say(`running: ${load()}`);
  const full = await usage(lab);
  const gone = await seconds(async () => {
    await group.remove();
    await waits('no instance is left', async () => (await group.size()) === undefined);
  });
  say(`gone: ${load()}`);
  const one = (what: string, value: number) => ({ what, samples: [value] });
  printTable('time', 's', [
    one(`${INSTANCES} instances: CreateAutoScalingGroup until all are registered`, registered),
    one(`${TASKS} tasks: the first RunTask until all are RUNNING`, running),
    one('DeleteAutoScalingGroup until instances and tasks are gone', gone),
  ]);
  printTable(`RunTask of ${AT_ONCE} tasks`, 'ms', [{ what: `to ${INSTANCES} instances`, samples: placed }]);
  const each = (share: (one: Usage) => number, from: Usage, to: Usage, count: number) =>
    ((share(to) - share(from)) * 1000) / count;
  const ofServer = ({ serverSeconds }: Usage) => serverSeconds;
  const ofInstances = ({ instanceSeconds }: Usage) => instanceSeconds;
  printTable('processor time', 'ms', [
    one('the server, for an instance', each(ofServer, before, empty, INSTANCES)),
    one("an instance's own, until it is registered", each(ofInstances, before, empty, INSTANCES)),
    one('the server, for a task', each(ofServer, empty, full, TASKS)),
    one("the instance's, for a task", each(ofInstances, empty, full, TASKS)),
  ]);
  printTable('memory', 'MB', [
    { what: 'an instance without tasks', samples: empty.eachMb },
    { what: `an instance with ${TASKS_EACH} tasks`, samples: full.eachMb },
    one('the server before', before.serverMb),
    one('the server with the instances', empty.serverMb),
    one('the server with the tasks', full.serverMb),
  ]);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return (performance.now() - beganAt) / 1000;
}

/** @param isSo asked until it is */
async function waits(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await waitUntil(what, async () => (await isSo()) || undefined, POLL_MS, WITHIN_MS);
}

interface Counts {
  readonly instances: number;
  readonly running: number;
}

async function counts(lab: TaskLab): Promise<Counts> {
  const { clusters = [] } = await lab.clients.ecs.send(new DescribeClustersCommand({ clusters: [NAME] }));
  const { registeredContainerInstancesCount = 0, runningTasksCount = 0 } = clusters[0] ?? {};
  return { instances: registeredContainerInstancesCount, running: runningTasksCount };
}

/** The group, which is made once the clock runs. */
async function openGroup(lab: TaskLab) {
  const { ec2, groups } = lab.clients;
  const template = await InstanceLab.open(lab);
  const LaunchTemplateData = { ...template.launchData(), InstanceType: 't3.micro' as const };
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: NAME, LaunchTemplateData }));
  return {
    create: () =>
      groups.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: NAME,
          LaunchTemplate: { LaunchTemplateName: NAME, Version: '$Latest' },
          MinSize: 0,
          MaxSize: INSTANCES,
          DesiredCapacity: INSTANCES,
          VPCZoneIdentifier: lab.placement.subnetIds.join(','),
        }),
      ),
    remove: () => groups.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete: true })),
    size: () => sizeOf(groups),
  };
}

/** Undefined once it is gone. */
async function sizeOf(groups: AutoScalingClient): Promise<number | undefined> {
  const query = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NAME] });
  const { AutoScalingGroups: [group] = [] } = await groups.send(query);
  return group?.Instances?.length;
}

async function runDefinition(lab: TaskLab): Promise<() => Promise<void>> {
  const taskDefinition = await lab.register({
    requiresCompatibilities: ['EC2'],
    networkMode: 'bridge',
    cpu: undefined,
    memory: undefined,
    containers: {
      web: { cpu: 100, memory: 32, stopTimeout: 2, logConfiguration: undefined, portMappings: [{ containerPort: 80 }] },
    },
  });
  const input = {
    cluster: NAME,
    taskDefinition,
    launchType: 'EC2' as const,
    count: AT_ONCE,
    placementStrategy: [{ type: 'spread' as const, field: 'instanceId' }],
  };
  return async () => {
    const { tasks = [], failures = [] } = await lab.clients.ecs.send(new RunTaskCommand(input));
    if (tasks.length !== AT_ONCE) throw new Error(`RunTask answered ${JSON.stringify(failures[0])}.`);
  };
}

interface Usage {
  readonly serverMb: number;
  /** Of each instance, what its processes hold without the page cache. */
  readonly eachMb: readonly number[];
  /** Processor time since the start of the server, and of all instances. */
  readonly serverSeconds: number;
  readonly instanceSeconds: number;
}

const engine = new EngineClient('/var/run/docker.sock');

async function usage(lab: TaskLab): Promise<Usage> {
  const name = `ls-${await lab.server.instanceId()}-i-`;
  const filters = JSON.stringify({ name: [name] });
  const { body } = await engine.call({ path: '/containers/json', query: { filters } });
  const stats = await Promise.all((body as { readonly Id: string }[]).map(({ Id }) => statsOf(Id)));
  const { pid } = lab.server;
  return {
    serverMb: await residentMb(pid),
    eachMb: stats.map(({ mb }) => mb),
    serverSeconds: await processorSeconds(pid),
    instanceSeconds: stats.reduce((sum, { seconds: own }) => sum + own, 0),
  };
}

interface Stats {
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
  readonly memory_stats: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
}

async function statsOf(id: string): Promise<{ readonly mb: number; readonly seconds: number }> {
  const query = { stream: 'false', 'one-shot': 'true' };
  const { cpu_stats: cpu, memory_stats: memory } = (await engine.call({ path: `/containers/${id}/stats`, query }))
    .body as Stats;
  const { total_inactive_file: v1, inactive_file: v2 = 0 } = memory.stats ?? {};
  return { mb: ((memory.usage ?? 0) - (v1 ?? v2)) / 1e6, seconds: cpu.cpu_usage.total_usage / 1e9 };
}

/** User and system time, of a hundred ticks a second. */
async function processorSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
