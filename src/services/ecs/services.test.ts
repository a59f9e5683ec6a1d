import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORK, RUN, SITE, must, openTestSite } from './testing.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012:service/default/';
const WEB = { ...RUN, serviceName: 'web', desiredCount: 2 };

test('CreateService answers a service with one deployment in progress', async () => {
  const ecs = await openTestSite();
  const { service } = await ecs.call('CreateService', { ...WEB, tags: [{ key: 'a', value: '1' }] });
  assert.ok(service);
  assert.deepEqual(
    [service.serviceArn, service.status, service.desiredCount, service.runningCount, service.pendingCount],
    [`${ARN}web`, 'ACTIVE', 2, 0, 0],
  );
  assert.deepEqual(service.deploymentConfiguration, {
    deploymentCircuitBreaker: { enable: false, rollback: false },
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    strategy: 'ROLLING',
  });
  assert.deepEqual(service.networkConfiguration?.awsvpcConfiguration, {
    ...NETWORK.awsvpcConfiguration,
    assignPublicIp: 'DISABLED',
  });
  const [deployment, ...others] = must(service.deployments);
  assert.deepEqual(others, []);
  assert.match(must(deployment?.id), /^ecs-svc\/\d{19}$/);
  assert.deepEqual(
    [deployment?.status, deployment?.rolloutState, deployment?.rolloutStateReason, deployment?.desiredCount],
    ['PRIMARY', 'IN_PROGRESS', `ECS deployment ${deployment?.id} in progress.`, 2],
  );
  assert.deepEqual([service.tags, service.events], [[{ key: 'a', value: '1' }], []]);
  await ecs.close();
});

test('a service is created once: again only with its own token, or when it is INACTIVE', async () => {
  const ecs = await openTestSite();
  const first = await ecs.call('CreateService', { ...WEB, clientToken: 'token' });
  const again = await ecs.call('CreateService', { ...WEB, clientToken: 'token' });
  assert.equal(again.service?.deployments?.[0]?.id, first.service?.deployments?.[0]?.id);
  for (const clientToken of [undefined, 'another']) {
    await assert.rejects(ecs.call('CreateService', { ...WEB, clientToken }), {
      code: 'InvalidParameterException',
      message: 'Creation of service was not idempotent.',
    });
  }
  assert.deepEqual((await ecs.call('ListServices', {})).serviceArns, [`${ARN}web`]);
  await ecs.call('DeleteService', { service: 'web', force: true });
  await assert.rejects(ecs.call('CreateService', WEB), {
    message: 'Unable to Start a service that is still Draining.',
  });
  await ecs.reconcile();
  const { service } = await ecs.call('CreateService', WEB);
  assert.deepEqual([service?.status, service?.deployments?.length], ['ACTIVE', 1]);
  assert.notEqual(service?.deployments?.[0]?.id, first.service?.deployments?.[0]?.id);
  await ecs.close();
});

