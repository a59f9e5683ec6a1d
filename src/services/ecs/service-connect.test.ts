import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreateServiceCommandInput } from '@aws-sdk/client-ecs';
import { ServiceError } from '../../kernel/errors.ts';
import { connectAddresses, connectDiscoveries } from './service-connect-tables.ts';
import { FakeRegistry } from './testing-registry.ts';
import { RUN, SITE, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';
import { boundWrites, goOn, insist } from './testing-world.ts';

const NAMED = {
  ...SITE,
  family: 'api',
  containerDefinitions: [
    { name: 'web', image: 'httpd:2.4', stopTimeout: 2, portMappings: [{ name: 'http', containerPort: 8080 }] },
  ],
};
const API = {
  ...RUN,
  taskDefinition: 'api',
  serviceName: 'api',
  desiredCount: 2,
  serviceConnectConfiguration: {
    enabled: true,
    namespace: 'shop',
    services: [{ portName: 'http', clientAliases: [{ port: 80, dnsName: 'api' }] }],
  },
} satisfies CreateServiceCommandInput;
const CLIENT = {
  ...RUN,
  serviceName: 'client',
  desiredCount: 1,
  serviceConnectConfiguration: { enabled: true, namespace: FakeRegistry.NAMESPACE.Arn },
} satisfies CreateServiceCommandInput;

async function openSite(onEffect?: () => void): Promise<TestEcs> {
  const ecs = await openTestSite(onEffect);
  await ecs.call('RegisterTaskDefinition', NAMED);
  return ecs;
}

const described = async (ecs: TestEcs, name: string) =>
  must((await ecs.call('DescribeServices', { services: [name] })).services?.[0]);
const isStable = (ecs: TestEcs, name: string) => async () =>
  (await described(ecs, name)).deployments?.map((one) => one.rolloutState).join() === 'COMPLETED';
const tasksOf = async (ecs: TestEcs, serviceName: string) =>
  (await ecs.call('ListTasks', { serviceName })).taskArns ?? [];
const targets = (ecs: TestEcs) => ecs.endpoints.get('vpc-1')?.[0]?.targets.map((one) => one.privateIp) ?? [];

test('tasks answer at an address that tasks of later deployments know by name', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', CLIENT);
  await ecs.call('CreateService', API);
  await goOn(ecs, async () => (await isStable(ecs, 'api')()) && isStable(ecs, 'client')());
  assert.deepEqual(
    ecs.endpoints.get('vpc-1')?.map(({ address, port }) => [address, port]),
    [['169.254.176.1', 80]],
  );
  assert.equal(targets(ecs).length, 2);
  assert.equal(ecs.aws.registry.instances.size, 2);
  const hosts = async (name: string) => {
    const network = ecs.executor.specs.get(must((await tasksOf(ecs, name))[0]))?.network;
    return network?.mode === 'awsvpc' ? network.hosts : undefined;
  };
  const known = [{ name: 'api', address: '169.254.176.1' }];
  assert.deepEqual([await hosts('api'), await hosts('client')], [known, []]);
  const old = await tasksOf(ecs, 'client');
  await ecs.call('UpdateService', { service: 'client', forceNewDeployment: true });
  await goOn(
    ecs,
    async () => (await isStable(ecs, 'client')()) && !(await tasksOf(ecs, 'client')).includes(must(old[0])),
  );
  assert.deepEqual(await hosts('client'), known);

  const [deployment] = must((await described(ecs, 'api')).deployments);
  assert.deepEqual(deployment?.serviceConnectConfiguration, API.serviceConnectConfiguration);
  assert.deepEqual(deployment?.serviceConnectResources, [
    { discoveryName: 'http', discoveryArn: must(ecs.aws.registry.made.get('http')).Arn },
  ]);
  const { serviceArns = [] } = await ecs.call('ListServicesByNamespace', { namespace: 'shop' });
  assert.deepEqual(serviceArns.map((arn) => arn.split('/').at(-1) ?? '').toSorted(), ['api', 'client']);
  await ecs.close();
});

test('a task is stopped after its endpoints have left it, and its connections had time', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', API);
  await goOn(ecs, isStable(ecs, 'api'));
  const [arn = ''] = await tasksOf(ecs, 'api');
  const address = must(
    (await ecs.task(arn)).attachments?.[0]?.details?.find((one) => one.name === 'privateIPv4Address'),
  );
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.equal(targets(ecs).includes(must(address.value)), false);
  assert.equal(ecs.executor.desired(arn), 'RUNNING');
  ecs.clock.advance(5000);
  await ecs.reconcile();
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  await ecs.close();
});

