import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  GetTaskProtectionCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { forgetImages, pushImage, createRepository } from '../harness/registry.ts';
import { allowing, serviceRole } from '../harness/roles.ts';
import { must } from '../harness/run.ts';
import { buildSdkImage } from '../harness/sdk-image.ts';
import { given } from '../harness/site-parts.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/* What a container learns of itself at 169.254.170.2, asked from inside. */

const SDK_IMAGE = `longshore-test-sdk-${process.pid}:v1`;

/** A second of life, or there is nothing to measure. */
const SCRIPT = `
  sleep 1
  for path in "" /task /stats /task/stats /nothing; do
    echo "v4$path=$(wget -qO- $ECS_CONTAINER_METADATA_URI_V4$path 2>&1)"
  done
  echo "v3=$(wget -qO- $ECS_CONTAINER_METADATA_URI)"
  echo "v3/task=$(wget -qO- $ECS_CONTAINER_METADATA_URI/task)"
  echo "other=$(wget -qO- http://169.254.170.2/v4/0123456789abcdef0123456789abcdef-1234567890 2>&1)"
  echo done
  exec sleep 600`;

let lab: TaskLab;
let sdkImage = '';
let task: Task;
let answers: Readonly<Record<string, string>> = {};

before(async () => {
  lab = await TaskLab.open('metadata');
  await buildSdkImage(SDK_IMAGE);
  sdkImage = await pushImage(lab.clients.ecr, SDK_IMAGE, await createRepository(lab.clients.ecr, 'sdk'), 'v1');
  task = await lab.running({
    containers: { web: { run: SCRIPT, cpu: 64, memory: 128 }, side: { run: 'exec sleep 600' } },
  });
  const lines = await until('it has asked everything', async () => {
    const seen = await lab.lines(task, 'web');
    return seen.includes('done') && seen;
  });
  answers = Object.fromEntries(lines.map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]));
});

after(async () => {
  await forgetImages(sdkImage.replace(/:v1$/, ''));
  await lab?.remove();
  await must('docker', ['image', 'rm', SDK_IMAGE]);
});

const answer = (name: string): any => JSON.parse(answers[name] ?? '{}');

test('a container sees itself, with its network', () => {
  const self = answer('v4');
  const described = task.containers?.find(({ name }) => name === 'web');
  assert.equal(self.Name, 'web');
  assert.match(self.DockerId, new RegExp(`^${task.taskArn?.split('/').at(-1)}-\\d{10}$`));
  assert.equal(self.ContainerARN, described?.containerArn);
  assert.equal(self.ImageID, described?.imageDigest);
  assert.deepEqual(self.Limits, { CPU: 64, Memory: 128 });
  assert.equal(self.KnownStatus, 'RUNNING');
  assert.equal(self.LogDriver, 'awslogs');
  assert.equal(self.Labels['com.amazonaws.ecs.task-arn'], task.taskArn);
  const detail = (name: string) => task.attachments?.[0]?.details?.find((one) => one.name === name)?.value;
  const [network] = self.Networks;
  assert.deepEqual(network.IPv4Addresses, [detail('privateIPv4Address')]);
  assert.equal(network.MACAddress, detail('macAddress'));
  assert.equal(network.PrivateDNSName, detail('privateDnsName'));
  assert.match(network.IPv4SubnetCIDRBlock, /^172\.31\.\d+\.0\/20$/);
  assert.match(network.SubnetGatewayIpv4Address, /^172\.31\.\d+\.1\/20$/);
  assert.deepEqual(answer('v3').Networks, [{ NetworkMode: 'awsvpc', IPv4Addresses: network.IPv4Addresses }]);
});

test('and its task, with every container of it', () => {
  const seen = answer('v4/task');
  assert.equal(seen.TaskARN, task.taskArn);
  assert.equal(seen.Cluster, task.clusterArn);
  assert.equal(seen.Family, 'metadata');
  assert.equal(seen.Revision, '1');
  assert.deepEqual(seen.Limits, { CPU: 0.25, Memory: 512 });
  assert.equal(seen.LaunchType, 'FARGATE');
  assert.equal(seen.AvailabilityZone, task.availabilityZone);
  assert.deepEqual(
    seen.Containers.map(({ Name: name }: { Name: string }) => name),
    ['web', 'side'],
  );
  assert.equal(answer('v3/task').TaskARN, task.taskArn);
});

