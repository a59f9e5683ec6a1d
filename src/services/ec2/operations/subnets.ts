import { type Described, describe, nextTokenOf } from '../describe.ts';
import { writeRegion } from '../default-vpc.ts';
import { containsCidr, formatCidr, overlap, cidrOf } from '../domain/cidr.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnOf, arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import { type Zone, zonesOf } from '../domain/zones.ts';
import {
  hasDependencies,
  invalidParameterValue,
  invalidSubnetRange,
  missingParameter,
  subnetConflict,
  unsupportedParameter,
} from '../errors.ts';
import { requireSubnet, requireVpc } from '../lookup.ts';
import { networkCidr } from '../vpc-lifecycle.ts';
import { operation } from '../operation.ts';
import { networkAcls, networkInterfaces, resourceKey, routeTables, type SubnetRow, subnets } from '../tables.ts';
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

export const CreateSubnet = operation('CreateSubnet', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.subnet, scope, [undefined]),
    ...arnsOf(KINDS.vpc, scope, [input.VpcId]),
  ],
  creates: KINDS.subnet,
  unsupported: [
    'Ipv4IpamPoolId',
    'Ipv4NetmaskLength',
    'Ipv6CidrBlock',
    'Ipv6IpamPoolId',
    'Ipv6Native',
    'Ipv6NetmaskLength',
    'OutpostArn',
  ],
  handle: async (ctx, input) => {
    const { VpcId: vpcId, CidrBlock: text } = input;
    if (!vpcId) throw missingParameter('vpcId');
    if (!text) throw missingParameter('cidrBlock');
    const zone = chosenZone(ctx.region, input);
    const cidr = networkCidr(text);
    if (!cidr) throw invalidSubnetRange(text);
    const tags = tagsFor(KINDS.subnet, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const row = await writeRegion(ctx, async (tx) => {
      const vpc = await requireVpc(tx, ctx, vpcId);
      if (!vpc.cidrBlocks.some((block) => containsCidr(cidrOf(block.cidrBlock), cidr))) throw invalidSubnetRange(text);
      const others = await tx.list(subnets, { where: ['vpc', resourceKey(ctx, vpc.id)] });
      if (others.some((one) => overlap(cidrOf(one.cidrBlock), cidr))) throw subnetConflict(text);
      const id = newId(KINDS.subnet.prefix, ctx.ids);
      const acls = await tx.list(networkAcls, { where: ['vpc', resourceKey(ctx, vpc.id)] });
      const acl = acls.find((one) => one.isDefault);
      if (acl) {
        const association = { associationId: newId('aclassoc', ctx.ids), subnetId: id };
        await tx.put(networkAcls, { ...acl, associations: [...acl.associations, association] });
      }
      return tx.put<SubnetRow>(subnets, {
        account: ctx.account,
        region: ctx.region,
        id,
        tags,
        vpcId: vpc.id,
        cidrBlock: formatCidr(cidr),
        zoneName: zone.name,
        zoneId: zone.id,
        defaultForAz: false,
        mapPublicIpOnLaunch: false,
        addressesInUse: 0,
      });
    });
    return { Subnet: subnetView(row) };
  },
});

export const DeleteSubnet = operation('DeleteSubnet', {
  resources: (input, scope) => arnsOf(KINDS.subnet, scope, [input.SubnetId]),
  handle: async (ctx, input) => {
    const id = input.SubnetId;
    if (!id) throw missingParameter('subnetId');
    await writeRegion(ctx, async (tx) => {
      const subnet = await requireSubnet(tx, ctx, id);
      const [used] = await tx.list(networkInterfaces, { where: ['subnet', resourceKey(ctx, id)], limit: 1 });
      if (used) throw hasDependencies('subnet', id);
      const inside = { where: ['vpc', resourceKey(ctx, subnet.vpcId)] } as const;
      for (const row of await tx.list(routeTables, inside)) {
        const associations = row.associations.filter((one) => one.subnetId !== id);
        if (associations.length < row.associations.length) await tx.put(routeTables, { ...row, associations });
      }
      for (const row of await tx.list(networkAcls, inside)) {
        const associations = row.associations.filter((one) => one.subnetId !== id);
        if (associations.length < row.associations.length) await tx.put(networkAcls, { ...row, associations });
      }
      await tx.delete(subnets, resourceKey(ctx, id));
    });
    return {};
  },
});

export const ModifySubnetAttribute = operation('ModifySubnetAttribute', {
  resources: (input, scope) => arnsOf(KINDS.subnet, scope, [input.SubnetId]),
  handle: async (ctx, input) => {
    const { SubnetId: id, MapPublicIpOnLaunch: mapPublicIp, ...others } = input;
    if (!id) throw missingParameter('subnetId');
    const other = Object.entries(others).find(([name, value]) => name !== 'DryRun' && value !== undefined);
    if (other) throw unsupportedParameter(other[0]);
    if (mapPublicIp?.Value === undefined) throw missingParameter('mapPublicIpOnLaunch');
    const mapPublicIpOnLaunch = mapPublicIp.Value;
    await writeRegion(ctx, async (tx) => {
      await tx.put(subnets, { ...(await requireSubnet(tx, ctx, id)), mapPublicIpOnLaunch });
    });
    return {};
  },
});

/** The one that is asked for, or the region's first. */
function chosenZone(
  region: string,
  {
    AvailabilityZone: name,
    AvailabilityZoneId: id,
  }: { AvailabilityZone?: string | undefined; AvailabilityZoneId?: string | undefined },
): Zone {
  const zones = zonesOf(region);
  const found = zones.find((zone) => (name ? zone.name === name : id ? zone.id === id : true));
  if (found) return found;
  const names = zones.map((zone) => zone.name).join(', ');
  throw invalidParameterValue(
    `Value (${name ?? id}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${names}.`,
  );
}
