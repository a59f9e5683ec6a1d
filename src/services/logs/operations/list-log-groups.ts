import type { ListLogGroupsRequest } from '@aws-sdk/client-cloudwatch-logs';
import { orderedPage } from '../domain/ordered-page.ts';
import { badToken, constraint, invalid, notSupported } from '../errors.ts';
import { groupArn } from '../names.ts';
import { operation } from '../operation.ts';
import { groupKey, logGroups } from '../tables.ts';

const DEFAULT_GROUPS = 50;
const MAX_GROUPS = 1000;
const MAX_PATTERNS = 5;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html */
export const ListLogGroups = operation('ListLogGroups', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const matches = checkedRequest(input);
    const rows = await ctx.read((tx) => tx.list(logGroups, { prefix: groupKey(ctx, '') }));
    const isClass = (input.logGroupClass ?? 'STANDARD') === 'STANDARD';
    const page = orderedPage(
      rows.filter((row) => isClass && matches(row.name)),
      (row) => row.name,
      {
        limit: input.limit ?? DEFAULT_GROUPS,
        token: input.nextToken,
        descending: false,
        onBadToken: () => {
          throw badToken();
        },
      },
    );
    return {
      logGroups: page.items.map((row) => ({
        logGroupName: row.name,
        logGroupArn: groupArn(row, row.name),
        logGroupClass: 'STANDARD' as const,
      })),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },
});

/** Answers whether a name is asked for: `^` ties to its start, `|` stands between up to five. */
function checkedRequest(input: ListLogGroupsRequest): (name: string) => boolean {
  if (input.includeLinkedAccounts) throw notSupported('includeLinkedAccounts');
  if (input.accountIdentifiers?.length) throw notSupported('accountIdentifiers');
  const other = Object.entries(input).find(
    ([name, value]) => !KNOWN.has(name) && value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  if (other) throw notSupported(other[0]);
  const { limit } = input;
  if (limit !== undefined && limit < 1) throw constraint(limit, 'limit', 'have value greater than or equal to 1');
  if (limit !== undefined && limit > MAX_GROUPS) {
    throw constraint(limit, 'limit', `have value less than or equal to ${MAX_GROUPS}`);
  }
  const pattern = input.logGroupNamePattern;
  if (pattern === undefined) return () => true;
  const parts = pattern.split('|');
  const isFit = (part: string) => part.length >= 3 && part.length <= 24 && /^\^?[.\-_/#A-Za-z0-9]+$/.test(part);
  if (parts.length > MAX_PATTERNS || !parts.every(isFit)) {
    throw invalid(`The log group name pattern '${pattern}' is invalid.`);
  }
  return (name) => parts.some((part) => (part.startsWith('^') ? name.startsWith(part.slice(1)) : name.includes(part)));
}

const KNOWN = new Set([
  'logGroupNamePattern',
  'logGroupClass',
  'includeLinkedAccounts',
  'accountIdentifiers',
  'nextToken',
  'limit',
]);
