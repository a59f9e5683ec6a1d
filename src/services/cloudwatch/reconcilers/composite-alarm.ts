import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import { childrenOf, enterCompositeState, isInCycle, type CompositeState } from '../composite-state.ts';
import { isMet, parseAlarmRule } from '../domain/alarm-rule.ts';
import { compositeReason, compositeReasonData, type Child } from '../domain/composite-reason.ts';
import { childName } from '../domain/composite-input.ts';
import type { StateValue } from '../domain/alarm.ts';
import type { CloudWatchPorts } from '../operation.ts';
import { alarmKey, alarms, compositeAlarms, type CompositeAlarmRow } from '../tables.ts';
import { alarmArn } from '../views.ts';

const RESYNC_MS = 60_000;

interface Observed {
  readonly row: Stored<CompositeAlarmRow>;
  readonly children: readonly Child[];
  readonly isInCycle: boolean;
}

interface Enter {
  readonly type: 'enter';
  readonly row: Stored<CompositeAlarmRow>;
  readonly next: CompositeState;
}

type Env = ServiceEnvironment<CloudWatchPorts>;

/** Looks at the rule of each composite alarm whenever the state of one of its children may be another. */
export function compositeAlarmReconciler(env: Env): Reconciler<Observed, Enter> {
  // Who looks at whom: filled by `observe`, which every alarm goes through at the start.
  const parents = new Map<string, readonly string[]>();
  return {
    name: 'cloudwatch.composite-alarm',
    resyncEveryMs: RESYNC_MS,
    keys(change) {
      if (change.table !== alarms.name && change.table !== compositeAlarms.name) return [];
      const looking = [...parents].flatMap(([key, children]) => (children.includes(change.key) ? [key] : []));
      return change.table === compositeAlarms.name ? [change.key, ...looking] : looking;
    },
    allKeys: async (tx) => (await tx.list(compositeAlarms)).map((row) => alarmKey(row, row.name)),
    async observe(tx, key) {
      const row = await tx.get(compositeAlarms, key);
      if (!row) {
        parents.delete(key);
        return undefined;
      }
      parents.set(
        key,
        row.children.map((name) => alarmKey(row, name)),
      );
      const children = [...(await childrenOf(tx, row)).values()].map((child) => ({
        name: child.name,
        arn: alarmArn(child, child.name),
        state: child.stateValue,
        sinceMs: child.stateTransitionedAtMs ?? child.stateUpdatedAtMs,
      }));
      return { row, children, isInCycle: await isInCycle(tx, row) };
    },
    plan({ row, children, isInCycle: cycle }) {
      if (cycle) return { actions: [], why: `${row.name} depends on itself, and is not evaluated.` };
      const states = new Map(children.map((child) => [child.name, child.state]));
      const { heldWith } = row;
      if (heldWith && Object.keys(heldWith).every((name) => heldWith[name] === states.get(name))) {
        return { actions: [], why: `${row.name} was set to ${row.stateValue}.` };
      }
      const stateOf = (alarm: string) => states.get(childName(alarm, row));
      const stateValue: StateValue = isMet(parseAlarmRule(row.rule), stateOf) ? 'ALARM' : 'OK';
      const why = `${row.name} is ${stateValue}.`;
      if (stateValue === row.stateValue && row.news === undefined && !heldWith) return { actions: [], why };
      const next = {
        stateValue,
        stateReason: compositeReason(alarmArn(row, row.name), row.news, stateValue, children),
        stateReasonData: compositeReasonData(children, row.news !== undefined),
      };
      return { actions: [{ type: 'enter', row, next }], why };
    },
    apply: ({ row, next }) =>
      env.store.write(async (tx) => {
        const current = await tx.get(compositeAlarms, alarmKey(row, row.name));
        if (current?.revision !== row.revision) return;
        const { heldWith: _, news: __, ...free } = current;
        // A new rule that says the same leaves the state as it is.
        if (next.stateValue === current.stateValue) await tx.put(compositeAlarms, free);
        else await enterCompositeState(tx, free, next, { now: env.clock.now(), ids: env.ids });
      }),
  };
}
