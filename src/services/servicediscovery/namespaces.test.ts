import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { openTestCloudMap } from './testing.ts';
import type { TestCloudMap } from './testing.ts';

let map: TestCloudMap;

beforeEach(() => {
  map = openTestCloudMap();
});

afterEach(() => map.close());

describe('namespaces', () => {
  test('a private one gets a hosted zone, and is seen once that stands', async () => {
    const { OperationId = '' } = await map.call('CreatePrivateDnsNamespace', {
      Name: 'Team.Internal.',
      Vpc: 'vpc-1',
      Description: 'of the team',
      CreatorRequestId: 'once',
      Properties: { DnsProperties: { SOA: { TTL: 60 } } },
    });
    const submitted = await map.call('GetOperation', { OperationId });
    assert.deepEqual([submitted.Operation?.Status, submitted.Operation?.Type], ['SUBMITTED', 'CREATE_NAMESPACE']);
    const id = submitted.Operation?.Targets?.NAMESPACE ?? '';
    assert.match(id, /^ns-[a-z0-9]{16}$/);
    await assert.rejects(map.call('GetNamespace', { Id: id }), { code: 'NamespaceNotFound' });

    await map.reconcile();
    assert.equal((await map.call('GetOperation', { OperationId })).Operation?.Status, 'SUCCESS');
    const { Namespace } = await map.call('GetNamespace', { Id: id });
    assert.deepEqual(
      { ...Namespace, CreateDate: undefined },
      {
        Id: id,
        Arn: `arn:aws:servicediscovery:us-east-1:123456789012:namespace/${id}`,
        ResourceOwner: '123456789012',
        Name: 'team.internal',
        Type: 'DNS_PRIVATE',
        Description: 'of the team',
        ServiceCount: 0,
        Properties: {
          DnsProperties: { HostedZoneId: 'Z1', SOA: { TTL: 60 } },
          HttpProperties: { HttpName: 'team.internal' },
        },
        CreateDate: undefined,
        CreatorRequestId: 'once',
      },
    );
    const soa = map.zones.zones.get('Z1')?.sets.get('team.internal. SOA');
    assert.deepEqual([soa?.TTL, soa?.ResourceRecords], [60, [{ Value: 'ns. hostmaster. 1 7200 900 1209600 60' }]]);
  });

  test('the same call again is the same operation; another call for the name is refused', async () => {
    const first = await map.call('CreateHttpNamespace', { Name: 'prod', CreatorRequestId: 'once' });
    assert.deepEqual(await map.call('CreateHttpNamespace', { Name: 'prod', CreatorRequestId: 'once' }), first);
    await assert.rejects(map.call('CreateHttpNamespace', { Name: 'prod', CreatorRequestId: 'twice' }), (error) => {
      assert.ok(error instanceof ServiceError);
      assert.deepEqual([error.code, error.members['CreatorRequestId']], ['NamespaceAlreadyExists', 'once']);
      return true;
    });
  });

  test('a name may be there once in each VPC; DiscoverInstances tells them apart', async () => {
    await map.privateNamespace('internal');
    await assert.rejects(map.call('CreatePrivateDnsNamespace', { Name: 'internal', Vpc: 'vpc-1' }), {
      code: 'NamespaceAlreadyExists',
    });
    await map.done(map.call('CreatePrivateDnsNamespace', { Name: 'internal', Vpc: 'vpc-2' }));
    const { Namespaces = [] } = await map.call('ListNamespaces', { Filters: [{ Name: 'NAME', Values: ['internal'] }] });
    const names = Namespaces.map(({ Properties }) => Properties?.HttpProperties?.HttpName ?? '').toSorted();
    assert.equal(names[0], 'internal');
    assert.match(names[1] ?? '', /^internal-[0-9a-f]{8}$/);
  });

  test('what Route 53 refuses makes the operation fail, and there is no namespace', async () => {
    map.zones.refusal = new ServiceError('InvalidVPCId', 'The VPC ID is invalid.');
    const done = await map.done(map.call('CreatePrivateDnsNamespace', { Name: 'internal', Vpc: 'vpc-9' }));
    assert.deepEqual([done.status, done.error], ['FAIL', 'CANNOT_CREATE_HOSTED_ZONE']);
    assert.deepEqual((await map.call('ListNamespaces', {})).Namespaces, []);
  });

  test('a zone that was made before a crash is found again', async () => {
    const { OperationId = '' } = await map.call('CreatePublicDnsNamespace', { Name: 'a.example' });
    const { Operation } = await map.call('GetOperation', { OperationId });
    const make = map.zones.calls()['route53:CreateHostedZone'];
    const CallerReference = `servicediscovery-${Operation?.Targets?.NAMESPACE}`;
    make?.({ Name: 'a.example', CallerReference }, { account: '', region: '' });
    await map.reconcile();
    assert.equal((await map.call('GetOperation', { OperationId })).Operation?.Status, 'SUCCESS');
    assert.equal(map.zones.zones.size, 1);
  });

  test('changes: description and TTL; the type must be that of the call', async () => {
    const Id = await map.privateNamespace();
    await assert.rejects(map.call('UpdateHttpNamespace', { Id, Namespace: { Description: 'x' } }), {
      code: 'InvalidInput',
    });
    const Namespace = { Description: 'new', Properties: { DnsProperties: { SOA: { TTL: 5 } } } };
    const done = await map.done(map.call('UpdatePrivateDnsNamespace', { Id, Namespace }));
    assert.deepEqual([done.status, done.target], ['SUCCESS', Id]);
    assert.equal((await map.call('GetNamespace', { Id })).Namespace?.Description, 'new');
    assert.equal(map.zones.zones.get('Z1')?.sets.get('internal. SOA')?.TTL, 5);
  });

  test('goes once its services are gone, and its zone with it', async () => {
    const Id = await map.privateNamespace();
    const { Service } = await map.call('CreateService', { Name: 'web', NamespaceId: Id });
    await assert.rejects(map.call('DeleteNamespace', { Id }), {
      code: 'ResourceInUse',
      message: 'Namespace has associated services; delete the services before deleting the namespace',
    });
    await map.call('DeleteService', { Id: Service?.Id });
    const { OperationId = '' } = await map.call('DeleteNamespace', { Id });
    await assert.rejects(map.call('DeleteNamespace', { Id }), {
      code: 'DuplicateRequest',
      message: `Another operation of type DeleteNamespace and id ${OperationId} is in progress`,
    });
    await assert.rejects(map.call('CreateService', { Name: 'web', NamespaceId: Id }), { code: 'NamespaceNotFound' });
    await map.reconcile();
    assert.equal((await map.call('GetOperation', { OperationId })).Operation?.Status, 'SUCCESS');
    await assert.rejects(map.call('GetNamespace', { Id }), { code: 'NamespaceNotFound' });
    assert.equal(map.zones.zones.size, 0);
  });

  test('operations are listed and filtered; a page ends at its limit', async () => {
    const Id = await map.privateNamespace();
    await map.call('CreateHttpNamespace', { Name: 'prod' });
    const ids = async (input: Parameters<typeof map.call<'ListOperations'>>[1]) =>
      (await map.call('ListOperations', input)).Operations?.map(({ Status }) => Status);
    assert.deepEqual(await ids({ Filters: [{ Name: 'NAMESPACE_ID', Values: [Id] }] }), ['SUCCESS']);
    const both = { Name: 'TYPE', Condition: 'IN', Values: ['CREATE_NAMESPACE', 'DELETE_NAMESPACE'] } as const;
    assert.equal((await ids({ Filters: [{ ...both, Values: [...both.Values] }] }))?.length, 2);
    const later = { Name: 'UPDATE_DATE', Condition: 'BETWEEN', Values: ['9000000000', '9000000001'] } as const;
    assert.deepEqual(await ids({ Filters: [{ ...later, Values: [...later.Values] }] }), []);
    const page = await map.call('ListOperations', { MaxResults: 1 });
    const rest = await map.call('ListOperations', { MaxResults: 1, NextToken: page.NextToken });
    assert.deepEqual([rest.Operations?.length, rest.NextToken], [1, undefined]);
    await assert.rejects(
      map.call('ListOperations', { Filters: [{ Name: 'TYPE', Condition: 'BETWEEN', Values: [] }] }),
      {
        code: 'InvalidInput',
      },
    );
    await assert.rejects(map.call('GetOperation', { OperationId: 'none' }), { code: 'OperationNotFound' });
  });

  test('tags', async () => {
    const Id = await map.privateNamespace();
    const ResourceARN = (await map.call('GetNamespace', { Id })).Namespace?.Arn ?? '';
    await map.call('TagResource', {
      ResourceARN,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await map.call('UntagResource', { ResourceARN, TagKeys: ['a'] });
    assert.deepEqual(await map.call('ListTagsForResource', { ResourceARN }), { Tags: [{ Key: 'b', Value: '2' }] });
    await assert.rejects(map.call('TagResource', { ResourceARN: `${ResourceARN}x`, Tags: [] }), {
      code: 'ResourceNotFoundException',
    });
  });
});
