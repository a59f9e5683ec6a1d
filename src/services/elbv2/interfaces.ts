import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { Call } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { isOpen } from './domain/load-balancer-plan.ts';
import { openGroup } from './open-group.ts';
import type { LoadBalancerAddress, LoadBalancerRow } from './tables.ts';

/** On each public address of a load balancer, so that one which a crash left unused is found again. */
const OWNER_TAG = 'aws:elasticloadbalancing:load-balancer';

/** The interface of a load balancer in a subnet, made if it is not there; with a public address if it faces the internet. */
export async function attachInterface(
  call: Call,
  row: LoadBalancerRow,
  subnetId: string,
): Promise<LoadBalancerAddress> {
  const found =
    (await interfacesOf(call, row)).find((it) => it.SubnetId === subnetId) ?? (await create(call, row, subnetId));
  const interfaceId = found.NetworkInterfaceId ?? '';
  const chosen = row.subnets.find((it) => it.subnetId === subnetId);
  const publicIp =
    row.scheme === 'internal'
      ? undefined
      : (found.Association?.PublicIp ?? (await publish(call, row, interfaceId, chosen?.allocationId)));
  return {
    subnetId,
    interfaceId,
    privateIp: found.PrivateIpAddress ?? '',
    ...(publicIp === undefined ? {} : { publicIp }),
    securityGroupIds: (found.Groups ?? []).map((group) => group.GroupId ?? ''),
  };
}

async function create(call: Call, row: LoadBalancerRow, subnetId: string): Promise<NetworkInterface> {
  const chosen = row.subnets.find((it) => it.subnetId === subnetId);
  const groupIds = isOpen(row) ? [await openGroup(call, row.vpcId)] : row.securityGroupIds;
  const { NetworkInterface: made } = await call('ec2', 'CreateNetworkInterface', {
    SubnetId: subnetId,
    Groups: [...groupIds],
    ...(chosen?.privateIp === undefined ? {} : { PrivateIpAddress: chosen.privateIp }),
    Description: descriptionOf(row),
    ClientToken: `elb-${row.id}-${subnetId}`,
  });
  return made ?? {};
}

async function publish(call: Call, row: LoadBalancerRow, interfaceId: string, allocationId?: string): Promise<string> {
  if (allocationId !== undefined) return associate(call, allocationId, interfaceId);
  const [spare] = await spareAddresses(call, row);
  const address =
    spare ??
    (await call('ec2', 'AllocateAddress', {
      Domain: 'vpc',
      TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: [{ Key: OWNER_TAG, Value: row.id }] }],
    }));
  await call('ec2', 'AssociateAddress', {
    AllocationId: address.AllocationId,
    NetworkInterfaceId: interfaceId,
    AllowReassociation: false,
  });
  return address.PublicIp ?? '';
}

/** Takes the client's own address. It stays the client's when the load balancer goes. */
async function associate(call: Call, allocationId: string, interfaceId: string): Promise<string> {
  await call('ec2', 'AssociateAddress', {
    AllocationId: allocationId,
    NetworkInterfaceId: interfaceId,
    AllowReassociation: false,
  });
  const { Addresses = [] } = await call('ec2', 'DescribeAddresses', { AllocationIds: [allocationId] });
  return Addresses[0]?.PublicIp ?? '';
}

/** Gone already is no error. EC2 releases the public address with the interface. */
export async function deleteInterface(call: Call, interfaceId: string): Promise<void> {
  try {
    await call('ec2', 'DeleteNetworkInterface', { NetworkInterfaceId: interfaceId });
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'InvalidNetworkInterfaceID.NotFound')) throw error;
  }
}

export async function setGroups(call: Call, interfaceId: string, groupIds: readonly string[]): Promise<void> {
  await call('ec2', 'ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: interfaceId, Groups: [...groupIds] });
}

/** Removes every interface and every address of the load balancer, recorded or not. */
export async function releaseAll(call: Call, row: LoadBalancerRow): Promise<void> {
  for (const { NetworkInterfaceId: id = '' } of await interfacesOf(call, row)) await deleteInterface(call, id);
  for (const { AllocationId } of await spareAddresses(call, row)) await call('ec2', 'ReleaseAddress', { AllocationId });
}

async function interfacesOf(call: Call, row: LoadBalancerRow): Promise<readonly NetworkInterface[]> {
  const { NetworkInterfaces = [] } = await call('ec2', 'DescribeNetworkInterfaces', {
    Filters: [{ Name: 'description', Values: [descriptionOf(row)] }],
  });
  return NetworkInterfaces;
}

async function spareAddresses(call: Call, row: LoadBalancerRow) {
  const { Addresses = [] } = await call('ec2', 'DescribeAddresses', {
    Filters: [{ Name: `tag:${OWNER_TAG}`, Values: [row.id] }],
  });
  return Addresses.filter((address) => address.AssociationId === undefined);
}

/** How EC2 shows whose interface it is, as in AWS. */
function descriptionOf(row: LoadBalancerRow): string {
  return `ELB ${row.type === 'network' ? 'net' : 'app'}/${row.name}/${row.id}`;
}
