import { isDeepStrictEqual } from 'node:util';
import type { DeploymentConfiguration, LoadBalancer } from '@aws-sdk/client-ecs';
import type { DeploymentRow, ServiceRow } from '../tables.ts';
import type { AlternateShare, TrafficRow } from '../traffic-tables.ts';

const MINUTE_MS = 60_000;
const SHIFTING: readonly (string | undefined)[] = ['BLUE_GREEN', 'LINEAR', 'CANARY'];

/** Whether deployments run beside what they replace, and take its traffic over by listener rules. */
export function shiftsTraffic({ strategy }: DeploymentConfiguration): boolean {
  return SHIFTING.includes(strategy);
}

/** How much production traffic the new revision has after each shift, in percent; the last is 100. */
export function shiftsOf(configuration: DeploymentConfiguration): readonly number[] {
  const { strategy, canaryConfiguration, linearConfiguration } = configuration;
  if (strategy === 'CANARY') {
    const { canaryPercent = 5 } = canaryConfiguration ?? {};
    return canaryPercent < 100 ? [canaryPercent, 100] : [100];
  }
  if (strategy !== 'LINEAR') return [100];
  const tenths = Math.round((linearConfiguration?.stepPercent ?? 10) * 10);
  const steps = Math.ceil(1000 / tenths);
  return Array.from({ length: steps }, (_, step) => Math.min(1000, tenths * (step + 1)) / 10);
}

/** How long each shift but the last is watched before the next. */
export function shiftBakeMs({ strategy, canaryConfiguration, linearConfiguration }: DeploymentConfiguration): number {
  const minutes =
    strategy === 'CANARY'
      ? (canaryConfiguration?.canaryBakeTimeInMinutes ?? 10)
      : (linearConfiguration?.stepBakeTimeInMinutes ?? 6);
  return minutes * MINUTE_MS;
}

/** A share of the traffic as the weights of a rule's two target groups, which are whole numbers up to 999. */
export function ruleWeights(alternatePercent: number): { readonly own: number; readonly alternate: number } {
  const scale = Number.isInteger(alternatePercent) ? 1 : 10;
  const alternate = Math.round(alternatePercent * scale);
  return { own: 100 * scale - alternate, alternate };
}

/** The group that a deployment's tasks join. */
export function targetGroupOf(balancer: LoadBalancer, { usesAlternate }: Pick<DeploymentRow, 'usesAlternate'>): string {
  const alternate = usesAlternate ? balancer.advancedConfiguration?.alternateTargetGroupArn : undefined;
  return alternate ?? balancer.targetGroupArn ?? '';
}

/** All of a share to the target groups of one deployment. */
export function allTo({ usesAlternate }: Pick<DeploymentRow, 'usesAlternate'>): number {
  return usesAlternate ? 100 : 0;
}

/** What share the alternate group has where a deployment gets so much of the traffic. */
export function shareOf({ usesAlternate }: Pick<DeploymentRow, 'usesAlternate'>, percent: number): number {
  return usesAlternate ? percent : Math.round((100 - percent) * 10) / 10;
}

/** The share of a kind of traffic that a deployment gets, in percent. */
export function percentOf(
  { usesAlternate }: Pick<DeploymentRow, 'usesAlternate'>,
  kind: keyof AlternateShare,
  traffic: TrafficRow,
): number {
  return usesAlternate ? traffic.wanted[kind] : Math.round((100 - traffic.wanted[kind]) * 10) / 10;
}

export function isApplied({ wanted, applied }: TrafficRow): boolean {
  return isDeepStrictEqual(wanted, applied);
}

/** The deployment that a new one replaces: the last that was completed, or else the one before it. */
export function sourceOf({ deployments, lastCompleted }: ServiceRow): DeploymentRow | undefined {
  const [, ...others] = deployments;
  return others.find((one) => one.id === lastCompleted?.deploymentId) ?? others[0];
}
