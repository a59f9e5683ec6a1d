import type { AvailabilityZone } from '@aws-sdk/client-ec2';
import { readRegion } from '../default-vpc.ts';
import { countOf, publicRange } from '../domain/address-range.ts';
import { cidrOf } from '../domain/cidr.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { endpointOf, type Region, regionsWith } from '../domain/regions.ts';
import { type Zone, zonesOf } from '../domain/zones.ts';
import { invalidParameterValue } from '../errors.ts';
import { MAX_GROUPS_PER_INTERFACE } from '../interface-groups.ts';
import { operation } from '../operation.ts';
import { regions } from '../tables.ts';

type ZoneOfRegion = Zone & { readonly region: string };

const none = () => undefined;

const ZONE_FIELDS: FilterFields<ZoneOfRegion> = {
  'group-long-name': none,
  'group-name': (zone) => groupName(zone.region),
  message: none,
  'opt-in-status': () => 'opt-in-not-required',
  'parent-zone-id': none,
  'parent-zone-name': none,
  'region-name': (zone) => zone.region,
  state: () => 'available',
  'zone-id': (zone) => zone.id,
  'zone-name': (zone) => zone.name,
  'zone-type': () => 'availability-zone',
};

export const DescribeAvailabilityZones = operation('DescribeAvailabilityZones', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(ZONE_FIELDS, input.Filters);
    const zones = zonesOf(ctx.region).map((zone) => ({ ...zone, region: ctx.region }));
    const named = (field: 'name' | 'id', wanted: readonly string[] | undefined) => {
      const missing = wanted?.find((value) => !zones.some((zone) => zone[field] === value));
      if (missing !== undefined) throw invalidParameterValue(`Invalid availability zone: [${missing}]`);
      return (zone: Zone) => !wanted?.length || wanted.includes(zone[field]);
    };
    const hasName = named('name', input.ZoneNames);
    const hasId = named('id', input.ZoneIds);
    return {
      AvailabilityZones: zones.filter((zone) => hasName(zone) && hasId(zone) && matches(zone)).map(zoneView),
    };
  },
});

const REGION_FIELDS: FilterFields<Region> = {
  endpoint: (region) => endpointOf(region.name),
  'opt-in-status': (region) => region.optInStatus,
  'region-name': (region) => region.name,
};

export const DescribeRegions = operation('DescribeRegions', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(REGION_FIELDS, input.Filters);
    const used = await ctx.read((tx) => tx.list(regions, { where: ['account', ctx.account] }));
    const known = regionsWith([ctx.region, ...used.map((row) => row.region)]);
    const missing = input.RegionNames?.find((name) => !known.some((region) => region.name === name));
    if (missing !== undefined) throw invalidParameterValue(`Invalid region name: '${missing}'`);
    return {
      Regions: known
        .filter((region) => !input.RegionNames?.length || input.RegionNames.includes(region.name))
        .filter((region) => matches(region))
        .map((region) => ({
          RegionName: region.name,
          Endpoint: endpointOf(region.name),
          OptInStatus: region.optInStatus,
        })),
    };
  },
});

export const DescribeAccountAttributes = operation('DescribeAccountAttributes', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const region = await readRegion(ctx, (tx) => tx.get(regions, `${ctx.account}/${ctx.region}`));
    const publicAddresses = String(countOf(publicRange(cidrOf(ctx.ports.publicCidr))));
    const attributes: Readonly<Record<string, string>> = {
      'supported-platforms': 'VPC',
      'default-vpc': region?.defaultVpcId ?? 'none',
      'max-elastic-ips': publicAddresses,
      'vpc-max-elastic-ips': publicAddresses,
      'vpc-max-security-groups-per-interface': String(MAX_GROUPS_PER_INTERFACE),
    };
    const names: readonly string[] = input.AttributeNames?.length ? input.AttributeNames : Object.keys(attributes);
    return {
      AccountAttributes: names.map((name) => {
        const value = attributes[name];
        if (value === undefined) throw invalidParameterValue(`Value (${name}) for parameter attributeName is invalid.`);
        return { AttributeName: name, AttributeValues: [{ AttributeValue: value }] };
      }),
    };
  },
});

function zoneView(zone: ZoneOfRegion): AvailabilityZone {
  return {
    ZoneName: zone.name,
    ZoneId: zone.id,
    ZoneType: 'availability-zone',
    RegionName: zone.region,
    GroupName: groupName(zone.region),
    NetworkBorderGroup: zone.region,
    OptInStatus: 'opt-in-not-required',
    State: 'available',
    Messages: [],
  };
}

function groupName(region: string): string {
  return `${region}-zg-1`;
}
