import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Change } from '../../../store/store.ts';
import { isReady } from '../domain/members.ts';
import { runs } from '../domain/processes.ts';
import { dueAt } from '../domain/recurrence.ts';
import { readFacts, type StoredFacts } from '../facts.ts';
import {
  groupKey,
  groups,
  hooks,
  members,
  policies,
  refreshes,
  scheduledActions,
  signals,
  type MemberRow,
} from '../tables.ts';
import { workOn } from './effects.ts';
import { foldGroup } from './fold.ts';
import { look } from './look.ts';

const RESYNC_MS = 60_000;
/** How often EC2 is asked: while instances come or go, and for their health. */
const MOVING_MS = 500;
const WATCH_MS = 2000;

type Env = ServiceEnvironment<object>;

interface Pass {
  readonly type: 'pass';
  readonly key: string;
}

/** Brings a group to as many healthy instances as it wants. */
export function groupReconciler(env: Env): Reconciler<StoredFacts, Pass> {
  return {
    name: 'autoscaling.group',
    resyncEveryMs: RESYNC_MS,
    keys: groupKeys,
    allKeys: async (tx) => (await tx.list(groups)).map(groupKey),
    observe: readFacts,
    plan: (facts, now) => {
      const wakeAt = wakeOf(facts, now);
      return {
        actions: [{ type: 'pass', key: groupKey(facts.group) }],
        why: whyOf(facts),
        ...(wakeAt !== undefined && { wakeAt }),
      };
    },
    apply: ({ key }) => pass(env, key),
  };
}

function groupKeys(change: Change): readonly string[] {
  if (change.table === groups.name) return [change.key];
  const isOurs = [members, hooks, policies, signals, scheduledActions, refreshes].some(
    (table) => table.name === change.table,
  );
  return isOurs ? (change.indexes['group'] ?? []) : [];
}

function isMoving({ members: all }: StoredFacts): boolean {
  return all.some((one) => !isAtRest(one) || one.draining.length > 0);
}

function isAtRest(member: MemberRow): boolean {
  return member.state === 'InService' || member.state === 'Standby' || isReady(member);
}

function wakeOf(facts: StoredFacts, now: number): number | undefined {
  const { group, scheduled } = facts;
  const due = runs(group, 'ScheduledActions') ? scheduled.map((row) => dueAt(row) ?? Infinity) : [];
  const held = Object.values(group.holds)
    .map(({ untilMs }) => untilMs)
    .filter((untilMs) => untilMs > now);
  const watch = facts.members.length > 0 || facts.refresh ? now + (isMoving(facts) ? MOVING_MS : WATCH_MS) : Infinity;
  const at = Math.min(watch, ...held, ...due);
  return Number.isFinite(at) ? Math.max(at, now + 1) : undefined;
}

function whyOf({ group, members: all, refresh }: StoredFacts): string {
  const counted = all.filter((one) => one.state === 'InService').length;
  const moving = all.filter((one) => !isAtRest(one)).length;
  const rest = [moving > 0 ? `${moving} on their way` : '', refresh ? 'instances are refreshed' : ''].filter(Boolean);
  return `${counted} of ${group.desired} instances are in service${rest.map((one) => `, ${one}`).join('')}.`;
}

async function pass(env: Env, key: string): Promise<void> {
  const seen = await env.store.read((tx) => readFacts(tx, key));
  if (!seen) return;
  const world = await look(env, seen);
  // Instances that have come meanwhile have not been looked at: the next pass does.
  const known = new Set(seen.members.flatMap(({ instanceId }) => instanceId ?? []));
  await env.store.write((tx) => foldGroup(tx, key, { ids: env.ids, now: env.clock.now(), world, known }));
  const facts = await env.store.read((tx) => readFacts(tx, key));
  if (facts) await workOn(env, facts);
}
