import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { assignPublicAddress } from './auto-assigned-address.ts';
import { findDefaultVpc } from './default-vpc.ts';
import { newMacAddress } from './domain/interface-request.ts';
import type { InstanceType } from './domain/instance-types.ts';
import {
  blockDevicesOf,
  metadataOf,
  spotOf,
  userDataOf,
  type WantedInterface,
  wantedInterface,
} from './domain/launch-options.ts';
import type { LaunchRequest } from './domain/launch-request.ts';
import type { ImageRecord } from './domain/machine-images.ts';
import { serviceOf } from './domain/requester.ts';
import { KINDS, newId } from './domain/resource-kind.ts';
import { checkMetadataTagKeys } from './domain/tags.ts';
import { zonesOf } from './domain/zones.ts';
import { interfaceInUse, invalidParameterValue, keyPairNotFound, noDefaultVpc } from './errors.ts';
import { instances, type InstanceRow, keyPairs, type ProfileAssociation } from './instance-tables.ts';
import { interfaceGroups } from './interface-groups.ts';
import { checkMayChange } from './interface-permission.ts';
import { requireRow, requireSubnet } from './lookup.ts';
import type { Ec2Context } from './operation.ts';
import { requireGroupNamed } from './security-group-lookup.ts';
import { takeSubnetAddress } from './subnet-addresses.ts';
import { type NetworkInterfaceRow, networkInterfaces, resourceKey, type SubnetRow, subnets, vpcs } from './tables.ts';

/** All that is decided about a launch before its rows are written. */
export interface Launch {
  readonly request: LaunchRequest;
  readonly type: InstanceType;
  readonly image: ImageRecord;
  readonly profile: ProfileAssociation | undefined;
  readonly tags: { readonly instance: Tags; readonly networkInterface: Tags; readonly spotRequest: Tags };
  readonly reservationId: string;
  readonly operator?: string;
  readonly idempotency?: InstanceRow['idempotency'];
}

/** Where it goes: the subnet asked for, its interface's, or the default subnet of the zone. */
export async function launchSubnet(tx: ReadTx, ctx: Ec2Context, request: LaunchRequest): Promise<Stored<SubnetRow>> {
  const wanted = wantedInterface(request, serviceOf(ctx.principal) !== undefined);
  if (wanted.interfaceId) {
    const row = await requireRow(tx, networkInterfaces, KINDS.networkInterface, ctx, wanted.interfaceId);
    return requireSubnet(tx, ctx, row.subnetId);
  }
  const zone = wantedZone(ctx, request);
  if (wanted.subnetId) {
    const subnet = await requireSubnet(tx, ctx, wanted.subnetId);
    if (zone && subnet.zoneName !== zone) {
      throw invalidParameterValue(`The availability zone '${zone}' does not match the subnet's, '${subnet.zoneName}'.`);
    }
    return subnet;
  }
  if (!(await findDefaultVpc(tx, ctx))) throw noDefaultVpc();
  const found = await findDefaultSubnet(tx, ctx, request);
  if (!found) throw invalidParameterValue(`No default subnet for availability zone: '${zone ?? 'any'}'`);
  return found;
}

/** The default subnet of the zone that is asked for by its name or its ID, or of the first zone that has one. */
export async function findDefaultSubnet(
  tx: ReadTx,
  scope: Scope,
  { Placement: placement }: LaunchRequest,
): Promise<Stored<SubnetRow> | undefined> {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = placement ?? {};
  const vpc = await findDefaultVpc(tx, scope);
  const inVpc = vpc ? await tx.list(subnets, { where: ['vpc', vpcs.key(vpc)] }) : [];
  const isInZone = (one: SubnetRow) => (name ? one.zoneName === name : !id || one.zoneId === id);
  const [found] = inVpc
    .filter((one) => one.defaultForAz && isInZone(one))
    .toSorted((a, b) => (a.zoneName < b.zoneName ? -1 : 1));
  return found;
}

function wantedZone(ctx: Ec2Context, { Placement: placement }: LaunchRequest): string | undefined {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = placement ?? {};
  if (!name && !id) return undefined;
  const zone = zonesOf(ctx.region).find((one) => (name ? one.name === name : one.id === id));
  if (!zone) throw invalidParameterValue(`Invalid availability zone: [${name ?? id}]`);
  return zone.name;
}

