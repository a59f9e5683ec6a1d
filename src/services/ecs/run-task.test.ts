import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORK, RUN, SITE, must, openTestSite, runTask } from './testing.ts';

const TASK_ARN = /^arn:aws:ecs:us-east-1:123456789012:task\/default\/[0-9a-f]{32}$/;

test('RunTask answers tasks that are PROVISIONING, spread over the subnets', async () => {
  const ecs = await openTestSite();
  const { tasks = [], failures } = await ecs.call('RunTask', { ...RUN, count: 5, startedBy: 'me', group: 'batch' });
  assert.deepEqual(failures, []);
  assert.equal(new Set(tasks.map((task) => task.taskArn)).size, 5);
  for (const task of tasks) {
    assert.match(must(task.taskArn), TASK_ARN);
    assert.deepEqual(
      [task.lastStatus, task.desiredStatus, task.launchType, task.startedBy, task.group, task.version],
      ['PROVISIONING', 'RUNNING', 'FARGATE', 'me', 'batch', 1],
    );
    assert.deepEqual([task.cpu, task.memory], ['256', '512']);
    const [container] = must(task.containers);
    assert.deepEqual([container?.name, container?.lastStatus, container?.image], ['web', 'PENDING', 'httpd:2.4']);
    assert.equal(task.attachments?.[0]?.status, 'PRECREATED');
  }
  const subnets = tasks.map((task) => task.attachments?.[0]?.details?.find(({ name }) => name === 'subnetId')?.value);
  assert.deepEqual(subnets, ['subnet-a', 'subnet-b', 'subnet-a', 'subnet-b', 'subnet-a']);
  assert.equal((await ecs.task(await runTask(ecs))).group, 'family:site');
  await ecs.close();
});