test('with the deployment that has them go its Cloud Map services and its addresses', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', API);
  await goOn(ecs, isStable(ecs, 'api'));
  await ecs.call('UpdateService', { service: 'api', serviceConnectConfiguration: { enabled: false } });
  const rows = () =>
    ecs.store.read(async (tx) => [
      (await tx.list(connectDiscoveries)).length,
      (await tx.list(connectAddresses)).length,
    ]);
  await goOn(ecs, isStable(ecs, 'api'));
  ecs.clock.advance(60_000);
  await goOn(ecs, async () => ecs.aws.registry.made.size === 0 && ecs.aws.interfaces.size === 2);
  assert.deepEqual(ecs.endpoints.get('vpc-1'), []);
  assert.deepEqual(await rows(), [0, 1]);
  // The address is another name's once no task knows the first one.
  const services = [{ portName: 'http', clientAliases: [{ port: 80, dnsName: 'other' }] }];
  const serviceConnectConfiguration = { enabled: true, namespace: 'shop', services };
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  await ecs.call('UpdateService', { service: 'api', serviceConnectConfiguration });
  await goOn(ecs, isStable(ecs, 'api'));
  assert.deepEqual(
    ecs.endpoints.get('vpc-1')?.map(({ address }) => address),
    ['169.254.176.1'],
  );
  assert.deepEqual(await rows(), [1, 1]);
  await ecs.close();
});

test('a namespace is named by the service, or by its cluster', async () => {
  const ecs = await openSite();
  const { namespace: _named, ...unnamed } = API.serviceConnectConfiguration;
  const wish = { ...API, serviceConnectConfiguration: unnamed };
  await assert.rejects(ecs.call('CreateService', wish), { code: 'InvalidParameterException' });
  const unknown = { ...unnamed, namespace: 'nowhere' };
  await assert.rejects(ecs.call('CreateService', { ...API, serviceConnectConfiguration: unknown }), {
    code: 'NamespaceNotFoundException',
  });
  const set = (namespace: string) =>
    ecs.call('UpdateCluster', { cluster: 'default', serviceConnectDefaults: { namespace } });
  assert.match(must((await set('new')).cluster?.serviceConnectDefaults?.namespace), /:namespace\/ns-2$/);
  assert.equal((await set('')).cluster?.serviceConnectDefaults, undefined);
  await set('shop');
  const { service } = await ecs.call('CreateService', wish);
  const { Arn } = FakeRegistry.NAMESPACE;
  assert.equal(service?.deployments?.[0]?.serviceConnectConfiguration?.namespace, Arn);
  await ecs.close();
});

test('a service is scaled though its namespace is gone', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', API);
  ecs.aws.refusals.set('servicediscovery:ListNamespaces', new Error('gone'));
  await ecs.call('UpdateService', { service: 'api', desiredCount: 3 });
  await goOn(ecs, async () => targets(ecs).length === 3);
  await ecs.close();
});

test('a name or an alias that another service has is refused', async () => {
  const ecs = await openSite();
  await ecs.call('CreateService', API);
  const create = (service: object) =>
    ecs.call('CreateService', {
      ...API,
      serviceName: 'api2',
      serviceConnectConfiguration: {
        ...API.serviceConnectConfiguration,
        services: [{ portName: 'http', clientAliases: [{ port: 81 }], ...service }],
      },
    });
  await assert.rejects(create({}), /discovery name http is in use/);
  const clientAliases = [{ port: 80, dnsName: 'api' }];
  await assert.rejects(create({ discoveryName: 'b', clientAliases }), /client alias api:80 is in use/);
  await ecs.close();
});

test('of two services that ask for an alias at once, one gets it', async () => {
  const ecs = await openSite();
  const create = (name: string) => {
    const services = [{ portName: 'http', discoveryName: name, clientAliases: [{ port: 80, dnsName: 'api' }] }];
    const serviceConnectConfiguration = { enabled: true, namespace: 'shop', services };
    return ecs.call('CreateService', { ...API, serviceName: name, serviceConnectConfiguration });
  };
  const [first, second] = await Promise.allSettled([create('a'), create('b')]);
  assert.equal(first.status, 'fulfilled');
  assert.match(String(second.status === 'rejected' && second.reason), /client alias api:80 is in use/);
  ecs.clock.advance(60_000);
  await ecs.reconcile();
  assert.deepEqual([...ecs.aws.registry.made.keys()], ['a'], 'what the other one claimed is given back');
  await ecs.close();
});

