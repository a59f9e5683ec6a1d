import type { Stored, WriteTx } from '../../store/store.ts';
import { prefixListOfService } from './domain/aws-prefix-lists.ts';
import { endpointService } from './domain/endpoint-services.ts';
import { newMacAddress } from './domain/interface-request.ts';
import { KINDS, newId } from './domain/resource-kind.ts';
import {
  differentNetworks,
  duplicateEndpointZone,
  endpointRouteExists,
  invalidParameter,
  privateDnsConflict,
} from './errors.ts';
import { interfaceGroups } from './interface-groups.ts';
import { requireSubnet } from './lookup.ts';
import type { Ec2Context } from './operation.ts';
import { requireRouteTable } from './route-table-lookup.ts';
import { returnSubnetAddress, takeSubnetAddress } from './subnet-addresses.ts';
import {
  type NetworkInterfaceRow,
  networkInterfaces,
  resourceKey,
  type VpcEndpointRow,
  vpcEndpoints,
  type VpcRow,
} from './tables.ts';

/** What a VPC endpoint has in its VPC: routes, or network interfaces. Rows of endpoints are the caller's to write. */

/** Of those of a service, so that only it may delete them. */
const OWNER = 'ec2.amazonaws.com';

/** Throws where a table is of another VPC, or leads to the service by another endpoint. */
export async function checkEndpointTables(
  tx: WriteTx,
  ctx: Ec2Context,
  endpoint: VpcEndpointRow,
  tableIds: readonly string[],
): Promise<void> {
  const others = await tx.list(vpcEndpoints, { where: ['vpc', resourceKey(ctx, endpoint.vpcId)] });
  for (const id of tableIds) {
    const table = await requireRouteTable(tx, ctx, id);
    if (table.vpcId !== endpoint.vpcId) throw differentNetworks(`route table ${id}`, `network ${endpoint.vpcId}`);
    const taken = others.some(
      (one) =>
        one.id !== endpoint.id && one.serviceName === endpoint.serviceName && one.routeTableIds.includes(table.id),
    );
    if (taken) throw endpointRouteExists(id, prefixListOfService(ctx, endpoint.serviceName)?.id ?? '');
  }
}

/** Throws for a gateway, where another endpoint of the VPC has the private name, or where the VPC has no names. */
export async function checkPrivateDns(
  tx: WriteTx,
  ctx: Ec2Context,
  endpoint: VpcEndpointRow,
  vpc: VpcRow,
): Promise<void> {
  if (!endpoint.privateDnsEnabled) return;
  if (endpoint.type === 'Gateway') {
    throw invalidParameter('private-dns-enabled cannot be set for an endpoint of type Gateway');
  }
  if (!vpc.enableDnsSupport || !vpc.enableDnsHostnames) {
    throw invalidParameter(
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpc.id}`,
    );
  }
  const others = await tx.list(vpcEndpoints, { where: ['vpc', resourceKey(ctx, vpc.id)] });
  const conflicts = others.some(
    (one) => one.id !== endpoint.id && one.privateDnsEnabled && one.serviceName === endpoint.serviceName,
  );
  const name = endpointService(ctx.region, endpoint.serviceName, 'Interface')?.privateDnsName ?? endpoint.serviceName;
  if (conflicts) throw privateDnsConflict(name, vpc.id);
}

/** A network interface in each subnet; nothing answers there. */
export async function plugEndpoint(
  tx: WriteTx,
  ctx: Ec2Context,
  endpoint: VpcEndpointRow,
  subnetIds: readonly string[],
): Promise<VpcEndpointRow['interfaces']> {
  const zones = new Set<string>();
  for (const one of endpoint.interfaces) zones.add((await requireSubnet(tx, ctx, one.subnetId)).zoneName);
  const groups = await interfaceGroups(tx, ctx, endpoint.vpcId, endpoint.groupIds);
  const made: VpcEndpointRow['interfaces'][number][] = [];
  for (const subnetId of subnetIds) {
    const subnet = await requireSubnet(tx, ctx, subnetId);
    if (subnet.vpcId !== endpoint.vpcId) throw differentNetworks(`subnet ${subnetId}`, `network ${endpoint.vpcId}`);
    if (zones.has(subnet.zoneName)) throw duplicateEndpointZone(subnetId);
    zones.add(subnet.zoneName);
    const row = await tx.put<NetworkInterfaceRow>(networkInterfaces, {
      account: ctx.account,
      region: ctx.region,
      id: newId(KINDS.networkInterface.prefix, ctx.ids),
      tags: {},
      vpcId: subnet.vpcId,
      subnetId: subnet.id,
      zoneName: subnet.zoneName,
      zoneId: subnet.zoneId,
      description: `VPC Endpoint Interface ${endpoint.id}`,
      privateIp: await takeSubnetAddress(tx, subnet, undefined),
      macAddress: newMacAddress(ctx.ids),
      groups,
      interfaceType: 'vpc_endpoint',
      managedBy: OWNER,
      requesterId: ctx.account,
      attachment: {
        attachmentId: newId('ela-attach', ctx.ids),
        instanceOwnerId: 'amazon-aws',
        deviceIndex: 1,
        attachedAt: ctx.now,
      },
    });
    made.push({ subnetId: subnet.id, networkInterfaceId: row.id });
  }
  return made;
}

export async function unplugEndpoint(
  tx: WriteTx,
  ctx: Ec2Context,
  interfaces: VpcEndpointRow['interfaces'],
): Promise<void> {
  for (const { subnetId, networkInterfaceId } of interfaces) {
    await returnSubnetAddress(tx, resourceKey(ctx, subnetId));
    await tx.delete(networkInterfaces, resourceKey(ctx, networkInterfaceId));
  }
}

/** Gives the endpoint's interfaces the groups that it has now. */
export async function regroupEndpoint(tx: WriteTx, ctx: Ec2Context, endpoint: VpcEndpointRow): Promise<void> {
  const groups = await interfaceGroups(tx, ctx, endpoint.vpcId, endpoint.groupIds);
  for (const { networkInterfaceId } of endpoint.interfaces) {
    const row = await tx.get(networkInterfaces, resourceKey(ctx, networkInterfaceId));
    if (row) await tx.put(networkInterfaces, { ...row, groups });
  }
}

/** A table that is deleted takes its routes with it. */
export async function forgetRouteTable(
  tx: WriteTx,
  ctx: Ec2Context,
  table: { readonly id: string; readonly vpcId: string },
): Promise<void> {
  const endpoints: readonly Stored<VpcEndpointRow>[] = await tx.list(vpcEndpoints, {
    where: ['vpc', resourceKey(ctx, table.vpcId)],
  });
  for (const row of endpoints.filter((one) => one.routeTableIds.includes(table.id))) {
    await tx.put(vpcEndpoints, { ...row, routeTableIds: row.routeTableIds.filter((id) => id !== table.id) });
  }
}
