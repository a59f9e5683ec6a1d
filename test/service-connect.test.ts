import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListServicesByNamespaceCommand,
  ListTasksCommand,
  UpdateClusterCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { Service, ServiceConnectConfiguration, Task } from '@aws-sdk/client-ecs';
import { ListInstancesCommand, ListServicesCommand } from '@aws-sdk/client-servicediscovery';
import { must, run } from './harness/run.ts';
import { given } from './harness/site-parts.ts';
import { TaskLab } from './harness/task-lab.ts';
import { until } from './harness/until.ts';

/*
 * Tasks of one service call those of another by its alias, all the time, while its tasks come, go and are replaced, and
 * while the server is killed: not one request fails.
 */

const CLUSTER = 'connect';
const ANSWERS = '/tmp/answers';
const FAILURES = '/tmp/failures';
/** Longer than any answer takes; wget's own option for it crashes. */
const ASK = 'timeout 4 wget -q -O - http://api/';

let lab: TaskLab;
let callers: string;
/** The engine's id of the caller's container. */
let caller: string;

before(async () => {
  lab = await TaskLab.open(CLUSTER);
  const { ec2, ecs } = lab.clients;
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ SubnetIds: [given(lab.placement.subnetIds[0], 'subnet')] }),
  );
  const group = { GroupName: 'callers', Description: 'may call', VpcId: given(Subnets[0]?.VpcId, 'VpcId') };
  callers = given((await ec2.send(new CreateSecurityGroupCommand(group))).GroupId, 'GroupId');
  // Only members of one group may call: the packets of a call are those of the caller itself.
  const fromCallers = [{ GroupId: callers }];
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: lab.placement.taskGroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs: fromCallers }],
    }),
  );
  const defaults = { cluster: CLUSTER, serviceConnectDefaults: { namespace: 'shop' } };
  const { cluster } = await ecs.send(new UpdateClusterCommand(defaults));
  assert.match(given(cluster?.serviceConnectDefaults?.namespace, 'namespace'), /:namespace\/ns-/);
});

after(() => lab?.remove());

const API = {
  enabled: true,
  services: [{ portName: 'http', discoveryName: 'api-v1', clientAliases: [{ port: 80, dnsName: 'api' }] }],
};

interface Wish {
  readonly script: string;
  readonly desiredCount: number;
  readonly group: string;
  readonly connect: ServiceConnectConfiguration;
}

async function createService(serviceName: string, { script, desiredCount, group, connect }: Wish): Promise<void> {
  const portMappings = [{ name: 'http', containerPort: 8080 }];
  const main = { run: script, portMappings, stopTimeout: 2 };
  await lab.clients.ecs.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName,
      taskDefinition: await lab.register({ family: serviceName, containers: { main } }),
      launchType: 'FARGATE',
      desiredCount,
      serviceConnectConfiguration: connect,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...lab.placement.subnetIds],
          securityGroups: [group],
          assignPublicIp: 'ENABLED',
        },
      },
    }),
  );
}

async function described(service: string): Promise<Service> {
  const { services = [] } = await lab.clients.ecs.send(
    new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }),
  );
  return given(services[0], service);
}

async function tasksOf(serviceName: string): Promise<Task[]> {
  const { taskArns = [] } = await lab.clients.ecs.send(new ListTasksCommand({ cluster: CLUSTER, serviceName }));
  if (taskArns.length === 0) return [];
  return (await lab.clients.ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }))).tasks ?? [];
}

const isStable = async (name: string) => {
  const { deployments = [], runningCount, desiredCount } = await described(name);
  return deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED' && runningCount === desiredCount;
};

async function container(serviceName: string): Promise<string> {
  await until(`${serviceName} is stable`, () => isStable(serviceName));
  const [task] = await tasksOf(serviceName);
  return given(task?.containers?.[0]?.runtimeId, 'runtimeId');
}

const inside = (id: string, script: string) => must('docker', ['exec', id, '/bin/sh', '-c', script]);
const ask = (id: string) => run('docker', ['exec', id, '/bin/sh', '-c', ASK]);
const linesOf = async (path: string) =>
  (await inside(caller, `cat ${path} 2>/dev/null || true`)).split('\n').filter(Boolean);

/** Which servers answered, from now on, until so many have. */
async function answering(count: number): Promise<void> {
  const from = (await linesOf(ANSWERS)).length;
  await until(`${count} answer`, async () => {
    const lines = (await linesOf(ANSWERS)).slice(from);
    const last = new Set(lines.slice(-10 * count));
    return lines.length >= 10 * count && last.size === count;
  });
}

