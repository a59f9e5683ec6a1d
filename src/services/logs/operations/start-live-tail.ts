import type { StartLiveTailRequest } from '@aws-sdk/client-cloudwatch-logs';
import { parseArn, type Scope } from '../../../kernel/arn.ts';
import { parseFilterPattern } from '../domain/filter-pattern-parser.ts';
import { constraint, invalid, noSuchGroup } from '../errors.ts';
import { checkSessionCount, openLiveTail } from '../live-tail.ts';
import { groupOf, streamOf } from '../lookup.ts';
import { checkGroupName, checkStreamName, groupInArn } from '../names.ts';
import { operation } from '../operation.ts';
import type { LogStreamRow } from '../tables.ts';

const MOST_GROUPS = 10;
const MOST_STREAMS = 10;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html */
export const StartLiveTail = operation('StartLiveTail', {
  // A policy's `log-group:NAME:*` is about this action too.
  resources: (input) => (input.logGroupIdentifiers ?? ['*']).map((arn) => `${arn.replace(/:\*$/, '')}:*`),
  readOnly: true,
  handle: async (ctx, input) => {
    checkSessionCount(ctx, ctx.ports.clock);
    const groupNames = checkedGroups(input, ctx);
    const wants = wantedStreams(input, groupNames);
    const pattern = parseFilterPattern(input.logEventFilterPattern ?? '');
    if ('problem' in pattern) throw invalid(pattern.problem);
    await ctx.read(async (tx) => {
      for (const name of groupNames) await groupOf(tx, ctx, name);
      for (const name of input.logStreamNames ?? [])
        await streamOf(tx, ctx, groupNames[0] ?? '', checkStreamName(name));
    });
    const updates = await openLiveTail({
      scope: { account: ctx.account, region: ctx.region },
      groupNames,
      wants,
      matches: pattern.matches,
      read: (fn) => ctx.read(fn),
      clock: ctx.ports.clock,
    });
    const sessionStart = { ...input, requestId: ctx.requestId, sessionId: ctx.ids.uuid() };
    return {
      responseStream: (async function* () {
        yield { sessionStart };
        yield* updates;
      })(),
    };
  },
});

function checkedGroups(input: StartLiveTailRequest, scope: Scope): readonly string[] {
  const identifiers = input.logGroupIdentifiers ?? [];
  if (identifiers.length === 0 || identifiers.length > MOST_GROUPS) {
    const rule = identifiers.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MOST_GROUPS}`;
    throw constraint(`[${identifiers.join(', ')}]`, 'logGroupIdentifiers', `have length ${rule}`);
  }
  return identifiers.map((arn) => {
    const name = arn.endsWith(':*') ? undefined : groupInArn(arn);
    if (name === undefined)
      throw invalid(`Log group identifier ${arn} must be the ARN of a log group, without a final asterisk.`);
    const { account, region } = parseArn(arn) ?? {};
    if (account !== scope.account || region !== scope.region) throw noSuchGroup();
    return checkGroupName(name);
  });
}

function wantedStreams(input: StartLiveTailRequest, groupNames: readonly string[]): (stream: LogStreamRow) => boolean {
  const { logStreamNames: names = [], logStreamNamePrefixes: prefixes = [] } = input;
  if (names.length + prefixes.length === 0) return () => true;
  if (groupNames.length > 1) {
    throw invalid('LogStream names and LogStream name prefixes can be specified for one log group only.');
  }
  if (names.length > 0 && prefixes.length > 0) {
    throw invalid('LogStream names and LogStream name prefixes are mutually exclusive parameters.');
  }
  if (names.length + prefixes.length > MOST_STREAMS) {
    throw invalid(`At most ${MOST_STREAMS} log stream names or prefixes can be given.`);
  }
  return ({ name }) => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
