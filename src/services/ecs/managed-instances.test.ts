import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { managedInstances } from './managed-instance-tables.ts';
import {
  endTasks,
  joinLaunched,
  launchesOf,
  managedProvider,
  openTestManaged,
  PROFILE,
  runSmall,
} from './testing-managed.ts';
import { insist } from './testing-world.ts';
import { must } from './testing.ts';
import type { TestEcs } from './testing.ts';

const running = (ecs: TestEcs) => launchesOf(ecs).filter((one) => one.state === 'running').length;
const placed = async (ecs: TestEcs, arns: readonly string[]) =>
  (await Promise.all(arns.map((arn) => ecs.task(arn)))).filter((task) => task.containerInstanceArn).length;
async function pass(ecs: TestEcs, seconds: number): Promise<void> {
  ecs.clock.advance(seconds * 1000);
  await ecs.reconcile();
}

test('an instance is launched for tasks that wait, takes them, and is terminated once it was idle', async () => {
  const ecs = await openTestManaged();
  const arns = await runSmall(ecs, 2);
  const task = await ecs.task(must(arns[0]));
  assert.deepEqual(
    [task.lastStatus, task.capacityProviderName, task.launchType],
    ['PROVISIONING', 'mi', 'MANAGED_INSTANCES'],
  );
  const [launched] = launchesOf(ecs);
  assert.equal(running(ecs), 1);
  const { InstanceType, SubnetId, SecurityGroupIds, IamInstanceProfile, UserData, Operator } = must(launched).request;
  assert.deepEqual(
    { InstanceType, SubnetId, SecurityGroupIds, IamInstanceProfile, Operator },
    {
      InstanceType: 'c7a.medium',
      SubnetId: 'subnet-a',
      SecurityGroupIds: ['sg-web'],
      IamInstanceProfile: { Arn: PROFILE },
      Operator: { Principal: 'ecs.amazonaws.com' },
    },
  );
  assert.match(Buffer.from(UserData ?? '', 'base64').toString(), /ECS_CLUSTER=default/);
  for (let i = 0; i < 10; i++) await pass(ecs, 5);
  assert.equal(running(ecs), 1, 'while it comes nothing more is launched');
  await joinLaunched(ecs);
  assert.equal(await placed(ecs, arns), 2);
  const { containerInstanceArns = [] } = await ecs.call('ListContainerInstances', {});
  const shown = await ecs.call('DescribeContainerInstances', { containerInstances: containerInstanceArns });
  assert.equal(shown.containerInstances?.[0]?.capacityProviderName, 'mi');
  await pass(ecs, 300);
  assert.equal(running(ecs), 1, 'it has tasks');
  await endTasks(ecs, arns);
  await pass(ecs, 59);
  assert.equal(running(ecs), 1);
  await pass(ecs, 1);
  assert.equal(running(ecs), 0);
  assert.deepEqual(await ecs.store.read((tx) => tx.list(managedInstances)), []);
  await ecs.close();
});

test('five tasks get as few instances as they need, spread over the subnets, and a new task an idle one', async () => {
  const ecs = await openTestManaged();
  const arns = await runSmall(ecs, 5);
  assert.deepEqual(
    launchesOf(ecs).map(({ request }) => [request.InstanceType, request.SubnetId]),
    [
      ['c7a.large', 'subnet-a'],
      ['c7a.medium', 'subnet-b'],
    ],
  );
  await joinLaunched(ecs);
  assert.equal(await placed(ecs, arns), 5);
  await endTasks(ecs, arns);
  await pass(ecs, 50);
  await runSmall(ecs, 1);
  await pass(ecs, 10);
  assert.equal(running(ecs), 1, 'the one with the new task stays');
  assert.equal(launchesOf(ecs).length, 2);
  await ecs.close();
});

