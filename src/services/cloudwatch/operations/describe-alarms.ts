import type { CompositeAlarm, DescribeAlarmsInput, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../api/context.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import type { ReadTx } from '../../../store/store.ts';
import { childrenOf } from '../composite-state.ts';
import { checkAlarmName } from '../domain/alarm-input.ts';
import { actionsFor } from '../domain/alarm.ts';
import { constraint, invalid, invalidCombination, noSuchAlarm } from '../errors.ts';
import { operation } from '../operation.ts';
import { alarmKey, alarms, compositeAlarms, type AlarmRow, type CompositeAlarmRow } from '../tables.ts';
import { alarmArn, alarmView, compositeView } from '../views.ts';
import { alarmsResource, onBadToken, pageLimit } from './alarms.ts';

export const MOST_NAMES = 100;

type AnyAlarm = AlarmRow | CompositeAlarmRow;

const isComposite = (row: AnyAlarm): row is CompositeAlarmRow => 'rule' in row;
/** Metric alarms before composite ones. */
const pageKey = (row: AnyAlarm) => `${isComposite(row) ? 1 : 0}/${alarmKey(row, row.name)}`;

export const DescribeAlarms = operation('DescribeAlarms', {
  resources: alarmsResource,
  readOnly: true,
  handle: async (ctx, input) => {
    checkFilters(input);
    const isFamily = input.ChildrenOfAlarmName !== undefined || input.ParentsOfAlarmName !== undefined;
    const types = input.AlarmTypes ?? (isFamily ? ['MetricAlarm', 'CompositeAlarm'] : ['MetricAlarm']);
    const found = await ctx.read((tx) => (isFamily ? familyOf(tx, ctx, input) : everyAlarm(tx, ctx)));
    const wanted = found.filter(
      (row) => types.includes(isComposite(row) ? 'CompositeAlarm' : 'MetricAlarm') && isWanted(row, input),
    );
    const page = paginate(
      wanted.toSorted((a, b) => (pageKey(a) < pageKey(b) ? -1 : 1)),
      pageKey,
      { limit: pageLimit(input.MaxRecords), token: input.NextToken, onBadToken },
    );
    const metric = page.items.filter((row): row is AlarmRow & (typeof page.items)[number] => !isComposite(row));
    const composite = page.items.filter(isComposite);
    return {
      MetricAlarms: isFamily ? metric.map((row) => relativeView(row, input)) : metric.map(alarmView),
      CompositeAlarms: isFamily ? composite.map((row) => relativeView(row, input)) : composite.map(compositeView),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});

function checkFilters(input: DescribeAlarmsInput): void {
  const { AlarmNames, AlarmNamePrefix, ChildrenOfAlarmName, ParentsOfAlarmName, StateValue, ActionPrefix } = input;
  if (AlarmNames && AlarmNamePrefix !== undefined) {
    throw invalidCombination('AlarmNamePrefix and AlarmNames are mutually exclusive.');
  }
  if ((AlarmNames?.length ?? 0) > MOST_NAMES) {
    throw constraint(AlarmNames?.join(', '), 'alarmNames', `have length less than or equal to ${MOST_NAMES}`);
  }
  const others = [AlarmNames, AlarmNamePrefix, StateValue, ActionPrefix];
  const relatives = [ChildrenOfAlarmName, ParentsOfAlarmName].filter((name) => name !== undefined);
  if (relatives.length > 1 || (relatives.length > 0 && others.some((filter) => filter !== undefined))) {
    throw invalidCombination('ChildrenOfAlarmName and ParentsOfAlarmName exclude each other and any other filter.');
  }
}

async function everyAlarm(tx: ReadTx, ctx: Context): Promise<readonly AnyAlarm[]> {
  const where = ['scope', scopeKey(ctx)] as const;
  return [...(await tx.list(alarms, { where })), ...(await tx.list(compositeAlarms, { where }))];
}

async function familyOf(tx: ReadTx, ctx: Context, input: DescribeAlarmsInput): Promise<readonly AnyAlarm[]> {
  if (input.ParentsOfAlarmName !== undefined) {
    const key = alarmKey(ctx, checkAlarmName(input.ParentsOfAlarmName));
    return tx.list(compositeAlarms, { where: ['child', key] });
  }
  const name = checkAlarmName(input.ChildrenOfAlarmName);
  const row = await tx.get(compositeAlarms, alarmKey(ctx, name));
  if (row) return [...(await childrenOf(tx, row)).values()];
  if (await tx.get(alarms, alarmKey(ctx, name))) throw invalid(`${name} is not a composite alarm.`);
  throw noSuchAlarm(name);
}

function isWanted(row: AnyAlarm, input: DescribeAlarmsInput): boolean {
  const { AlarmNames, AlarmNamePrefix = '', StateValue, ActionPrefix } = input;
  return (
    (AlarmNames ? AlarmNames.includes(row.name) : row.name.startsWith(AlarmNamePrefix)) &&
    (StateValue === undefined || row.stateValue === StateValue) &&
    (ActionPrefix === undefined || allActions(row).some((action) => action.startsWith(ActionPrefix)))
  );
}

function allActions(row: AnyAlarm): readonly string[] {
  if (isComposite(row)) return [];
  return (['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const).flatMap((state) => actionsFor(row, state));
}

/** Of children no more than their states is told, of parents only that they are. */
function relativeView(row: AnyAlarm, { ChildrenOfAlarmName }: DescribeAlarmsInput): MetricAlarm & CompositeAlarm {
  return {
    AlarmName: row.name,
    AlarmArn: alarmArn(row, row.name),
    ...(ChildrenOfAlarmName !== undefined && {
      StateValue: row.stateValue,
      StateUpdatedTimestamp: new Date(row.stateUpdatedAtMs),
    }),
  };
}
