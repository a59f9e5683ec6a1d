import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { arnsOf, KINDS, notFoundOf } from '../domain/resource-kind.ts';
import { spotStatus } from '../domain/spot-status.ts';
import { missingParameter } from '../errors.ts';
import { partsOf } from '../instance-lookup.ts';
import { instances, type InstanceRow } from '../instance-tables.ts';
import { operation } from '../operation.ts';
import { type SpotParts, spotRequestView } from '../views/spot-request.ts';

/**
 * Requests of Spot capacity, one for each instance that was launched with such options: they are shown as long as the
 * instance is. RequestSpotInstances is not built.
 */

const FIELDS: FilterFields<SpotParts> = {
  'create-time': ({ row }) => new Date(row.createdAt).toISOString(),
  'instance-id': ({ row }) => row.id,
  'launch.image-id': ({ row }) => row.imageId,
  'launch.instance-type': ({ row }) => row.instanceType,
  'launch.key-name': ({ row }) => row.keyName,
  'launch.monitoring-enabled': ({ row }) => row.monitoring,
  'launch.group-id': ({ networkInterface }) => networkInterface?.groups.map((group) => group.groupId),
  'launch.group-name': ({ networkInterface }) => networkInterface?.groups.map((group) => group.groupName),
  'launched-availability-zone': ({ row }) => row.zoneName,
  'launched-availability-zone-id': ({ row }) => row.zoneId,
  'network-interface.subnet-id': ({ row }) => row.subnetId,
  'product-description': () => 'Linux/UNIX',
  'spot-instance-request-id': ({ spot }) => spot.requestId,
  'spot-price': ({ spot }) => spot.maxPrice,
  state: ({ row, spot }) => spotStatus(row, spot).state,
  'status-code': ({ row, spot }) => spotStatus(row, spot).code,
  'status-message': ({ row, spot }) => spotStatus(row, spot).message,
  type: ({ spot }) => spot.type,
  'valid-until': ({ spot }) => (spot.validUntil === undefined ? undefined : new Date(spot.validUntil).toISOString()),
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotInstanceRequests.html */
export const DescribeSpotInstanceRequests = operation('DescribeSpotInstanceRequests', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const all = await readRegion(ctx, async (tx) =>
      Promise.all((await requestsNamed(tx, ctx, input.SpotInstanceRequestIds)).map((row) => spotParts(tx, row))),
    );
    const page = pageOf(
      all.flat().filter((parts) => matches({ ...parts, tags: parts.spot.tags ?? {} })),
      ({ spot }) => spot.requestId,
      input,
    );
    return { SpotInstanceRequests: page.items.map(spotRequestView), ...nextTokenOf(page) };
  },
});

/** Their instances go on: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelSpotInstanceRequests.html */
export const CancelSpotInstanceRequests = operation('CancelSpotInstanceRequests', {
  resources: ({ SpotInstanceRequestIds: ids }, scope) =>
    arnsOf(KINDS.spotRequest, scope, ids?.length ? [...new Set(ids)] : [undefined]),
  handle: async (ctx, input) => {
    const { SpotInstanceRequestIds: ids } = input;
    if (!ids?.length) throw missingParameter('SpotInstanceRequestId');
    const canceled = await writeRegion(ctx, async (tx) => {
      const rows = await requestsNamed(tx, ctx, ids);
      for (const row of rows) {
        if (row.spot) await tx.put<InstanceRow>(instances, { ...row, spot: { ...row.spot, isCanceled: true } });
      }
      return rows;
    });
    return {
      CancelledSpotInstanceRequests: canceled.map(({ spot }) => ({
        SpotInstanceRequestId: spot?.requestId,
        State: 'cancelled' as const,
      })),
    };
  },
});

/** The instances of all requests, or of these; throws InvalidSpotInstanceRequestID.NotFound. */
async function requestsNamed(
  tx: ReadTx,
  scope: Scope,
  ids: readonly string[] = [],
): Promise<readonly Stored<InstanceRow>[]> {
  const rows = (await listRegion(tx, instances, scope)).filter((row) => row.spot !== undefined);
  const missing = ids.find((id) => !rows.some((row) => row.spot?.requestId === id));
  if (missing !== undefined) throw notFoundOf(KINDS.spotRequest, missing);
  return ids.length === 0 ? rows : rows.filter((row) => row.spot && ids.includes(row.spot.requestId));
}

async function spotParts(tx: ReadTx, row: InstanceRow): Promise<readonly SpotParts[]> {
  return row.spot ? [{ ...(await partsOf(tx, row)), spot: row.spot }] : [];
}
