import type { MemberRow, MemberState } from '../tables.ts';
import {
  abandonedLaunch,
  drained,
  ec2State,
  examined,
  finished,
  GONE,
  hooksOf,
  isOut,
  lost,
  stepMember,
  success,
  waitsOf,
  type MemberStep,
  type Site,
} from './member-step.ts';
import { isEnding } from './members.ts';

/**
 *   Warmed:Pending -> (hooks) Warmed:Pending:Wait -> Warmed:Pending:Proceed -> Warmed:Stopped | Warmed:Running
 *
 * Instances that come from service leave their load balancers first; the hooks of their end are asked, not those of a
 * launch. https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html
 */
export function stepWarmed(member: MemberRow, site: Site): MemberStep {
  if (member.instanceId === undefined) return { member };
  if (isEnding(member)) return ending(member, site);
  const settled = drained(member, site);
  switch (settled.state) {
    case 'Warmed:Pending':
      return pending(settled, site);
    case 'Warmed:Pending:Wait':
      return waiting(settled, site);
    case 'Warmed:Pending:Proceed':
      return proceeding(settled, site);
    default:
      return { member: ready(settled, site) };
  }
}

/** They end as those do that are in service. */
function ending(member: MemberRow, site: Site): MemberStep {
  const step = stepMember({ ...member, state: member.state.slice('Warmed:'.length) as MemberState }, site);
  return step.member
    ? { ...step, member: { ...step.member, state: `Warmed:${step.member.state}` as MemberState } }
    : step;
}

function pending(member: MemberRow, site: Site): MemberStep {
  const state = ec2State(member, site);
  if (state !== 'running' && state !== 'pending') return lost(member, site);
  if (state !== 'running' || !isOut(member)) return { member };
  const waits = hooksOf(site, member.isReused ? 'terminating' : 'launching');
  if (waits.length === 0) return proceeding({ ...member, state: 'Warmed:Pending:Proceed' }, site);
  return {
    member: { ...member, state: 'Warmed:Pending:Wait', waiting: waits },
    activity: { status: 'MidLifecycleAction', progress: 60 },
  };
}

function waiting(member: MemberRow, site: Site): MemberStep {
  if (ec2State(member, site) !== 'running') return lost(member, site);
  const { left, abandoned } = waitsOf(member, site.now);
  if (abandoned && !member.isReused) return abandonedLaunch({ ...member, waiting: [] }, site.now, abandoned.token);
  const next = { ...member, waiting: left };
  return left.length === 0 ? proceeding({ ...next, state: 'Warmed:Pending:Proceed' }, site) : { member: next };
}

/** EC2 is told to stop it meanwhile, if the pool is one of stopped instances. */
function proceeding(member: MemberRow, site: Site): MemberStep {
  const state = ec2State(member, site);
  // One that was stopped before the pool became one of running instances waits as it is.
  const wanted = state === 'stopped' ? 'Stopped' : (site.group.warmPool?.state ?? 'Stopped');
  if (GONE.includes(state)) return lost(member, site);
  if (state !== wanted.toLowerCase()) return { member };
  const { isTold: _, isReused: __, ...rest } = finished(member);
  return { member: { ...rest, state: `Warmed:${wanted}` }, activity: success(site.now) };
}

function ready(member: MemberRow, site: Site): MemberRow {
  if (member.state === 'Warmed:Running') return examined(member, site);
  if (member.health === 'Unhealthy' || !GONE.includes(ec2State(member, site))) return member;
  return { ...member, health: 'Unhealthy', unhealthyBy: 'ec2' };
}