test('a client calls an alias, and no call fails while tasks come and go', async () => {
  const { ecs } = lab.clients;
  const serve = 'mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www';
  await createService('api', { script: serve, desiredCount: 3, group: lab.placement.taskGroupId, connect: API });
  await until('three run', () => isStable('api'));
  const idle = { script: 'exec sleep 100000', desiredCount: 1, connect: { enabled: true } };
  await createService('caller', { ...idle, group: callers });
  caller = await container('caller');
  const call = `${ASK} >> ${ANSWERS} || date >> ${FAILURES}`;
  await must('docker', ['exec', '-d', caller, '/bin/sh', '-c', `while true; do ${call}; sleep 0.01; done`]);
  await answering(3);

  await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'api', desiredCount: 5 }));
  await answering(5);
  await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'api', desiredCount: 2 }));
  await answering(2);

  const before = await tasksOf('api');
  await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'api', forceNewDeployment: true }));
  await until('it is deployed anew', async () => {
    const now = await tasksOf('api');
    return (
      now.length === 2 && now.every((one) => before.every((old) => old.taskArn !== one.taskArn)) && isStable('api')
    );
  });
  await answering(2);

  await lab.server.kill9();
  await answering(2);
  await lab.server.up();
  await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'api', desiredCount: 3 }));
  await answering(3);
  assert.deepEqual(await linesOf(FAILURES), []);
});

test('a task that dies is out of rotation at once, and replaced', async () => {
  const [victim] = await tasksOf('api');
  await must('docker', ['kill', given(victim?.containers?.[0]?.runtimeId, 'runtimeId')]);
  await until('it is replaced', async () => {
    const now = await tasksOf('api');
    return (
      now.every((one) => one.taskArn !== victim?.taskArn) &&
      now.filter((one) => one.lastStatus === 'RUNNING').length === 3
    );
  });
  await answering(3);
  // Calls that were led to it before its end was known: some tenths of a second.
  const failed = (await linesOf(FAILURES)).length;
  assert.ok(failed <= 20, `${failed} calls failed`);
});

test('it is seen in ECS and in Cloud Map', async () => {
  const { ecs, servicediscovery } = lab.clients;
  const { deployments = [] } = await described('api');
  assert.deepEqual(deployments[0]?.serviceConnectConfiguration?.services, API.services);
  const { serviceArns = [] } = await ecs.send(new ListServicesByNamespaceCommand({ namespace: 'shop' }));
  assert.deepEqual(serviceArns.map((arn) => arn.split('/').at(-1) ?? '').toSorted(), ['api', 'caller']);
  const { Services = [] } = await servicediscovery.send(new ListServicesCommand({}));
  assert.deepEqual(
    Services.map(({ Name, Type }) => [Name, Type]),
    [['api-v1', 'HTTP']],
  );
  const ServiceId = given(Services[0]?.Id, 'Id');
  assert.equal(deployments[0]?.serviceConnectResources?.[0]?.discoveryArn, Services[0]?.Arn);
  const { Instances = [] } = await servicediscovery.send(new ListInstancesCommand({ ServiceId }));
  assert.deepEqual(new Set(Instances.map(({ Attributes }) => Attributes?.['AWS_INSTANCE_PORT'])), new Set(['8080']));
  assert.equal(Instances.length, 3);
});

test('security groups hold, and names are known to clients of the namespace only', async () => {
  const idle = { script: 'exec sleep 100000', desiredCount: 1 };
  const group = lab.placement.taskGroupId;
  await createService('stranger', { ...idle, connect: { enabled: true, namespace: 'shop' }, group });
  const stranger = await container('stranger');
  const unanswered = await ask(stranger);
  // It knows the name, and its packets are dropped.
  assert.deepEqual([unanswered.code, unanswered.stderr.includes('wget:')], [143, false]);
  const outside = await lab.running({ containers: { shell: { run: 'sleep 100000' } } });
  const id = given(outside.containers?.[0]?.runtimeId, 'runtimeId');
  assert.match((await ask(id)).stderr, /bad address/);
});

test('a removed service leaves nothing', async () => {
  const { ecs, servicediscovery } = lab.clients;
  await ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service: 'api', force: true }));
  await until('calls are refused', async () => {
    return /refused/.test((await ask(caller)).stderr);
  });
  await until('it is gone from Cloud Map', async () => {
    const { Services = [] } = await servicediscovery.send(new ListServicesCommand({}));
    return Services.length === 0;
  });
});
