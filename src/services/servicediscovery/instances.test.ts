import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { CreateServiceCommandInput } from '@aws-sdk/client-servicediscovery';
import { openTestCloudMap } from './testing.ts';
import type { TestCloudMap } from './testing.ts';

let map: TestCloudMap;
let namespaceId: string;

beforeEach(async () => {
  map = openTestCloudMap();
  namespaceId = await map.privateNamespace();
});

afterEach(() => map.close());

async function service(input: Partial<CreateServiceCommandInput> = {}): Promise<string> {
  const { Service } = await map.call('CreateService', {
    Name: 'web',
    NamespaceId: namespaceId,
    DnsConfig: { DnsRecords: [{ Type: 'A', TTL: 10 }] },
    ...input,
  });
  return Service?.Id ?? '';
}

const register = (ServiceId: string, InstanceId: string, Attributes: Record<string, string>) =>
  map.done(map.call('RegisterInstance', { ServiceId, InstanceId, Attributes }));

const at = (host: number) => ({ AWS_INSTANCE_IPV4: `10.0.0.${host}` });

describe('instances', () => {
  test('registered: its address stands in the zone; deregistered: it is gone', async () => {
    const id = await service();
    assert.deepEqual(await register(id, 'one', at(1)), { status: 'SUCCESS', target: id, error: '' });
    await register(id, 'two', at(2));
    assert.deepEqual(map.zones.records('Z1'), ['web.internal. A one: 10.0.0.1', 'web.internal. A two: 10.0.0.2']);
    const before = map.zones.changes.length;
    await map.reconcile();
    assert.equal(map.zones.changes.length, before, 'a second pass changes nothing');

    await assert.rejects(map.call('DeleteService', { Id: id }), {
      code: 'ResourceInUse',
      message: 'Service contains registered instances; delete the instances before deleting the service',
    });
    for (const InstanceId of ['one', 'two'])
      await map.done(map.call('DeregisterInstance', { ServiceId: id, InstanceId }));
    assert.deepEqual(map.zones.records('Z1'), []);
    await assert.rejects(map.call('DeregisterInstance', { ServiceId: id, InstanceId: 'one' }), {
      code: 'InstanceNotFound',
    });
    await map.call('DeleteService', { Id: id });
  });

  test('a registration again replaces the instance; the same request is the same operation', async () => {
    const id = await service();
    const call = { ServiceId: id, InstanceId: 'one', CreatorRequestId: 'once', Attributes: at(1) };
    const first = await map.call('RegisterInstance', call);
    assert.deepEqual(await map.call('RegisterInstance', call), first);
    await register(id, 'one', at(9));
    assert.deepEqual(map.zones.records('Z1'), ['web.internal. A one: 10.0.0.9']);
    assert.equal((await map.call('GetService', { Id: id })).Service?.InstanceCount, 1);
  });

  test('SRV records point to the name of each instance', async () => {
    const id = await service({ Name: '_web._tcp', DnsConfig: { DnsRecords: [{ Type: 'SRV', TTL: 10 }] } });
    await register(id, 'One', { ...at(1), AWS_INSTANCE_PORT: '8080' });
    assert.deepEqual(map.zones.records('Z1'), [
      '_web._tcp.internal. SRV One: 1 1 8080 one._web._tcp.internal.',
      'one._web._tcp.internal. A: 10.0.0.1',
    ]);
  });

  test('sets are multivalue, or of one weight; an alias leads to a load balancer', async () => {
    const sets = () => map.zones.zones.get('Z1')?.sets;
    await register(await service(), 'one', at(1));
    assert.equal(sets()?.get('web.internal. A one')?.MultiValueAnswer, true);
    const weighted = (Name: string, Type: 'A' | 'CNAME') =>
      service({ Name, DnsConfig: { RoutingPolicy: 'WEIGHTED', DnsRecords: [{ Type, TTL: 10 }] } });
    const cname = await weighted('db', 'CNAME');
    await register(cname, 'a', { AWS_INSTANCE_CNAME: 'a.example' });
    await register(cname, 'b', { AWS_INSTANCE_CNAME: 'b.example' });
    assert.deepEqual(
      ['a', 'b'].map((id) => sets()?.get(`db.internal. CNAME ${id}`)?.Weight),
      [1, 1],
    );
    await register(await weighted('lb', 'A'), 'lb', { AWS_ALIAS_DNS_NAME: 'web-1.us-east-1.elb.amazonaws.com' });
    const alias = sets()?.get('lb.internal. A lb');
    assert.deepEqual([alias?.AliasTarget?.DNSName, alias?.TTL], ['web-1.us-east-1.elb.amazonaws.com.', undefined]);
  });

  test('custom health: the unhealthy are not answered', async () => {
    const id = await service({ HealthCheckCustomConfig: { FailureThreshold: 1 } });
    await register(id, 'one', at(1));
    await register(id, 'two', { ...at(2), AWS_INIT_HEALTH_STATUS: 'UNHEALTHY' });
    assert.deepEqual(map.zones.records('Z1'), ['web.internal. A one: 10.0.0.1']);
    await map.call('UpdateInstanceCustomHealthStatus', { ServiceId: id, InstanceId: 'two', Status: 'HEALTHY' });
    await map.call('UpdateInstanceCustomHealthStatus', { ServiceId: id, InstanceId: 'one', Status: 'UNHEALTHY' });
    await map.reconcile();
    assert.deepEqual(map.zones.records('Z1'), ['web.internal. A two: 10.0.0.2']);
    assert.deepEqual((await map.call('GetInstancesHealthStatus', { ServiceId: id })).Status, {
      one: 'UNHEALTHY',
      two: 'HEALTHY',
    });
    const plain = await service({ Name: 'plain' });
    await register(plain, 'one', at(1));
    await assert.rejects(
      map.call('UpdateInstanceCustomHealthStatus', { ServiceId: plain, InstanceId: 'one', Status: 'HEALTHY' }),
      { code: 'CustomHealthNotFound' },
    );
    assert.deepEqual((await map.call('GetInstancesHealthStatus', { ServiceId: plain })).Status, { one: 'UNKNOWN' });
  });

  test('DiscoverInstances: by health, query and optional parameters', async () => {
    const id = await service({ HealthCheckCustomConfig: {} });
    await register(id, 'one', { ...at(1), stage: 'beta', zone: 'a' });
    await register(id, 'two', { ...at(2), stage: 'beta', zone: 'b' });
    await register(id, 'three', { ...at(3), stage: 'prod', AWS_INIT_HEALTH_STATUS: 'UNHEALTHY' });
    const names = { NamespaceName: 'internal', ServiceName: 'WEB' };
    const found = async (query: object) =>
      (await map.call('DiscoverInstances', { ...names, ...query })).Instances?.map(({ InstanceId }) => InstanceId);
    assert.deepEqual(await found({}), ['one', 'two']);
    assert.deepEqual(await found({ HealthStatus: 'ALL' }), ['one', 'three', 'two']);
    assert.deepEqual(await found({ HealthStatus: 'UNHEALTHY' }), ['three']);
    assert.deepEqual(await found({ QueryParameters: { stage: 'prod' } }), ['three'], 'none is healthy: all');
    assert.deepEqual(await found({ QueryParameters: { stage: 'prod' }, HealthStatus: 'HEALTHY' }), []);
    const optional = (zone: string) => ({ QueryParameters: { stage: 'beta' }, OptionalParameters: { zone } });
    assert.deepEqual(await found(optional('b')), ['two']);
    assert.deepEqual(await found(optional('c')), ['one', 'two']);
    assert.deepEqual(await found({ MaxResults: 1 }), ['one']);
    assert.deepEqual(await map.call('DiscoverInstancesRevision', names), { InstancesRevision: 4 });
    await assert.rejects(found({ ServiceName: 'none' }), { code: 'ServiceNotFound' });
    await assert.rejects(found({ NamespaceName: 'none' }), { code: 'NamespaceNotFound' });
  });

  test('attributes must fit the records of the service', async () => {
    const id = await service();
    const refused = (Attributes: Record<string, string>, message: RegExp) =>
      assert.rejects(map.call('RegisterInstance', { ServiceId: id, InstanceId: 'x', Attributes }), {
        code: 'InvalidInput',
        message,
      });
    await refused({}, /AWS_INSTANCE_IPV4 is required/);
    await refused({ AWS_INSTANCE_IPV4: 'here' }, /not an IPv4 address/);
    await refused({ ...at(1), AWS_INSTANCE_PORT: '70000' }, /not a port/);
    await refused({ ...at(1), AWS_INIT_HEALTH_STATUS: 'HEALTHY' }, /HealthCheckCustomConfig/);
    await refused({ ...at(1), AWS_EC2_INSTANCE_ID: 'i-1' }, /AWS_EC2_INSTANCE_ID is not supported/);
    await refused({ AWS_ALIAS_DNS_NAME: 'lb.example' }, /WEIGHTED/);
    await refused({ ...at(1), AWS_INSTANCE_CNAME: 'a..b' }, /not a domain name/);
  });

  test('a record that Route 53 refuses fails what was asked, and keeps no other out', async () => {
    const id = await service();
    const call = (InstanceId: string, host: number) =>
      map.call('RegisterInstance', { ServiceId: id, InstanceId, Attributes: at(host) });
    map.zones.refuses = 'web.internal. A bad';
    const { OperationId } = await call('bad', 1);
    await call('good', 2);
    await map.reconcile();
    assert.deepEqual(map.zones.records('Z1'), ['web.internal. A good: 10.0.0.2']);
    const { Operation } = await map.call('GetOperation', { OperationId });
    assert.deepEqual([Operation?.Status, Operation?.ErrorCode], ['FAIL', 'INVALID_CHANGE_BATCH']);
  });
});

