import { waitingSignals } from '../../../api/scaling/signal.ts';
import type { Ids } from '../../../kernel/ids.ts';
import type { WriteTx } from '../../../store/store.ts';
import { noteActivity } from '../activity.ts';
import { writeLaunch, writeRemoval, writeReturn, writeStart } from '../capacity-change.ts';
import { alarmed, hookAbandoned, scheduled as scheduledCause } from '../domain/cause.ts';
import type { GroupFacts } from '../domain/capacity-plan.ts';
import { planCapacity } from '../domain/group-plan.ts';
import { capacityOf, isEnding, isWarmed } from '../domain/members.ts';
import { stepMember, type MemberStep, type World } from '../domain/member-step.ts';
import { decideSignal } from '../domain/policy-decision.ts';
import { runs } from '../domain/processes.ts';
import { stepWarmed } from '../domain/warm-step.ts';
import { readFacts, type StoredFacts } from '../facts.ts';
import { removeGroup } from '../group-removal.ts';
import { takeDue } from '../schedule.ts';
import {
  groups,
  memberKey,
  members,
  refreshes,
  signals,
  type GroupRow,
  type MemberRow,
  type ScheduledRow,
} from '../tables.ts';

export interface Folding {
  readonly ids: Ids;
  readonly now: number;
  readonly world: World;
  /** The instances that were looked at. */
  readonly known: ReadonlySet<string>;
}

const FIRST_HOLD_MS = 5000;
const LONGEST_HOLD_MS = 300_000;

/** One pass over the rows of a group: what is due, what has become of its instances, and what is to be launched or ended. */
export async function foldGroup(tx: WriteTx, key: string, folding: Folding): Promise<void> {
  const facts = await readFacts(tx, key);
  if (!facts) return;
  let group: GroupRow = facts.group;
  if (!group.deleting) {
    group = await runSchedules(tx, group, facts, folding.now);
    group = await hearSignals(tx, group, facts, folding.now);
  }
  const stepped = await stepMembers(tx, group, facts, folding);
  group = await changeCapacity(tx, stepped.group, { ...facts, members: stepped.members }, folding);
  if (group.deleting && stepped.members.length === 0) return removeGroup(tx, facts);
  if (JSON.stringify(group) !== JSON.stringify(facts.group)) await tx.put<GroupRow>(groups, group);
}

async function runSchedules(tx: WriteTx, before: GroupRow, facts: StoredFacts, now: number): Promise<GroupRow> {
  if (!runs(before, 'ScheduledActions')) return before;
  const due = await takeDue(tx, facts.scheduled, now);
  return due.reduce((group, row) => resizedBy(group, row, now), before);
}

function resizedBy(group: GroupRow, row: ScheduledRow, now: number): GroupRow {
  const min = row.min ?? Math.min(group.min, row.max ?? group.min);
  const max = row.max ?? Math.max(group.max, min);
  const desired = Math.min(max, Math.max(min, row.desired ?? group.desired));
  const changes = desired === group.desired ? [] : [scheduledCause(now, { min, max, desired }, group.desired)];
  return { ...group, min, max, desired, changes: [...group.changes, ...changes] };
}

async function hearSignals(tx: WriteTx, before: GroupRow, facts: StoredFacts, now: number): Promise<GroupRow> {
  let group = before;
  for (const signal of waitingSignals(facts.signals)) {
    await tx.put(signals, { ...signal, done: true });
    if (!runs(group, 'AlarmNotification')) continue;
    const decision = decideSignal({ ...facts, group }, signal, now);
    if (decision.kind !== 'scale' || decision.to === group.desired) continue;
    const policy = facts.policies.find((one) => one.name === signal.policyName);
    const cooldownS = policy?.rules.kind === 'simple' ? policy.rules.simple.cooldownS : undefined;
    const why = alarmed(now, { alarm: signal.alarmName, policy: signal.policyName }, group.desired, decision.to);
    const isIn = decision.to < group.desired;
    group = scaledTo(group, { to: decision.to, why, now, isIn, ...(cooldownS !== undefined && { cooldownS }) });
  }
  return group;
}

interface Scaled {
  readonly to: number;
  readonly why: string;
  readonly now: number;
  readonly isIn: boolean;
  readonly cooldownS?: number;
}

