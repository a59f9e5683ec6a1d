import { type Described, describe, nextTokenOf } from '../describe.ts';
import { privateDnsName } from '../domain/dns-name.ts';
import { KINDS } from '../domain/resource-kind.ts';
import { operation } from '../operation.ts';
import { type NetworkInterfaceRow, networkInterfaces, resourceKey, vpcs } from '../tables.ts';
import { networkInterfaceView } from '../views/network-interface.ts';

const none = () => undefined;
const publicIp = (row: NetworkInterfaceRow) => row.association?.publicIp;
const ipOwnerId = (row: NetworkInterfaceRow) => row.association?.ipOwnerId;
const privateIp = (row: NetworkInterfaceRow) => row.privateIp;

/** Only of addresses that the user owns: a service's have no ids in the answer either. */
const ownAssociation = (row: NetworkInterfaceRow) =>
  row.association?.ipOwnerId === row.account ? row.association : undefined;

const NETWORK_INTERFACES: Described<NetworkInterfaceRow> = {
  kind: KINDS.networkInterface,
  table: networkInterfaces,
  indexed: { 'subnet-id': 'subnet', 'group-id': 'group', 'vpc-id': 'vpc' },
  fields: {
    'addresses.association.owner-id': ipOwnerId,
    'addresses.association.public-ip': publicIp,
    'addresses.primary': () => true,
    'addresses.private-ip-address': privateIp,
    'association.allocation-id': (row) => ownAssociation(row)?.allocationId,
    'association.association-id': (row) => ownAssociation(row)?.associationId,
    'association.ip-owner-id': ipOwnerId,
    'association.public-dns-name': none,
    'association.public-ip': publicIp,
    'attachment.attach-time': (row) => row.attachment && new Date(row.attachment.attachedAt).toISOString(),
    'attachment.attachment-id': (row) => row.attachment?.attachmentId,
    'attachment.delete-on-termination': (row) => row.attachment && (row.attachment.deleteOnTermination ?? false),
    'attachment.device-index': (row) => row.attachment?.deviceIndex,
    'attachment.instance-id': (row) => row.attachment?.instanceId,
    'attachment.instance-owner-id': (row) => row.attachment?.instanceOwnerId,
    'attachment.status': (row) => row.attachment && 'attached',
    'availability-zone': (row) => row.zoneName,
    'availability-zone-id': (row) => row.zoneId,
    description: (row) => row.description,
    'group-id': (row) => row.groups.map((group) => group.groupId),
    'group-name': (row) => row.groups.map((group) => group.groupName),
    'interface-type': (row) => row.interfaceType ?? 'interface',
    'ipv6-addresses.ipv6-address': none,
    'mac-address': (row) => row.macAddress,
    'network-interface-id': (row) => row.id,
    'operator.managed': () => false,
    'operator.principal': none,
    'owner-id': (row) => row.account,
    'private-dns-name': (row) => privateDnsName(row.region, row.privateIp),
    'private-ip-address': privateIp,
    'requester-id': (row) => row.requesterId,
    'requester-managed': (row) => row.managedBy !== undefined,
    'source-dest-check': () => true,
    status: (row) => (row.attachment ? 'in-use' : 'available'),
    'subnet-id': (row) => row.subnetId,
    'vpc-id': (row) => row.vpcId,
  },
};

export const DescribeNetworkInterfaces = operation('DescribeNetworkInterfaces', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, NETWORK_INTERFACES, input.NetworkInterfaceIds, input);
    const keys = new Set(page.items.map((row) => resourceKey(row, row.vpcId)));
    const found = await ctx.read((tx) => Promise.all([...keys].map((key) => tx.get(vpcs, key))));
    const byId = new Map(found.flatMap((vpc) => (vpc ? [[vpc.id, vpc] as const] : [])));
    return {
      NetworkInterfaces: page.items.map((row) => networkInterfaceView(row, byId.get(row.vpcId))),
      ...nextTokenOf(page),
    };
  },
});
