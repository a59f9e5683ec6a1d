import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { answerQueries } from '../data-query.ts';
import { actionsFor } from '../domain/alarm.ts';
import {
  evaluate,
  evaluationStepMs,
  lastEndMs,
  rangePeriods,
  type Datapoint,
  type Verdict,
} from '../domain/alarm-evaluation.ts';
import { stateReason, stateReasonData } from '../domain/alarm-reason.ts';
import { addHistory } from '../history.ts';
import type { CloudWatchPorts } from '../operation.ts';
import { alarmKey, alarms, type AlarmRow } from '../tables.ts';
import { enterState } from '../transition.ts';
import { alarmArn } from '../views.ts';

const RESYNC_MS = 60_000;
/** The samples of a period come a moment after its end. */
const SETTLE_MS = 2000;
/** An alarm that stays in a state tells scaling policies so. */
const REPEAT_MS = 60_000;
/** ECS's metric of its capacity providers. AWS measures it once a minute; this server may be told to do so more often. */
const MANAGED_SCALING = 'AWS/ECS/ManagedScaling';

interface Observed {
  readonly row: Stored<AlarmRow>;
  readonly range: readonly Datapoint[];
}

type Action =
  | { readonly type: 'enter'; readonly row: Stored<AlarmRow>; readonly verdict: Verdict }
  | { readonly type: 'act'; readonly row: Stored<AlarmRow>; readonly datapoints: readonly number[] };

type Env = ServiceEnvironment<CloudWatchPorts>;

/** Evaluates each alarm as often as its period asks, and runs the actions of the state it is in. */
export function alarmReconciler(env: Env): Reconciler<Observed, Action> {
  // Lost in a restart, which tells a policy once more than needed: it has a cooldown.
  const toldAtMs = new Map<string, number>();
  return {
    name: 'cloudwatch.alarm',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === alarms.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(alarms)).map((row) => alarmKey(row, row.name)),
    async observe(tx, key) {
      const row = await tx.get(alarms, key);
      if (!row) toldAtMs.delete(key);
      return row && { row, range: await evaluationRange(tx, row, env.clock.now()) };
    },
    plan({ row, range }, now) {
      const stepMs = evaluationStepMs(row.periodMs);
      const wakeAt = now - (now % stepMs) + stepMs + SETTLE_MS;
      const isHeld = row.heldUntilMs !== undefined && now < row.heldUntilMs;
      const verdict = isHeld ? undefined : evaluate(row, range);
      const why = `${row.name} is ${verdict?.state ?? row.stateValue}.`;
      if (verdict && verdict.state !== row.stateValue)
        return { actions: [{ type: 'enter', row, verdict }], wakeAt, why };
      const isActing = row.actionsEnabled && actionsFor(row, row.stateValue).length > 0;
      const last = toldAtMs.get(alarmKey(row, row.name));
      const isDue =
        row.actionsDue || (isActing && row.stateValue === 'ALARM' && now >= (last ?? 0) + repeatMsOf(row) - SETTLE_MS);
      const datapoints = datapointsOf(row, isHeld ? undefined : range);
      return { actions: isDue ? [{ type: 'act', row, datapoints }] : [], wakeAt, why };
    },
    async apply(action) {
      if (action.type === 'enter') return enter(env, action.row, action.verdict);
      await act(env, action);
      toldAtMs.set(alarmKey(action.row, action.row.name), env.clock.now());
    },
  };
}

/** A capacity provider is told each period, as in AWS: there a period is a minute. */
function repeatMsOf({ queries, periodMs }: AlarmRow): number {
  const isOfProvider = queries.some(({ stat }) => stat?.metric.namespace === MANAGED_SCALING);
  return isOfProvider ? Math.min(REPEAT_MS, periodMs) : REPEAT_MS;
}

/** The values of the last periods, oldest first. What an expression cannot answer is missing. */
async function evaluationRange(tx: ReadTx, row: AlarmRow, now: number): Promise<readonly Datapoint[]> {
  const { periodMs } = row;
  const untilMs = lastEndMs(periodMs, now);
  const count = rangePeriods(row);
  const fromMs = untilMs - count * periodMs;
  const returned = row.queries.find((query) => query.returnData)?.id ?? '';
  const { series, counts } = await answerQueries(tx, row, row.queries, { fromMs, untilMs }, now);
  const [values] = series.get(returned) ?? [];
  return Array.from({ length: count }, (_, index) => {
    const atMs = fromMs + index * periodMs;
    const value = values?.get(atMs);
    const sampleCount = counts.get(returned)?.get(atMs);
    return {
      atMs,
      ...(value !== undefined && { value }),
      ...(sampleCount !== undefined && { sampleCount }),
    };
  });
}

/** The latest datapoints; where the state was set by hand, those that came with it. */
function datapointsOf(row: AlarmRow, range: readonly Datapoint[] | undefined): readonly number[] {
  if (range) return range.flatMap(({ value }) => value ?? []).slice(-row.evaluationPeriods);
  const data: unknown = JSON.parse(row.stateReasonData ?? '{}');
  const points = typeof data === 'object' && data !== null && 'recentDatapoints' in data ? data.recentDatapoints : [];
  return Array.isArray(points) ? points.filter((point) => typeof point === 'number') : [];
}

async function enter({ store, clock, ids }: Env, row: Stored<AlarmRow>, verdict: Verdict): Promise<void> {
  const now = clock.now();
  await store.write(async (tx) => {
    const current = await tx.get(alarms, alarmKey(row, row.name));
    if (current?.revision !== row.revision) return;
    const { heldUntilMs: _, ...free } = current;
    const next = {
      stateValue: verdict.state,
      stateReason: stateReason(row, verdict),
      stateReasonData: stateReasonData(row, verdict, now),
    };
    await enterState(tx, free, next, { now, ids });
  });
}

async function act(env: Env, { row, datapoints }: Extract<Action, { type: 'act' }>): Promise<void> {
  const { account, region, name, stateValue, threshold, periodMs } = row;
  const atMs = env.clock.now();
  const policies = row.actionsEnabled ? actionsFor(row, stateValue) : [];
  const signal = { account, region, alarmName: name, alarmArn: alarmArn(row, name) };
  for (const policyArn of policies) {
    await env.ports.signalScalingPolicy({ ...signal, policyArn, stateValue, threshold, periodMs, datapoints, atMs });
  }
  if (!row.actionsDue) return;
  await env.store.write(async (tx) => {
    const current = await tx.get(alarms, alarmKey(row, name));
    if (current?.revision !== row.revision) return;
    const { actionsDue: _, ...done } = current;
    await tx.put(alarms, done);
    for (const policyArn of policies) {
      await addHistory(tx, row, env.ids, {
        atMs,
        type: 'Action',
        summary: `Successfully executed action ${policyArn}`,
        data: JSON.stringify({
          actionState: 'Succeeded',
          stateUpdateTimestamp: row.stateUpdatedAtMs,
          notificationResource: policyArn,
        }),
      });
    }
  });
}
