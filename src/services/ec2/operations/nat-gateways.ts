import type { Stored, WriteTx } from '../../../store/store.ts';
import { associate, releaseFrom } from '../associations.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { type Described, describe, nextTokenOf } from '../describe.ts';
import { newMacAddress } from '../domain/interface-request.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId, notFoundOf } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import { alreadyAssociated, gatewayNotAttached, missingParameter, unsupportedValue } from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { requireRow, requireSubnet } from '../lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { requireAddress } from '../public-addresses.ts';
import { returnSubnetAddress, takeSubnetAddress } from '../subnet-addresses.ts';
import {
  internetGateways,
  natGateways,
  type NatGatewayRow,
  type NetworkInterfaceRow,
  networkInterfaces,
  resourceKey,
} from '../tables.ts';
import { natGatewayView } from '../views/nat-gateway.ts';

/** How long a deleted gateway is shown. */
const SHOWN_FOR_MS = 60 * 60_000;
const OWNER = 'amazon-aws';

export const CreateNatGateway = operation('CreateNatGateway', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.natGateway, scope, [undefined]),
    ...arnsOf(KINDS.subnet, scope, [input.SubnetId]),
    ...arnsOf(KINDS.address, scope, input.AllocationId ? [input.AllocationId] : []),
  ],
  creates: KINDS.natGateway,
  unsupported: [
    'AvailabilityMode',
    'AvailabilityZoneAddresses',
    'SecondaryAllocationIds',
    'SecondaryPrivateIpAddressCount',
    'SecondaryPrivateIpAddresses',
    'VpcId',
  ],
  handle: async (ctx, input) => {
    const { SubnetId: subnetId, AllocationId: allocationId, ClientToken: token } = input;
    if (input.ConnectivityType === 'private') {
      throw unsupportedValue('private', 'ConnectivityType', 'There is nothing else that a private one could lead to.');
    }
    if (!subnetId) throw missingParameter('subnetId');
    if (!allocationId) throw missingParameter('allocationId');
    const tags = tagsFor(KINDS.natGateway, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const once = idempotencyOf(input);
    const row = await writeRegion(ctx, async (tx) => {
      await forgetOld(tx, ctx);
      const [made] = await madeBefore(tx, natGateways, ctx, once.idempotency);
      if (made) return made;
      const wanted = { subnetId, allocationId, privateIp: input.PrivateIpAddress };
      return tx.put<NatGatewayRow>(natGateways, {
        ...(await newGateway(tx, ctx, wanted)),
        tags,
        ...once,
      });
    });
    return { NatGateway: natGatewayView(row, 'pending'), ...(token ? { ClientToken: token } : {}) };
  },
});

export const DeleteNatGateway = operation('DeleteNatGateway', {
  resources: (input, scope) => arnsOf(KINDS.natGateway, scope, [input.NatGatewayId]),
  handle: async (ctx, input) => {
    const id = input.NatGatewayId;
    if (!id) throw missingParameter('natGatewayId');
    await writeRegion(ctx, async (tx) => {
      await forgetOld(tx, ctx);
      const row = await requireRow(tx, natGateways, KINDS.natGateway, ctx, id);
      if (row.deletedAt !== undefined) return;
      const key = resourceKey(ctx, row.networkInterfaceId);
      const networkInterface = await tx.get(networkInterfaces, key);
      if (networkInterface) {
        await releaseFrom(tx, ctx, networkInterface);
        await returnSubnetAddress(tx, resourceKey(ctx, row.subnetId));
        await tx.delete(networkInterfaces, key);
      }
      await tx.put(natGateways, { ...row, deletedAt: ctx.now });
    });
    return { NatGatewayId: id };
  },
});

const NAT_GATEWAYS: Described<NatGatewayRow> = {
  kind: KINDS.natGateway,
  table: natGateways,
  indexed: { 'vpc-id': 'vpc', 'subnet-id': 'subnet' },
  fields: {
    'nat-gateway-id': (row) => row.id,
    state: (row) => (row.deletedAt === undefined ? 'available' : 'deleted'),
    'subnet-id': (row) => row.subnetId,
    'vpc-id': (row) => row.vpcId,
  },
};

export const DescribeNatGateways = operation('DescribeNatGateways', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const ids = input.NatGatewayIds ?? [];
    const old = (row: NatGatewayRow) => isOld(row, ctx.now);
    if (ids.length > 0) {
      const rows = await readRegion(ctx, (tx) =>
        Promise.all(ids.map((id) => requireRow(tx, natGateways, KINDS.natGateway, ctx, id))),
      );
      const gone = rows.find(old);
      if (gone) throw notFoundOf(KINDS.natGateway, gone.id);
    }
    const page = await describe(ctx, NAT_GATEWAYS, ids, { ...input, Filters: input.Filter });
    return {
      NatGateways: page.items.filter((row) => !old(row)).map((row) => natGatewayView(row)),
      ...nextTokenOf(page),
    };
  },
});

function isOld(row: NatGatewayRow, now: number): boolean {
  return row.deletedAt !== undefined && now - row.deletedAt > SHOWN_FOR_MS;
}

/** Every write goes over them, so that they do not pile up. */
async function forgetOld(tx: WriteTx, ctx: Ec2Context): Promise<void> {
  const rows = await tx.list(natGateways, { prefix: resourceKey(ctx, '') });
  for (const row of rows.filter((one) => isOld(one, ctx.now))) await tx.delete(natGateways, resourceKey(ctx, row.id));
}

/** The gateway with its network interface, which has the public address. */
async function newGateway(
  tx: WriteTx,
  ctx: Ec2Context,
  wanted: { subnetId: string; allocationId: string; privateIp: string | undefined },
): Promise<NatGatewayRow> {
  const subnet = await requireSubnet(tx, ctx, wanted.subnetId);
  const address = await requireAddress(tx, ctx, wanted.allocationId);
  if (address.association) throw alreadyAssociated(address.id, address.association.associationId);
  const [gateway] = await tx.list(internetGateways, { where: ['vpc', resourceKey(ctx, subnet.vpcId)], limit: 1 });
  if (!gateway) throw gatewayNotAttached(subnet.vpcId);
  const id = newId(KINDS.natGateway.prefix, ctx.ids);
  const scope = { account: ctx.account, region: ctx.region };
  const networkInterface: Stored<NetworkInterfaceRow> = await tx.put<NetworkInterfaceRow>(networkInterfaces, {
    ...scope,
    id: newId(KINDS.networkInterface.prefix, ctx.ids),
    tags: {},
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    zoneName: subnet.zoneName,
    zoneId: subnet.zoneId,
    description: `Interface for NAT Gateway ${id}`,
    privateIp: await takeSubnetAddress(tx, subnet, wanted.privateIp),
    macAddress: newMacAddress(ctx.ids),
    groups: [],
    interfaceType: 'nat_gateway',
    managedBy: 'ec2.amazonaws.com',
    requesterId: OWNER,
    attachment: {
      attachmentId: newId('ela-attach', ctx.ids),
      instanceOwnerId: OWNER,
      deviceIndex: 1,
      attachedAt: ctx.now,
    },
  });
  const associationId = newId('eipassoc', ctx.ids);
  await associate(tx, address, networkInterface, associationId);
  return {
    ...scope,
    id,
    tags: {},
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    networkInterfaceId: networkInterface.id,
    privateIp: networkInterface.privateIp,
    publicIp: address.publicIp,
    allocationId: address.id,
    associationId,
    createdAt: ctx.now,
  };
}