test('what cannot be a service is refused by name', async () => {
  const ecs = await openTestSite();
  const lb = (change: object) => ({
    loadBalancers: [
      { targetGroupArn: ecs.aws.addTargetGroup('web'), containerName: 'web', containerPort: 80, ...change },
    ],
  });
  const instance = ecs.aws.addTargetGroup('instance', { TargetType: 'instance' });
  const unused = ecs.aws.addTargetGroup('unused', { LoadBalancerArns: [] });
  const config = (deploymentConfiguration: object) => ({ deploymentConfiguration });
  const breaker = { enable: true, rollback: true };
  const cases: readonly [object, string, RegExp][] = [
    [{ cluster: 'gone' }, 'ClusterNotFoundException', /Cluster not found/],
    [{ taskDefinition: 'gone' }, 'ClientException', /TaskDefinition not found/],
    [{ serviceName: 'a b' }, 'InvalidParameterException', /serviceName/],
    [{ desiredCount: undefined }, 'InvalidParameterException', /Desired count is required/],
    [{ desiredCount: -1 }, 'InvalidParameterException', /0 or more/],
    [{ schedulingStrategy: 'DAEMON' }, 'InvalidParameterException', /DAEMON/],
    [{ deploymentController: { type: 'CODE_DEPLOY' } }, 'InvalidParameterException', /CODE_DEPLOY/],
    [{ serviceConnectConfiguration: { enabled: true } }, 'InvalidParameterException', /namespace is required/],
    [
      { healthCheckGracePeriodSeconds: 5 },
      'InvalidParameterException',
      /only valid for services configured to use load/,
    ],
    [{ networkConfiguration: undefined }, 'InvalidParameterException', /Network Configuration must be provided/],
    [config({ minimumHealthyPercent: 100, maximumPercent: 100 }), 'InvalidParameterException', /block deployments/],
    [config({ strategy: 'BLUE_GREEN' }), 'InvalidParameterException', /BLUE_GREEN/],
    [config({ bakeTimeInMinutes: 1441 }), 'InvalidParameterException', /between 0 and 1440/],
    [config({ alarms: { enable: true, rollback: true, alarmNames: [] } }), 'InvalidParameterException', /Alarm names/],
    [{ role: 'ecsServiceRole' }, 'InvalidParameterException', /require a service linked role/],
    [
      { placementStrategy: [{ type: 'random' }] },
      'InvalidParameterException',
      /Placement strategies are not supported/,
    ],
    [{ deploymentController: { type: 'CODE_DEPLOY' } }, 'InvalidParameterException', /CODE_DEPLOY/],
    [{ deploymentController: { type: 'EXTERNAL' } }, 'InvalidParameterException', /Use the CreateTaskSet API/],
    [
      { enableExecuteCommand: true },
      'InvalidParameterException',
      /service couldn't be created because a valid taskRole/,
    ],
    [{ serviceRegistries: [{ registryArn: 'a' }] }, 'InvalidParameterException', /service registry ARN/],
    [{ clientToken: 'x'.repeat(37) }, 'InvalidParameterException', /36 characters/],
    [
      { availabilityZoneRebalancing: 'ENABLED', ...config({ minimumHealthyPercent: 0, maximumPercent: 100 }) },
      'InvalidParameterException',
      /Availability Zone rebalancing is not supported/,
    ],
    [
      config({ deploymentCircuitBreaker: { ...breaker, thresholdConfiguration: { type: 'COUNT', value: 0 } } }),
      'InvalidParameterException',
      /thresholdConfiguration/,
    ],
    [lb({ containerName: 'db' }), 'InvalidParameterException', /container db does not exist in the task definition/],
    [lb({ containerPort: 81 }), 'InvalidParameterException', /container web did not have a container port 81 defined/],
    [lb({ targetGroupArn: undefined }), 'InvalidParameterException', /Target Group ARN must be specified/],
    [lb({ targetGroupArn: 'gone' }), 'ClientException', /Unable to find target group gone/],
    [lb({ targetGroupArn: instance }), 'InvalidParameterException', /target type instance, which is incompatible/],
    [lb({ targetGroupArn: unused }), 'InvalidParameterException', /does not have an associated load balancer/],
  ];
  for (const [change, code, message] of cases) {
    await assert.rejects(ecs.call('CreateService', { ...WEB, ...change }), { code, message }, JSON.stringify(change));
  }
  assert.deepEqual((await ecs.call('ListServices', {})).serviceArns, []);
  await ecs.close();
});

test('a service is deleted when it has no tasks, or by force', async () => {
  const ecs = await openTestSite();
  await ecs.call('CreateService', WEB);
  await ecs.call('CreateService', { ...WEB, serviceName: 'empty', desiredCount: 0 });
  await ecs.reconcile();
  await assert.rejects(ecs.call('DeleteService', { service: 'web' }), {
    code: 'InvalidParameterException',
    message: 'The service cannot be stopped while it is scaled above 0.',
  });
  await assert.rejects(ecs.call('DeleteService', { service: 'gone' }), { code: 'ServiceNotFoundException' });
  const { service } = await ecs.call('DeleteService', { service: 'empty' });
  assert.deepEqual([service?.status, service?.desiredCount], ['DRAINING', 0]);
  await ecs.reconcile();
  await ecs.call('DeleteService', { service: 'web', force: true });
  assert.deepEqual((await ecs.call('ListServices', {})).serviceArns, []);
  await assert.rejects(ecs.call('DeleteService', { service: 'empty' }), { code: 'ServiceNotActiveException' });
  await assert.rejects(ecs.call('UpdateService', { service: 'web', desiredCount: 1 }), {
    code: 'ServiceNotActiveException',
  });
  await assert.rejects(ecs.call('DeleteCluster', { cluster: 'default' }), { code: 'ClusterContainsServicesException' });
  await ecs.close();
});

