import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import type { Task } from '@aws-sdk/client-ecs';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, forgetImages, pushImage } from '../harness/registry.ts';
import { executionRole } from '../harness/roles.ts';
import { must, run } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { createPlacement, given } from '../harness/site-parts.ts';
import { until } from '../harness/until.ts';

/*
 * How real tasks end: by themselves, or because their Spot capacity is taken away; and what `longshore why` says of it.
 */

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const IMAGE = `longshore-test-spot-${process.pid}:v1`;
const SPOT = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;
let repositoryUri = '';
let subnets: string[] = [];
before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  clients = await server.clients();
  repositoryUri = await createRepository(clients.ecr, 'spot');
  const image = await pushImage(clients.ecr, IMAGE, repositoryUri, 'v1');
  subnets = [...(await createPlacement(clients, 'spot')).subnetIds];
  await clients.ecs.send(
    new CreateClusterCommand({
      clusterName: 'spot',
      capacityProviders: ['FARGATE_SPOT'],
      defaultCapacityProviderStrategy: SPOT,
    }),
  );
  const executionRoleArn = await executionRole(clients);
  for (const [family, command] of [
    ['waits', 'trap "exit 3" TERM; while true; do sleep 0.1; done'],
    ['ends', 'exit 7'],
  ] as const) {
    await clients.ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: '256',
        memory: '512',
        executionRoleArn,
        containerDefinitions: [{ name: 'main', image, entryPoint: ['/bin/sh', '-c'], command: [command] }],
      }),
    );
  }
});
after(async () => {
  await forgetImages(repositoryUri);
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

async function runTask(taskDefinition: string): Promise<string> {
  const networkConfiguration = { awsvpcConfiguration: { subnets, assignPublicIp: 'ENABLED' as const } };
  const wish = { cluster: 'spot', taskDefinition, networkConfiguration };
  const { tasks } = await clients.ecs.send(new RunTaskCommand(wish));
  return given(tasks?.[0]?.taskArn, 'task');
}

const reaches = (arn: string, status: string): Promise<Task> =>
  until(`the task is ${status}`, async () => {
    const { tasks } = await clients.ecs.send(new DescribeTasksCommand({ cluster: 'spot', tasks: [arn] }));
    return tasks?.find((task) => task.lastStatus === status);
  });

const longshore = (...args: string[]) => run(process.execPath, [CLI, ...args, '--home', server.home]);

test('an interrupted Spot task gets SIGTERM, and says why it stopped', async () => {
  const arn = await runTask('waits');
  await reaches(arn, 'RUNNING');
  const id = given(arn.split('/').at(-1), 'id');
  const interrupted = await longshore('spot', 'interrupt', id);
  assert.equal(interrupted.code, 0, interrupted.stderr);
  assert.match(interrupted.stdout, /stops \(SpotInterruption\): Your Spot Task was interrupted\./);
  const task = await reaches(arn, 'STOPPED');
  assert.deepEqual(
    [task.stopCode, task.stoppedReason, task.capacityProviderName, task.containers?.[0]?.exitCode],
    ['SpotInterruption', 'Your Spot Task was interrupted.', 'FARGATE_SPOT', 3],
  );
  const why = await longshore('why', id);
  assert.equal(why.code, 0, why.stderr);
  assert.match(why.stdout, /^STOPPED: it has stopped$/m);
  assert.match(why.stdout, /^SpotInterruption: Your Spot Task was interrupted\.$/m);
  assert.match(why.stdout, /PROVISIONING: created[^]*RUNNING[^]*STOPPING \(SpotInterruption\)[^]*STOPPED/);
});

test('a task’s interface is shown by EC2, as one that a service manages', async () => {
  const arn = await runTask('waits');
  const task = await reaches(arn, 'RUNNING');
  const [attachment] = task.attachments ?? [];
  const detail = (name: string) => attachment?.details?.find((one) => one.name === name)?.value;
  const id = given(detail('networkInterfaceId'), 'networkInterfaceId');
  const { NetworkInterfaces } = await clients.ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }),
  );
  const [eni] = NetworkInterfaces ?? [];
  assert.deepEqual(
    [eni?.Description, eni?.InterfaceType, eni?.RequesterManaged, eni?.Status, eni?.PrivateIpAddress],
    [
      `arn:aws:ecs:us-east-1:123456789012:attachment/${attachment?.id}`,
      'interface',
      true,
      'in-use',
      detail('privateIPv4Address'),
    ],
  );
  assert.ok(eni?.Association?.PublicIp);
  await clients.ecs.send(new StopTaskCommand({ cluster: 'spot', task: arn }));
  assert.equal((await reaches(arn, 'STOPPED')).attachments?.[0]?.status, 'DELETED');
});

test('a container that ends takes its task with it, with its exit code; a task that is gone is not explained', async () => {
  const arn = await runTask('ends');
  const task = await reaches(arn, 'STOPPED');
  assert.deepEqual(
    [task.stopCode, task.stoppedReason, task.containers?.[0]?.exitCode],
    ['EssentialContainerExited', 'Essential container in task exited', 7],
  );
  for (const at of [task.createdAt, task.pullStartedAt, task.startedAt, task.stoppingAt, task.stoppedAt]) {
    assert.ok(at instanceof Date);
  }
  const notSpot = await longshore('why', 'gone');
  assert.equal(notSpot.code, 1);
  assert.match(notSpot.stderr, /was not found/);
});