test('a client token runs a task once; with another wish it is a conflict', async () => {
  const ecs = await openTestSite();
  const wish = { ...RUN, clientToken: 'token', count: 2, startedBy: 'me' };
  const first = await ecs.call('RunTask', wish);
  const arns = first.tasks?.map((task) => task.taskArn).toSorted();
  const [second, third] = await Promise.all([ecs.call('RunTask', wish), ecs.call('RunTask', wish)]);
  assert.deepEqual(second.tasks?.map((task) => task.taskArn).toSorted(), arns);
  assert.deepEqual(third.tasks?.map((task) => task.taskArn).toSorted(), arns);
  for (const change of [
    { count: 1 },
    { startedBy: 'you' },
    { group: 'other' },
    { overrides: { containerOverrides: [{ name: 'web', command: ['true'] }] } },
    { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-c'] } } },
    { platformVersion: '1.3.0' },
  ]) {
    await assert.rejects(ecs.call('RunTask', { ...wish, ...change }), (error: any) => {
      assert.equal(error.code, 'ConflictException');
      assert.deepEqual(error.members.resourceIds.toSorted(), arns);
      return true;
    });
  }
  assert.equal((await ecs.call('ListTasks', {})).taskArns?.length, 2);
  await ecs.call('CreateCluster', { clusterName: 'other' });
  await ecs.call('RunTask', { ...wish, cluster: 'other' });
  assert.equal((await ecs.call('ListTasks', { cluster: 'other' })).taskArns?.length, 2);
  await ecs.close();
});

test('what cannot run is refused, in the words of ECS', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', {
    family: 'ec2',
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'a', image: 'a', memory: 64 }],
  });
  await ecs.call('RegisterTaskDefinition', SITE);
  await ecs.call('DeregisterTaskDefinition', { taskDefinition: 'site:2' });
  await ecs.call('CreateCluster', {
    clusterName: 'spot',
    capacityProviders: ['FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
  });
  const vpc = (change: object) => ({
    networkConfiguration: { awsvpcConfiguration: { ...NETWORK.awsvpcConfiguration, ...change } },
  });
  const spot = [{ capacityProvider: 'FARGATE_SPOT' }];
  const cases: readonly [object, string, RegExp][] = [
    [{ cluster: 'gone' }, 'ClusterNotFoundException', /^Cluster not found\.$/],
    [{ taskDefinition: 'gone' }, 'ClientException', /^TaskDefinition not found\.$/],
    [{ taskDefinition: 'site:2' }, 'ClientException', /^TaskDefinition is inactive$/],
    [{ launchType: undefined }, 'InvalidParameterException', /^No Container Instances were found in your cluster\.$/],
    [
      { taskDefinition: 'ec2' },
      'InvalidParameterException',
      /^Task definition does not support launch_type FARGATE\.$/,
    ],
    [
      { capacityProviderStrategy: spot },
      'InvalidParameterException',
      /both a launch type and capacity provider strategy/,
    ],
    [{ launchType: 'EXTERNAL' }, 'ClientException', /does not support launch type EXTERNAL/],
    [{ launchType: 'EC2' }, 'InvalidParameterException', /^No Container Instances were found in your cluster\.$/],
    [
      { launchType: undefined, capacityProviderStrategy: spot },
      'InvalidParameterException',
      /cannot contain a capacity provider that is not associated with the cluster/,
    ],
    [
      { launchType: undefined, cluster: 'spot', capacityProviderStrategy: spot },
      'InvalidParameterException',
      /no capacity providers with a weight value greater than zero defined in the capacity/,
    ],
    [{ launchType: undefined, cluster: 'spot' }, 'InvalidParameterException', /in the default capacity provider/],
    [{ placementStrategy: [{ type: 'random' }] }, 'InvalidParameterException', /^Placement strategies are not/],
    [
      { placementConstraints: [{ type: 'distinctInstance' }] },
      'InvalidParameterException',
      /^Placement constraints are not/,
    ],
    [{ volumeConfigurations: [{ name: 'v' }] }, 'ClientException', /volumeConfigurations/],
    [{ clientToken: 'a b' }, 'InvalidParameterException', /clientToken/],
    [{ referenceId: 'a'.repeat(1025) }, 'InvalidParameterException', /referenceId/],
    [{ group: '' }, 'InvalidParameterException', /group/],
    [{ startedBy: 'a b' }, 'InvalidParameterException', /startedBy/],
    [{ networkConfiguration: undefined }, 'InvalidParameterException', /^Network Configuration must be provided when/],
    [vpc({ subnets: [] }), 'InvalidParameterException', /^subnets can not be empty\.$/],
    [vpc({ subnets: ['subnet-a', 'subnet-x'] }), 'InvalidParameterException', /same VPC/],
    [vpc({ subnets: ['gone'] }), 'InvalidParameterException', /'gone' does not exist \(ErrorCode: InvalidSubnetID/],
    [vpc({ securityGroups: ['gone'] }), 'InvalidParameterException', /'gone' does not exist \(ErrorCode: InvalidGroup/],
    [vpc({ securityGroups: ['sg-x'] }), 'InvalidParameterException', /belong to different networks/],
    [{ count: 0 }, 'InvalidParameterException', /between 1 and 10/],
    [{ count: 11 }, 'InvalidParameterException', /between 1 and 10/],
    [{ group: 'service:mine' }, 'InvalidParameterException', /Invalid namespace for group/],
    [{ startedBy: 'a'.repeat(129) }, 'InvalidParameterException', /startedBy/],
    [{ platformVersion: '1.0.0' }, 'PlatformUnknownException', /^The specified platform does not exist\.$/],
    [{ propagateTags: 'SERVICE' }, 'InvalidParameterException', /SERVICE/],
    [{ enableExecuteCommand: true }, 'InvalidParameterException', /valid taskRoleArn/],
    [
      { overrides: { inferenceAcceleratorOverrides: [{ deviceName: 'a' }] } },
      'ClientException',
      /Inference accelerators/,
    ],
    [{ overrides: { ephemeralStorage: { sizeInGiB: 20 } } }, 'InvalidParameterException', /between 21 and 200/],
    [{ overrides: { containerOverrides: [{ cpu: 1 }] } }, 'InvalidParameterException', /name must be specified/],
    [
      { overrides: { containerOverrides: [{ name: 'web' }, { name: 'web' }] } },
      'InvalidParameterException',
      /More than one override/,
    ],
    [
      { overrides: { containerOverrides: [{ name: 'web', command: ['a'.repeat(8192)] }] } },
      'InvalidParameterException',
      /at most 8192/,
    ],
    [
      { overrides: { containerOverrides: [{ name: 'web', environmentFiles: [{ type: 's3', value: 'x' }] }] } },
      'ClientException',
      /environment file/,
    ],
    [
      { overrides: { containerOverrides: [{ name: 'db' }] } },
      'InvalidParameterException',
      /Override for container named db is not a container in the TaskDefinition/,
    ],
    [{ overrides: { cpu: '256', memory: '4096' } }, 'ClientException', /No Fargate configuration exists/],
  ];
  for (const [change, code, message] of cases) {
    const label = JSON.stringify(change);
    await assert.rejects(
      ecs.call('RunTask', { ...RUN, taskDefinition: 'site:1', ...change }),
      { code, message },
      label,
    );
  }
  assert.deepEqual((await ecs.call('ListTasks', {})).taskArns, []);
  await ecs.close();
});

test('a cluster’s default strategy decides where no launch type is given', async () => {
  const ecs = await openTestSite();
  const defaultCapacityProviderStrategy = [{ capacityProvider: 'FARGATE', weight: 1 }];
  await ecs.call('CreateCluster', {
    clusterName: 'fargate',
    capacityProviders: ['FARGATE'],
    defaultCapacityProviderStrategy,
  });
  const { tasks } = await ecs.call('RunTask', { ...RUN, launchType: undefined, cluster: 'fargate' });
  assert.deepEqual([tasks?.length, tasks?.[0]?.capacityProviderName], [1, 'FARGATE']);
  await ecs.close();
});

test('tags: given, propagated, managed', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', { ...SITE, tags: [{ key: 'from', value: 'definition' }] });
  const tagsOf = async (change: object) => {
    const { tasks } = await ecs.call('RunTask', { ...RUN, ...change });
    return tasks?.[0]?.tags;
  };
  const own = [{ key: 'own', value: '1' }];
  assert.deepEqual(await tagsOf({ tags: own }), own);
  assert.deepEqual(await tagsOf({ tags: own, propagateTags: 'TASK_DEFINITION', enableECSManagedTags: true }), [
    { key: 'from', value: 'definition' },
    ...own,
    { key: 'aws:ecs:clusterName', value: 'default' },
  ]);
  await ecs.close();
});

test('overrides change the size, as Fargate has it, and reach the executor', async () => {
  const ecs = await openTestSite();
  const arn = await runTask(ecs, {
    overrides: {
      cpu: '.5 vCPU',
      memory: '1 GB',
      containerOverrides: [{ name: 'web', command: ['httpd', '-X'], environment: [{ name: 'A', value: '1' }] }],
    },
  });
  await ecs.reconcile();
  const task = await ecs.task(arn);
  assert.deepEqual([task.cpu, task.memory], ['512', '1024']);
  const spec = must(ecs.executor.specs.get(arn));
  assert.deepEqual([spec.cpuUnits, spec.memoryBytes], [512, 1024 ** 3]);
  assert.deepEqual(spec.containers[0]?.command, ['httpd', '-X']);
  assert.equal(spec.containers[0]?.environment['A'], '1');
  await ecs.close();
});
