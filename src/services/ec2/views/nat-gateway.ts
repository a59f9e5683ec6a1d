import type { NatGateway, NatGatewayState } from '@aws-sdk/client-ec2';
import type { NatGatewayRow } from '../tables.ts';
import { tagList } from './tags.ts';

/** @param state of a gateway that is there; a deleted one is that */
export function natGatewayView(row: NatGatewayRow, state: NatGatewayState = 'available'): NatGateway {
  return {
    NatGatewayId: row.id,
    VpcId: row.vpcId,
    SubnetId: row.subnetId,
    ConnectivityType: 'public',
    State: row.deletedAt === undefined ? state : 'deleted',
    CreateTime: new Date(row.createdAt),
    ...(row.deletedAt === undefined ? {} : { DeleteTime: new Date(row.deletedAt) }),
    NatGatewayAddresses: [
      {
        AllocationId: row.allocationId,
        AssociationId: row.associationId,
        NetworkInterfaceId: row.networkInterfaceId,
        PrivateIp: row.privateIp,
        PublicIp: row.publicIp,
        IsPrimary: true,
        Status: 'succeeded',
      },
    ],
    Tags: tagList(row.tags),
  };
}
