import type { DescribeLogGroupsRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { orderedPage } from '../domain/ordered-page.ts';
import { badToken, constraint, invalid, notSupported } from '../errors.ts';
import { streamsOf } from '../lookup.ts';
import { groupInArn } from '../names.ts';
import { operation } from '../operation.ts';
import { groupKey, logGroups, type LogGroupRow } from '../tables.ts';
import { logGroupView } from '../views.ts';

const MAX_GROUPS = 50;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export const DescribeLogGroups = operation('DescribeLogGroups', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    checkRequest(input);
    const limit = checkedLimit(input.limit);
    return ctx.read(async (tx) => {
      const rows = await tx.list(logGroups, { prefix: groupKey(ctx, input.logGroupNamePrefix ?? '') });
      const page = orderedPage(
        rows.filter((row) => matches(row, input)),
        (row) => row.name,
        { limit, token: input.nextToken, descending: false, onBadToken },
      );
      const logGroupList = [];
      for (const row of page.items) logGroupList.push(logGroupView(row, await storedBytes(tx, ctx, row.name)));
      return { logGroups: logGroupList, ...(page.nextToken !== undefined && { nextToken: page.nextToken }) };
    });
  },
});

function onBadToken(): never {
  throw badToken();
}

export function checkedLimit(limit: number | undefined): number {
  if (limit !== undefined && limit < 1) throw constraint(limit, 'limit', 'have value greater than or equal to 1');
  if (limit !== undefined && limit > MAX_GROUPS) {
    throw constraint(limit, 'limit', `have value less than or equal to ${MAX_GROUPS}`);
  }
  return limit ?? MAX_GROUPS;
}

function checkRequest(input: DescribeLogGroupsRequest): void {
  if (input.includeLinkedAccounts) throw notSupported('includeLinkedAccounts');
  if (input.accountIdentifiers?.length) throw notSupported('accountIdentifiers');
  if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined) {
    throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
  }
}

function matches(row: LogGroupRow, input: DescribeLogGroupsRequest): boolean {
  if (input.logGroupNamePattern !== undefined && !row.name.includes(input.logGroupNamePattern)) return false;
  if ((input.logGroupClass ?? 'STANDARD') !== 'STANDARD') return false;
  const asked = input.logGroupIdentifiers?.map((identifier) => groupInArn(identifier) ?? identifier);
  return !asked?.length || asked.includes(row.name);
}

async function storedBytes(tx: ReadTx, scope: Scope, groupName: string): Promise<number> {
  return (await streamsOf(tx, scope, groupName)).reduce((sum, stream) => sum + stream.bytes, 0);
}
