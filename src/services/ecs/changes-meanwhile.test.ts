import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must, openTestSite, RUN, SITE, type TestEcs } from './testing.ts';
import { goOn } from './testing-world.ts';

/** A task definition `api` that offers the port `http`, as this number. */
const definition = (containerPort: number) => ({
  ...SITE,
  family: 'api',
  containerDefinitions: [{ name: 'web', image: 'httpd:2.4', portMappings: [{ name: 'http', containerPort }] }],
});
const API = {
  ...RUN,
  taskDefinition: 'api:1',
  serviceName: 'api',
  desiredCount: 1,
  serviceConnectConfiguration: {
    enabled: true,
    namespace: 'shop',
    services: [{ portName: 'http', clientAliases: [{ port: 80, dnsName: 'api' }] }],
  },
};

async function openSite(): Promise<TestEcs> {
  const ecs = await openTestSite();
  for (const port of [8080, 9090]) await ecs.call('RegisterTaskDefinition', definition(port));
  return ecs;
}

async function described(ecs: TestEcs) {
  return must((await ecs.call('DescribeServices', { services: ['api'] })).services?.[0]);
}

const isDone = (ecs: TestEcs) => async () =>
  (await described(ecs)).deployments?.map((one) => one.rolloutState).join() === 'COMPLETED';

/** While the next call asks Cloud Map for a service. */
function meanwhile(ecs: TestEcs, change: () => Promise<unknown>): void {
  const { registry } = ecs.aws;
  const create = registry.create.bind(registry);
  registry.create = async (input) => {
    registry.create = create;
    const made = create(input);
    await change();
    return made;
  };
}

test('a deployment has the ports of its own task definition, though that came meanwhile', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', API);
  await goOn(ecs, isDone(ecs));
  meanwhile(ecs, () => ecs.call('UpdateService', { service: 'api', taskDefinition: 'api:2' }));
  await ecs.call('UpdateService', { service: 'api', forceNewDeployment: true });
  await goOn(ecs, isDone(ecs));
  const ports = [...ecs.endpoints.values()].flatMap((endpoints) =>
    endpoints.flatMap((one) => one.targets.map(({ port }) => port)),
  );
  assert.deepEqual(ports, [9090]);
  await ecs.close();
});

test('a task definition that is deregistered meanwhile is not deployed', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', API);
  meanwhile(ecs, () => ecs.call('DeregisterTaskDefinition', { taskDefinition: 'api:2' }));
  await assert.rejects(ecs.call('UpdateService', { service: 'api', taskDefinition: 'api:2' }), {
    code: 'ClientException',
  });
  assert.match((await described(ecs)).taskDefinition ?? '', /api:1$/);
  await ecs.close();
});

test('a capacity provider that leaves the cluster meanwhile is not placed on', async () => {
  const ecs = await openSite();
  const providers = (...capacityProviders: string[]) =>
    ecs.call('PutClusterCapacityProviders', {
      cluster: 'default',
      capacityProviders,
      defaultCapacityProviderStrategy: [],
    });
  await providers('FARGATE_SPOT');
  meanwhile(ecs, () => providers());
  const { launchType: _, ...spot } = { ...API, capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] };
  await assert.rejects(ecs.call('CreateService', spot), { code: 'InvalidParameterException' });
  assert.deepEqual((await ecs.call('ListServices', {})).serviceArns, []);
  await ecs.close();
});

test('a service keeps its Cloud Map service, though the one before it goes meanwhile', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', API);
  await goOn(ecs, isDone(ecs));
  await ecs.call('DeleteService', { service: 'api', force: true });
  const { registry } = ecs.aws;
  const namespaces = registry.namespaces.bind(registry);
  registry.namespaces = async (name) => {
    registry.namespaces = namespaces;
    ecs.clock.advance(20);
    await goOn(ecs, async () => registry.made.size === 0);
    return namespaces(name);
  };
  meanwhile(ecs, () => ecs.reconcile());
  await ecs.call('CreateService', API);
  await goOn(ecs, isDone(ecs));
  assert.deepEqual([...registry.made.keys()], ['http']);
  await ecs.close();
});
