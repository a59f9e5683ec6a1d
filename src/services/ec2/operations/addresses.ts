import { associate, disassociate, releaseFrom } from '../associations.ts';
import { addressResource, associationResources, instanceResources } from '../authorization.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import {
  addressIsAssociated,
  alreadyAssociated,
  instanceNotValid,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  notFound,
  unsupportedValue,
} from '../errors.ts';
import { instances } from '../instance-tables.ts';
import { checkMayChange } from '../interface-permission.ts';
import { requireRow } from '../lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import {
  addressOfAssociation,
  isVisible,
  requireAddress,
  requireInternetGateway,
  requirePublicIp,
  takePublicAddress,
} from '../public-addresses.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { addresses, type AddressRow, type NetworkInterfaceRow, networkInterfaces, resourceKey } from '../tables.ts';
import { type AddressOfInstance, addressView } from '../views/network-interface.ts';

export const AllocateAddress = operation('AllocateAddress', {
  resources: (_, scope) => arnsOf(KINDS.address, scope, [undefined]),
  creates: KINDS.address,
  unsupported: ['Address', 'CustomerOwnedIpv4Pool', 'IpamPoolId'],
  handle: async (ctx, input) => {
    if (input.Domain !== undefined && input.Domain !== 'vpc') {
      throw unsupportedValue(input.Domain, 'Domain', 'Addresses are for use in a VPC.');
    }
    if (input.PublicIpv4Pool !== undefined && input.PublicIpv4Pool !== 'amazon') {
      throw unsupportedValue(input.PublicIpv4Pool, 'PublicIpv4Pool', 'Leave it out.');
    }
    checkBorderGroup(ctx, input.NetworkBorderGroup);
    const service = serviceOf(ctx.principal);
    const tags = tagsFor(KINDS.address, input.TagSpecifications, service !== undefined);
    const row = await writeRegion(ctx, async (tx) =>
      tx.put<AddressRow>(addresses, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.address.prefix, ctx.ids),
        tags,
        publicIp: await takePublicAddress(tx, ctx.ports.publicCidr),
        ...(service === undefined ? {} : { managedBy: service }),
      }),
    );
    return {
      AllocationId: row.id,
      PublicIp: row.publicIp,
      PublicIpv4Pool: 'amazon',
      NetworkBorderGroup: ctx.region,
      Domain: 'vpc' as const,
    };
  },
});

export const AssociateAddress = operation('AssociateAddress', {
  resources: async (input, scope, tx) => [
    await addressResource(input, scope, tx),
    ...arnsOf(KINDS.networkInterface, scope, input.NetworkInterfaceId ? [input.NetworkInterfaceId] : []),
    ...instanceResources(input, scope),
  ],
  handle: async (ctx, input) => {
    if (!input.NetworkInterfaceId && !input.InstanceId) throw missingParameter('networkInterfaceId or instanceId');
    const associationId = await writeRegion(ctx, async (tx) => {
      const interfaceId = input.NetworkInterfaceId || (await primaryInterface(tx, ctx, input.InstanceId ?? ''));
      const address = await requestedAddress(tx, ctx, input);
      const target = await requireRow(tx, networkInterfaces, KINDS.networkInterface, ctx, interfaceId);
      checkMayChange(ctx, target);
      if (input.PrivateIpAddress !== undefined && input.PrivateIpAddress !== target.privateIp) {
        throw invalidParameterValue(
          `Invalid value '${input.PrivateIpAddress}' for PrivateIpAddress: it is no address of ${target.id}.`,
        );
      }
      if (address.association && input.AllowReassociation === false) {
        throw alreadyAssociated(address.id, address.association.associationId);
      }
      if (address.association?.networkInterfaceId === target.id) return address.association.associationId;
      await checkMayPart(tx, ctx, address);
      await requireInternetGateway(tx, ctx, target.vpcId);
      const free = await disassociate(tx, address);
      await releaseFrom(tx, ctx, target);
      // Parting the two from others may have written the interface's row.
      const current = await requireRow(tx, networkInterfaces, KINDS.networkInterface, ctx, interfaceId);
      const newAssociationId = newId('eipassoc', ctx.ids);
      await associate(tx, free, current, newAssociationId);
      return newAssociationId;
    });
    return { AssociationId: associationId };
  },
});

export const DisassociateAddress = operation('DisassociateAddress', {
  resources: associationResources,
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const address = input.AssociationId
        ? await associatedAddress(tx, ctx, input.AssociationId)
        : await requestedAddress(tx, ctx, { PublicIp: input.PublicIp });
      await checkMayPart(tx, ctx, address);
      await disassociate(tx, address);
    });
    return {};
  },
});