describe('services', () => {
  test('a name is there once; case counts only where no DNS finds it', async () => {
    const id = await service({ CreatorRequestId: 'once' });
    assert.equal(await service({ CreatorRequestId: 'once' }), id);
    await assert.rejects(service({ Name: 'WEB' }), { code: 'ServiceAlreadyExists' });
    const { target } = await map.done(map.call('CreateHttpNamespace', { Name: 'http' }));
    for (const Name of ['api', 'API']) await map.call('CreateService', { Name, NamespaceId: target });
    const listed = await map.call('ListServices', { Filters: [{ Name: 'NAMESPACE_ID', Values: [target] }] });
    assert.deepEqual(listed.Services?.map(({ Name, Type }) => `${Name} ${Type}`).toSorted(), ['API HTTP', 'api HTTP']);
  });

  test('records that do not go together are refused, and Route 53 health checks by name', async () => {
    const records = (...types: readonly ('A' | 'SRV' | 'CNAME')[]) => ({
      DnsConfig: { DnsRecords: types.map((Type) => ({ Type, TTL: 10 })) },
    });
    await assert.rejects(service(records('A', 'SRV')), { code: 'InvalidInput' });
    await assert.rejects(service(records('CNAME')), { message: /WEIGHTED/ });
    await assert.rejects(service({ HealthCheckConfig: { Type: 'HTTP' } }), {
      message: 'HealthCheckConfig is not supported by this server.',
    });
    await assert.rejects(service({ NamespaceId: 'ns-none' }), { code: 'NamespaceNotFound' });
  });

  test('an update deletes the records that it leaves out', async () => {
    const types = ['A', 'AAAA'] as const;
    const Id = await service({ DnsConfig: { DnsRecords: types.map((Type) => ({ Type, TTL: 10 })) } });
    await register(Id, 'one', { ...at(1), AWS_INSTANCE_IPV6: '2001:db8::1' });
    assert.deepEqual(map.zones.records('Z1'), ['web.internal. A one: 10.0.0.1', 'web.internal. AAAA one: 2001:db8::1']);
    const DnsConfig = { DnsRecords: [{ Type: 'A' as const, TTL: 3 }] };
    assert.equal((await map.done(map.call('UpdateService', { Id, Service: { DnsConfig } }))).status, 'SUCCESS');
    assert.deepEqual(map.zones.records('Z1'), ['web.internal. A one: 10.0.0.1']);
    await register(Id, 'two', at(2));
    const { Service } = await map.call('GetService', { Id });
    assert.deepEqual(Service?.DnsConfig?.DnsRecords, DnsConfig.DnsRecords);
  });

  test('an update changes TTLs, and adds no types', async () => {
    const Id = await service();
    await register(Id, 'one', at(1));
    const change = (Type: 'A' | 'AAAA') =>
      map.call('UpdateService', { Id, Service: { Description: 'd', DnsConfig: { DnsRecords: [{ Type, TTL: 3 }] } } });
    await assert.rejects(change('AAAA'), { code: 'InvalidInput' });
    assert.equal((await map.done(change('A'))).status, 'SUCCESS');
    assert.equal(map.zones.zones.get('Z1')?.sets.get('web.internal. A one')?.TTL, 3);
  });

  test('service attributes', async () => {
    const ServiceId = await service();
    await map.call('UpdateServiceAttributes', { ServiceId, Attributes: { a: '1', b: '2' } });
    await map.call('DeleteServiceAttributes', { ServiceId, Attributes: ['a'] });
    const { ServiceAttributes } = await map.call('GetServiceAttributes', { ServiceId });
    assert.deepEqual(ServiceAttributes?.Attributes, { b: '2' });
    const Attributes = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`k${at}`, 'v']));
    await assert.rejects(map.call('UpdateServiceAttributes', { ServiceId, Attributes }), {
      code: 'ServiceAttributesLimitExceededException',
    });
  });
});
