import type { CreateRouteRequest, ReplaceRouteRequest } from '@aws-sdk/client-ec2';
import type { ReadTx } from '../../../store/store.ts';
import { writeRegion } from '../default-vpc.ts';
import { cidrOf, containsCidr, formatCidr, parseCidr } from '../domain/cidr.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import {
  differentNetworks,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  notFound,
  routeExists,
  routeNotFound,
} from '../errors.ts';
import { requireRow, requireVpc } from '../lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { requireRouteTable } from '../route-table-lookup.ts';
import { internetGateways, natGateways, type RouteTableRow, routeTables } from '../tables.ts';

/** Routes out of a VPC: through its internet gateway, or a NAT gateway of it. */

const UNSUPPORTED = [
  'CarrierGatewayId',
  'CoreNetworkArn',
  'DestinationIpv6CidrBlock',
  'DestinationPrefixListId',
  'EgressOnlyInternetGatewayId',
  'InstanceId',
  'LocalGatewayId',
  'NetworkInterfaceId',
  'OdbNetworkArn',
  'TransitGatewayId',
  'VpcPeeringConnectionId',
] as const;

export const CreateRoute = operation('CreateRoute', {
  resources: (input, scope) => arnsOf(KINDS.routeTable, scope, [input.RouteTableId]),
  unsupported: [...UNSUPPORTED, 'VpcEndpointId'],
  handle: async (ctx, input) => {
    const destinationCidrBlock = destinationOf(input);
    await writeRegion(ctx, async (tx) => {
      const table = await requireRouteTable(tx, ctx, input.RouteTableId);
      if (table.routes.some((route) => route.destinationCidrBlock === destinationCidrBlock)) {
        throw routeExists(destinationCidrBlock);
      }
      await checkOutside(tx, ctx, table, destinationCidrBlock);
      const target = await targetOf(tx, ctx, table, input);
      const route = { destinationCidrBlock, ...target, origin: 'CreateRoute' as const };
      await tx.put(routeTables, { ...table, routes: [...table.routes, route] });
    });
    return { Return: true };
  },
});

export const ReplaceRoute = operation('ReplaceRoute', {
  resources: (input, scope) => arnsOf(KINDS.routeTable, scope, [input.RouteTableId]),
  unsupported: [...UNSUPPORTED, 'LocalTarget', 'VpcEndpointId'],
  handle: async (ctx, input) => {
    const destination = destinationOf(input);
    await writeRegion(ctx, async (tx) => {
      const table = await requireRouteTable(tx, ctx, input.RouteTableId);
      const before = table.routes.find((route) => route.destinationCidrBlock === destination);
      if (!before) throw routeNotFound(destination, table.id);
      await checkOutside(tx, ctx, table, destination);
      const target = await targetOf(tx, ctx, table, input);
      const after = { destinationCidrBlock: destination, ...target, origin: before.origin };
      await tx.put(routeTables, { ...table, routes: table.routes.map((route) => (route === before ? after : route)) });
    });
    return {};
  },
});

export const DeleteRoute = operation('DeleteRoute', {
  resources: (input, scope) => arnsOf(KINDS.routeTable, scope, [input.RouteTableId]),
  unsupported: ['DestinationIpv6CidrBlock', 'DestinationPrefixListId'],
  handle: async (ctx, input) => {
    const destination = destinationOf(input);
    await writeRegion(ctx, async (tx) => {
      const table = await requireRouteTable(tx, ctx, input.RouteTableId);
      const found = table.routes.find((route) => route.destinationCidrBlock === destination);
      if (!found) throw routeNotFound(destination, table.id);
      if (found.gatewayId === 'local') {
        throw invalidParameterValue(`cannot remove local route ${destination} in route table ${table.id}`);
      }
      await tx.put(routeTables, { ...table, routes: table.routes.filter((route) => route !== found) });
    });
    return {};
  },
});

/** With its host bits cleared. */
function destinationOf({ DestinationCidrBlock: text }: { DestinationCidrBlock?: string | undefined }): string {
  if (!text) throw missingParameter('destinationCidrBlock');
  const cidr = parseCidr(text);
  if (!cidr) throw invalidParameterValue(`Value (${text}) for parameter destinationCidrBlock is invalid.`);
  return formatCidr(cidr);
}

async function checkOutside(tx: ReadTx, ctx: Ec2Context, table: RouteTableRow, destination: string): Promise<void> {
  const vpc = await requireVpc(tx, ctx, table.vpcId);
  if (vpc.cidrBlocks.some((block) => containsCidr(cidrOf(block.cidrBlock), cidrOf(destination)))) {
    throw invalidParameterValue(
      `The destination CIDR block ${destination} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
    );
  }
}

async function targetOf(
  tx: ReadTx,
  ctx: Ec2Context,
  table: RouteTableRow,
  { GatewayId: gatewayId, NatGatewayId: natGatewayId }: CreateRouteRequest | ReplaceRouteRequest,
): Promise<{ gatewayId: string } | { natGatewayId: string }> {
  if (gatewayId && natGatewayId) {
    throw invalidParameterCombination('The request must contain exactly one target of the route.');
  }
  if (natGatewayId) {
    const nat = await requireRow(tx, natGateways, KINDS.natGateway, ctx, natGatewayId);
    if (nat.deletedAt !== undefined) throw notFound('InvalidNatGatewayID.NotFound', 'natGateway ID', natGatewayId);
    if (nat.vpcId !== table.vpcId) throw differentNetworks(`route table ${table.id}`, `nat gateway ${nat.id}`);
    return { natGatewayId: nat.id };
  }
  if (!gatewayId) throw missingParameter('gatewayId');
  if (!gatewayId.startsWith('igw-')) {
    throw notFound('InvalidGatewayID.NotFound', 'gateway ID', gatewayId);
  }
  const gateway = await requireRow(tx, internetGateways, KINDS.internetGateway, ctx, gatewayId);
  if (gateway.vpcId !== table.vpcId) throw differentNetworks(`route table ${table.id}`, `network gateway ${gatewayId}`);
  return { gatewayId };
}
