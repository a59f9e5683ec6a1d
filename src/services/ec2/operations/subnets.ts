import { type Described, describe, nextTokenOf } from '../describe.ts';
import { arnOf, KINDS } from '../domain/resource-kind.ts';
import { operation } from '../operation.ts';
import { type SubnetRow, subnets } from '../tables.ts';
import { availableAddresses, subnetView } from '../views/vpc.ts';

const none = () => undefined;
const cidrBlock = (row: SubnetRow) => row.cidrBlock;
const zoneName = (row: SubnetRow) => row.zoneName;
const zoneId = (row: SubnetRow) => row.zoneId;
const defaultForAz = (row: SubnetRow) => row.defaultForAz;

const SUBNETS: Described<SubnetRow> = {
  kind: KINDS.subnet,
  table: subnets,
  indexed: { 'vpc-id': 'vpc' },
  fields: {
    'availability-zone': zoneName,
    availabilityZone: zoneName,
    'availability-zone-id': zoneId,
    availabilityZoneId: zoneId,
    'available-ip-address-count': availableAddresses,
    cidr: cidrBlock,
    cidrBlock,
    'cidr-block': cidrBlock,
    'customer-owned-ipv4-pool': none,
    'default-for-az': defaultForAz,
    defaultForAz,
    'enable-dns64': () => false,
    'enable-lni-at-device-index': none,
    'ipv6-cidr-block-association.association-id': none,
    'ipv6-cidr-block-association.ipv6-cidr-block': none,
    'ipv6-cidr-block-association.state': none,
    'ipv6-native': () => false,
    'map-customer-owned-ip-on-launch': () => false,
    'map-public-ip-on-launch': (row) => row.mapPublicIpOnLaunch,
    'outpost-arn': none,
    'owner-id': (row) => row.account,
    'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': () => false,
    'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': () => false,
    'private-dns-name-options-on-launch.hostname-type': () => 'ip-name',
    state: () => 'available',
    'subnet-arn': (row) => arnOf(KINDS.subnet, row, row.id),
    'subnet-id': (row) => row.id,
    'vpc-id': (row) => row.vpcId,
  },
};

export const DescribeSubnets = operation('DescribeSubnets', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, SUBNETS, input.SubnetIds, input);
    return { Subnets: page.items.map(subnetView), ...nextTokenOf(page) };
  },
});
