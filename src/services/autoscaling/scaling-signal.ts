import type { Scope } from '../../kernel/arn.ts';
import type { Store } from '../../store/store.ts';
import { namedKey, policies, policyIn, signals } from './tables.ts';

/** What CloudWatch's alarms say to a scaling policy: on their way into a state, and each minute in ALARM. */
interface ScalingSignal extends Scope {
  readonly policyArn: string;
  readonly alarmName: string;
  readonly stateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly datapoints: readonly number[];
  readonly threshold: number;
  readonly atMs: number;
}

/** Writes a signal down; the reconciler of the policy's group acts on it. One for no policy is dropped. */
export function groupScalingSignals(store: Store): (signal: ScalingSignal) => Promise<void> {
  return async ({ account, region, policyArn, alarmName, stateValue, datapoints, threshold, atMs }) => {
    const named = policyIn(policyArn);
    if (!named) return;
    const { groupName, name } = named;
    await store.write(async (tx) => {
      if (!(await tx.get(policies, namedKey({ account, region, groupName, name })))) return;
      const row = { account, region, groupName, policyName: name, alarmName, stateValue, datapoints, threshold, atMs };
      const before = await tx.get(signals, signals.key({ ...row, done: false }));
      if (before && before.atMs > atMs) return;
      await tx.put(signals, { ...(before && { revision: before.revision }), ...row, done: stateValue !== 'ALARM' });
    });
  };
}
