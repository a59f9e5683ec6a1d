import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateCapacityProviderCommand,
  CreateDaemonCommand,
  CreateServiceCommand,
  DeleteCapacityProviderCommand,
  DeleteDaemonCommand,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListDaemonsCommand,
  ListTasksCommand,
  PutClusterCapacityProvidersCommand,
  RegisterDaemonTaskDefinitionCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { AttachRolePolicyCommand, CreateRoleCommand, GetInstanceProfileCommand } from '@aws-sdk/client-iam';
import { InstanceLab } from './harness/instance-lab.ts';
import { trusting } from './harness/roles.ts';
import { given } from './harness/site-parts.ts';
import { TaskLab } from './harness/task-lab.ts';
import { until } from './harness/until.ts';

const NAME = 'capacity';
/** A laptop's: AWS measures once a minute, and waits for a quarter of an hour. */
const QUICK = ['--managed-scaling-seconds', '10', '--managed-scale-in-periods', '2'];
const INFRASTRUCTURE_POLICY = 'arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances';
const SERVE = 'mkdir -p /www && echo ok > /www/index.html && exec httpd -f -p 80 -h /www';
const MINUTES = 60_000;

let lab: TaskLab;
let instances: InstanceLab;
let autoscaling: AutoScalingClient;

before(async () => {
  lab = await TaskLab.open(NAME, { args: QUICK });
  instances = await InstanceLab.open(lab);
  const credentials = await lab.server.credentials();
  autoscaling = new AutoScalingClient({ endpoint: lab.server.endpoint, region: 'us-east-1', credentials });
  const { ec2, ecs } = lab.clients;
  await ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: NAME, LaunchTemplateData: instances.launchData() }),
  );
  await aws(
    'autoscaling',
    'create-auto-scaling-group',
    '--auto-scaling-group-name',
    NAME,
    '--launch-template',
    `LaunchTemplateName=${NAME},Version=$Latest`,
    '--min-size',
    '0',
    '--max-size',
    '3',
    '--desired-capacity',
    '0',
    '--vpc-zone-identifier',
    lab.placement.subnetIds.join(','),
    '--new-instances-protected-from-scale-in',
  );
  await ecs.send(
    new CreateCapacityProviderCommand({
      name: NAME,
      autoScalingGroupProvider: {
        autoScalingGroupArn: (await group()).AutoScalingGroupARN,
        managedScaling: { status: 'ENABLED', instanceWarmupPeriod: 8 },
        managedTerminationProtection: 'ENABLED',
      },
    }),
  );
  await associate([NAME]);
});

after(async () => lab?.remove());

const aws = (...args: string[]) => lab.server.awsJson(args);

async function group() {
  const query = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NAME] });
  const { AutoScalingGroups = [] } = await autoscaling.send(query);
  return given(AutoScalingGroups[0], 'group');
}

async function associate(capacityProviders: string[]): Promise<void> {
  const { ecs } = lab.clients;
  await ecs.send(
    new PutClusterCapacityProvidersCommand({
      cluster: NAME,
      capacityProviders,
      defaultCapacityProviderStrategy: capacityProviders.map((capacityProvider) => ({ capacityProvider, weight: 1 })),
    }),
  );
  await until('the cluster’s attachments are updated', async () => {
    const seen = await ecs.send(new DescribeClustersCommand({ clusters: [NAME], include: ['ATTACHMENTS'] }));
    const { attachmentsStatus } = given(seen.clusters?.[0], 'cluster');
    assert.notEqual(attachmentsStatus, 'UPDATE_FAILED');
    return attachmentsStatus !== 'UPDATE_IN_PROGRESS';
  });
}

async function tasks(): Promise<Task[]> {
  const { ecs } = lab.clients;
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: NAME }));
  if (taskArns.length === 0) return [];
  const described = await ecs.send(new DescribeTasksCommand({ cluster: NAME, tasks: taskArns }));
  return described.tasks ?? [];
}

