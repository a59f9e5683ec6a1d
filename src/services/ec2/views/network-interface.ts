import type { Address, NetworkInterface, NetworkInterfaceAssociation } from '@aws-sdk/client-ec2';
import { privateDnsName, publicDnsName } from '../domain/dns-name.ts';
import type { AddressRow, NetworkInterfaceRow, VpcRow } from '../tables.ts';
import { tagList } from './tags.ts';

/** Network interfaces and public addresses as EC2 shows them. */

/** @param vpc its VPC, which says whether public addresses have names */
export function networkInterfaceView(row: NetworkInterfaceRow, vpc?: VpcRow): NetworkInterface {
  const dnsName = privateDnsName(row.region, row.privateIp);
  const association = associationView(row, vpc?.enableDnsHostnames && vpc.enableDnsSupport);
  return {
    NetworkInterfaceId: row.id,
    OwnerId: row.account,
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    AvailabilityZone: row.zoneName,
    AvailabilityZoneId: row.zoneId,
    Description: row.description,
    // EC2 says `nat_gateway` here, which the SDK's list of types lacks.
    InterfaceType: (row.interfaceType ?? 'interface') as 'natGateway',
    Status: row.attachment ? 'in-use' : 'available',
    MacAddress: row.macAddress,
    PrivateDnsName: dnsName,
    PrivateIpAddress: row.privateIp,
    PrivateIpAddresses: [{ Primary: true, PrivateDnsName: dnsName, PrivateIpAddress: row.privateIp, ...association }],
    Groups: row.groups.map((group) => ({ GroupId: group.groupId, GroupName: group.groupName })),
    RequesterId: row.requesterId,
    RequesterManaged: row.managedBy !== undefined,
    SourceDestCheck: true,
    Ipv6Addresses: [],
    TagSet: tagList(row.tags),
    ...association,
    ...attachmentView(row),
  };
}

function attachmentView({ attachment }: NetworkInterfaceRow): Pick<NetworkInterface, 'Attachment'> {
  if (!attachment) return {};
  return {
    Attachment: {
      AttachmentId: attachment.attachmentId,
      AttachTime: new Date(attachment.attachedAt),
      DeleteOnTermination: attachment.deleteOnTermination ?? false,
      ...(attachment.instanceId === undefined ? {} : { InstanceId: attachment.instanceId }),
      DeviceIndex: attachment.deviceIndex,
      NetworkCardIndex: 0,
      InstanceOwnerId: attachment.instanceOwnerId,
      Status: 'attached',
    },
  };
}

/** An address that a service manages has no ids that its user could act on. */
function associationView(row: NetworkInterfaceRow, named = false): { Association?: NetworkInterfaceAssociation } {
  const { association } = row;
  if (!association) return {};
  const owned = association.ipOwnerId === row.account;
  return {
    Association: {
      PublicIp: association.publicIp,
      ...(named ? { PublicDnsName: publicDnsName(row.region, association.publicIp) } : {}),
      IpOwnerId: association.ipOwnerId,
      ...(owned ? { AllocationId: association.allocationId, AssociationId: association.associationId } : {}),
    },
  };
}

/** An address with the instance that its interface is attached to. */
export interface AddressOfInstance extends AddressRow {
  readonly instanceId?: string;
}

export function addressView(row: AddressOfInstance): Address {
  return {
    AllocationId: row.id,
    PublicIp: row.publicIp,
    Domain: 'vpc',
    PublicIpv4Pool: 'amazon',
    NetworkBorderGroup: row.region,
    Tags: tagList(row.tags),
    ...(row.association && {
      AssociationId: row.association.associationId,
      NetworkInterfaceId: row.association.networkInterfaceId,
      NetworkInterfaceOwnerId: row.account,
      PrivateIpAddress: row.association.privateIp,
      SubnetId: row.association.subnetId,
      ...(row.instanceId === undefined ? {} : { InstanceId: row.instanceId }),
    }),
  };
}
