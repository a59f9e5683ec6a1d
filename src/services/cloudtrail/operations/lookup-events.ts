import type { LookupEventsRequest } from '@aws-sdk/client-cloudtrail';
import { scopeKey } from '../../../kernel/arn.ts';
import { decodePageToken, encodePageToken } from '../../../kernel/pages.ts';
import { timeOfEventId } from '../domain/event-id.ts';
import { invalidAttributes, invalidMaxResults, invalidNextToken, invalidTimeRange, notSupported } from '../errors.ts';
import { searchEvents, type EventPosition, type EventQuery } from '../event-search.ts';
import { operation, retentionMs, type CloudTrailContext } from '../operation.ts';
import { eventView } from '../views.ts';

const ATTRIBUTES: ReadonlySet<string> = new Set([
  'AccessKeyId',
  'EventId',
  'EventName',
  'EventSource',
  'ReadOnly',
  'ResourceName',
  'ResourceType',
  'Username',
]);
const MOST_RESULTS = 50;
const LONGEST_VALUE = 2000;
const SECOND_MS = 1000;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export const LookupEvents = operation('LookupEvents', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.EventCategory !== undefined) throw notSupported(`EventCategory ${input.EventCategory}`);
    const page = await searchEvents(ctx.ports.events, queryOf(ctx, input));
    return {
      Events: page.events.map(eventView),
      ...(page.next && { NextToken: encodePageToken(`${page.next.at} ${page.next.chunk}`) }),
    };
  },
});

function queryOf(ctx: CloudTrailContext, input: LookupEventsRequest): EventQuery {
  const limit = input.MaxResults ?? MOST_RESULTS;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RESULTS) {
    throw invalidMaxResults(`Invalid MaxResults: ${limit}. It must be between 1 and ${MOST_RESULTS}.`);
  }
  const oldestMs = ctx.now - retentionMs(ctx.ports);
  // Events show whole seconds, so a time in the range means all of its second.
  const fromMs = Math.max(input.StartTime ? wholeSecond(input.StartTime) : oldestMs, oldestMs);
  const toMs = input.EndTime ? wholeSecond(input.EndTime) + SECOND_MS - 1 : ctx.now;
  if (input.StartTime && input.EndTime && input.StartTime > input.EndTime) {
    throw invalidTimeRange('The start time must be before the end time.');
  }
  const scope = { account: ctx.account, region: ctx.region };
  const after = input.NextToken === undefined ? undefined : positionOf(input.NextToken, scopeKey(ctx));
  const query = { scope, fromMs, toMs, limit, ...(after && { after }) };
  const attribute = attributeOf(input);
  if (attribute?.key !== 'EventId') return { ...query, ...(attribute && { attribute }) };
  const atMs = timeOfEventId(attribute.value) ?? -1;
  return { ...query, fromMs: Math.max(fromMs, atMs), toMs: Math.min(toMs, atMs), attribute };
}

function wholeSecond(date: Date): number {
  return Math.floor(date.getTime() / SECOND_MS) * SECOND_MS;
}

function attributeOf(input: LookupEventsRequest): EventQuery['attribute'] {
  const [attribute, second] = input.LookupAttributes ?? [];
  if (!attribute) return undefined;
  if (second) throw invalidAttributes('You can only specify one lookup attribute.');
  const { AttributeKey: key = '', AttributeValue: value = '' } = attribute;
  if (!ATTRIBUTES.has(key)) throw invalidAttributes(`Invalid lookup attribute key: ${key}`);
  if (value === '' || value.length > LONGEST_VALUE) {
    throw invalidAttributes(`Invalid lookup attribute value: it must have 1 to ${LONGEST_VALUE} characters.`);
  }
  return { key, value };
}

function positionOf(token: string, scope: string): EventPosition {
  const match = /^(\d{1,9}) (.+)$/.exec(decodePageToken(token) ?? '');
  const [, at, chunk] = match ?? [];
  if (at === undefined || !chunk?.startsWith(`${scope}/`)) return invalidNextToken();
  return { at: Number(at), chunk };
}
