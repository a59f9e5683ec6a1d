import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import type { AutoscalingPorts } from '../operation.ts';
import { alarmsOf } from '../domain/tracked-metric.ts';
import { namedKey, policies, policyArn, retiredAlarms, type PolicyRow, type RetiredAlarmRow } from '../tables.ts';

const RESYNC_MS = 300_000;

type Observed = { readonly policy: Stored<PolicyRow> } | { readonly retired: RetiredAlarmRow };

type Action =
  | { readonly type: 'put'; readonly row: Stored<PolicyRow> }
  | { readonly type: 'delete'; readonly row: RetiredAlarmRow };

type Env = ServiceEnvironment<AutoscalingPorts>;

/** Makes the alarms of target tracking policies as they are wanted, and deletes those of policies that are no more. */
export function policyAlarmsReconciler(env: Env): Reconciler<Observed, Action> {
  return {
    name: 'autoscaling.policy-alarms',
    resyncEveryMs: RESYNC_MS,
    keys: ({ table, key }) => ([policies.name, retiredAlarms.name].includes(table) ? [`${table} ${key}`] : []),
    async allKeys(tx) {
      const due = (await tx.list(policies)).filter((row) => row.alarmsDue);
      const retired = await tx.list(retiredAlarms);
      return [
        ...due.map((row) => `${policies.name} ${namedKey(row)}`),
        ...retired.map((row) => `${retiredAlarms.name} ${retiredAlarms.key(row)}`),
      ];
    },
    async observe(tx, key) {
      const space = key.indexOf(' ');
      const [name, own] = [key.slice(0, space), key.slice(space + 1)];
      if (name === policies.name) {
        const policy = await tx.get(policies, own);
        return policy?.alarmsDue && { policy };
      }
      const retired = await tx.get(retiredAlarms, own);
      return retired && { retired };
    },
    plan: (observed) =>
      'policy' in observed
        ? {
            actions: [{ type: 'put', row: observed.policy }],
            why: `The alarms of ${observed.policy.name} are to be made.`,
          }
        : {
            actions: [{ type: 'delete', row: observed.retired }],
            why: `${observed.retired.alarmName} has no policy any more.`,
          },
    apply: (action) => (action.type === 'put' ? putAlarms(env, action.row) : deleteAlarm(env, action.row)),
  };
}

async function putAlarms({ store, callIn, ports }: Env, row: Stored<PolicyRow>): Promise<void> {
  const { rules, groupName, alarms } = row;
  if (rules.kind === 'tracking') {
    const { managedScaleInPeriods } = ports;
    const wanted = { tracked: rules.tracked, groupName, alarms, policyArn: policyArn(row), managedScaleInPeriods };
    for (const alarm of alarmsOf(wanted)) {
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
