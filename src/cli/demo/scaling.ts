import { findAutoScalingGroup } from './auto-scaling-group.ts';
import { scaleInSeconds } from './capacity-provider.ts';
import { explained, findService, healthyTargets, setDesiredCount } from './service.ts';
import { type Progress, type SiteSession, must, sessionWait } from './session.ts';

const TIMEOUT_MS = 180_000;
/** Nobody watches a demo for longer. */
const LONGEST_SCALE_IN_SECONDS = 120;

/** What is looked at while the group follows the service. */
export interface CapacitySeen {
  /** The group's desired capacity. */
  readonly wanted: number;
  /** Instances of the group, whatever their state. */
  readonly instances: number;
  readonly inService: number;
  readonly desiredTasks: number;
  readonly running: number;
  readonly healthy: number;
}

/** Each task runs, and answers, on an instance of its own, and there are no more instances. */
export function isSettled(seen: CapacitySeen): boolean {
  const { desiredTasks } = seen;
  return [seen.wanted, seen.instances, seen.inService, seen.running, seen.healthy].every((one) => one === desiredTasks);
}

/** e.g. `4 s: 1 of 3 instances in service, 1 of 3 tasks running, 1 healthy` */
export function seenLine(seen: CapacitySeen, seconds: number): string {
  const leaving = seen.instances > seen.wanted ? ` (${seen.instances - seen.wanted} on the way out)` : '';
  return (
    `${seconds} s: ${seen.inService} of ${seen.wanted} instances in service${leaving}, ` +
    `${seen.running} of ${seen.desiredTasks} tasks running, ${seen.healthy} healthy`
  );
}

/**
 * Sets the service's count, and waits until the group has as many instances. Where they go too late to wait for, as with a
 * server that ran before and is as patient as AWS, it says so.
 * @param show a line for each change, with the seconds since the call
 * @returns what came when
 */
export async function scaleTo(
  session: SiteSession,
  targetGroupArn: string,
  count: number,
  show: Progress,
): Promise<string> {
  const startedAt = session.clock.now();
  const elapsed = () => Math.round((session.clock.now() - startedAt) / 1000);
  const { instances } = await look(session, targetGroupArn);
  await setDesiredCount(session, count);
  const seconds = await scaleInSeconds(session);
  if (count < instances && seconds > LONGEST_SCALE_IN_SECONDS) return `instances go after ${seconds} s without a task`;
  let shown = '';
  const wait = () =>
    sessionWait(session, 'the Auto Scaling group follows the service', TIMEOUT_MS, async () => {
      const seen = await look(session, targetGroupArn);
      const state = JSON.stringify(seen);
      if (state !== shown) show(seenLine(seen, elapsed()));
      shown = state;
      return isSettled(seen) ? seen : undefined;
    });
  const settled = await explained(session, wait);
  return `${many(settled.instances, 'instance')} and ${many(settled.healthy, 'healthy task')} after ${elapsed()} s`;
}

async function look(session: SiteSession, targetGroupArn: string): Promise<CapacitySeen> {
  const [group, service, healthy] = await Promise.all([
    findAutoScalingGroup(session),
    findService(session),
    healthyTargets(session, targetGroupArn),
  ]);
  const { Instances = [], DesiredCapacity = 0 } = must(group, 'the Auto Scaling group');
  const { desiredCount = 0, runningCount = 0 } = must(service, 'the service');
  return {
    wanted: DesiredCapacity,
    instances: Instances.length,
    inService: Instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length,
    desiredTasks: desiredCount,
    running: runningCount,
    healthy,
  };
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
