import type { Context } from '../../../api/context.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import type { WriteTx } from '../../../store/store.ts';
import { childrenOf, enterCompositeState, type CompositeState } from '../composite-state.ts';
import { checkAlarmName } from '../domain/alarm-input.ts';
import { evaluationStepMs, lastEndMs } from '../domain/alarm-evaluation.ts';
import type { StateValue } from '../domain/alarm.ts';
import { constraint, invalidValue, noSuchAlarm, notSupported } from '../errors.ts';
import { operation } from '../operation.ts';
import { alarmKey, alarms, compositeAlarms, history, historyKey } from '../tables.ts';
import { enterState } from '../transition.ts';
import { historyView } from '../views.ts';
import { alarmResource, alarmsResource, onBadToken, pageLimit } from './alarms.ts';

const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] satisfies readonly StateValue[];

/** The state stands until the alarm is evaluated next. */
export const SetAlarmState = operation('SetAlarmState', {
  resources: alarmResource,
  handle: async (ctx, input) => {
    const name = checkAlarmName(input.AlarmName);
    const { StateValue: state = '', StateReason: stateReason = '', StateReasonData: stateReasonData } = input;
    if (!STATES.includes(state)) {
      throw constraint(state, 'stateValue', 'satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]');
    }
    if (stateReason.length > 1023)
      throw constraint(stateReason, 'stateReason', 'have length less than or equal to 1023');
    if (stateReasonData !== undefined && !isJson(stateReasonData)) {
      throw invalidValue('The parameter StateReasonData must be valid JSON.');
    }
    await ctx.write(async (tx) => {
      const next = {
        stateValue: state as StateValue,
        stateReason,
        ...(stateReasonData !== undefined && { stateReasonData }),
      };
      const row = await tx.get(alarms, alarmKey(ctx, name));
      if (!row) return setCompositeState(tx, ctx, name, next);
      const heldUntilMs = lastEndMs(row.periodMs, ctx.now) + evaluationStepMs(row.periodMs);
      await enterState(tx, { ...row, heldUntilMs }, next, ctx);
      return undefined;
    });
    return {};
  },
});

/** It stands until a child changes its state. */
async function setCompositeState(tx: WriteTx, ctx: Context, name: string, next: CompositeState): Promise<void> {
  const row = await tx.get(compositeAlarms, alarmKey(ctx, name));
  if (!row) throw noSuchAlarm(name);
  const children = await childrenOf(tx, row);
  const heldWith = Object.fromEntries([...children].map(([child, { stateValue }]) => [child, stateValue]));
  const { news: _, ...settled } = row;
  await enterCompositeState(tx, { ...settled, heldWith }, next, ctx);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const EnableAlarmActions = operation('EnableAlarmActions', {
  resources: alarmsResource,
  handle: (ctx, input) => setActions(ctx, input.AlarmNames ?? [], true),
});

export const DisableAlarmActions = operation('DisableAlarmActions', {
  resources: alarmsResource,
  handle: (ctx, input) => setActions(ctx, input.AlarmNames ?? [], false),
});

async function setActions(ctx: Context, names: readonly string[], actionsEnabled: boolean) {
  await ctx.write(async (tx) => {
    for (const name of names) {
      const row = await tx.get(alarms, alarmKey(ctx, checkAlarmName(name)));
      if (row && row.actionsEnabled !== actionsEnabled) {
        await tx.put(alarms, { ...row, actionsEnabled, configuredAtMs: ctx.now });
      }
      const composite = await tx.get(compositeAlarms, alarmKey(ctx, name));
      if (composite && composite.actionsEnabled !== actionsEnabled) {
        await tx.put(compositeAlarms, { ...composite, actionsEnabled, configuredAtMs: ctx.now });
      }
    }
  });
  return {};
}

/** What happened in the last 30 days. */
export const DescribeAlarmHistory = operation('DescribeAlarmHistory', {
  resources: (input, scope) => alarmResource(input, scope),
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.AlarmContributorId !== undefined) throw notSupported('AlarmContributorId');
    const { AlarmName, HistoryItemType, AlarmTypes, StartDate, EndDate, ScanBy } = input;
    const rows = await ctx.read((tx) =>
      tx.list(history, {
        where: AlarmName === undefined ? ['scope', scopeKey(ctx)] : ['alarm', alarmKey(ctx, AlarmName)],
      }),
    );
    const wanted = rows.filter(
      (row) =>
        (HistoryItemType === undefined || row.type === HistoryItemType) &&
        (AlarmTypes ?? ['MetricAlarm']).includes(row.alarmType ?? 'MetricAlarm') &&
        (StartDate === undefined || row.atMs >= StartDate.getTime()) &&
        (EndDate === undefined || row.atMs <= EndDate.getTime()),
    );
    const descending = ScanBy !== 'TimestampAscending';
    const page = paginate(descending ? wanted.toReversed() : wanted, historyKey, {
      limit: pageLimit(input.MaxRecords ?? 100),
      token: input.NextToken,
      descending,
      onBadToken,
    });
    return {
      AlarmHistoryItems: page.items.map(historyView),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});
