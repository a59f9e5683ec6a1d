import type { CreateVpcEndpointRequest, ModifyVpcEndpointRequest } from '@aws-sdk/client-ec2';
import type { ReadTx, WriteTx } from '../../../store/store.ts';
import { writeRegion } from '../default-vpc.ts';
import { type Described, describe, nextTokenOf, pageOf } from '../describe.ts';
import {
  ENDPOINT_SERVICE_FIELDS,
  endpointService,
  endpointServices,
  endpointServiceView,
} from '../domain/endpoint-services.ts';
import { matcher } from '../domain/filters.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import {
  endpointServiceNotFound,
  invalidParameter,
  invalidParameterCombination,
  missingParameter,
  unsupportedParameter,
  unsupportedValue,
} from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { requireRow, requireVpc } from '../lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { endpointKeys } from '../resource-keys.ts';
import { interfaceGroups } from '../interface-groups.ts';
import { resourceKey, securityGroups, type VpcEndpointRow, vpcEndpoints } from '../tables.ts';
import { vpcEndpointView } from '../views/vpc-endpoint.ts';
import {
  checkEndpointTables,
  checkPrivateDns,
  plugEndpoint,
  regroupEndpoint,
  unplugEndpoint,
} from '../vpc-endpoint-parts.ts';

/** VPC endpoints: https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html */

export const CreateVpcEndpoint = operation('CreateVpcEndpoint', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.vpcEndpoint, scope, [undefined]),
    ...arnsOf(KINDS.vpc, scope, [input.VpcId]),
    ...arnsOf(KINDS.routeTable, scope, input.RouteTableIds ?? []),
    ...arnsOf(KINDS.subnet, scope, input.SubnetIds ?? []),
    ...arnsOf(KINDS.securityGroup, scope, input.SecurityGroupIds ?? []),
  ],
  keys: (input, scope) => endpointKeys(input.ServiceName ?? '', scope.region),
  creates: KINDS.vpcEndpoint,
  unsupported: ['ResourceConfigurationArn', 'ServiceNetworkArn', 'SubnetConfigurations'],
  handle: async (ctx, input) => {
    const { VpcId: vpcId, ClientToken: token } = input;
    if (!vpcId) throw missingParameter('vpcId');
    const wanted = wantedEndpoint(ctx, input, vpcId);
    const made = await writeRegion(ctx, async (tx) => {
      const [before] = await madeBefore(tx, vpcEndpoints, ctx, wanted.idempotency);
      if (before) return before;
      const vpc = await requireVpc(tx, ctx, vpcId);
      await checkEndpointTables(tx, ctx, wanted, wanted.routeTableIds);
      await checkPrivateDns(tx, ctx, wanted, vpc);
      const isInterface = wanted.type === 'Interface';
      const groups = isInterface ? await interfaceGroups(tx, ctx, vpcId, input.SecurityGroupIds) : [];
      const row = { ...wanted, groupIds: groups.map((group) => group.groupId) };
      const interfaces = isInterface ? await plugEndpoint(tx, ctx, row, [...new Set(input.SubnetIds)]) : [];
      return tx.put<VpcEndpointRow>(vpcEndpoints, { ...row, interfaces });
    });
    const groups = await ctx.read((tx) => groupsOf(tx, made));
    return {
      VpcEndpoint: vpcEndpointView(made, groups, made.type === 'Interface' ? 'pending' : 'available'),
      ...(token ? { ClientToken: token } : {}),
    };
  },
});

const VPC_ENDPOINTS: Described<VpcEndpointRow> = {
  kind: KINDS.vpcEndpoint,
  table: vpcEndpoints,
  indexed: { 'vpc-id': 'vpc' },
  fields: {
    'ip-address-type': (row) => (row.type === 'Interface' ? 'ipv4' : undefined),
    'service-name': (row) => row.serviceName,
    'service-region': (row) => row.region,
    'vpc-endpoint-id': (row) => row.id,
    'vpc-endpoint-state': () => 'available',
    'vpc-endpoint-type': (row) => row.type,
    'vpc-id': (row) => row.vpcId,
  },
};

export const DescribeVpcEndpoints = operation('DescribeVpcEndpoints', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, VPC_ENDPOINTS, input.VpcEndpointIds, input);
    const views = await ctx.read((tx) =>
      Promise.all(page.items.map(async (row) => vpcEndpointView(row, await groupsOf(tx, row)))),
    );
    return { VpcEndpoints: views, ...nextTokenOf(page) };
  },
});

