import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceRegistry } from '@aws-sdk/client-ecs';
import { RUN, SITE, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { FakeRegistry } from './testing-registry.ts';

const CHECKED = {
  ...SITE,
  containerDefinitions: [{ name: 'web', image: 'httpd:2.4', healthCheck: { command: ['CMD-SHELL', 'true'] } }],
};

/** A service of one task with a registry; answers the task, which is not running yet. */
async function starting(ecs: TestEcs, registry: Partial<ServiceRegistry> = {}): Promise<string> {
  await ecs.call('CreateService', {
    ...RUN,
    serviceName: 'web',
    desiredCount: 1,
    serviceRegistries: [{ registryArn: FakeRegistry.ARN, ...registry }],
  });
  await ecs.reconcile();
  const [arn] = must((await ecs.call('ListTasks', { serviceName: 'web' })).taskArns);
  return must(arn);
}

const idOf = (arn: string) => must(arn.split('/').at(-1));

test('a task is registered once it runs, and taken out before its containers stop', async () => {
  const ecs = await openTestSite();
  const arn = await starting(ecs, { port: 8080 });
  assert.equal(ecs.aws.registry.instances.size, 0);
  await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  assert.deepEqual(ecs.aws.registry.instances.get(idOf(arn)), {
    AWS_INSTANCE_IPV4: '172.31.0.1',
    AWS_INSTANCE_PORT: '8080',
    AWS_INIT_HEALTH_STATUS: 'HEALTHY',
    AVAILABILITY_ZONE: 'us-east-1a',
    REGION: 'us-east-1',
    ECS_SERVICE_NAME: 'web',
    ECS_CLUSTER_NAME: 'default',
    ECS_TASK_DEFINITION_FAMILY: 'site',
  });
  const { services } = await ecs.call('DescribeServices', { services: ['web'] });
  assert.deepEqual(services?.[0]?.serviceRegistries, [{ registryArn: FakeRegistry.ARN, port: 8080 }]);

  const before = ecs.aws.heard.length;
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.equal(ecs.aws.registry.instances.has(idOf(arn)), false);
  assert.ok(ecs.aws.heard.slice(before).includes('servicediscovery:DeregisterInstance'));
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  await ecs.close();
});

test('a task that ends by itself keeps its address until it is taken out', async () => {
  const ecs = await openTestSite();
  const arn = await starting(ecs);
  await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  ecs.aws.refusals.set('servicediscovery:DeregisterInstance', new Error('not now'));
  await ecs.report(arn, 'STOPPED');
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'DEPROVISIONING');
  ecs.aws.refusals.clear();
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPED');
  assert.equal(ecs.aws.registry.instances.has(idOf(arn)), false);
  await ecs.close();
});

test('the health of its containers is the health of its instance', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', CHECKED);
  const arn = await starting(ecs);
  await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  const health = () => ecs.aws.registry.health.get(idOf(arn));
  assert.equal(health(), 'UNHEALTHY', 'until its checks say otherwise');
  await ecs.report(arn, 'RUNNING', { container: { health: 'HEALTHY' } });
  await ecs.reconcile();
  assert.equal(health(), 'HEALTHY');
  ecs.aws.registry.instances.clear();
  await ecs.report(arn, 'RUNNING', { container: { health: 'UNKNOWN' } });
  await ecs.reconcile();
  assert.ok(ecs.aws.registry.instances.has(idOf(arn)), 'registered anew where somebody took it out');
  await ecs.close();
});

test('a task that turned healthy before its registration was written down is healthy in its registry', async () => {
  const ecs = await openTestSite();
  await ecs.call('RegisterTaskDefinition', CHECKED);
  const arn = await starting(ecs);
  const { registry } = ecs.aws;
  const register = registry.register.bind(registry);
  registry.register = (input) => {
    register(input);
    throw new Error('cut off here');
  };
  await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  assert.equal(registry.health.get(idOf(arn)), 'UNHEALTHY');
  registry.register = register;
  await ecs.report(arn, 'RUNNING', { container: { health: 'HEALTHY' } });
  await ecs.reconcile();
  assert.equal(registry.health.get(idOf(arn)), 'HEALTHY');
  await ecs.close();
});

test('a registry that is gone keeps no task from stopping', async () => {
  const ecs = await openTestSite();
  const arn = await starting(ecs);
  await ecs.report(arn, 'RUNNING');
  await ecs.reconcile();
  ecs.aws.registry.isGone = true;
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  await ecs.close();
});

test('what cannot be a registry is refused', async () => {
  const ecs = await openTestSite();
  const refused = (registries: ServiceRegistry[], message: RegExp) =>
    assert.rejects(
      ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 1, serviceRegistries: registries }),
      {
        code: 'InvalidParameterException',
        message,
      },
    );
  const registryArn = FakeRegistry.ARN;
  await refused([{ registryArn: 'srv-1' }], /Invalid service registry ARN/);
  await refused([{ registryArn: `${registryArn}2` }], /was not found/);
  await refused([{ registryArn }, { registryArn }], /at most 1 items/);
  await refused([{ registryArn, containerName: 'web' }], /go together/);
  await refused([{ registryArn, containerName: 'web', containerPort: 80, port: 80 }], /both a port/);
  await refused([{ registryArn, containerName: 'db', containerPort: 80 }], /does not exist/);
  ecs.aws.registry.recordType = 'SRV';
  await refused([{ registryArn }], /SRV records/);
  await ecs.close();
});
