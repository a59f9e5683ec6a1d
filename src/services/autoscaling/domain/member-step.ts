import type { ActivityRow, GroupRow, HookRow, HookWait, MemberRow } from '../tables.ts';
import { isWarmed } from './members.ts';
import { runs } from './processes.ts';

/** What EC2 and load balancing say of a group's instances. */
export interface World {
  /** EC2's states by instance; what EC2 does not know is not in it. */
  readonly instances: ReadonlyMap<string, { readonly state: string; readonly reason: string }>;
  /** States of targets by target group, then by instance. */
  readonly targets: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** When EC2 gave notice that it takes an instance's Spot capacity away, in ms; asked by groups with CapacityRebalance. */
  readonly notices: ReadonlyMap<string, number>;
}

export interface Site {
  readonly group: GroupRow;
  readonly hooks: readonly HookRow[];
  readonly world: World;
  readonly now: number;
  /** Draws a lifecycle action's token. */
  readonly token: () => string;
}

type ActivityChange = Partial<Pick<ActivityRow, 'status' | 'message' | 'progress' | 'endMs'>>;

/** What becomes of a member. */
export interface MemberStep {
  /** Left out: it is no member any more. */
  readonly member?: MemberRow;
  readonly activity?: ActivityChange;
  /** Its launch came to nothing. */
  readonly failed?: true;
}

export const GONE = ['shutting-down', 'terminated'];
const MAX_HOOK_MS = 48 * 3_600_000;

/** One step at most: the same member with the same world stays as it is. */
export function stepMember(member: MemberRow, site: Site): MemberStep {
  if (member.instanceId === undefined) return { member };
  const settled = drained(member, site);
  switch (settled.state) {
    case 'Pending':
      return pending(settled, site);
    case 'Pending:Wait':
      return waiting(settled, site);
    case 'Pending:Proceed':
      return proceeding(settled, site);
    case 'InService':
      return { member: noticed(examined(settled, site), site) };
    case 'Terminating':
      return terminating(settled, site);
    case 'Terminating:Wait':
      return leavingAfterHooks(settled, site);
    case 'Terminating:Proceed':
      return ended(settled, site);
    case 'Detaching':
      return isOut(settled) ? { activity: success(site.now) } : { member: settled };
    case 'EnteringStandby':
      return isOut(settled)
        ? { member: finished({ ...settled, state: 'Standby' }), activity: success(site.now) }
        : { member: settled };
    default:
      return { member: settled };
  }
}

export const success = (now: number): ActivityChange => ({ status: 'Successful', progress: 100, endMs: now });

export function finished(member: MemberRow): MemberRow {
  const { activityKey: _, ...rest } = member;
  return rest;
}

export function ec2State({ instanceId = '' }: MemberRow, { world }: Site): string {
  return world.instances.get(instanceId)?.state ?? 'terminated';
}

/** Target groups that it drains from no more are forgotten. */
export function drained(member: MemberRow, { world }: Site): MemberRow {
  const draining = member.draining.filter((arn) => world.targets.get(arn)?.get(member.instanceId ?? '') === 'draining');
  return draining.length === member.draining.length ? member : { ...member, draining };
}

export const isOut = ({ registered, draining }: MemberRow) => registered.length === 0 && draining.length === 0;

function pending(member: MemberRow, site: Site): MemberStep {
  const state = ec2State(member, site);
  const isOff = state === 'stopped' || state === 'stopping';
  const isToStart = member.isFromPool === true && !member.isTold;
  if (GONE.includes(state) || (isOff && !isToStart)) return lost(member, site);
  if (state !== 'running') return { member };
  const waits = member.returns ? [] : hooksOf(site, 'launching');
  if (waits.length === 0) return proceeding({ ...member, state: 'Pending:Proceed' }, site);
  return {
    member: { ...member, state: 'Pending:Wait', waiting: waits },
    activity: { status: 'MidLifecycleAction', progress: 60 },
  };
}

export function hooksOf({ hooks, now, token }: Site, transition: HookRow['transition']): readonly HookWait[] {
  return hooks
    .filter((hook) => hook.transition === transition)
    .map(({ name, heartbeatS, defaultResult }) => ({
      hook: name,
      token: token(),
      heartbeatMs: heartbeatS * 1000,
      untilMs: now + heartbeatS * 1000,
      lastMs: now + Math.min(MAX_HOOK_MS, heartbeatS * 100_000),
      defaultResult,
    }));
}

