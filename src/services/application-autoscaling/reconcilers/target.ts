import { waitingSignals } from '../../../api/scaling/signal.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Change, Stored } from '../../../store/store.ts';
import { clamp } from '../../../kernel/scaling-decision.ts';
import { decide, dueAt, type TargetFacts } from '../domain/target-plan.ts';
import {
  activities,
  namedKey,
  policies,
  scheduledActions,
  signals,
  targetKey,
  targets,
  type ScheduledRow,
  type SignalRow,
} from '../tables.ts';
import { activity, noteNotScaled, scale } from '../scaling.ts';
import { describeService } from '../targets.ts';

const RESYNC_MS = 60_000;
const WATCH_MS = 2000;

type Action =
  | { readonly type: 'schedule'; readonly facts: TargetFacts; readonly due: Stored<ScheduledRow> }
  | { readonly type: 'limit'; readonly facts: TargetFacts; readonly cause: string }
  | { readonly type: 'signal'; readonly facts: TargetFacts; readonly signal: Stored<SignalRow> }
  | { readonly type: 'watch'; readonly facts: TargetFacts };

type Env = ServiceEnvironment<object>;

/** Brings the desired count of each target to what its limits, schedules and policies say. */
export function targetReconciler(env: Env): Reconciler<TargetFacts, Action> {
  return {
    name: 'application-autoscaling.target',
    resyncEveryMs: RESYNC_MS,
    keys: targetKeys,
    allKeys: async (tx) => (await tx.list(targets)).map(targetKey),
    async observe(tx, key) {
      const target = await tx.get(targets, key);
      if (!target) return undefined;
      const where = ['target', key] as const;
      return {
        target,
        policies: await tx.list(policies, { where }),
        signals: await tx.list(signals, { where }),
        scheduled: await tx.list(scheduledActions, { where }),
        open: await tx.list(activities, { where: ['open', key] }),
      };
    },
    plan(facts, now) {
      const { target, scheduled, open } = facts;
      const times = scheduled.flatMap((row) =>
        target.suspended.scheduled ? [] : { row, atMs: dueAt(row) ?? Infinity },
      );
      const due = times.filter(({ atMs }) => atMs <= now).toSorted((a, b) => a.atMs - b.atMs)[0];
      const [signal] = waitingSignals(facts.signals);
      const wakeAt = Math.min(...times.map(({ atMs }) => atMs), open.length > 0 ? now + WATCH_MS : Infinity);
      const plan = (actions: readonly Action[], why: string) => ({
        actions,
        why,
        ...(Number.isFinite(wakeAt) && { wakeAt: Math.max(wakeAt, now + 1) }),
      });
      if (due) return plan([{ type: 'schedule', facts, due: due.row }], `${due.row.name} is due.`);
      if (target.limitsDue !== undefined)
        return plan([{ type: 'limit', facts, cause: target.limitsDue }], target.limitsDue);
      if (signal) return plan([{ type: 'signal', facts, signal }], `${signal.alarmName} is in ALARM.`);
      if (open.length > 0) return plan([{ type: 'watch', facts }], 'The service is on its way to its desired count.');
      return plan([], 'Nothing is to be scaled.');
    },
    async apply(action) {
      if (action.type === 'schedule') return runSchedule(env, action.facts, action.due);
      if (action.type === 'limit') return applyLimits(env, action.facts, action.cause);
      if (action.type === 'signal') return answerSignal(env, action.facts, action.signal);
      return watch(env, action.facts);
    },
  };
}

function targetKeys(change: Change): readonly string[] {
  if (change.table === targets.name) return [change.key];
  const isOurs = [policies, signals, scheduledActions].some((table) => table.name === change.table);
  return isOurs ? (change.indexes['target'] ?? []) : [];
}

const describe = ({ callIn }: Env, { target }: TargetFacts) => describeService(callIn(target), target.resourceId);

/** New limits are one activity; what follows of them for the count is another. */
async function runSchedule(env: Env, { target }: TargetFacts, due: Stored<ScheduledRow>): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const [row, current] = [await tx.get(scheduledActions, namedKey(due)), await tx.get(targets, targetKey(target))];
    if (!row || row.revision !== due.revision || !current) return;
    await tx.put(scheduledActions, { ...row, doneUntilMs: now });
    const min = row.min ?? Math.min(current.min, row.max ?? current.min);
    const max = row.max ?? Math.max(current.max, min);
    const words = [
      ...(row.min === undefined ? [] : [`min capacity to ${row.min}`]),
      ...(row.max === undefined ? [] : [`max capacity to ${row.max}`]),
    ].join(' and ');
    await tx.put(activities, {
      ...activity(env, target),
      description: `Setting ${words}`,
      cause: `scheduled action name ${row.name} was triggered`,
      status: 'Successful',
      message: `Successfully set ${words}`,
      endMs: now,
    });
    const limitsDue = min !== current.min ? `minimum capacity was set to ${min}` : `maximum capacity was set to ${max}`;
    await tx.put(targets, { ...current, min, max, limitsDue });
  });
}

async function applyLimits(env: Env, facts: TargetFacts, cause: string): Promise<void> {
  const { target } = facts;
  const service = await describe(env, facts);
  const current = service?.desiredCount;
  const to = current === undefined ? undefined : clamp(target, current);
  if (current !== undefined && to !== undefined && to !== current) {
    const words =
      to > current ? `minimum capacity was set to ${target.min}` : `maximum capacity was set to ${target.max}`;
    await scale(env, target, {
      from: current,
      to,
      cause: cause.startsWith(words.slice(0, 7)) ? cause : words,
      cools: false,
    });
  }
  await env.store.write(async (tx) => {
    const row = await tx.get(targets, targetKey(target));
    if (!row || row.min !== target.min || row.max !== target.max) return;
    const { limitsDue: _, ...rest } = row;
    await tx.put(targets, rest);
  });
}

async function answerSignal(env: Env, facts: TargetFacts, signal: Stored<SignalRow>): Promise<void> {
  const { target } = facts;
  const service = await describe(env, facts);
  const now = env.clock.now();
  const cause = `monitor alarm ${signal.alarmName} in state ALARM triggered policy ${signal.policyName}`;
  const current = service?.desiredCount;
  if (service && current !== undefined) {
    const decision = decide(facts, signal, service, now);
    if (decision.kind === 'scale') await scale(env, target, { from: current, to: decision.to, cause, cools: true });
    if (decision.kind === 'stay') await noteNotScaled(env, target, cause, decision.reason);
  }
  await env.store.write(async (tx) => {
    const row = await tx.get(signals, signals.key(signal));
    if (row?.revision === signal.revision) await tx.put(signals, { ...row, done: true });
  });
}

/** Whether the service runs as many tasks as were asked for. */
async function watch(env: Env, facts: TargetFacts): Promise<void> {
  const service = await describe(env, facts);
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    for (const open of await tx.list(activities, { where: ['open', targetKey(facts.target)] })) {
      const isReached = service?.runningCount === open.desired && (service?.pendingCount ?? 0) === 0;
      if (isReached) {
        await tx.put(activities, {
          ...open,
          status: 'Successful',
          endMs: now,
          message: `Successfully set desired count to ${open.desired}. Change successfully fulfilled by ecs.`,
        });
      } else if (!service || service.desiredCount !== open.desired) {
        await tx.put(activities, {
          ...open,
          status: 'Overridden',
          endMs: now,
          message: `Successfully set desired count to ${open.desired}. Change was overridden by a later one.`,
        });
      }
    }
  });
}
