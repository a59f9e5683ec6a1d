import type { Context } from '../../../api/context.ts';
import { checkTags } from '../../../kernel/tags.ts';
import type { Stored, WriteTx } from '../../../store/store.ts';
import { compositeFrom } from '../domain/composite-input.ts';
import { invalid } from '../errors.ts';
import { addHistory } from '../history.ts';
import { operation } from '../operation.ts';
import { alarmKey, alarms, compositeAlarms, type CompositeAlarmRow } from '../tables.ts';
import { alarmArn, compositeView } from '../views.ts';

const INITIAL = 'Unchecked: Initial alarm creation';

const own = (input: { readonly AlarmName?: string | undefined }, scope: Parameters<typeof alarmArn>[0]) => [
  alarmArn(scope, input.AlarmName ?? '*'),
];

/** Its state follows when the reconciler has looked at its rule. */
export const PutCompositeAlarm = operation('PutCompositeAlarm', {
  resources: own,
  conditions: (input) => {
    const actions = [input.AlarmActions, input.OKActions, input.InsufficientDataActions].flatMap((list) => list ?? []);
    return actions.length > 0 ? { 'cloudwatch:alarmactions': actions } : {};
  },
  also: (input, scope) =>
    (input.Tags ?? []).length > 0 ? [{ action: 'cloudwatch:TagResource', resources: own(input, scope) }] : [],
  handle: async (ctx, input) => {
    const alarm = compositeFrom(input, ctx);
    const tags = Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
    const problem = checkTags(tags);
    if (problem) throw invalid(problem.message);
    await ctx.write(async (tx) => {
      await checkChildren(tx, ctx, alarm);
      const before = await tx.get(compositeAlarms, alarmKey(ctx, alarm.name));
      const row = await tx.put(compositeAlarms, before ? changed(before, alarm, ctx.now) : created(ctx, alarm, tags));
      const [type, what] = before ? ['Update', 'updated'] : ['Create', 'created'];
      await addHistory(tx, row, ctx.ids, {
        atMs: ctx.now,
        alarmType: 'CompositeAlarm',
        type: 'ConfigurationUpdate',
        summary: `Alarm "${alarm.name}" ${what}`,
        data: JSON.stringify({ version: '1.0', type, [`${what}Alarm`]: compositeConfiguration(row) }),
      });
    });
    return {};
  },
});

type Configuration = ReturnType<typeof compositeFrom>;

async function checkChildren(tx: WriteTx, ctx: Context, { name, children }: Configuration): Promise<void> {
  if (await tx.get(alarms, alarmKey(ctx, name))) {
    throw invalid(`Could not save the composite alarm as there is a metric alarm with the name ${name}.`);
  }
  const missing = [];
  for (const child of children) {
    const key = alarmKey(ctx, child);
    if (!(await tx.get(alarms, key)) && !(await tx.get(compositeAlarms, key))) missing.push(child);
  }
  if (missing.length > 0) {
    const many = missing.length === 1 ? ['alarm', 'does'] : ['alarms', 'do'];
    throw invalid(
      `Could not save the composite alarm as ${many[0]} ${missing.join(', ')} in the alarm rule ${many[1]} not exist`,
    );
  }
}

function created({ account, region, now }: Context, alarm: Configuration, tags: CompositeAlarmRow['tags']) {
  return {
    account,
    region,
    ...alarm,
    tags,
    news: 'created' as const,
    configuredAtMs: now,
    stateValue: 'INSUFFICIENT_DATA' as const,
    stateReason: INITIAL,
    stateUpdatedAtMs: now,
    stateTransitionedAtMs: now,
  };
}

function changed(before: Stored<CompositeAlarmRow>, alarm: Configuration, now: number): Stored<CompositeAlarmRow> {
  const { description: _, heldWith: __, ...rest } = before;
  return { ...rest, ...alarm, news: before.news ?? 'updated', configuredAtMs: now };
}

/** For history. */
export function compositeConfiguration(row: CompositeAlarmRow): object {
  return Object.fromEntries(
    Object.entries(compositeView(row))
      .filter(([name]) => !name.startsWith('State'))
      .map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}