test('updates at once do not take the same alias, and do not undo each other', async () => {
  const ecs = await openSite();
  const connect = (discoveryName: string, dnsName: string) => {
    const services = [{ portName: 'http', discoveryName, clientAliases: [{ port: 80, dnsName }] }];
    return { serviceConnectConfiguration: { enabled: true, namespace: 'shop', services } };
  };
  for (const name of ['a', 'b']) await ecs.call('CreateService', { ...API, serviceName: name, ...connect(name, name) });
  const update = (service: string, change: object) => ecs.call('UpdateService', { service, ...change });
  const taken = await Promise.allSettled([update('a', connect('a', 'api')), update('b', connect('b', 'api'))]);
  assert.deepEqual(
    taken.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  await Promise.all([update('b', connect('b', 'other')), update('b', { forceNewDeployment: true })]);
  const { deployments = [] } = await described(ecs, 'b');
  const aliases = deployments[0]?.serviceConnectConfiguration?.services?.map((one) => one.clientAliases?.[0]?.dnsName);
  assert.deepEqual(aliases, ['other']);
  await ecs.close();
});

/** What the Cloud Map services of `api` are, and what it takes them to be. */
async function discoveryArns(ecs: TestEcs) {
  const { deployments = [] } = await described(ecs, 'api');
  const known = deployments[0]?.serviceConnectResources?.map((one) => one.discoveryArn);
  return { known, made: [...ecs.aws.registry.made.values()].map((one) => one.Arn) };
}

test('what is claimed anew while it is removed is there in the end', async () => {
  const ecs = await openSite();
  const { registry } = ecs.aws;
  await ecs.call('CreateService', API);
  await goOn(ecs, isStable(ecs, 'api'));
  await ecs.call('UpdateService', { service: 'api', serviceConnectConfiguration: { enabled: false } });
  await goOn(ecs, isStable(ecs, 'api'));
  const remove = registry.delete.bind(registry);
  let asked = 0;
  registry.delete = async (id) => {
    asked += 1;
    registry.delete = remove;
    const { serviceConnectConfiguration } = API;
    await ecs.call('UpdateService', { service: 'api', serviceConnectConfiguration });
    return remove(id);
  };
  ecs.clock.advance(60_000);
  await goOn(ecs, async () => asked === 1 && (await isStable(ecs, 'api')()));
  const { known, made } = await discoveryArns(ecs);
  assert.deepEqual([known, made.length], [made, 1]);
  await ecs.close();
});

test('what cannot be removed, since somebody uses it, may be claimed anew', async () => {
  const ecs = await openSite();
  const { registry } = ecs.aws;
  await ecs.call('CreateService', API);
  await goOn(ecs, isStable(ecs, 'api'));
  await ecs.call('UpdateService', { service: 'api', serviceConnectConfiguration: { enabled: false } });
  await goOn(ecs, isStable(ecs, 'api'));
  ecs.aws.refusals.set('servicediscovery:DeleteService', new ServiceError('ResourceInUse', 'It has instances.'));
  ecs.clock.advance(60_000);
  const writes = boundWrites(ecs, 1000);
  await ecs.reconcile();
  assert.ok(writes() < 100, `${writes()} writes, the clock standing still`);
  const before = [...registry.made.values()];
  const { serviceConnectConfiguration } = API;
  await ecs.call('UpdateService', { service: 'api', serviceConnectConfiguration });
  await goOn(ecs, isStable(ecs, 'api'));
  assert.deepEqual([...registry.made.values()], before);
  assert.equal(targets(ecs).length, 2);
  await ecs.close();
});

test('a service that is made anew claims its names before it is written', async () => {
  const ecs = await openSite();
  const { registry } = ecs.aws;
  await ecs.call('CreateService', API);
  await goOn(ecs, isStable(ecs, 'api'));
  await ecs.call('DeleteService', { service: 'api', force: true });
  await goOn(ecs, async () => registry.made.size === 0);
  const create = registry.create.bind(registry);
  registry.create = async (input) => {
    registry.create = create;
    const answer = create(input);
    await ecs.reconcile();
    return answer;
  };
  await ecs.call('CreateService', API);
  await goOn(ecs, isStable(ecs, 'api'));
  const { known, made } = await discoveryArns(ecs);
  assert.deepEqual([known, made.length], [made, 1]);
  await ecs.close();
});

/** A service with an endpoint, from its creation to its end. Answers the places it could be cut off at. */
async function life(at: number): Promise<number> {
  let passed = 0;
  let onEffect = () => {};
  const ecs = await openSite(() => onEffect());
  onEffect = () => {
    if (passed++ === at) throw new Error('cut off here');
  };
  await insist(() => ecs.call('CreateService', { ...API, desiredCount: 1, clientToken: 'once' }));
  await goOn(ecs, async () => (await insist(isStable(ecs, 'api'))) && targets(ecs).length === 1);
  await insist(() => ecs.call('DeleteService', { service: 'api', force: true }));
  await goOn(ecs, async () => (await insist(() => described(ecs, 'api'))).status === 'INACTIVE');
  await goOn(ecs, async () => ecs.aws.registry.made.size === 0);
  onEffect = () => {};
  await ecs.reconcile();
  const rows = await ecs.store.read((tx) => tx.list(connectDiscoveries));
  assert.deepEqual([rows.length, targets(ecs).length, ecs.aws.registry.instances.size], [0, 0, 0]);
  await ecs.close();
  return passed;
}

test('cut off anywhere, the next pass goes on, and nothing is left', async () => {
  const places = await life(-1);
  assert.ok(places > 50, `${places} places`);
  for (let at = 0; at < places; at++) {
    await life(at).catch((error: unknown) => {
      throw new Error(`cut off at place ${at} of ${places}`, { cause: error });
    });
  }
});