/** It ended before it was in service, or in the warm pool. */
export function lost(member: MemberRow, { world, now }: Site): MemberStep {
  const reason = world.instances.get(member.instanceId ?? '')?.reason ?? '';
  const message = `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${reason}`;
  const activity = { status: 'Cancelled', message, progress: 100, endMs: now } as const;
  return GONE.includes(ec2State(member, { world } as Site))
    ? { activity, failed: true }
    : { member: { ...finished(member), state: endOf(member), health: 'Unhealthy' }, activity, failed: true };
}

function waiting(member: MemberRow, site: Site): MemberStep {
  if (ec2State(member, site) !== 'running') return lost(member, site);
  const { left, abandoned } = waitsOf(member, site.now);
  if (abandoned) return abandonedLaunch({ ...member, waiting: [] }, site.now, abandoned.token);
  const next = { ...member, waiting: left };
  return left.length === 0 ? proceeding({ ...next, state: 'Pending:Proceed' }, site) : { member: next };
}

/** The hooks that it still waits for, and one whose time has passed and that says ABANDON then. */
export function waitsOf({ waiting: all }: MemberRow, now: number) {
  const over = all.filter(({ untilMs }) => untilMs <= now);
  return {
    left: all.filter(({ untilMs }) => untilMs > now),
    abandoned: over.find(({ defaultResult }) => defaultResult === 'ABANDON'),
  };
}

const endOf = (member: MemberRow) => (isWarmed(member) ? 'Warmed:Terminating' : 'Terminating');

/** A hook said ABANDON: the instance goes, and another comes. */
export function abandonedLaunch(member: MemberRow, now: number, token: string): MemberStep {
  return {
    member: { ...finished(member), state: endOf(member), waiting: [], health: 'Unhealthy' },
    activity: {
      status: 'Cancelled',
      progress: 100,
      endMs: now,
      message: `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${token} was abandoned: Lifecycle Action Completed with ABANDON Result`,
    },
  };
}

function proceeding(member: MemberRow, site: Site): MemberStep {
  if (ec2State(member, site) !== 'running') return lost(member, site);
  const isBalanced = runs(site.group, 'AddToLoadBalancer');
  const missing = site.group.targetGroups.some((arn) => !member.registered.includes(arn));
  if (missing && isBalanced) return { member };
  const { returns: _, isFromPool: __, isTold: ___, ...rest } = member;
  return {
    member: {
      ...finished(rest),
      state: 'InService',
      inServiceAtMs: site.now,
      ...(missing && { skipsTargetGroups: true }),
    },
    activity: success(site.now),
  };
}

export function examined(member: MemberRow, site: Site): MemberRow {
  const { group, world, now } = site;
  if (member.health === 'Unhealthy' || !runs(group, 'HealthCheck')) return member;
  const state = ec2State(member, site);
  if (state !== 'running' && state !== 'pending') return { ...member, health: 'Unhealthy', unhealthyBy: 'ec2' };
  if (group.healthCheckType !== 'ELB' || now < (member.inServiceAtMs ?? now) + group.graceS * 1000) return member;
  const isSick = member.registered.some((arn) => world.targets.get(arn)?.get(member.instanceId ?? '') === 'unhealthy');
  return isSick ? { ...member, health: 'Unhealthy', unhealthyBy: 'elb' } : member;
}

function noticed(member: MemberRow, { world }: Site): MemberRow {
  const noticedAtMs = world.notices.get(member.instanceId ?? '');
  return noticedAtMs === undefined || member.noticedAtMs !== undefined ? member : { ...member, noticedAtMs };
}

function terminating(member: MemberRow, site: Site): MemberStep {
  const isGone = GONE.includes(ec2State(member, site));
  if (!isOut(member)) {
    const isWaiting = member.draining.length > 0 && member.activityKey !== undefined;
    return { member, ...(isWaiting && { activity: { status: 'WaitingForELBConnectionDraining', progress: 50 } }) };
  }
  const waits = isGone || site.group.deleting ? [] : hooksOf(site, 'terminating');
  if (waits.length === 0) return ended({ ...member, state: 'Terminating:Proceed' }, site);
  return {
    member: { ...member, state: 'Terminating:Wait', waiting: waits },
    activity: { status: 'MidLifecycleAction', progress: 60 },
  };
}

function leavingAfterHooks(member: MemberRow, site: Site): MemberStep {
  const isOver = GONE.includes(ec2State(member, site)) || site.group.deleting === true;
  const left = isOver ? [] : member.waiting.filter(({ untilMs }) => untilMs > site.now);
  if (left.length > 0) return { member: { ...member, waiting: left } };
  return {
    member: { ...member, waiting: [], state: 'Terminating:Proceed' },
    activity: { status: 'InProgress', progress: 80 },
  };
}

function ended(member: MemberRow, site: Site): MemberStep {
  return ec2State(member, site) === 'terminated' ? { activity: success(site.now) } : { member };
}