export const ReleaseAddress = operation('ReleaseAddress', {
  resources: async (input, scope, tx) => [await addressResource(input, scope, tx)],
  handle: async (ctx, input) => {
    checkBorderGroup(ctx, input.NetworkBorderGroup);
    await writeRegion(ctx, async (tx) => {
      const address = await requestedAddress(tx, ctx, input);
      if (address.association) throw addressIsAssociated(address.publicIp);
      await tx.delete(addresses, resourceKey(ctx, address.id));
    });
    return {};
  },
});

const FIELDS: FilterFields<AddressOfInstance> = {
  'allocation-id': (row) => row.id,
  'association-id': (row) => row.association?.associationId,
  domain: () => 'vpc',
  'instance-id': (row) => row.instanceId,
  'network-border-group': (row) => row.region,
  'network-interface-id': (row) => row.association?.networkInterfaceId,
  'network-interface-owner-id': (row) => row.association && row.account,
  'private-ip-address': (row) => row.association?.privateIp,
  'public-ip': (row) => row.publicIp,
};

export const DescribeAddresses = operation('DescribeAddresses', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const { AllocationIds: ids = [], PublicIps: publicIps = [] } = input;
    const rows = await readRegion(ctx, async (tx) => {
      const named = [
        ...ids.map((id) => requireAddress(tx, ctx, id)),
        ...publicIps.map((publicIp) => requirePublicIp(tx, ctx, publicIp)),
      ];
      const found = named.length === 0 ? await listRegion(tx, addresses, ctx) : await Promise.all(named);
      return Promise.all(found.map((row) => withInstance(tx, row)));
    });
    const unique = [...new Map(rows.map((row) => [row.id, row])).values()];
    return { Addresses: unique.filter((row) => isVisible(ctx, row) && matches(row)).map(addressView) };
  },
});

/** Addresses have no names of their own choice here: ModifyAddressAttribute is not built. */
export const DescribeAddressesAttribute = operation('DescribeAddressesAttribute', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const ids = [...new Set(input.AllocationIds)];
    const attribute: string = input.Attribute ?? 'domain-name';
    if (attribute !== 'domain-name') {
      throw invalidParameterValue(`Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`);
    }
    const rows = await readRegion(ctx, (tx) =>
      ids.length === 0 ? listRegion(tx, addresses, ctx) : Promise.all(ids.map((id) => requireAddress(tx, ctx, id))),
    );
    const page = pageOf(
      rows.filter((row) => isVisible(ctx, row)),
      (row) => row.id,
      input,
    );
    return {
      Addresses: page.items.map((row) => ({ AllocationId: row.id, PublicIp: row.publicIp })),
      ...nextTokenOf(page),
    };
  },
});

function requestedAddress(
  tx: ReadTx,
  ctx: Ec2Context,
  request: { AllocationId?: string | undefined; PublicIp?: string | undefined },
): Promise<Stored<AddressRow>> {
  if (request.AllocationId && request.PublicIp) {
    throw invalidParameterCombination('You may specify public IP or allocation id, but not both in the same call');
  }
  if (request.AllocationId) return requireAddress(tx, ctx, request.AllocationId);
  if (request.PublicIp) return requirePublicIp(tx, ctx, request.PublicIp);
  throw missingParameter('allocationId');
}

/** An address of an instance is one of its primary interface. */
async function primaryInterface(tx: ReadTx, ctx: Ec2Context, instanceId: string): Promise<string> {
  const instance = await requireRow(tx, instances, KINDS.instance, ctx, instanceId);
  if (instance.state === 'terminated' || instance.state === 'shutting-down') throw instanceNotValid(instanceId);
  return instance.networkInterfaceId;
}

/** The instance is its interface's, which is attached and let go without the address being asked. */
async function withInstance(tx: ReadTx, row: AddressRow): Promise<AddressOfInstance> {
  const holder = await holderOf(tx, row);
  const instanceId = holder?.attachment?.instanceId;
  return { ...row, ...(instanceId === undefined ? {} : { instanceId }) };
}

/** An address that a service's interface has is not taken from it. */
async function checkMayPart(tx: ReadTx, ctx: Ec2Context, row: AddressRow): Promise<void> {
  const holder = await holderOf(tx, row);
  if (holder) checkMayChange(ctx, holder);
}

/** The interface that the address is associated with. */
async function holderOf(tx: ReadTx, row: AddressRow): Promise<NetworkInterfaceRow | undefined> {
  return row.association && tx.get(networkInterfaces, resourceKey(row, row.association.networkInterfaceId));
}

async function associatedAddress(tx: ReadTx, ctx: Ec2Context, associationId: string): Promise<Stored<AddressRow>> {
  const row = await addressOfAssociation(tx, ctx, associationId);
  if (!row || !isVisible(ctx, row)) throw notFound('InvalidAssociationID.NotFound', 'association ID', associationId);
  return row;
}

function checkBorderGroup(ctx: Ec2Context, group: string | undefined): void {
  if (group !== undefined && group !== ctx.region) {
    throw invalidParameterValue(`Invalid value '${group}' for networkBorderGroup. The group here is ${ctx.region}.`);
  }
}
