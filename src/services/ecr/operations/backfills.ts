import type { ReplicationBackfillResult } from '@aws-sdk/client-ecr';
import type { Scope } from '../../../kernel/arn.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import { decodePageToken, encodePageToken } from '../../../kernel/pages.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { isDestination } from '../backfills.ts';
import { forgottenAt, isUnderWay, progressOf } from '../domain/backfill-progress.ts';
import {
  backfillInProgress,
  backfillInvalidStatus,
  backfillNotFound,
  invalidParameter,
  tooManyBackfills,
} from '../errors.ts';
import { operation } from '../operation.ts';
import type { EcrContext } from '../operation.ts';
import { limitOf, pageOf, refuseToken } from '../pagination.ts';
import { findRegistry } from '../registries.ts';
import { registryOf } from '../scope.ts';
import { backfillReplicationKey, backfillReplications, backfills } from '../tables.ts';
import type { BackfillReplicationRow, BackfillRow } from '../tables.ts';

const MOST_UNDER_WAY = 10;
const LIST_LIMITS = { standard: 25, most: 50 };
const RESULT_STATUSES = ['COMPLETE', 'FAILED'];
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const nothing = () => ['*'];

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartReplicationBackfill.html */
export const StartReplicationBackfill = operation('StartReplicationBackfill', {
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'StartReplicationBackfill', input);
    const { region = '', registryId: account = '' } = input.destination ?? {};
    const row = await ctx.write(async (tx) => {
      const { replication } = await findRegistry(tx, scope);
      if (!isDestination(replication?.rules ?? [], { account, region })) {
        throw invalidParameter('destination', 'Member must be a destination of the replication configuration');
      }
      const underWay = (await tx.list(backfills, { where: ['scope', scopeKey(scope)] })).filter(isUnderWay);
      if (underWay.some(({ destination }) => destination.region === region)) throw backfillInProgress(region, scope);
      if (underWay.length >= MOST_UNDER_WAY) throw tooManyBackfills(MOST_UNDER_WAY);
      const counts = { total: 0, completed: 0, failed: 0, failureCodes: [] };
      return tx.put(backfills, {
        ...scope,
        id: ctx.ids.uuid(),
        destination: { account, region },
        status: 'PREPARING',
        preparedTo: { name: '' },
        ...counts,
        startedAtMs: ctx.now,
      });
    });
    return { ...identityView(row), status: row.status, startedAt: new Date(row.startedAtMs) };
  },
});

/** What was copied stays. No copy is ever under way between two transactions, so it has stopped when this answers. */
export const StopReplicationBackfill = operation('StopReplicationBackfill', {
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'StopReplicationBackfill', input);
    const row = await ctx.write(async (tx) => {
      const found = await requireBackfill(ctx, tx, scope, input.replicationBackfillId);
      if (!isUnderWay(found)) throw backfillInvalidStatus(found.id, found.status);
      return tx.put(backfills, { ...found, status: 'STOPPED', endedAtMs: ctx.now });
    });
    return { ...identityView(row), status: row.status, startedAt: new Date(row.startedAtMs) };
  },
});

/** The oldest first. */
export const ListReplicationBackfills = operation('ListReplicationBackfills', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'ListReplicationBackfills', input);
    const rows = await ctx.read((tx) => tx.list(backfills, { where: ['scope', scopeKey(scope)] }));
    const keyOf = ({ startedAtMs, id }: BackfillRow) => `${String(startedAtMs).padStart(16, '0')} ${id}`;
    const shown = rows.filter((row) => isShown(row, ctx.now)).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const { items, nextToken } = pageOf(shown, keyOf, input, LIST_LIMITS);
    return {
      registryId: scope.account,
      backfills: items.map((row) => ({
        replicationBackfillId: row.id,
        destination: destinationView(row),
        startedAt: new Date(row.startedAtMs),
        ...stateView(row),
      })),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeReplicationBackfillResults.html */
export const DescribeReplicationBackfillResults = operation('DescribeReplicationBackfillResults', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DescribeReplicationBackfillResults', input);
    const { resultStatusFilter: status } = input;
    const limit = limitOf(input);
    if (status !== undefined && !RESULT_STATUSES.includes(status)) {
      throw invalidParameter(
        'resultStatusFilter',
        `Member must satisfy enum value set: [${RESULT_STATUSES.join(', ')}]`,
      );
    }
    const after = input.nextToken === undefined ? undefined : decodePageToken(input.nextToken);
    const { row, tried } = await ctx.read(async (tx) => {
      const row = await requireBackfill(ctx, tx, scope, input.replicationBackfillId);
      if (input.nextToken !== undefined && !after?.startsWith(`${row.id}/`)) refuseToken();
      if (isUnderWay(row)) return { row, tried: [] };
      const where = ['result', status === undefined ? row.id : `${row.id}/${status}`] as const;
      const page = { where, limit: limit + 1, ...(after !== undefined && { after }) };
      return { row, tried: await tx.list(backfillReplications, page) };
    });
    const items = tried.slice(0, limit);
    const last = tried.length > limit ? items.at(-1) : undefined;
    return {
      ...identityView(row),
      ...stateView(row),
      startedAt: new Date(row.startedAtMs),
      ...(!isUnderWay(row) && { results: items.map(resultView) }),
      ...(last && { nextToken: encodePageToken(backfillReplicationKey(row.id, last.sequence)) }),
    };
  },
});

/** @throws ServiceError InvalidParameterException, ReplicationBackfillNotFoundException */
async function requireBackfill(ctx: EcrContext, tx: ReadTx, scope: Scope, id = ''): Promise<Stored<BackfillRow>> {
  if (!UUID.test(id)) {
    throw invalidParameter(
      'replicationBackfillId',
      `Member must satisfy regular expression pattern: '${UUID.source.slice(1, -1)}'`,
    );
  }
  const row = await tx.get(backfills, id.toLowerCase());
  if (row && scopeKey(row) === scopeKey(scope) && isShown(row, ctx.now)) return row;
  throw backfillNotFound(id, scope);
}

function isShown(row: BackfillRow, now: number): boolean {
  return now < (forgottenAt(row) ?? Infinity);
}

function identityView(row: BackfillRow) {
  return { registryId: row.account, replicationBackfillId: row.id, destination: destinationView(row) };
}

function destinationView({ destination: { account, region } }: BackfillRow) {
  return { region, registryId: account };
}

function stateView(row: BackfillRow) {
  const progress = progressOf(row);
  return {
    status: row.status,
    ...(row.failureCode !== undefined && { failureCode: row.failureCode }),
    ...(progress && { progress }),
    ...(row.endedAtMs !== undefined && { endedAt: new Date(row.endedAtMs) }),
  };
}

function resultView(row: BackfillReplicationRow): ReplicationBackfillResult {
  return {
    repositoryName: row.repositoryName,
    imageId: { imageDigest: row.digest, ...(row.tag !== undefined && { imageTag: row.tag }) },
    status: row.status,
    ...(row.failureCode !== undefined && { failureCode: row.failureCode }),
    // What an index holds goes with it, in the same transaction.
    ...(row.isIndex && { subImageFailureCodes: [] }),
  };
}