test('where EC2 has no room for a size smaller ones are tried, and a refused launch is tried again later', async () => {
  const ecs = await openTestManaged();
  ecs.aws.managed.full.add('c7a.large');
  await runSmall(ecs, 3);
  assert.deepEqual(
    launchesOf(ecs).map(({ request }) => request.InstanceType),
    ['c7a.medium', 'c7a.medium'],
  );
  ecs.aws.refusals.set('ec2:RunInstances', new ServiceError('UnauthorizedOperation', 'You are not authorized'));
  await runSmall(ecs, 5);
  ecs.aws.refusals.clear();
  await pass(ecs, 5);
  assert.equal(running(ecs), 2);
  ecs.aws.managed.full.clear();
  await pass(ecs, 30);
  assert.equal(running(ecs), 3);
  await ecs.close();
});

test('an instance that does not join is given up, one that left the cluster is terminated', async () => {
  const ecs = await openTestManaged();
  const arns = await runSmall(ecs, 1);
  await pass(ecs, 601);
  assert.deepEqual(
    launchesOf(ecs).map(({ state }) => state),
    ['terminated', 'running'],
  );
  await joinLaunched(ecs);
  await endTasks(ecs, arns);
  const { containerInstanceArns = [] } = await ecs.call('ListContainerInstances', {});
  await ecs.call('DeregisterContainerInstance', { containerInstance: must(containerInstanceArns[0]), force: true });
  await ecs.reconcile();
  assert.equal(running(ecs), 0);
  await ecs.close();
});

test('-1 keeps idle instances; the provider’s deletion ends them, once nothing uses it', async () => {
  const ecs = await openTestManaged({ infrastructureOptimization: { scaleInAfter: -1 } });
  const arns = await runSmall(ecs, 1);
  await joinLaunched(ecs);
  const remove = () => ecs.call('DeleteCapacityProvider', { capacityProvider: 'mi', cluster: 'default' });
  await assert.rejects(remove(), { code: 'ResourceInUseException' });
  await endTasks(ecs, arns);
  await pass(ecs, 7200);
  assert.equal(running(ecs), 1);
  await assert.rejects(remove(), { code: 'ResourceInUseException' }, 'the default strategy has it');
  await ecs.call('PutClusterCapacityProviders', {
    cluster: 'default',
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  });
  assert.equal((await remove()).capacityProvider?.updateStatus, 'DELETE_IN_PROGRESS');
  await ecs.reconcile();
  assert.equal(running(ecs), 0);
  const { capacityProviders } = await ecs.call('DescribeCapacityProviders', { capacityProviders: ['mi'] });
  assert.deepEqual(
    [capacityProviders?.[0]?.status, capacityProviders?.[0]?.updateStatus],
    ['INACTIVE', 'DELETE_COMPLETE'],
  );
  const { clusters } = await ecs.call('DescribeClusters', {});
  assert.deepEqual(clusters?.[0]?.capacityProviders, []);
  await ecs.close();
});

test('a server killed anywhere launches nothing twice, and ends what it launched', async () => {
  let isCut = true;
  for (let cut = 0; isCut; cut += 2) {
    let effects = -1;
    const ecs = await openTestManaged({ infrastructureOptimization: { scaleInAfter: 0 } }, () => {
      if (effects >= 0 && effects++ === cut) throw new Error('cut off here');
    });
    effects = 0;
    const go = async () => {
      ecs.clock.advance(31_000);
      await insist(() => ecs.reconcile());
      await ecs.reconcile();
    };
    const run = { taskDefinition: 'small', clientToken: 'once' };
    const { tasks = [] } = await insist(() => ecs.call('RunTask', run));
    await go();
    assert.equal(launchesOf(ecs).length, 1, `cut off at ${cut}`);
    await insist(() => joinLaunched(ecs));
    const arns = tasks.map((task) => must(task.taskArn));
    assert.equal(await placed(ecs, arns), 1);
    await insist(() => endTasks(ecs, arns));
    await go();
    assert.deepEqual([launchesOf(ecs).length, running(ecs)], [1, 0], `cut off at ${cut}`);
    isCut = effects > cut;
    await ecs.close();
  }
});

