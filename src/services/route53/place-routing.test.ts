import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type {
  Change,
  ListGeoLocationsRequest,
  ListGeoLocationsResponse,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { openTestService, type TestService } from '../../api/testing.ts';
import { systemIds } from '../../kernel/ids.ts';
import { NameTable } from '../../network/dns/name-table.ts';
import { clientPlaces, route53 } from './index.ts';

const [TOKYO, CALIFORNIA, KENYA] = ['203.0.113.1', '203.0.113.65', '203.0.113.129'];
const LOCATIONS = [
  { cidr: '203.0.113.0/26', region: 'ap-northeast-1' },
  { cidr: '203.0.113.64/26', region: 'us-west-1' },
  { cidr: '203.0.113.128/26', region: 'me-south-1', country: 'KE', coordinates: { latitude: -1.29, longitude: 36.82 } },
];

describe('routing by place', () => {
  let service: TestService<'route53'>;
  let names: NameTable;
  let zone: string;
  beforeEach(async () => {
    names = new NameTable(systemIds, clientPlaces('eu-west-1', LOCATIONS));
    service = openTestService('route53', route53, { names, domain: 'localhost' });
    const made = await service.call('CreateHostedZone', { Name: 'example.com', CallerReference: '1' });
    zone = made.HostedZone?.Id ?? '';
  });
  afterEach(() => service.close());

  const change = async (...changes: readonly (readonly [Change['Action'], ResourceRecordSet])[]) => {
    await service.call('ChangeResourceRecordSets', {
      HostedZoneId: zone,
      ChangeBatch: { Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })) },
    });
    await service.reconcile();
  };
  const a = (value: string, more: Partial<ResourceRecordSet>): ResourceRecordSet => ({
    Name: 'www.example.com',
    Type: 'A',
    TTL: 60,
    ResourceRecords: [{ Value: value }],
    SetIdentifier: value,
    ...more,
  });
  const answers = (client?: string, vpcId?: string) =>
    names.lookUp({ name: 'www.example.com', type: 'A', ...(client !== undefined && { client }) }, vpcId)?.values.join();
  const refused = (set: ResourceRecordSet, message: RegExp, code = 'InvalidChangeBatch') =>
    assert.rejects(change(['CREATE', set]), { code, message });

  test('latency: the nearest Region, from a VPC its own', async () => {
    await change(
      ['CREATE', a('192.0.2.1', { Region: 'eu-central-1' })],
      ['CREATE', a('192.0.2.2', { Region: 'us-west-2' })],
      ['CREATE', a('192.0.2.3', { Region: 'ap-southeast-1' })],
    );
    assert.deepEqual(
      [undefined, CALIFORNIA, TOKYO, KENYA].map((client) => answers(client)),
      ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1'],
    );
    names.publish({
      zoneId: 'vpc:vpc-1',
      origin: 'us-west-1.compute.internal',
      visibility: { vpcIds: ['vpc-1'] },
      vpcRegion: 'us-west-1',
      records: [],
    });
    assert.equal(answers(undefined, 'vpc-1'), '192.0.2.2');
    assert.equal(answers(undefined, 'vpc-2'), '192.0.2.1');
    await refused(
      a('192.0.2.4', { Region: 'us-west-2' }),
      /type A, SetIdentifier 192\.0\.2\.4, and Region Name=us-west-2 cannot be created because a latency RRSet with the same name, type and region already exists\./,
    );
    await refused(
      a('192.0.2.4', { Region: 'mars-1' as 'us-west-1' }),
      /Cannot find region 'mars-1'\. No changes made\./,
    );
    await refused(a('192.0.2.4', { GeoLocation: { ContinentCode: 'EU' } }), /other RRSets exist with the same name/);
    const listed = await service.call('ListResourceRecordSets', { HostedZoneId: zone });
    assert.equal(listed.ResourceRecordSets?.at(-1)?.Region, 'ap-southeast-1');
    await change(['DELETE', a('192.0.2.1', { Region: 'eu-central-1' })]);
    assert.equal(answers(), '192.0.2.2');
  });

  test('geolocation: the smallest place around the client, and nothing where there is none', async () => {
    const sets = [
      a('192.0.2.1', { GeoLocation: { ContinentCode: 'NA' } }),
      a('192.0.2.2', { GeoLocation: { CountryCode: 'US' } }),
      a('192.0.2.3', { GeoLocation: { CountryCode: 'US', SubdivisionCode: 'CA' } }),
      a('192.0.2.4', { GeoLocation: { ContinentCode: 'AS' } }),
    ];
    await change(...sets.map((set) => ['CREATE', set] as const));
    assert.deepEqual(
      [CALIFORNIA, TOKYO, KENYA].map((client) => answers(client)),
      ['192.0.2.3', '192.0.2.4', ''],
    );
    const anywhere = a('192.0.2.9', { GeoLocation: { CountryCode: '*' } });
    await change(['CREATE', anywhere], ['DELETE', sets[2] ?? anywhere]);
    assert.deepEqual(
      [CALIFORNIA, TOKYO, KENYA].map((client) => answers(client)),
      ['192.0.2.2', '192.0.2.4', '192.0.2.9'],
    );
    const { ResourceRecordSets = [] } = await service.call('ListResourceRecordSets', { HostedZoneId: zone });
    assert.deepEqual(ResourceRecordSets.at(-1)?.GeoLocation, { CountryCode: '*' });
    await refused(
      a('192.0.2.5', { GeoLocation: { CountryCode: 'US' } }),
      /and GeoLocation CountryCode=US cannot be created because a geolocation RRSet with the same name, type and location already exists/,
    );
    for (const [location, message] of [
      [{}, /No location is specified/],
      [{ SubdivisionCode: 'CA' }, /SubdivisionCode needs a CountryCode/],
      [{ ContinentCode: 'EU', CountryCode: 'DE' }, /ContinentCode cannot be specified together with CountryCode/],
      [{ ContinentCode: 'XX' }, /ContinentCode is not supported/],
      [{ CountryCode: 'XX' }, /CountryCode is not supported/],
      [{ CountryCode: 'DE', SubdivisionCode: 'BY' }, /SubdivisionCode is not supported/],
    ] as const) {
      await refused(a('192.0.2.5', { GeoLocation: location }), message, 'InvalidInput');
    }
  });

  test('geoproximity: the nearest, as biased', async () => {
    const munich = { Coordinates: { Latitude: '48.14', Longitude: '11.58' } };
    const oregon = (Bias: number) => a('192.0.2.2', { GeoProximityLocation: { AWSRegion: 'us-west-2', Bias } });
    await change(['CREATE', a('192.0.2.1', { GeoProximityLocation: munich })], ['CREATE', oregon(0)]);
    assert.deepEqual([answers(), answers(TOKYO)], ['192.0.2.1', '192.0.2.2']);
    await change(['UPSERT', oregon(-99)]);
    assert.equal(answers(TOKYO), '192.0.2.1');
    await change(['UPSERT', oregon(99)]);
    assert.equal(answers(), '192.0.2.2');
    const { ResourceRecordSets = [] } = await service.call('ListResourceRecordSets', { HostedZoneId: zone });
    assert.deepEqual(
      ResourceRecordSets.slice(-2).map((set) => set.GeoProximityLocation),
      [munich, { AWSRegion: 'us-west-2', Bias: 99 }],
    );
    const bad = (GeoProximityLocation: object, message: RegExp) =>
      refused(a('192.0.2.5', { GeoProximityLocation }), message, 'InvalidInput');
    await bad({ ...munich, AWSRegion: 'us-west-1' }, /but found more than one/);
    await bad({}, /but found none/);
    await bad({ AWSRegion: 'us-west-1', Bias: 100 }, /Bias must be between -99 and 99/);
    await bad({ Coordinates: { Latitude: '91', Longitude: '0' } }, /Latitude must be between -90 and 90/);
    await bad({ LocalZoneGroup: 'us-west-2-lax-1' }, /LocalZoneGroup is not supported/);
  });

  test('an alias by latency takes the health of what it leads to, weighted as that is', async () => {
    const HealthCheckId = (
      await service.call('CreateHealthCheck', {
        CallerReference: '1',
        HealthCheckConfig: { Type: 'CALCULATED', ChildHealthChecks: [], HealthThreshold: 0, Inverted: true },
      })
    ).HealthCheck?.Id;
    const target = (Name: string, value: string, Weight: number, more: object = {}) =>
      ['CREATE', a(value, { Name, Weight, ...more })] as const;
    const alias = (SetIdentifier: string, Region: ResourceRecordSet['Region'], DNSName: string) => {
      const AliasTarget = { HostedZoneId: zone.replace('/hostedzone/', ''), DNSName, EvaluateTargetHealth: true };
      return ['CREATE', { Name: 'www.example.com', Type: 'A', SetIdentifier, Region, AliasTarget }] as const;
    };
    await change(
      target('eu.example.com', '192.0.2.1', 1, { HealthCheckId }),
      target('eu.example.com', '192.0.2.2', 0, { HealthCheckId }),
      target('us.example.com', '192.0.2.3', 1),
      target('us.example.com', '192.0.2.4', 0),
      alias('eu', 'eu-west-1', 'eu.example.com'),
      alias('us', 'us-east-1', 'us.example.com'),
    );
    assert.equal(answers(), '192.0.2.3');
  });

  test('answers are tested for a resolver and for a client subnet', async () => {
    await change(
      ['CREATE', a('192.0.2.1', { Region: 'eu-west-1' })],
      ['CREATE', a('192.0.2.2', { Region: 'ap-northeast-1' })],
      ['CREATE', a('192.0.2.3', { Region: 'us-west-1' })],
    );
    const asked = { HostedZoneId: zone, RecordName: 'www.example.com', RecordType: 'A' } as const;
    const tested = async (more: object) =>
      (await service.call('TestDNSAnswer', { ...asked, ...more })).RecordData?.join();
    assert.equal(await tested({}), '192.0.2.1');
    assert.equal(await tested({ ResolverIP: TOKYO }), '192.0.2.2');
    const subnet = { EDNS0ClientSubnetIP: CALIFORNIA, EDNS0ClientSubnetMask: '24' };
    assert.equal(await tested({ ResolverIP: TOKYO, ...subnet }), '192.0.2.3');
    const bad = (more: object) => assert.rejects(tested(more), { code: 'InvalidInput' });
    await bad({ ResolverIP: 'here' });
    await bad({ EDNS0ClientSubnetMask: '24' });
    await bad({ EDNS0ClientSubnetIP: CALIFORNIA, EDNS0ClientSubnetMask: '33' });
  });

  test('geographic locations are listed, countries first', async () => {
    const one = async (input: object) => (await service.call('GetGeoLocation', input)).GeoLocationDetails;
    assert.deepEqual(await one({ ContinentCode: 'EU' }), { ContinentCode: 'EU', ContinentName: 'Europe' });
    assert.deepEqual(await one({ CountryCode: 'US', SubdivisionCode: 'NY' }), {
      CountryCode: 'US',
      CountryName: 'United States',
      SubdivisionCode: 'NY',
      SubdivisionName: 'New York',
    });
    await assert.rejects(one({ CountryCode: 'XX' }), { code: 'NoSuchGeoLocation' });
    await assert.rejects(one({ SubdivisionCode: 'NY' }), { code: 'InvalidInput' });
    const codes: string[] = [];
    let start: ListGeoLocationsRequest | undefined = {};
    while (start) {
      const page: ListGeoLocationsResponse = await service.call('ListGeoLocations', start);
      for (const { ContinentCode, CountryCode, SubdivisionCode } of page.GeoLocationDetailsList ?? []) {
        codes.push(
          ContinentCode ? `continent ${ContinentCode}` : [CountryCode, SubdivisionCode].filter(Boolean).join('-'),
        );
      }
      const { NextContinentCode, NextCountryCode, NextSubdivisionCode } = page;
      start = page.IsTruncated
        ? {
            ...(NextContinentCode !== undefined && { StartContinentCode: NextContinentCode }),
            ...(NextCountryCode !== undefined && { StartCountryCode: NextCountryCode }),
            ...(NextSubdivisionCode !== undefined && { StartSubdivisionCode: NextSubdivisionCode }),
          }
        : undefined;
    }
    assert.equal(new Set(codes).size, codes.length);
    assert.deepEqual([codes[0], codes[1], codes.at(-1)], ['*', 'AD', 'continent SA']);
    assert.equal(codes[codes.indexOf('US') + 1], 'US-AK');
    assert.equal(codes.length, 1 + 246 + 51 + 7);
  });
});