/** The whole of it: so many tasks run, each on an instance of its own, and the group has no other instance. */
async function settled(count: number): Promise<void> {
  let seen: unknown;
  const isReached = async () => {
    const { Instances = [], DesiredCapacity } = await group();
    const { runningCount } = await ecsService();
    const joined = (await instances.list()).length;
    seen = { DesiredCapacity, instances: Instances.length, joined, runningCount };
    return [DesiredCapacity, Instances.length, joined, runningCount].every((one) => one === count);
  };
  try {
    await until(`${count} tasks run on ${count} instances`, isReached, 4 * MINUTES);
  } catch (error) {
    throw new Error(`It stays at ${JSON.stringify(seen)}.`, { cause: error });
  }
}

async function ecsService() {
  const seen = await lab.clients.ecs.send(new DescribeServicesCommand({ cluster: NAME, services: [NAME] }));
  return given(seen.services?.[0], 'service');
}

const scale = (desiredCount: number) =>
  lab.clients.ecs.send(new UpdateServiceCommand({ cluster: NAME, service: NAME, desiredCount }));

test('a group grows with the tasks that wait, from nothing, and shrinks when whole instances are free', async () => {
  // More than half of an instance.
  const taskDefinition = await lab.register({
    requiresCompatibilities: ['EC2'],
    networkMode: 'bridge',
    cpu: undefined,
    memory: undefined,
    containers: { web: { run: SERVE, cpu: 1200, memory: 64, stopTimeout: 2, portMappings: [{ containerPort: 80 }] } },
  });
  const { ecs } = lab.clients;
  await ecs.send(new CreateServiceCommand({ cluster: NAME, serviceName: NAME, taskDefinition, desiredCount: 1 }));
  await until('its task waits', async () => {
    const [task] = await tasks();
    return task?.lastStatus === 'PROVISIONING' && task.capacityProviderName === NAME;
  });
  await settled(1);
  await scale(3);
  await settled(3);
  assert.equal(new Set((await tasks()).map((task) => task.containerInstanceArn)).size, 3);
  assert.ok((await instances.list()).every((one) => one.capacityProviderName === NAME));
  await until('busy instances are protected', async () => {
    const { Instances = [] } = await group();
    return Instances.every((one) => one.ProtectedFromScaleIn);
  });
  await scale(1);
  await settled(1);
  assert.equal((await tasks()).length, 1);
});

test('a provider leaves its cluster once nothing is placed on it, and its group as it was', async () => {
  const { ecs } = lab.clients;
  await assert.rejects(associate([]), { name: 'ResourceInUseException' });
  await aws('ecs', 'delete-service', '--cluster', NAME, '--service', NAME, '--force');
  await until('the service is gone', async () => (await ecsService()).status === 'INACTIVE');
  await associate([]);
  const { ScalingPolicies } = await aws('autoscaling', 'describe-policies', '--auto-scaling-group-name', NAME);
  const { LifecycleHooks } = await aws('autoscaling', 'describe-lifecycle-hooks', '--auto-scaling-group-name', NAME);
  assert.deepEqual([ScalingPolicies, LifecycleHooks], [[], []]);
  const deleted = await ecs.send(new DeleteCapacityProviderCommand({ capacityProvider: NAME }));
  assert.equal(deleted.capacityProvider?.updateStatus, 'DELETE_IN_PROGRESS');
});

