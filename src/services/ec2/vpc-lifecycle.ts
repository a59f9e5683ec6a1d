import { scopeKey } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored, Table, WriteTx } from '../../store/store.ts';
import { takeTransitIndex } from './default-vpc.ts';
import { listRegion } from './describe.ts';
import { type Cidr, cidrOf, formatCidr, overlap, parseCidr } from './domain/cidr.ts';
import {
  defaultDhcpOptions,
  defaultNetworkAcl,
  defaultSecurityGroup,
  mainRouteTable,
} from './domain/default-network.ts';
import { newId } from './domain/resource-kind.ts';
import { hasDependencies, invalidVpcRange } from './errors.ts';
import type { Ec2Context } from './operation.ts';
import {
  dhcpOptions,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  regions,
  type Resource,
  resourceKey,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  type VpcRow,
  vpcs,
} from './tables.ts';

/** What can be no VPC: ranges with another meaning, and those that this server itself uses. */
const RESERVED = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '198.18.0.0/15', '224.0.0.0/3'].map(cidrOf);
const LONGEST_PREFIX = 28;
const SHORTEST_PREFIX = 16;

/** A VPC's or a subnet's block with its host bits cleared; undefined when it has not from 16 to 65,536 addresses. */
export function networkCidr(text: string): Cidr | undefined {
  const cidr = parseCidr(text);
  return cidr && cidr.prefix >= SHORTEST_PREFIX && cidr.prefix <= LONGEST_PREFIX ? cidr : undefined;
}

/** Throws InvalidVpc.Range. */
export function vpcCidr(text: string): string {
  const cidr = networkCidr(text);
  if (!cidr || RESERVED.some((one) => overlap(one, cidr))) throw invalidVpcRange(text);
  return formatCidr(cidr);
}

/** A VPC with what each has: a main route table, a default security group and a default network ACL. */
export async function makeVpc(tx: WriteTx, ctx: Ec2Context, cidrBlock: string, tags: Tags): Promise<VpcRow> {
  const resource = (prefix: string): Resource => ({
    account: ctx.account,
    region: ctx.region,
    id: newId(prefix, ctx.ids),
    tags: {},
  });
  const options = (await listRegion(tx, dhcpOptions, ctx)).find((one) => !one.isOwn);
  const dhcp = options ?? (await tx.put(dhcpOptions, defaultDhcpOptions(resource('dopt'))));
  const vpc = await tx.put<VpcRow>(vpcs, {
    ...resource('vpc'),
    tags,
    cidrBlocks: [{ associationId: newId('vpc-cidr-assoc', ctx.ids), cidrBlock }],
    isDefault: false,
    dhcpOptionsId: dhcp.id,
    enableDnsSupport: true,
    enableDnsHostnames: false,
    transitIndex: await takeTransitIndex(tx, ctx.ports.transitLinks),
  });
  await tx.put(routeTables, mainRouteTable(resource('rtb'), vpc, ctx.ids));
  await tx.put(securityGroups, defaultSecurityGroup(resource('sg'), vpc, ctx.ids));
  await tx.put(networkAcls, defaultNetworkAcl(resource('acl'), vpc, [], ctx.ids));
  return vpc;
}

/** With what was made with it; throws DependencyViolation while anything else is in it. */
export async function removeVpc(tx: WriteTx, vpc: Stored<VpcRow>): Promise<void> {
  if (await hasDependants(tx, vpc)) throw hasDependencies('vpc', vpc.id);
  await removeAll(tx, routeTables, vpc);
  await removeAll(tx, securityGroups, vpc);
  await removeAll(tx, networkAcls, vpc);
  await removeAll(tx, natGateways, vpc);
  await tx.delete(vpcs, resourceKey(vpc, vpc.id));
  const region = await tx.get(regions, scopeKey(vpc));
  if (region?.defaultVpcId !== vpc.id) return;
  const { defaultVpcId: _, ...rest } = region;
  await tx.put(regions, rest);
}

async function removeAll<R extends Resource>(tx: WriteTx, table: Table<R>, vpc: VpcRow): Promise<void> {
  for (const row of await tx.list(table, { where: ['vpc', resourceKey(vpc, vpc.id)] })) {
    await tx.delete(table, resourceKey(vpc, row.id));
  }
}

async function hasDependants(tx: ReadTx, vpc: VpcRow): Promise<boolean> {
  const inside = { where: ['vpc', resourceKey(vpc, vpc.id)] } as const;
  const found = await Promise.all([
    tx.list(subnets, inside),
    tx.list(internetGateways, inside),
    tx.list(networkInterfaces, inside),
    tx.list(securityGroups, inside).then((rows) => rows.filter((row) => row.name !== 'default')),
    tx.list(vpcEndpoints, inside),
    tx.list(networkAcls, inside).then((rows) => rows.filter((row) => !row.isDefault)),
    tx.list(routeTables, inside).then((rows) => rows.filter((row) => row.associations.every((one) => !one.main))),
  ]);
  return found.some((rows) => rows.length > 0);
}