function scaledTo(group: GroupRow, { to, why, now, isIn, cooldownS }: Scaled): GroupRow {
  const { cooldownS: _, ...rest } = group;
  return {
    ...rest,
    desired: to,
    changes: [...group.changes, why],
    ...(isIn && { lastInMs: now }),
    ...(cooldownS !== undefined && { cooldownS }),
  };
}

async function stepMembers(tx: WriteTx, group: GroupRow, facts: StoredFacts, { ids, now, world, known }: Folding) {
  let next = group;
  const left: MemberRow[] = [];
  for (const member of facts.members) {
    const site = { group, hooks: facts.hooks, world, now, token: () => ids.uuid() };
    const isKnown = member.instanceId === undefined || known.has(member.instanceId);
    const step = isKnown ? (isWarmed(member) ? stepWarmed : stepMember)(member, site) : { member };
    if (step.activity) await noteActivity(tx, member, step.activity);
    next = afterStep(next, member, step, now);
    const stayed = step.member && (await beginTermination(tx, group, member, step.member, { ids, now }));
    if (stayed) left.push(stayed);
    else await tx.delete(members, memberKey(member));
    if (stayed && JSON.stringify(stayed) !== JSON.stringify(member)) await tx.put<MemberRow>(members, stayed);
  }
  const reread = await Promise.all(left.map(async (one) => (await tx.get(members, memberKey(one))) ?? one));
  return { group: next, members: reread };
}

/** One that goes of itself (its hook was abandoned, it stopped while it started) has an activity for that too. */
async function beginTermination(
  tx: WriteTx,
  group: GroupRow,
  before: MemberRow,
  after: MemberRow,
  { ids, now }: Pick<Folding, 'ids' | 'now'>,
): Promise<MemberRow | undefined> {
  if (!isEnding(after) || isEnding(before)) return after;
  await writeRemoval(tx, { group }, { member: after, cause: hookAbandoned(now) }, { ids, now });
  return tx.get(members, memberKey(after));
}

/** A launch that failed keeps its zone waiting; one that worked frees it. Cooldowns count from the end of an activity. */
function afterStep(group: GroupRow, before: MemberRow, step: MemberStep, now: number): GroupRow {
  if (step.failed) return { ...group, holds: heldZone(group, before.zone, now) };
  const isDone = step.activity?.endMs !== undefined;
  if (!isDone || isWarmed(before)) return group;
  const { [before.zone]: _, ...holds } = group.holds;
  return { ...group, scaledAtMs: now, ...(step.member?.state === 'InService' && { holds }) };
}

export function heldZone(group: GroupRow, zone: string, now: number): GroupRow['holds'] {
  const failures = (group.holds[zone]?.failures ?? 0) + 1;
  const untilMs = now + Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** (failures - 1));
  return { ...group.holds, [zone]: { failures, untilMs } };
}

async function changeCapacity(tx: WriteTx, group: GroupRow, facts: GroupFacts, folding: Folding): Promise<GroupRow> {
  const { now, ids } = folding;
  const whole = { ...facts, group };
  const plan = planCapacity(whole, now);
  for (const launch of plan.launches) await writeLaunch(tx, whole, launch, { ids, now });
  for (const start of plan.starts) await writeStart(tx, whole, start, { ids, now });
  for (const back of plan.returns) await writeReturn(tx, whole, back, { ids, now });
  for (const removal of plan.removals) await writeRemoval(tx, whole, removal, { ids, now });
  let next = withoutEndedPool(group, facts.members);
  if (plan.refresh && JSON.stringify(plan.refresh) !== JSON.stringify(facts.refresh)) {
    await tx.put(refreshes, plan.refresh);
    // The group keeps what the refresh has brought.
    if (plan.refresh.status === 'Successful' && plan.refresh.wanted) next = { ...next, launch: plan.refresh.wanted };
  }
  const isThere = capacityOf(facts.members) === group.desired;
  return next.changes.length > 0 && (plan.isTold || isThere) ? { ...next, changes: [] } : next;
}

/** A warm pool that is deleted goes with its last instance. */
function withoutEndedPool(group: GroupRow, all: readonly MemberRow[]): GroupRow {
  if (!group.warmPool?.deleting || all.some(isWarmed)) return group;
  const { warmPool: _, ...rest } = group;
  return rest;
}
