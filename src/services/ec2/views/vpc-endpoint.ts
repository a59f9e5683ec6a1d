import type { VpcEndpoint } from '@aws-sdk/client-ec2';
import type { SecurityGroupRow, VpcEndpointRow } from '../tables.ts';
import { tagList } from './tags.ts';

const OPEN_POLICY = {
  Version: '2008-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
};

/** @param groups those of the row's that are there. It has no DNS names of its own: nothing would answer. */
export function vpcEndpointView(
  row: VpcEndpointRow,
  groups: readonly SecurityGroupRow[],
  state: 'available' | 'pending' = 'available',
): VpcEndpoint {
  return {
    VpcEndpointId: row.id,
    VpcEndpointType: row.type,
    VpcId: row.vpcId,
    ServiceName: row.serviceName,
    ServiceRegion: row.region,
    // EC2 says it in lower case, whatever the SDK's list says.
    State: state as 'Available',
    PolicyDocument: row.policy ?? JSON.stringify(OPEN_POLICY),
    RouteTableIds: [...row.routeTableIds],
    SubnetIds: row.interfaces.map((one) => one.subnetId),
    NetworkInterfaceIds: row.interfaces.map((one) => one.networkInterfaceId),
    Groups: groups.map((group) => ({ GroupId: group.id, GroupName: group.name })),
    ...(row.type === 'Interface'
      ? {
          IpAddressType: 'ipv4' as const,
          DnsOptions: { DnsRecordIpType: 'ipv4' as const, PrivateDnsOnlyForInboundResolverEndpoint: false },
        }
      : {}),
    PrivateDnsEnabled: row.privateDnsEnabled,
    RequesterManaged: row.managedBy !== undefined,
    DnsEntries: [],
    CreationTimestamp: new Date(row.createdAt),
    OwnerId: row.account,
    Tags: tagList(row.tags),
  };
}
