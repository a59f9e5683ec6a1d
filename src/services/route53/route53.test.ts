import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { openTestService, type TestService } from '../../api/testing.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { NameZone } from '../../network/dns/names.ts';
import { route53 } from './index.ts';

const VPC = { VPCRegion: 'us-east-1', VPCId: 'vpc-1' } as const;

describe('Route 53', () => {
  let service: TestService<'route53'>;
  let published: Map<string, NameZone>;
  beforeEach(() => {
    published = new Map();
    const names = {
      publish: (zone: NameZone) => void published.set(zone.zoneId, zone),
      withdraw: (zoneId: string) => void published.delete(zoneId),
      lookUp: () => undefined,
      lookUpIn: () => undefined,
    };
    const calls = {
      'elbv2:DescribeLoadBalancers': () => ({ LoadBalancers: [] }),
      'ec2:DescribeVpcs': ({ VpcIds }: { VpcIds: string[] }) => {
        if (VpcIds[0] === 'vpc-none') throw new ServiceError('InvalidVpcID.NotFound', 'no such VPC');
        return {};
      },
    };
    service = openTestService('route53', route53, { names, domain: 'longshore.localhost' }, { calls });
  });
  afterEach(() => service.close());

  const create = async (Name: string, more: object = {}) => {
    const answer = await service.call('CreateHostedZone', { Name, CallerReference: Name, ...more });
    return { ...answer, id: answer.HostedZone?.Id ?? '' };
  };
  const change = (HostedZoneId: string, ...changes: readonly (readonly [Change['Action'], ResourceRecordSet])[]) =>
    service.call('ChangeResourceRecordSets', {
      HostedZoneId,
      ChangeBatch: { Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })) },
    });
  const a = (Name: string, Value = '192.0.2.1'): ResourceRecordSet => ({
    Name,
    Type: 'A',
    TTL: 300,
    ResourceRecords: [{ Value }],
  });
  const list = async (HostedZoneId: string, more: object = {}) =>
    (await service.call('ListResourceRecordSets', { HostedZoneId, ...more })).ResourceRecordSets?.map(
      (set) => `${set.Name} ${set.Type}`,
    );

  test('a zone comes with name servers, NS and SOA; a caller reference works once', async () => {
    const zone = await create('Example.COM', { HostedZoneConfig: { Comment: 'mine' } });
    assert.match(zone.id, /^\/hostedzone\/Z[0-9A-Z]{20}$/);
    assert.equal(zone.HostedZone?.Name, 'example.com.');
    assert.equal(zone.HostedZone?.ResourceRecordSetCount, 2);
    assert.deepEqual(zone.HostedZone?.Config, { Comment: 'mine', PrivateZone: false });
    assert.equal(zone.ChangeInfo?.Status, 'PENDING');
    assert.deepEqual(zone.DelegationSet?.NameServers?.[0], 'ns-1.longshore.localhost');
    assert.equal(zone.Location, `http://127.0.0.1:4566/2013-04-01${zone.id}`);
    assert.deepEqual(await list(zone.id), ['example.com. NS', 'example.com. SOA']);
    await assert.rejects(create('example.org', { CallerReference: 'Example.COM' }), {
      code: 'HostedZoneAlreadyExists',
    });
    const waited = await service.call('GetChange', { Id: zone.ChangeInfo?.Id });
    assert.equal(waited.ChangeInfo?.Status, 'INSYNC');
    await assert.rejects(service.call('GetChange', { Id: 'C1' }), { code: 'NoSuchChange' });
  });

  test('ids are taken with and without their path, in every region', async () => {
    const { id } = await create('example.com');
    const bare = id.replace('/hostedzone/', '');
    for (const Id of [id, bare]) {
      const answer = await service.call('GetHostedZone', { Id }, { region: 'eu-west-1' });
      assert.equal(answer.HostedZone?.Id, id);
    }
    await assert.rejects(service.call('GetHostedZone', { Id: bare }, { account: '111122223333' }), {
      code: 'NoSuchHostedZone',
      message: `No hosted zone found with ID: ${bare}`,
    });
  });

  test('lists zones by id and by reversed name', async () => {
    for (const name of ['b.example', 'a.test', 'a.example']) await create(name);
    const page = await service.call('ListHostedZones', { MaxItems: 2 });
    assert.equal(page.IsTruncated, true);
    const rest = await service.call('ListHostedZones', { Marker: page.NextMarker });
    assert.equal((page.HostedZones?.length ?? 0) + (rest.HostedZones?.length ?? 0), 3);
    const named = await service.call('ListHostedZonesByName', { DNSName: 'b.example', MaxItems: 1 });
    assert.equal(named.HostedZones?.[0]?.Name, 'b.example.');
    assert.equal(named.NextDNSName, 'a.test.');
    assert.deepEqual(await service.call('GetHostedZoneCount', {}), { HostedZoneCount: 3 });
  });

  test('record sets come in the order of AWS, from where the caller says', async () => {
    const { id } = await create('example.com');
    await change(id, ...['b', 'x.a', 'a', 'a-b', '*'].map((n) => ['CREATE', a(`${n}.example.com`)] as const));
    await change(id, ['CREATE', { ...a('a.example.com', '::1'), Type: 'AAAA' }]);
    const all = [
      'example.com. NS',
      'example.com. SOA',
      '\\052.example.com. A',
      'a-b.example.com. A',
      'a.example.com. A',
      'a.example.com. AAAA',
      'x.a.example.com. A',
      'b.example.com. A',
    ];
    const listed = await list(id);
    assert.deepEqual(listed, all);
    assert.deepEqual((await list(id, { StartRecordName: 'a.example.com', StartRecordType: 'AAAA' }))?.[0], all[5]);
    assert.deepEqual((await list(id, { StartRecordName: 'a.example.com.' }))?.[0], all[4]);
    const first = await service.call('ListResourceRecordSets', { HostedZoneId: id, MaxItems: 3 });
    assert.equal(first.IsTruncated, true);
    assert.deepEqual(
      await list(id, { StartRecordName: first.NextRecordName, StartRecordType: first.NextRecordType }),
      listed?.slice(3),
    );
    assert.equal((await service.call('GetHostedZone', { Id: id })).HostedZone?.ResourceRecordSetCount, 8);
  });

  test('a batch with one mistake changes nothing', async () => {
    const { id } = await create('example.com');
    await assert.rejects(change(id, ['CREATE', a('www.example.com')], ['DELETE', a('no.example.com')]), {
      code: 'InvalidChangeBatch',
      message: "[Tried to delete resource record set [name='no.example.com.', type='A'] but it was not found]",
    });
    assert.equal((await list(id))?.length, 2);
    await assert.rejects(change(id, ['CREATE', { Name: 'www.example.com', Type: 'A' }]), {
      code: 'InvalidInput',
      message: /Expected exactly one of \[AliasTarget/,
    });
    await assert.rejects(
      change(id, ['CREATE', { ...a('www.example.com'), SetIdentifier: 'one', TrafficPolicyInstanceId: 'x' }]),
      {
        code: 'InvalidInput',
        message: /ResourceRecordSet\.TrafficPolicyInstanceId is not supported/,
      },
    );
  });

  test('a zone is deleted once only NS and SOA are left', async () => {
    const { id } = await create('example.com');
    await change(id, ['UPSERT', a('www.example.com')]);
    await assert.rejects(service.call('DeleteHostedZone', { Id: id }), { code: 'HostedZoneNotEmpty' });
    await change(id, ['DELETE', a('www.example.com')]);
    await service.call('DeleteHostedZone', { Id: id });
    await assert.rejects(list(id), { code: 'NoSuchHostedZone' });
  });

  test('zones are published to the name server, and withdrawn', async () => {
    const { id } = await create('example.com');
    const dnsName = 'dualstack.Web-1.us-east-1.elb.longshore.localhost.';
    const AliasTarget = { HostedZoneId: 'Z35SXDOTRQ7X7K', DNSName: dnsName, EvaluateTargetHealth: true };
    await change(id, ['CREATE', { Name: 'example.com', Type: 'A', AliasTarget }], ['CREATE', a('*.example.com')]);
    await service.reconcile();
    const zone = published.get(id.replace('/hostedzone/', ''));
    assert.equal(zone?.origin, 'example.com');
    assert.equal(zone?.visibility, 'public');
    assert.deepEqual(
      zone?.records.filter((record) => record.type === 'A'),
      [
        {
          name: 'example.com',
          type: 'A',
          ttlSeconds: 60,
          values: [],
          aliasOf: 'web-1.us-east-1.elb.longshore.localhost',
        },
        { name: '*.example.com', type: 'A', ttlSeconds: 300, values: ['192.0.2.1'] },
      ],
    );
    await change(id, ['DELETE', { Name: 'example.com', Type: 'A', AliasTarget }], ['DELETE', a('*.example.com')]);
    await service.call('DeleteHostedZone', { Id: id });
    await service.reconcile();
    assert.equal(published.size, 0);
  });

  test('private zones are seen by their VPCs, of which one stays', async () => {
    const { id, DelegationSet } = await create('internal', { VPC });
    assert.equal(DelegationSet, undefined);
    await assert.rejects(create('internal', { VPC, CallerReference: '2' }), { code: 'ConflictingDomainExists' });
    await assert.rejects(create('x', { VPC: { ...VPC, VPCId: 'vpc-none' } }), { code: 'InvalidVPCId' });
    const other = { ...VPC, VPCId: 'vpc-2' };
    await service.call('AssociateVPCWithHostedZone', { HostedZoneId: id, VPC: other });
    await service.reconcile();
    assert.deepEqual([...published.values()][0]?.visibility, { vpcIds: ['vpc-1', 'vpc-2'] });
    await service.call('DisassociateVPCFromHostedZone', { HostedZoneId: id, VPC });
    await assert.rejects(service.call('DisassociateVPCFromHostedZone', { HostedZoneId: id, VPC: other }), {
      code: 'LastVPCAssociation',
    });
    assert.deepEqual((await service.call('GetHostedZone', { Id: id })).VPCs, [other]);
    const open = await create('example.com');
    await assert.rejects(service.call('AssociateVPCWithHostedZone', { HostedZoneId: open.id, VPC }), {
      code: 'PublicZoneVPCAssociation',
    });
  });

  test('tags and comments', async () => {
    const { id } = await create('example.com', { HostedZoneConfig: { Comment: 'mine' } });
    const resource = { ResourceType: 'hostedzone', ResourceId: id.replace('/hostedzone/', '') } as const;
    await service.call('ChangeTagsForResource', { ...resource, AddTags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] });
    await service.call('ChangeTagsForResource', { ...resource, RemoveTagKeys: ['b'] });
    const { ResourceTagSet } = await service.call('ListTagsForResource', resource);
    assert.deepEqual(ResourceTagSet, { ...resource, Tags: [{ Key: 'a', Value: '1' }] });
    const sets = await service.call('ListTagsForResources', {
      ResourceType: 'hostedzone',
      ResourceIds: [resource.ResourceId],
    });
    assert.deepEqual(sets.ResourceTagSets, [ResourceTagSet]);
    const { HostedZone } = await service.call('UpdateHostedZoneComment', { Id: id });
    assert.deepEqual(HostedZone?.Config, { PrivateZone: false });
  });
});
