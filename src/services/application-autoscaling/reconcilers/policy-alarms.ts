import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import { alarmsOf } from '../domain/tracked-metric.ts';
import {
  activities,
  namedKey,
  policies,
  policyArn,
  retiredAlarms,
  type PolicyRow,
  type RetiredAlarmRow,
} from '../tables.ts';

const RESYNC_MS = 300_000;
const SIX_WEEKS_MS = 42 * 24 * 3_600_000;
const OLD_ACTIVITIES = 'old activities';

type Observed =
  | { readonly kind: 'policy'; readonly row: Stored<PolicyRow> }
  | { readonly kind: 'retired'; readonly row: RetiredAlarmRow }
  | { readonly kind: 'old'; readonly keys: readonly string[] };

type Action =
  | { readonly type: 'put'; readonly row: Stored<PolicyRow> }
  | { readonly type: 'delete'; readonly row: RetiredAlarmRow }
  | { readonly type: 'forget'; readonly keys: readonly string[] };

type Env = ServiceEnvironment<object>;

/** Makes the alarms of target tracking policies as they are wanted, and deletes those of policies that are no more. */
export function policyAlarmsReconciler(env: Env): Reconciler<Observed, Action> {
  return {
    name: 'application-autoscaling.policy-alarms',
    resyncEveryMs: RESYNC_MS,
    keys: (change) =>
      [policies.name, retiredAlarms.name].includes(change.table) ? [`${change.table} ${change.key}`] : [],
    async allKeys(tx) {
      const due = (await tx.list(policies)).filter((row) => row.alarmsDue);
      const retired = await tx.list(retiredAlarms);
      return [
        ...due.map((row) => `${policies.name} ${namedKey(row)}`),
        ...retired.map((row) => `${retiredAlarms.name} ${retiredAlarms.key(row)}`),
        OLD_ACTIVITIES,
      ];
    },
    async observe(tx, key) {
      if (key === OLD_ACTIVITIES) {
        const rows = await tx.list(activities, { limit: 500 });
        return {
          kind: 'old',
          keys: rows.filter((row) => row.startMs < env.clock.now() - SIX_WEEKS_MS).map(activities.key),
        };
      }
      const space = key.indexOf(' ');
      const [name, own] = [key.slice(0, space), key.slice(space + 1)];
      if (name === policies.name) {
        const row = await tx.get(policies, own);
        return row?.alarmsDue && { kind: 'policy', row };
      }
      const row = await tx.get(retiredAlarms, own);
      return row && { kind: 'retired', row };
    },
    plan(observed) {
      if (observed.kind === 'policy') {
        return {
          actions: [{ type: 'put', row: observed.row }],
          why: `The alarms of ${observed.row.name} are to be made.`,
        };
      }
      if (observed.kind === 'retired') {
        return {
          actions: [{ type: 'delete', row: observed.row }],
          why: `${observed.row.alarmName} has no policy any more.`,
        };
      }
      const { keys } = observed;
      return {
        actions: keys.length > 0 ? [{ type: 'forget', keys }] : [],
        why: `${keys.length} activities are too old.`,
      };
    },
    async apply(action) {
      if (action.type === 'put') return putAlarms(env, action.row);
      if (action.type === 'delete') return deleteAlarm(env, action.row);
      await env.store.write(async (tx) => {
        for (const key of action.keys) await tx.delete(activities, key);
      });
    },
  };
}

async function putAlarms({ store, callIn }: Env, row: Stored<PolicyRow>): Promise<void> {
  const { tracking, resourceId, alarms } = row;
  if (tracking) {
    for (const alarm of alarmsOf({ ...tracking, resourceId, alarms, policyArn: policyArn(row) })) {
      await callIn(row)('cloudwatch', 'PutMetricAlarm', alarm);
    }
  }
  await store.write(async (tx) => {
    const current = await tx.get(policies, namedKey(row));
    if (current?.revision !== row.revision) return;
    const { alarmsDue: _, ...rest } = current;
    await tx.put(policies, rest);
  });
}

async function deleteAlarm({ store, callIn }: Env, row: RetiredAlarmRow): Promise<void> {
  await callIn(row)('cloudwatch', 'DeleteAlarms', { AlarmNames: [row.alarmName] });
  await store.write((tx) => tx.delete(retiredAlarms, retiredAlarms.key(row)));
}