export const ModifyVpcEndpoint = operation('ModifyVpcEndpoint', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.vpcEndpoint, scope, [input.VpcEndpointId]),
    ...arnsOf(KINDS.routeTable, scope, [...(input.AddRouteTableIds ?? []), ...(input.RemoveRouteTableIds ?? [])]),
    ...arnsOf(KINDS.subnet, scope, [...(input.AddSubnetIds ?? []), ...(input.RemoveSubnetIds ?? [])]),
    ...arnsOf(KINDS.securityGroup, scope, [
      ...(input.AddSecurityGroupIds ?? []),
      ...(input.RemoveSecurityGroupIds ?? []),
    ]),
  ],
  unsupported: ['SubnetConfigurations'],
  handle: async (ctx, input) => {
    const { VpcEndpointId: id } = input;
    if (!id) throw missingParameter('vpcEndpointId');
    checkOptions(input);
    const policy = policyOf(input.PolicyDocument);
    await writeRegion(ctx, async (tx) => {
      const before = await requireRow(tx, vpcEndpoints, KINDS.vpcEndpoint, ctx, id);
      checkMembers(before.type, [
        ['AddRouteTableIds', input.AddRouteTableIds],
        ['RemoveRouteTableIds', input.RemoveRouteTableIds],
        ['AddSubnetIds', input.AddSubnetIds],
        ['RemoveSubnetIds', input.RemoveSubnetIds],
        ['AddSecurityGroupIds', input.AddSecurityGroupIds],
        ['RemoveSecurityGroupIds', input.RemoveSecurityGroupIds],
      ]);
      const { policy: _, ...open } = before;
      const kept = input.ResetPolicy ? open : before;
      const changed = await changedParts(tx, ctx, { ...kept, ...(policy && { policy }) }, input);
      await checkPrivateDns(tx, ctx, changed, await requireVpc(tx, ctx, changed.vpcId));
      await tx.put(vpcEndpoints, { ...changed, revision: before.revision });
    });
    return { Return: true };
  },
});

export const DeleteVpcEndpoints = operation('DeleteVpcEndpoints', {
  resources: (input, scope) => arnsOf(KINDS.vpcEndpoint, scope, input.VpcEndpointIds ?? []),
  handle: async (ctx, input) => {
    const ids = [...new Set(input.VpcEndpointIds)];
    if (ids.length === 0) throw missingParameter('vpcEndpointIds');
    const missing = await writeRegion(ctx, async (tx) => {
      const unknown: string[] = [];
      for (const id of ids) {
        const row = await tx.get(vpcEndpoints, resourceKey(ctx, id));
        if (!row) {
          unknown.push(id);
          continue;
        }
        await unplugEndpoint(tx, ctx, row.interfaces);
        await tx.delete(vpcEndpoints, resourceKey(ctx, id));
      }
      return unknown;
    });
    return {
      Unsuccessful: missing.map((id) => ({
        ResourceId: id,
        Error: { Code: 'InvalidVpcEndpoint.NotFound', Message: `The Vpc Endpoint Id '${id}' does not exist` },
      })),
    };
  },
});

export const DescribeVpcEndpointServices = operation('DescribeVpcEndpointServices', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const { ServiceNames: names = [] } = input;
    const matches = matcher(ENDPOINT_SERVICE_FIELDS, input.Filters);
    const all = endpointServices(ctx.region);
    const unknown = names.find((name) => all.every((service) => service.name !== name));
    if (unknown !== undefined) throw endpointServiceNotFound(unknown);
    const named = all.filter((service) => names.length === 0 || names.includes(service.name));
    const page = pageOf(named.filter(matches), (service) => `${service.name}/${service.type}`, input);
    return {
      ServiceNames: [...new Set(page.items.map((service) => service.name))],
      ServiceDetails: page.items.map(endpointServiceView),
      ...nextTokenOf(page),
    };
  },
});

