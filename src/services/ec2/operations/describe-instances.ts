import type { SummaryStatus } from '@aws-sdk/client-ec2';
import type { ReadTx } from '../../../store/store.ts';
import { readRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { privateDnsName, publicDnsName } from '../domain/dns-name.ts';
import { type Filter, type FilterFields, literalValues, matcher } from '../domain/filters.ts';
import { stateCode, stateView } from '../domain/instance-state.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import { serviceAlias } from '../domain/requester.ts';
import { invalidParameterCombination } from '../errors.ts';
import { partsOf, requireInstances } from '../instance-lookup.ts';
import { instances, type InstanceRow } from '../instance-tables.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { resourceKey } from '../tables.ts';
import { type InstanceParts, reservationViews, rootDeviceName } from '../views/instance.ts';

type Parts = InstanceParts & { readonly tags: InstanceRow['tags'] };

const own = ({ networkInterface, row }: Parts) => (row.state === 'terminated' ? undefined : networkInterface);
const publicIp = (parts: Parts) => own(parts)?.association?.publicIp;
const privateIp = (parts: Parts) => own(parts)?.privateIp;
const groupId = (parts: Parts) => own(parts)?.groups.map((group) => group.groupId);
const groupName = (parts: Parts) => own(parts)?.groups.map((group) => group.groupName);
const present = <T>(value: (row: InstanceRow) => T) => {
  return ({ row }: Parts): T | undefined => (row.state === 'terminated' ? undefined : value(row));
};
const device = <T extends string | boolean>(of: (one: InstanceRow['blockDevices'][number]) => T) =>
  present((row) => row.blockDevices.map(of)) as (parts: Parts) => readonly T[] | undefined;

const FIELDS: FilterFields<Parts> = {
  affinity: () => undefined,
  architecture: ({ row }) => INSTANCE_TYPES.get(row.instanceType)?.architecture,
  'availability-zone': ({ row }) => row.zoneName,
  'availability-zone-id': ({ row }) => row.zoneId,
  'block-device-mapping.attach-time': present((row) => new Date(row.createdAt).toISOString()),
  'block-device-mapping.delete-on-termination': (parts) => device((one) => one.deleteOnTermination)(parts) ?? [],
  'block-device-mapping.device-name': (parts) => device((one) => one.deviceName)(parts) ?? [],
  'block-device-mapping.status': present(() => 'attached'),
  'block-device-mapping.volume-id': (parts) => device((one) => one.volumeId)(parts) ?? [],
  'client-token': ({ row }) => row.idempotency?.token,
  'dns-name': (parts) => named(parts),
  'ebs-optimized': ({ row }) => row.ebsOptimized,
  'ena-support': () => true,
  'enclave-options.enabled': () => false,
  'hibernation-options.configured': () => false,
  hypervisor: () => 'xen',
  'iam-instance-profile.arn': ({ row }) => row.profile?.profileArn,
  'iam-instance-profile.id': ({ row }) => row.profile?.profileId,
  'image-id': ({ row }) => row.imageId,
  'instance-id': ({ row }) => row.id,
  'instance-lifecycle': ({ row }) => (row.spot ? 'spot' : undefined),
  'instance-state-code': ({ row }) => stateCode(row.state),
  'instance-state-name': ({ row }) => row.state,
  'instance-type': ({ row }) => row.instanceType,
  'instance.group-id': (parts) => groupId(parts) ?? [],
  'instance.group-name': (parts) => groupName(parts) ?? [],
  'ip-address': publicIp,
  'kernel-id': () => undefined,
  'key-name': ({ row }) => row.keyName,
  'launch-index': ({ row }) => row.launchIndex,
  'launch-time': ({ row }) => new Date(row.launchedAt).toISOString(),
  'metadata-options.http-endpoint': ({ row }) => row.metadata.httpEndpoint,
  'metadata-options.http-put-response-hop-limit': ({ row }) => row.metadata.httpPutResponseHopLimit,
  'metadata-options.http-tokens': ({ row }) => row.metadata.httpTokens,
  'metadata-options.instance-metadata-tags': ({ row }) => row.metadata.instanceMetadataTags,
  'monitoring-state': ({ row }) => (row.monitoring ? 'enabled' : 'disabled'),
  'network-interface.addresses.association.public-ip': publicIp,
  'network-interface.addresses.primary': (parts) => own(parts) && true,
  'network-interface.addresses.private-ip-address': privateIp,
  'network-interface.association.allocation-id': (parts) => own(parts)?.association?.allocationId,
  'network-interface.association.association-id': (parts) => own(parts)?.association?.associationId,
  'network-interface.association.ip-owner-id': (parts) => own(parts)?.association?.ipOwnerId,
  'network-interface.association.public-ip': publicIp,
  'network-interface.attachment.attachment-id': (parts) => own(parts)?.attachment?.attachmentId,
  'network-interface.attachment.delete-on-termination': (parts) => own(parts)?.attachment?.deleteOnTermination,
  'network-interface.attachment.device-index': (parts) => own(parts)?.attachment?.deviceIndex,
  'network-interface.attachment.instance-id': (parts) => own(parts) && parts.row.id,
  'network-interface.attachment.instance-owner-id': (parts) => own(parts) && parts.row.account,
  'network-interface.attachment.status': (parts) => own(parts) && 'attached',
  'network-interface.availability-zone': (parts) => own(parts)?.zoneName,
  'network-interface.description': (parts) => own(parts)?.description,
  'network-interface.group-id': (parts) => groupId(parts) ?? [],
  'network-interface.group-name': (parts) => groupName(parts) ?? [],
  'network-interface.mac-address': (parts) => own(parts)?.macAddress,
  'network-interface.network-interface-id': (parts) => own(parts)?.id,
  'network-interface.owner-id': (parts) => own(parts)?.account,
  'network-interface.private-dns-name': (parts) => privateName(parts),
  'network-interface.requester-id': (parts) => own(parts)?.requesterId,
  'network-interface.requester-managed': (parts) => own(parts) && false,
  'network-interface.source-dest-check': (parts) => own(parts) && true,
  'network-interface.status': (parts) => own(parts) && 'in-use',
  'network-interface.subnet-id': (parts) => own(parts)?.subnetId,
  'network-interface.vpc-id': (parts) => own(parts)?.vpcId,
  'owner-id': ({ row }) => row.account,
  'placement-group-name': () => undefined,
  platform: () => undefined,
  'platform-details': () => 'Linux/UNIX',
  'private-dns-name': (parts) => privateName(parts),
  'private-ip-address': privateIp,
  'product-code': () => undefined,
  'ramdisk-id': () => undefined,
  reason: ({ row }) => row.transitionReason,
  'requester-id': ({ row }) => row.launchedBy && serviceAlias(row.launchedBy),
  'reservation-id': ({ row }) => row.reservationId,
  'root-device-name': ({ row }) => rootDeviceName(row),
  'root-device-type': () => 'ebs',
  'source-dest-check': (parts) => own(parts) && true,
  'spot-instance-request-id': ({ row }) => row.spot?.requestId,
  'state-reason-code': ({ row }) => row.stateReason?.code,
  'state-reason-message': ({ row }) => row.stateReason?.message,
  'subnet-id': present((row) => row.subnetId),
  tenancy: () => 'default',
  'usage-operation': () => 'RunInstances',
  'virtualization-type': () => 'hvm',
  'vpc-id': present((row) => row.vpcId),
};

function privateName(parts: Parts): string | undefined {
  const address = privateIp(parts);
  return address === undefined ? undefined : privateDnsName(parts.row.region, address);
}

function named(parts: Parts): string | undefined {
  const address = publicIp(parts);
  return address && parts.vpc?.enableDnsHostnames ? publicDnsName(parts.row.region, address) : undefined;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
export const DescribeInstances = operation('DescribeInstances', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    if (input.InstanceIds?.length && input.MaxResults !== undefined) {
      throw invalidParameterCombination('The parameter instancesSet cannot be used with the parameter maxResults');
    }
    const matches = matcher(FIELDS, input.Filters);
    const all = await readRegion(ctx, (tx) => allParts(tx, ctx, input.InstanceIds ?? [], input.Filters ?? []));
    const page = pageOf(
      all.filter((parts) => matches(parts)),
      ({ row }) => `${row.reservationId}/${row.id}`,
      input,
    );
    return { Reservations: reservationViews(page.items), ...nextTokenOf(page) };
  },
});