/** Writes one instance of a launch with its primary interface. */
export async function launchOne(
  tx: WriteTx,
  ctx: Ec2Context,
  launch: Launch,
  { index, subnetId }: { readonly index: number; readonly subnetId: string },
): Promise<InstanceRow> {
  const { request } = launch;
  const service = serviceOf(ctx.principal);
  const wanted = wantedInterface(request, service !== undefined);
  const id = newId(KINDS.instance.prefix, ctx.ids);
  // Read anew for each: taking an address writes it.
  const subnet = await requireSubnet(tx, ctx, subnetId);
  const options = optionsOf(ctx, launch);
  if (options.metadata.instanceMetadataTags === 'enabled') checkMetadataTagKeys(options.tags);
  const own = await attachedInterface(tx, ctx, {
    instanceId: id,
    wanted,
    subnet,
    tags: launch.tags.networkInterface,
    metadataHopLimit: options.metadata.httpPutResponseHopLimit,
  });
  const associatesPublicIp =
    wanted.interfaceId === undefined && (wanted.associatesPublicIp ?? subnet.mapPublicIpOnLaunch);
  if (associatesPublicIp) await assignPublicAddress(tx, ctx, own);
  return tx.put<InstanceRow>(instances, {
    ...options,
    account: ctx.account,
    region: ctx.region,
    id,
    reservationId: launch.reservationId,
    ...(service === undefined ? {} : { launchedBy: service }),
    launchIndex: index,
    launchedAt: ctx.now,
    createdAt: ctx.now,
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    zoneName: subnet.zoneName,
    zoneId: subnet.zoneId,
    networkInterfaceId: own.id,
    privateIp: own.privateIp,
    associatesPublicIp,
    state: 'pending',
    stateReason: { code: 'pending', message: 'pending' },
    transitionReason: '',
  });
}

/** What an instance has from its launch alone. */
function optionsOf(ctx: Ec2Context, { request, type, image, profile, tags, operator, idempotency }: Launch) {
  const userData = userDataOf(request.UserData);
  const spot = spotOf(request.InstanceMarketOptions, ctx.ids, tags.spotRequest);
  const credits = request.CreditSpecification?.CpuCredits;
  return {
    tags: tags.instance,
    imageId: image.id,
    instanceType: type.name,
    vcpus: type.vcpus,
    memoryMiB: type.memoryMiB,
    ...(request.KeyName ? { keyName: request.KeyName } : {}),
    ...(userData === undefined ? {} : { userData }),
    ...(profile ? { profile: { ...profile, associationId: newId('iip-assoc', ctx.ids) } } : {}),
    metadata: metadataOf(request.MetadataOptions, image),
    shutdownBehavior:
      request.InstanceInitiatedShutdownBehavior === 'terminate' ? ('terminate' as const) : ('stop' as const),
    disableApiTermination: request.DisableApiTermination ?? false,
    disableApiStop: request.DisableApiStop ?? false,
    ebsOptimized: request.EbsOptimized ?? false,
    monitoring: request.Monitoring?.Enabled ?? false,
    ...(credits ? { cpuCredits: credits } : {}),
    ...(spot ? { spot } : {}),
    blockDevices: blockDevicesOf(request.BlockDeviceMappings, image, ctx.ids),
    ...(operator ? { operator } : {}),
    ...(idempotency ? { idempotency } : {}),
  };
}

interface Attaching {
  readonly instanceId: string;
  readonly wanted: WantedInterface;
  readonly subnet: Stored<SubnetRow>;
  readonly tags: Tags;
  readonly metadataHopLimit: number;
}

async function attachedInterface(
  tx: WriteTx,
  ctx: Ec2Context,
  { instanceId, wanted, subnet, tags, metadataHopLimit }: Attaching,
): Promise<Stored<NetworkInterfaceRow>> {
  const attachment = {
    attachmentId: newId('eni-attach', ctx.ids),
    instanceOwnerId: ctx.account,
    deviceIndex: 0,
    attachedAt: ctx.now,
    instanceId,
    metadataHopLimit,
    deleteOnTermination: wanted.deleteOnTermination,
  };
  if (wanted.interfaceId) {
    const row = await requireRow(tx, networkInterfaces, KINDS.networkInterface, ctx, wanted.interfaceId);
    checkMayChange(ctx, row);
    if (row.attachment || row.interfaceType) throw interfaceInUse(row.id);
    return tx.put<NetworkInterfaceRow>(networkInterfaces, { ...row, attachment });
  }
  const named = await Promise.all((wanted.groupNames ?? []).map((name) => requireGroupNamed(tx, ctx, name)));
  const groups = await interfaceGroups(tx, ctx, subnet.vpcId, [
    ...(wanted.groupIds ?? []),
    ...named.map((group) => group.id),
  ]);
  return tx.put<NetworkInterfaceRow>(networkInterfaces, {
    account: ctx.account,
    region: ctx.region,
    id: newId(KINDS.networkInterface.prefix, ctx.ids),
    tags,
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    zoneName: subnet.zoneName,
    zoneId: subnet.zoneId,
    description: wanted.description,
    privateIp: await takeSubnetAddress(tx, subnet, wanted.privateIp),
    macAddress: newMacAddress(ctx.ids),
    groups,
    requesterId: ctx.principal.userId,
    attachment,
  });
}

/** Throws InvalidKeyPair.NotFound. */
export async function checkKeyPair(tx: ReadTx, ctx: Ec2Context, name: string | undefined): Promise<void> {
  if (!name) return;
  const [found] = await tx.list(keyPairs, { where: ['name', resourceKey(ctx, name)], limit: 1 });
  if (!found) throw keyPairNotFound(name);
}