function wantedEndpoint(ctx: Ec2Context, input: CreateVpcEndpointRequest, vpcId: string): VpcEndpointRow {
  const { ServiceName: serviceName, VpcEndpointType: type = 'Gateway' } = input;
  if (!serviceName) throw missingParameter('serviceName');
  if (type !== 'Gateway' && type !== 'Interface') {
    throw unsupportedValue(type, 'VpcEndpointType', 'Gateway and Interface are.');
  }
  if (input.ServiceRegion !== undefined && input.ServiceRegion !== ctx.region) {
    throw unsupportedValue(input.ServiceRegion, 'ServiceRegion', 'Endpoints lead to their own region.');
  }
  if (!endpointService(ctx.region, serviceName, type)) throw endpointServiceNotFound(serviceName);
  checkOptions(input);
  checkMembers(type, [
    ['RouteTableIds', input.RouteTableIds],
    ['SubnetIds', input.SubnetIds],
    ['SecurityGroupIds', input.SecurityGroupIds],
  ]);
  const service = serviceOf(ctx.principal);
  const policy = policyOf(input.PolicyDocument);
  return {
    account: ctx.account,
    region: ctx.region,
    id: newId(KINDS.vpcEndpoint.prefix, ctx.ids),
    tags: tagsFor(KINDS.vpcEndpoint, input.TagSpecifications, service !== undefined),
    vpcId,
    type,
    serviceName,
    routeTableIds: [...new Set(input.RouteTableIds)],
    interfaces: [],
    groupIds: [],
    // What interface endpoints have unless they are told otherwise.
    privateDnsEnabled: input.PrivateDnsEnabled ?? type === 'Interface',
    ...(policy && { policy }),
    ...(service && { managedBy: service }),
    createdAt: ctx.now,
    ...idempotencyOf(input),
  };
}

/** Routes, network interfaces and groups as they are after the change; the interfaces' rows are written. */
async function changedParts(
  tx: WriteTx,
  ctx: Ec2Context,
  before: VpcEndpointRow,
  input: ModifyVpcEndpointRequest,
): Promise<VpcEndpointRow> {
  const { AddRouteTableIds: added = [], RemoveRouteTableIds: removed = [], RemoveSubnetIds: left = [] } = input;
  await checkEndpointTables(tx, ctx, before, added);
  const routeTableIds = [...new Set([...before.routeTableIds.filter((id) => !removed.includes(id)), ...added])];
  const goes = (one: VpcEndpointRow['interfaces'][number]) => left.includes(one.subnetId);
  await unplugEndpoint(tx, ctx, before.interfaces.filter(goes));
  const groups = before.groupIds.filter((id) => !input.RemoveSecurityGroupIds?.includes(id));
  const groupIds = [...new Set([...groups, ...(input.AddSecurityGroupIds ?? [])])];
  if (before.type === 'Interface' && groupIds.length === 0) throw missingParameter('securityGroupIds');
  const changed: VpcEndpointRow = {
    ...before,
    routeTableIds,
    groupIds,
    interfaces: before.interfaces.filter((one) => !goes(one)),
    privateDnsEnabled: input.PrivateDnsEnabled ?? before.privateDnsEnabled,
  };
  if (changed.type === 'Gateway') return changed;
  await regroupEndpoint(tx, ctx, changed);
  const there = new Set(changed.interfaces.map((one) => one.subnetId));
  const fresh = [...new Set(input.AddSubnetIds)].filter((id) => !there.has(id));
  return { ...changed, interfaces: [...changed.interfaces, ...(await plugEndpoint(tx, ctx, changed, fresh))] };
}

type Options = Pick<CreateVpcEndpointRequest, 'IpAddressType' | 'DnsOptions'>;

function checkOptions({ IpAddressType: addresses, DnsOptions: dns }: Options): void {
  if (addresses !== undefined && addresses !== 'ipv4') {
    throw unsupportedValue(addresses, 'IpAddressType', 'There is no IPv6 here.');
  }
  if (dns?.DnsRecordIpType !== undefined && dns.DnsRecordIpType !== 'ipv4') {
    throw unsupportedValue(dns.DnsRecordIpType, 'DnsOptions.DnsRecordIpType', 'There is no IPv6 here.');
  }
  if (dns?.PrivateDnsOnlyForInboundResolverEndpoint) {
    throw unsupportedParameter('DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint');
  }
}

/** Routes are for gateway endpoints, network interfaces for interface endpoints. */
function checkMembers(
  type: VpcEndpointRow['type'],
  members: readonly (readonly [string, readonly string[] | undefined])[],
): void {
  const isForGateways = (name: string) => name.endsWith('RouteTableIds');
  const wrong = members.find(([name, ids]) => ids?.length && isForGateways(name) !== (type === 'Gateway'));
  if (wrong) throw invalidParameterCombination(`${wrong[0]} cannot be used with an endpoint of type ${type}.`);
}

/** Kept as it is: it limits nobody here. */
function policyOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    JSON.parse(text);
  } catch {
    throw invalidParameter('Policy document should be a valid JSON document.');
  }
  return text;
}

async function groupsOf(tx: ReadTx, row: VpcEndpointRow) {
  const groups = await Promise.all(row.groupIds.map((id) => tx.get(securityGroups, resourceKey(row, id))));
  return groups.filter((group) => group !== undefined);
}