test('DescribeServices names what is missing; tags only when asked for', async () => {
  const ecs = await openTestSite();
  await ecs.call('CreateService', { ...WEB, tags: [{ key: 'a', value: '1' }] });
  const { services = [], failures } = await ecs.call('DescribeServices', { services: ['web', `${ARN}web`, 'gone'] });
  assert.deepEqual(
    services.map((service) => [service.serviceArn, service.tags]),
    [
      [`${ARN}web`, []],
      [`${ARN}web`, []],
    ],
  );
  assert.deepEqual(failures, [{ arn: `${ARN}gone`, reason: 'MISSING' }]);
  const shown = await ecs.call('DescribeServices', { services: ['web'], include: ['TAGS'] });
  assert.deepEqual(shown.services?.[0]?.tags, [{ key: 'a', value: '1' }]);
  await assert.rejects(ecs.call('DescribeServices', { services: [] }), { message: 'Services cannot be empty.' });
  await assert.rejects(ecs.call('DescribeServices', { services: 'abcdefghijk'.split('') }), /at most 10/);
  await assert.rejects(ecs.call('DescribeServices', { services: [`${ARN.replace('default', 'other')}web`] }), {
    message: 'Invalid identifier: Identifier is for other. Your cluster is default',
  });
  await ecs.close();
});

test('ListServices pages by ten', async () => {
  const ecs = await openTestSite();
  const names = Array.from({ length: 12 }, (_, i) => `s${String(i).padStart(2, '0')}`);
  for (const serviceName of names) await ecs.call('CreateService', { ...WEB, serviceName });
  const first = await ecs.call('ListServices', {});
  const second = await ecs.call('ListServices', { nextToken: first.nextToken });
  const listed = [...must(first.serviceArns), ...must(second.serviceArns)];
  assert.deepEqual([first.serviceArns?.length, second.nextToken], [10, undefined]);
  assert.deepEqual(
    listed,
    names.map((name) => ARN + name),
  );
  assert.equal((await ecs.call('ListServices', { launchType: 'EC2' })).serviceArns?.length, 0);
  await assert.rejects(ecs.call('ListServices', { cluster: 'gone' }), { code: 'ClusterNotFoundException' });
  await ecs.close();
});

test('a service’s tasks carry its tags, its name and its deployment', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', { ...SITE, tags: [{ key: 'from', value: 'definition' }] });
  const tags = [{ key: 'from', value: 'service' }];
  await ecs.call('CreateService', {
    ...WEB,
    desiredCount: 3,
    tags,
    propagateTags: 'SERVICE',
    enableECSManagedTags: true,
  });
  await ecs.reconcile();
  const { taskArns = [] } = await ecs.call('ListTasks', {});
  const { tasks = [] } = await ecs.call('DescribeTasks', { tasks: taskArns, include: ['TAGS'] });
  const { services } = await ecs.call('DescribeServices', { services: ['web'] });
  const deployment = services?.[0]?.deployments?.[0]?.id;
  for (const task of tasks) {
    assert.deepEqual([task.group, task.startedBy], ['service:web', deployment]);
    assert.deepEqual(task.tags, [
      ...tags,
      { key: 'aws:ecs:clusterName', value: 'default' },
      { key: 'aws:ecs:serviceName', value: 'web' },
    ]);
  }
  const subnets = tasks.map((task) => task.attachments?.[0]?.details?.[0]?.value ?? '').toSorted();
  assert.deepEqual(subnets, ['subnet-a', 'subnet-a', 'subnet-b']);
  await ecs.close();
});