test('Managed Instances: ECS launches an instance for a task that waits, and ends it when it is idle', async () => {
  const { ecs, iam, ec2 } = lab.clients;
  const RoleName = 'ecsInfrastructureRole';
  const AssumeRolePolicyDocument = trusting({ Service: 'ecs.amazonaws.com' });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: INFRASTRUCTURE_POLICY }));
  const profile = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'ecsInstanceRole' }));
  await ecs.send(
    new CreateCapacityProviderCommand({
      name: 'managed',
      cluster: NAME,
      managedInstancesProvider: {
        infrastructureRoleArn: given(Role?.Arn, 'role'),
        instanceLaunchTemplate: {
          ec2InstanceProfileArn: given(profile.InstanceProfile?.Arn, 'profile'),
          networkConfiguration: {
            subnets: [...lab.placement.subnetIds],
            securityGroups: [lab.placement.taskGroupId],
          },
        },
        infrastructureOptimization: { scaleInAfter: 3 },
      },
    }),
  );
  const daemonArn = await createAgent();
  const taskDefinition = await lab.register({
    requiresCompatibilities: ['MANAGED_INSTANCES'],
    containers: { web: { run: SERVE, stopTimeout: 2 } },
  });
  const [started] = await lab.start(taskDefinition, {
    capacityProviderStrategy: [{ capacityProvider: 'managed', weight: 1 }],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...lab.placement.subnetIds],
        securityGroups: [lab.placement.taskGroupId],
      },
    },
  });
  assert.equal(started?.lastStatus, 'PROVISIONING');
  const task = await lab.untilRunning(given(started, 'task'));
  const instance = (await instances.list()).find((one) => one.capacityProviderName === 'managed');
  assert.equal(instance?.containerInstanceArn, task.containerInstanceArn);
  const agent = given(
    (await tasks()).find(({ group: name }) => name === 'daemon:agent'),
    'daemon task',
  );
  assert.equal(agent.containerInstanceArn, task.containerInstanceArn);
  assert.ok(given(agent.startedAt, 'startedAt') <= given(task.startedAt, 'startedAt'), 'the daemon starts first');
  const InstanceIds = [given(instance?.ec2InstanceId, 'instance')];
  const described = async () => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
    return given(Reservations[0]?.Instances?.[0], 'instance');
  };
  const { Operator, Tags } = await described();
  assert.deepEqual(Operator, { Managed: true, Principal: 'ecs.amazonaws.com' });
  assert.deepEqual(Tags, [{ Key: 'AmazonECSManaged', Value: 'true' }]);
  await ecs.send(new StopTaskCommand({ cluster: NAME, task: task.taskArn }));
  await until('its instance is gone', async () => {
    const left = (await instances.list()).some((one) => one.capacityProviderName === 'managed');
    return !left && (await described()).State?.Name === 'terminated';
  });
  await ecs.send(new DeleteDaemonCommand({ daemonArn }));
  await until('the daemon is gone', async () => {
    const { daemonSummariesList = [] } = await ecs.send(new ListDaemonsCommand({ clusterArn: NAME }));
    return daemonSummariesList.length === 0;
  });
  await ecs.send(new DeleteCapacityProviderCommand({ capacityProvider: 'managed' }));
  await until('the provider is deleted', async () => {
    const query = new DescribeCapacityProvidersCommand({ capacityProviders: ['managed'] });
    return (await ecs.send(query)).capacityProviders?.[0]?.status === 'INACTIVE';
  });
});

/** A managed daemon on each instance of `managed`; answers its ARN. */
async function createAgent(): Promise<string> {
  const { ecs } = lab.clients;
  const run = { entryPoint: ['/bin/sh', '-c'], command: ['exec sleep 100000'], stopTimeout: 2 };
  const { daemonTaskDefinitionArn } = await ecs.send(
    new RegisterDaemonTaskDefinitionCommand({
      family: 'agent',
      executionRoleArn: lab.executionRoleArn,
      containerDefinitions: [{ name: 'agent', image: lab.image, memory: 32, ...run }],
    }),
  );
  const { daemonArn } = await ecs.send(
    new CreateDaemonCommand({
      daemonName: 'agent',
      clusterArn: NAME,
      daemonTaskDefinitionArn,
      capacityProviderArns: ['managed'],
    }),
  );
  return given(daemonArn, 'daemonArn');
}
