import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../api/context.ts';
import { scopeKey, type Scope } from '../../../kernel/arn.ts';
import { checkTags } from '../../../kernel/tags.ts';
import type { ReadTx } from '../../../store/store.ts';
import { answerQueries } from '../data-query.ts';
import { alarmFrom } from '../domain/alarm-input.ts';
import type { AlarmConfiguration } from '../domain/alarm.ts';
import { metricFrom, metricId } from '../domain/metric.ts';
import { badToken, constraint, invalid } from '../errors.ts';
import { addHistory } from '../history.ts';
import { operation } from '../operation.ts';
import { alarmKey, alarms, compositeAlarms, type AlarmRow } from '../tables.ts';
import { alarmArn, alarmView } from '../views.ts';

const INITIAL = 'Unchecked: Initial alarm creation';

export const alarmResource = (input: { readonly AlarmName?: string | undefined }, scope: Scope) => [
  alarmArn(scope, input.AlarmName ?? '*'),
];
export const alarmsResource = (input: { readonly AlarmNames?: readonly string[] | undefined }, scope: Scope) =>
  (input.AlarmNames ?? []).length > 0
    ? (input.AlarmNames ?? []).map((name) => alarmArn(scope, name))
    : [alarmArn(scope, '*')];

export const PutMetricAlarm = operation('PutMetricAlarm', {
  resources: alarmResource,
  conditions: (input) => {
    const actions = [input.AlarmActions, input.OKActions, input.InsufficientDataActions].flatMap((list) => list ?? []);
    return actions.length > 0 ? { 'cloudwatch:alarmactions': actions } : {};
  },
  also: (input, scope) =>
    (input.Tags ?? []).length > 0 ? [{ action: 'cloudwatch:TagResource', resources: alarmResource(input, scope) }] : [],
  handle: async (ctx, input) => {
    const alarm = alarmFrom(input, ctx);
    const tags = tagsFrom(input);
    await ctx.write(async (tx) => {
      if (await tx.get(compositeAlarms, alarmKey(ctx, alarm.name))) {
        throw invalid(`Could not save the metric alarm as there is a composite alarm with the name ${alarm.name}.`);
      }
      if (!alarm.isSingleMetric) await checkOneSeries(tx, ctx, alarm);
      const before = await tx.get(alarms, alarmKey(ctx, alarm.name));
      const row = await tx.put(
        alarms,
        before
          ? { ...changed(before, alarm), configuredAtMs: ctx.now }
          : {
              account: ctx.account,
              region: ctx.region,
              ...alarm,
              tags,
              configuredAtMs: ctx.now,
              stateValue: 'INSUFFICIENT_DATA',
              stateReason: INITIAL,
              stateUpdatedAtMs: ctx.now,
              stateTransitionedAtMs: ctx.now,
            },
      );
      const [type, what] = before ? ['Update', 'updated'] : ['Create', 'created'];
      await addHistory(tx, row, ctx.ids, {
        atMs: ctx.now,
        type: 'ConfigurationUpdate',
        summary: `Alarm "${alarm.name}" ${what}`,
        data: JSON.stringify({ version: '1.0', type, [`${what}Alarm`]: configurationView(row) }),
      });
    });
    return {};
  },
});

/** What an expression gives shows when it is answered, with or without samples. */
async function checkOneSeries(tx: ReadTx, ctx: Context, { queries, periodMs }: AlarmConfiguration): Promise<void> {
  const range = { fromMs: ctx.now - periodMs, untilMs: ctx.now };
  const { series } = await answerQueries(tx, ctx, queries, range, ctx.now);
  if ([...series.values()].some((one) => one.length !== 1)) {
    throw invalid('The expression of an alarm must return a single time series.');
  }
}

/** The new configuration with the state, the tags and the revision that the alarm has. */
function changed<R extends AlarmRow>(before: R, alarm: AlarmConfiguration): R {
  const { description: _, missingData: __, lowSamples: ___, heldUntilMs: ____, ...rest } = before;
  return { ...rest, ...alarm } as R;
}

/** For history. */
export function configurationView(row: AlarmRow): object {
  return Object.fromEntries(
    Object.entries(alarmView(row))
      .filter(([name]) => !name.startsWith('State'))
      .map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}

function tagsFrom(input: PutMetricAlarmInput): Record<string, string> {
  const tags = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const problem = checkTags(tags);
  if (problem) throw invalid(problem.message);
  return tags;
}

export function pageLimit(most: number | undefined): number {
  if (most === undefined) return 50;
  if (most < 1 || most > 100) throw constraint(most, 'maxRecords', 'have value between 1 and 100');
  return most;
}

export function onBadToken(): never {
  throw badToken();
}

export const DescribeAlarmsForMetric = operation('DescribeAlarmsForMetric', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const id = metricId(metricFrom(input));
    const statistic = input.Statistic ?? input.ExtendedStatistic;
    const rows = await ctx.read((tx) => tx.list(alarms, { where: ['scope', scopeKey(ctx)] }));
    const isOf = ({ queries }: AlarmRow) =>
      queries.some(
        ({ stat }) =>
          stat &&
          metricId(stat.metric) === id &&
          (statistic === undefined || stat.statistic === statistic) &&
          (input.Period === undefined || stat.periodMs === input.Period * 1000) &&
          (input.Unit === undefined || stat.unit === input.Unit),
      );
    return { MetricAlarms: rows.filter(isOf).map(alarmView) };
  },
});
