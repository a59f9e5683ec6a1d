import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Store, Table } from '../../store/store.ts';

/** What CloudWatch's alarms say to a scaling policy: on their way into a state, and each minute in ALARM. */
export interface ScalingSignal extends Scope {
  readonly policyArn: string;
  readonly alarmName: string;
  readonly stateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly datapoints: readonly number[];
  readonly threshold: number;
  readonly atMs: number;
}

/** The latest that an alarm said to a policy. */
export interface Signal extends Omit<ScalingSignal, 'policyArn'> {
  readonly policyName: string;
  /** It was acted on, or asks for nothing. */
  readonly done: boolean;
}

/** An alarm that says nothing for so long is not in its state any more. */
const SIGNAL_LIFE_MS = 150_000;

/** Whether it is the alarm by which target tracking scales in: what it scales comes first, and may be named alike. */
export const isLowAlarm = (name: string): boolean => name.lastIndexOf('-AlarmLow-') > name.lastIndexOf('-AlarmHigh-');

/** What the alarm said by which a policy scales in; undefined where it is not in ALARM. */
export function lowSignal<S extends Signal>(signals: readonly S[], policyName: string, now: number): S | undefined {
  const said = signals.find((row) => row.policyName === policyName && isLowAlarm(row.alarmName));
  return said?.stateValue === 'ALARM' && said.atMs > now - SIGNAL_LIFE_MS ? said : undefined;
}

/** Those that are to be acted on: out before in. */
export function waitingSignals<S extends Signal>(signals: readonly S[]): readonly S[] {
  const rank = ({ alarmName }: Signal) => (isLowAlarm(alarmName) ? 1 : 0);
  return signals.filter(({ done }) => !done).toSorted((a, b) => rank(a) - rank(b));
}

/**
 * Writes a signal down; a reconciler acts on it.
 * @param rowOf the row of a policy that is there; one for no policy is dropped
 */
export function signalWriter<S extends Signal>(
  store: Store,
  signals: Table<S>,
  rowOf: (tx: ReadTx, policyArn: string, said: Omit<Signal, 'policyName'>) => Promise<S | undefined>,
): (signal: ScalingSignal) => Promise<void> {
  return async ({ account, region, policyArn, alarmName, stateValue, datapoints, threshold, atMs }) => {
    const done = stateValue !== 'ALARM';
    const said = { account, region, alarmName, stateValue, datapoints, threshold, atMs, done };
    await store.write(async (tx) => {
      const row = await rowOf(tx, policyArn, said);
      const before = row && (await tx.get(signals, signals.key(row)));
      if (!row || (before && before.atMs > atMs)) return;
      await tx.put(signals, { ...row, ...(before && { revision: before.revision }) });
    });
  };
}