test('the engine’s statistics are its own, with the task’s network', () => {
  const own = answer('v4/stats');
  assert.ok(own.memory_stats.usage > 0);
  assert.ok(own.cpu_stats.cpu_usage.total_usage > 0);
  assert.ok(own.networks.eth0.tx_bytes > 0);
  const ids: string[] = answer('v4/task').Containers.map(({ DockerId: id }: { DockerId: string }) => id);
  assert.deepEqual(new Set(Object.keys(answer('v4/task/stats'))), new Set(ids));
});

test('what is not there, and what is somebody else’s, is not found', () => {
  assert.match(answers['v4/nothing'] ?? '', /404/);
  assert.match(answers['other'] ?? '', /404/);
});

test('the AWS SDK, with no configuration but what ECS injects, acts as the task’s role', async () => {
  const taskRoleArn = await serviceRole(lab.clients, 'application');
  const script = `
    const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
    const { Arn, Account } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
    console.log(Arn, Account);`;
  const containers = { app: { image: sdkImage, command: [script] } };
  const finished = await lab.finished({ containers, taskRoleArn, cpu: '512', memory: '1024' });
  const [line] = await lab.lines(finished, 'app');
  const id = finished.taskArn?.split('/').at(-1);
  assert.equal(line, `arn:aws:sts::123456789012:assumed-role/application/${id} 123456789012`);
});

test('a task of a service protects itself from scale-in, if its role may', async () => {
  const policy = allowing(['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection']);
  const taskRoleArn = await serviceRole(lab.clients, 'protecting', { policy });
  const script = `
    const state = process.env.ECS_AGENT_URI + '/task-protection/v1/state';
    const ask = async (body) => {
      const init = body && { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
      console.log(JSON.stringify(await (await fetch(state, init)).json()));
    };
    await ask();
    await ask({ ProtectionEnabled: true, ExpiresInMinutes: 60 });
    await ask({ ExpiresInMinutes: 60 });
    await new Promise((resolve) => setTimeout(resolve, 600_000));`;
  const taskDefinition = await lab.register(
    {
      containers: { app: { image: sdkImage, command: [script], stopTimeout: 2 } },
      taskRoleArn,
      cpu: '512',
      memory: '1024',
    },
    'protecting',
  );
  const cluster = lab.name;
  const { placement, clients } = lab;
  await clients.ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: 'protecting',
      taskDefinition,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...placement.subnetIds], assignPublicIp: 'ENABLED' } },
    }),
  );
  const taskArn = await until('its task is there', async () => {
    const { taskArns } = await clients.ecs.send(new ListTasksCommand({ cluster, serviceName: 'protecting' }));
    return taskArns?.[0];
  });
  const lines = await until('it has asked', async () => {
    const seen = await lab.lines({ taskArn }, 'app').catch(() => []);
    return seen.length >= 3 && seen.map((line) => JSON.parse(line));
  });
  assert.deepEqual(lines[0].protection, { ProtectionEnabled: false, ExpirationDate: null, TaskArn: taskArn });
  assert.equal(lines[1].protection.ProtectionEnabled, true);
  const expiresInMs = Date.parse(lines[1].protection.ExpirationDate) - Date.now();
  assert.ok(expiresInMs > 58 * 60_000 && expiresInMs <= 60 * 60_000, `${expiresInMs}`);
  assert.equal(lines[2].error.Code, 'InvalidParameterException');
  const { protectedTasks } = await clients.ecs.send(new GetTaskProtectionCommand({ cluster, tasks: [taskArn] }));
  assert.equal(given(protectedTasks?.[0], 'task').protectionEnabled, true);
  await clients.ecs.send(new DeleteServiceCommand({ cluster, service: 'protecting', force: true }));
});