async function allParts(
  tx: ReadTx,
  ctx: Ec2Context,
  ids: readonly string[],
  filters: readonly Filter[],
): Promise<readonly Parts[]> {
  const byId = filters.find((filter) => filter.Name === 'instance-id');
  const literal = byId && literalValues(byId);
  const found = literal && (await Promise.all(literal.map((id) => tx.get(instances, resourceKey(ctx, id)))));
  const rows =
    ids.length > 0
      ? await requireInstances(tx, ctx, ids)
      : (found?.filter((row) => row !== undefined) ?? (await listRegion(tx, instances, ctx)));
  return Promise.all(rows.map(async (row) => ({ ...(await partsOf(tx, row)), tags: row.tags })));
}

const STATUS_FIELDS: FilterFields<InstanceRow> = {
  'availability-zone': (row) => row.zoneName,
  'availability-zone-id': (row) => row.zoneId,
  'event.code': () => undefined,
  'instance-state-code': (row) => stateCode(row.state),
  'instance-state-name': (row) => row.state,
  'instance-status.reachability': (row) => reachability(row).Status,
  'instance-status.status': (row) => statusOf(row),
  'system-status.reachability': (row) => reachability(row).Status,
  'system-status.status': (row) => statusOf(row),
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html: those that run, where not all are asked for. */
export const DescribeInstanceStatus = operation('DescribeInstanceStatus', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    if (input.InstanceIds?.length && input.MaxResults !== undefined) {
      throw invalidParameterCombination('The parameter instancesSet cannot be used with the parameter maxResults');
    }
    const matches = matcher(STATUS_FIELDS, input.Filters);
    const rows = await readRegion(ctx, (tx) =>
      input.InstanceIds?.length ? requireInstances(tx, ctx, input.InstanceIds) : listRegion(tx, instances, ctx),
    );
    const shown = rows.filter((row) => (input.IncludeAllInstances || row.state === 'running') && matches(row));
    const page = pageOf(shown, (row) => row.id, input);
    return {
      InstanceStatuses: page.items.map((row) => ({
        InstanceId: row.id,
        AvailabilityZone: row.zoneName,
        AvailabilityZoneId: row.zoneId,
        InstanceState: stateView(row.state),
        InstanceStatus: { Status: statusOf(row), Details: [reachability(row)] },
        SystemStatus: { Status: statusOf(row), Details: [reachability(row)] },
        AttachedEbsStatus: { Status: statusOf(row), Details: [reachability(row)] },
      })),
      ...nextTokenOf(page),
    };
  },
});

function statusOf(row: InstanceRow): SummaryStatus {
  return row.state === 'running' ? 'ok' : row.state === 'pending' ? 'initializing' : 'not-applicable';
}

function reachability(row: InstanceRow) {
  const Status: 'passed' | 'initializing' | 'insufficient-data' =
    row.state === 'running' ? 'passed' : row.state === 'pending' ? 'initializing' : 'insufficient-data';
  return { Name: 'reachability' as const, Status };
}
