import { releaseFrom } from '../associations.ts';
import { assignPublicAddress, unassignPublicAddress } from '../auto-assigned-address.ts';
import { writeRegion } from '../default-vpc.ts';
import { checkInterfaceType, newMacAddress, ownershipOf, wantedAddress } from '../domain/interface-request.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import { interfaceInUse, invalidParameterCombination, missingParameter, unsupportedValue } from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { checkMayChange } from '../interface-permission.ts';
import { interfaceGroups } from '../interface-groups.ts';
import { requireRow, requireSubnet } from '../lookup.ts';
import { operation } from '../operation.ts';
import { returnSubnetAddress, takeSubnetAddress } from '../subnet-addresses.ts';
import { type NetworkInterfaceRow, networkInterfaces, resourceKey } from '../tables.ts';
import { networkInterfaceView } from '../views/network-interface.ts';

export const CreateNetworkInterface = operation('CreateNetworkInterface', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.networkInterface, scope, [undefined]),
    ...arnsOf(KINDS.subnet, scope, [input.SubnetId]),
    ...arnsOf(KINDS.securityGroup, scope, input.Groups ?? []),
  ],
  creates: KINDS.networkInterface,
  unsupported: [
    'ConnectionTrackingSpecification',
    'EnablePrimaryIpv6',
    'Ipv4PrefixCount',
    'Ipv4Prefixes',
    'Ipv6AddressCount',
    'Ipv6Addresses',
    'Ipv6PrefixCount',
    'Ipv6Prefixes',
    'Operator',
    'SecondaryPrivateIpAddressCount',
  ],
  handle: async (ctx, input) => {
    const { SubnetId: subnetId, ClientToken: token } = input;
    if (!subnetId) throw missingParameter('subnetId');
    checkInterfaceType(input.InterfaceType);
    const wanted = wantedAddress(input);
    const tags = tagsFor(KINDS.networkInterface, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const once = idempotencyOf(input);
    const row = await writeRegion(ctx, async (tx) => {
      const [made] = await madeBefore(tx, networkInterfaces, ctx, once.idempotency);
      if (made) return made;
      const subnet = await requireSubnet(tx, ctx, subnetId);
      const groups = await interfaceGroups(tx, ctx, subnet.vpcId, input.Groups);
      return tx.put<NetworkInterfaceRow>(networkInterfaces, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.networkInterface.prefix, ctx.ids),
        tags,
        vpcId: subnet.vpcId,
        subnetId: subnet.id,
        zoneName: subnet.zoneName,
        zoneId: subnet.zoneId,
        description: input.Description ?? '',
        privateIp: await takeSubnetAddress(tx, subnet, wanted),
        macAddress: newMacAddress(ctx.ids),
        groups,
        ...ownershipOf(ctx.principal, ctx.ids, ctx.now),
        ...once,
      });
    });
    return { NetworkInterface: networkInterfaceView(row), ...(token ? { ClientToken: token } : {}) };
  },
});

export const DeleteNetworkInterface = operation('DeleteNetworkInterface', {
  resources: (input, scope) => arnsOf(KINDS.networkInterface, scope, [input.NetworkInterfaceId]),
  handle: async (ctx, input) => {
    const id = input.NetworkInterfaceId;
    if (!id) throw missingParameter('networkInterfaceId');
    await writeRegion(ctx, async (tx) => {
      const row = await requireRow(tx, networkInterfaces, KINDS.networkInterface, ctx, id);
      checkMayChange(ctx, row);
      if (row.attachment?.instanceId !== undefined) throw interfaceInUse(id);
      await releaseFrom(tx, ctx, row);
      await returnSubnetAddress(tx, resourceKey(ctx, row.subnetId));
      await tx.delete(networkInterfaces, resourceKey(ctx, id));
    });
    return {};
  },
});

export const ModifyNetworkInterfaceAttribute = operation('ModifyNetworkInterfaceAttribute', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.networkInterface, scope, [input.NetworkInterfaceId]),
    ...arnsOf(KINDS.securityGroup, scope, input.Groups ?? []),
  ],
  unsupported: [
    'AssociatedSubnetIds',
    'Attachment',
    'ConnectionTrackingSpecification',
    'EnablePrimaryIpv6',
    'EnaSrdSpecification',
  ],
  handle: async (ctx, input) => {
    const id = input.NetworkInterfaceId;
    if (!id) throw missingParameter('networkInterfaceId');
    const groupIds = input.Groups?.length ? input.Groups : undefined;
    const publicAddress = input.AssociatePublicIpAddress;
    const given = [groupIds, input.Description, input.SourceDestCheck, publicAddress].filter(
      (one) => one !== undefined,
    );
    if (given.length === 0) throw missingParameter('description, sourceDestCheck, groups or associatePublicIpAddress');
    if (given.length > 1) {
      throw invalidParameterCombination('You can modify only one attribute of a network interface at a time.');
    }
    if (input.SourceDestCheck?.Value === false) {
      throw unsupportedValue('false', 'SourceDestCheck', 'Interfaces always check the source and destination.');
    }
    await writeRegion(ctx, async (tx) => {
      const row = await requireRow(tx, networkInterfaces, KINDS.networkInterface, ctx, id);
      checkMayChange(ctx, row);
      if (groupIds) {
        const groups = await interfaceGroups(tx, ctx, row.vpcId, groupIds);
        await tx.put(networkInterfaces, { ...row, groups });
      } else if (input.Description) {
        await tx.put(networkInterfaces, { ...row, description: input.Description.Value ?? '' });
      } else if (publicAddress === true) {
        await assignPublicAddress(tx, ctx, row);
      } else if (publicAddress === false) {
        await unassignPublicAddress(tx, row);
      }
    });
    return {};
  },
});
