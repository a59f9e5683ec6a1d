import type { DhcpOptions, InternetGateway, NetworkAcl, RouteTable, Subnet, Vpc } from '@aws-sdk/client-ec2';
import { countOf, interfaceRange } from '../domain/address-range.ts';
import { prefixListOfService } from '../domain/aws-prefix-lists.ts';
import { cidrOf } from '../domain/cidr.ts';
import { arnOf, KINDS } from '../domain/resource-kind.ts';
import { isActive } from '../domain/routes.ts';
import type {
  DhcpOptionsRow,
  InternetGatewayRow,
  NetworkAclRow,
  RouteTableRow,
  SubnetRow,
  VpcEndpointRow,
  VpcRow,
} from '../tables.ts';
import { tagList } from './tags.ts';

/** Rows of a VPC and what belongs to it, as EC2 shows them. */

export function vpcView(row: VpcRow): Vpc {
  return {
    VpcId: row.id,
    OwnerId: row.account,
    State: 'available',
    CidrBlock: primaryCidr(row),
    CidrBlockAssociationSet: row.cidrBlocks.map((block) => ({
      AssociationId: block.associationId,
      CidrBlock: block.cidrBlock,
      CidrBlockState: { State: 'associated' },
    })),
    Ipv6CidrBlockAssociationSet: [],
    DhcpOptionsId: row.dhcpOptionsId,
    InstanceTenancy: 'default',
    IsDefault: row.isDefault,
    Tags: tagList(row.tags),
  };
}

export function primaryCidr(row: VpcRow): string {
  return row.cidrBlocks[0]?.cidrBlock ?? '';
}

export function subnetView(row: SubnetRow): Subnet {
  return {
    SubnetId: row.id,
    SubnetArn: arnOf(KINDS.subnet, row, row.id),
    OwnerId: row.account,
    VpcId: row.vpcId,
    State: 'available',
    CidrBlock: row.cidrBlock,
    AvailableIpAddressCount: availableAddresses(row),
    AvailabilityZone: row.zoneName,
    AvailabilityZoneId: row.zoneId,
    DefaultForAz: row.defaultForAz,
    MapPublicIpOnLaunch: row.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    Tags: tagList(row.tags),
  };
}

export function availableAddresses(row: SubnetRow): number {
  return countOf(interfaceRange(cidrOf(row.cidrBlock))) - row.addressesInUse;
}

/** @param targets with the endpoints, whose routes come last */
export function routeTableView(
  row: RouteTableRow,
  targets: Parameters<typeof isActive>[1] & { readonly vpcEndpoints: readonly VpcEndpointRow[] },
): RouteTable {
  return {
    RouteTableId: row.id,
    OwnerId: row.account,
    VpcId: row.vpcId,
    Routes: [
      ...row.routes.map((route) => ({
        DestinationCidrBlock: route.destinationCidrBlock,
        ...(route.natGatewayId === undefined ? { GatewayId: route.gatewayId } : { NatGatewayId: route.natGatewayId }),
        Origin: route.origin,
        State: isActive(route, targets) ? ('active' as const) : ('blackhole' as const),
      })),
      ...targets.vpcEndpoints
        .filter((endpoint) => endpoint.routeTableIds.includes(row.id))
        .map((endpoint) => ({
          DestinationPrefixListId: prefixListOfService(row, endpoint.serviceName)?.id,
          GatewayId: endpoint.id,
          Origin: 'CreateRoute' as const,
          State: 'active' as const,
        })),
    ],
    Associations: row.associations.map((association) => ({
      RouteTableAssociationId: association.associationId,
      RouteTableId: row.id,
      Main: association.main,
      AssociationState: { State: 'associated' },
      ...(association.subnetId === undefined ? {} : { SubnetId: association.subnetId }),
    })),
    PropagatingVgws: [],
    Tags: tagList(row.tags),
  };
}

export function internetGatewayView(row: InternetGatewayRow): InternetGateway {
  return {
    InternetGatewayId: row.id,
    OwnerId: row.account,
    // EC2 says `available` here, which the SDK's list of attachment states lacks.
    Attachments: row.vpcId === undefined ? [] : [{ VpcId: row.vpcId, State: 'available' as 'attached' }],
    Tags: tagList(row.tags),
  };
}

export function dhcpOptionsView(row: DhcpOptionsRow): DhcpOptions {
  return {
    DhcpOptionsId: row.id,
    OwnerId: row.account,
    DhcpConfigurations: Object.entries(row.options).map(([Key, values]) => ({
      Key,
      Values: values.map((Value) => ({ Value })),
    })),
    Tags: tagList(row.tags),
  };
}

export function networkAclView(row: NetworkAclRow): NetworkAcl {
  return {
    NetworkAclId: row.id,
    OwnerId: row.account,
    VpcId: row.vpcId,
    IsDefault: row.isDefault,
    Associations: row.associations.map((association) => ({
      NetworkAclAssociationId: association.associationId,
      NetworkAclId: row.id,
      SubnetId: association.subnetId,
    })),
    Entries: row.entries.map((entry) => ({
      RuleNumber: entry.ruleNumber,
      Egress: entry.egress,
      RuleAction: entry.action,
      Protocol: entry.protocol,
      CidrBlock: entry.cidrBlock,
      ...(entry.ports && { PortRange: { From: entry.ports.from, To: entry.ports.to } }),
      ...(entry.icmp && { IcmpTypeCode: { Type: entry.icmp.type, Code: entry.icmp.code } }),
    })),
    Tags: tagList(row.tags),
  };
}
