import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { formatArn, scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Reconciler } from '../../reconcile/reconciler.ts';
import type { Stored, Table, WriteTx } from '../../store/store.ts';
import type { ServiceEnvironment } from '../service.ts';
import { isLowAlarm } from './signal.ts';

/** A policy, as far as its alarms go. */
export interface AlarmedPolicy extends Scope {
  readonly name: string;
  /** Of target tracking: the alarms that are its own. */
  readonly alarms: readonly string[];
  /** Its alarms are still to be made as they are wanted. */
  readonly alarmsDue?: true;
}

/** An alarm of a policy that is no more, or wants another one. */
export interface RetiredAlarmRow extends Scope {
  readonly alarmName: string;
}

export const retiredAlarmKey = (row: RetiredAlarmRow) => `${scopeKey(row)}|${row.alarmName}`;

/** What CloudWatch takes. */
const LONGEST_NAME = 255;
const LONGEST_OF = LONGEST_NAME - `TargetTracking--AlarmHigh-${'0'.repeat(36)}`.length;

/**
 * AWS's names of a target tracking policy's alarms, which stay when it is changed.
 * @param of what it scales; as much of it as fits
 */
export function alarmNames(
  of: string,
  { disableScaleIn }: { readonly disableScaleIn: boolean },
  before: readonly string[],
  ids: Ids,
): readonly string[] {
  const kept = before.filter(fits);
  const fitting = of.slice(0, LONGEST_OF).toWellFormed();
  return (disableScaleIn ? ['AlarmHigh'] : ['AlarmHigh', 'AlarmLow']).map(
    (kind) =>
      kept.find((name) => isLowAlarm(name) === (kind === 'AlarmLow')) ??
      `TargetTracking-${fitting}-${kind}-${ids.uuid()}`,
  );
}

const fits = (name: string): boolean => name.length <= LONGEST_NAME;

/** A name that an earlier version made too long: less of what it scales, and the same kind and id. */
function shortened(name: string): string {
  if (fits(name)) return name;
  const end = name.slice(name.lastIndexOf('-Alarm'));
  return `${name.slice(0, LONGEST_NAME - end.length).toWellFormed()}${end}`;
}

export function alarmViews(scope: Scope, names: readonly string[]): { AlarmName: string; AlarmARN: string }[] {
  return names.map((name) => ({ AlarmName: name, AlarmARN: formatArn('cloudwatch', scope, `alarm:${name}`) }));
}

/** A reconciler deletes them. */
export async function retireAlarms(
  tx: WriteTx,
  retired: Table<RetiredAlarmRow>,
  { account, region }: Scope,
  names: readonly string[],
): Promise<void> {
  for (const alarmName of names) {
    const row = { account, region, alarmName };
    if (!(await tx.get(retired, retiredAlarmKey(row)))) await tx.put(retired, row);
  }
}

type Env = ServiceEnvironment<object>;

interface Arranged<P extends AlarmedPolicy> {
  /** The reconciler's name. */
  readonly name: string;
  readonly policies: Table<P>;
  readonly retired: Table<RetiredAlarmRow>;
  /** The alarms that a policy wants. */
  readonly alarmsOf: (policy: P) => readonly PutMetricAlarmInput[];
}

type Observed<P> = { readonly policy: Stored<P> } | { readonly retired: RetiredAlarmRow };

type Action<P> =
  | { readonly type: 'put' | 'rename'; readonly row: Stored<P> }
  | { readonly type: 'delete'; readonly row: RetiredAlarmRow };

const RESYNC_MS = 300_000;

/** Makes the alarms of target tracking policies as they are wanted, and deletes those of policies that are no more. */
export function policyAlarmsReconciler<P extends AlarmedPolicy>(
  env: Env,
  arranged: Arranged<P>,
): Reconciler<Observed<P>, Action<P>> {
  const { name, policies, retired } = arranged;
  return {
    name,
    resyncEveryMs: RESYNC_MS,
    keys: ({ table, key }) => ([policies.name, retired.name].includes(table) ? [`${table} ${key}`] : []),
    async allKeys(tx) {
      const due = (await tx.list(policies)).filter((row) => row.alarmsDue);
      return [
        ...due.map((row) => `${policies.name} ${policies.key(row)}`),
        ...(await tx.list(retired)).map((row) => `${retired.name} ${retiredAlarmKey(row)}`),
      ];
    },
    async observe(tx, key) {
      const space = key.indexOf(' ');
      const [table, own] = [key.slice(0, space), key.slice(space + 1)];
      if (table === policies.name) {
        const policy = await tx.get(policies, own);
        return policy?.alarmsDue && { policy };
      }
      const row = await tx.get(retired, own);
      return row && { retired: row };
    },
    plan(observed) {
      if ('retired' in observed) {
        const { retired: row } = observed;
        return { actions: [{ type: 'delete', row }], why: `${row.alarmName} has no policy any more.` };
      }
      const { policy: row } = observed;
      // Under names that CloudWatch takes they are made in the next pass.
      const type = row.alarms.every(fits) ? 'put' : 'rename';
      return { actions: [{ type, row }], why: `The alarms of ${row.name} are to be made.` };
    },
    async apply(action) {
      if (action.type === 'delete') await deleteAlarm(env, arranged, action.row);
      else if (action.type === 'rename') await renameAlarms(env, arranged, action.row);
      else await putAlarms(env, arranged, action.row);
    },
  };
}

async function renameAlarms<P extends AlarmedPolicy>({ store }: Env, { policies }: Arranged<P>, row: P): Promise<void> {
  await store.write(async (tx) => {
    const current = await tx.get(policies, policies.key(row));
    if (current) await tx.put(policies, { ...current, alarms: current.alarms.map(shortened) });
  });
}

async function putAlarms<P extends AlarmedPolicy>(
  { store, callIn }: Env,
  { policies, retired, alarmsOf }: Arranged<P>,
  row: Stored<P>,
): Promise<void> {
  const made = alarmsOf(row);
  for (const alarm of made) await callIn(row)('cloudwatch', 'PutMetricAlarm', alarm);
  await store.write(async (tx) => {
    const current = await tx.get(policies, policies.key(row));
    // The policy may have been changed or deleted meanwhile, and what it gave up deleted already.
    const unwanted = made.flatMap(({ AlarmName = '' }) => (current?.alarms.includes(AlarmName) ? [] : [AlarmName]));
    await retireAlarms(tx, retired, row, unwanted);
    if (!current || current.revision !== row.revision) return;
    const { alarmsDue: _, ...rest } = current;
    await tx.put(policies, rest as Stored<P>);
  });
}

async function deleteAlarm<P extends AlarmedPolicy>(
  { store, callIn }: Env,
  { retired }: Arranged<P>,
  row: RetiredAlarmRow,
): Promise<void> {
  // There never was one of a longer name.
  if (fits(row.alarmName)) {
    await callIn(row)('cloudwatch', 'DeleteAlarms', { AlarmNames: [row.alarmName] });
  }
  await store.write((tx) => tx.delete(retired, retiredAlarmKey(row)));
}