test('a launch that EC2 heard of, and refuses when it is told again, does not run on', async () => {
  let cut = false;
  const ecs = await openTestManaged({}, () => {
    if (cut && launchesOf(ecs).length === 1) throw new Error('killed before it knew');
  });
  await ecs.call('RunTask', { taskDefinition: 'small' });
  cut = true;
  await ecs.reconcile().catch(() => undefined);
  cut = false;
  assert.equal(running(ecs), 1);
  ecs.aws.refusals.set('ec2:RunInstances', new ServiceError('UnauthorizedOperation', 'You are not authorized'));
  await pass(ecs, 60);
  assert.equal(running(ecs), 0);
  await ecs.close();
});

test('a service on them is not updated to tasks that they cannot run', async () => {
  const ecs = await openTestManaged();
  await ecs.call('CreateService', { serviceName: 'kept', taskDefinition: 'small', desiredCount: 0 });
  await ecs.call('RegisterTaskDefinition', {
    family: 'elsewhere',
    requiresCompatibilities: ['EC2'],
    containerDefinitions: [{ name: 'app', image: 'app', memory: 128 }],
  });
  await assert.rejects(
    ecs.call('UpdateService', { service: 'kept', taskDefinition: 'elsewhere' }),
    /does not support MANAGED_INSTANCES/,
  );
  await ecs.close();
});

test('what services take that run on every instance is not promised', async () => {
  const ecs = await openTestManaged();
  await ecs.call('CreateService', {
    serviceName: 'agent',
    taskDefinition: 'small',
    schedulingStrategy: 'DAEMON',
    launchType: 'EC2',
  });
  const arns = await runSmall(ecs, 2);
  assert.deepEqual(
    launchesOf(ecs).map(({ request }) => request.InstanceType),
    ['c7a.large'],
  );
  await joinLaunched(ecs);
  assert.equal(await placed(ecs, arns), 2);
  await endTasks(ecs, arns);
  await pass(ecs, 60);
  assert.equal(running(ecs), 0, 'the agent does not keep it');
  await ecs.close();
});

test('tags, Spot, monitoring and disk of the template are asked for', async () => {
  const ecs = await openTestManaged();
  await ecs.call('CreateCapacityProvider', {
    ...managedProvider(
      { propagateTags: 'CAPACITY_PROVIDER' },
      {
        capacityOptionType: 'SPOT',
        monitoring: 'DETAILED',
        storageConfiguration: { storageSizeGiB: 40 },
        instanceMetadataTagsPropagation: false,
        instanceRequirements: {
          vCpuCount: { min: 2 },
          memoryMiB: { min: 1 },
          burstablePerformance: 'required',
        },
      },
    ),
    name: 'spot',
    tags: [{ key: 'team', value: 'blue' }],
  });
  await ecs.call('RunTask', {
    taskDefinition: 'small',
    capacityProviderStrategy: [{ capacityProvider: 'spot', weight: 1 }],
  });
  await ecs.reconcile();
  const { request } = must(launchesOf(ecs)[0]);
  assert.equal(request.InstanceType, 't3.micro');
  assert.deepEqual(request.InstanceMarketOptions, { MarketType: 'spot' });
  const script = Buffer.from(request.UserData ?? '', 'base64').toString();
  assert.match(script, /^echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /m, 'it drains at the notice');
  assert.deepEqual(request.Monitoring, { Enabled: true });
  assert.deepEqual(request.BlockDeviceMappings, [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 40 } }]);
  assert.deepEqual(request.MetadataOptions, { InstanceMetadataTags: 'disabled' });
  assert.deepEqual(
    request.TagSpecifications?.map((one) => [one.ResourceType, one.Tags]),
    ['instance', 'network-interface', 'volume'].map((type) => [
      type,
      [
        { Key: 'team', Value: 'blue' },
        { Key: 'AmazonECSManaged', Value: 'true' },
      ],
    ]),
  );
  await ecs.close();
});
