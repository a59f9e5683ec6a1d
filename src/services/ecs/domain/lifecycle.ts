import { isDeepStrictEqual } from 'node:util';
import type { Ids } from '../../../kernel/ids.ts';
import type { DeploymentRow, ServiceRow } from '../tables.ts';
import { LIFECYCLE_STAGES } from '../traffic-tables.ts';
import type { AlternateShare, LifecycleRow, LifecycleStage } from '../traffic-tables.ts';
import { newHookRuns, withTimeouts } from './deployment-hooks.ts';
import type { ServiceStep } from './service-action.ts';
import { allTo, shareOf, shiftsOf, shiftsTraffic, sourceOf, targetGroupOf } from './traffic-shift.ts';

export function isStageAfter(stage: LifecycleStage, other: LifecycleStage): boolean {
  return LIFECYCLE_STAGES.indexOf(stage) > LIFECYCLE_STAGES.indexOf(other);
}

/** What follows a stage; shifts of production traffic but the last are followed by another. */
export function stageAfter({ stage, shift, configuration }: LifecycleRow): NonNullable<ServiceStep['next']> {
  const isLast = shift >= shiftsOf(configuration).length - 1;
  if (stage === 'PRODUCTION_TRAFFIC_SHIFT' && !isLast) {
    return { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', shift: shift + 1 };
  }
  return { stage: LIFECYCLE_STAGES[LIFECYCLE_STAGES.indexOf(stage) + 1] ?? 'CLEAN_UP', shift };
}

/**
 * A service whose primary deployment is new, with the side that this deployment's tasks join: the other than that of
 * what it replaces, if it shifts traffic. The traffic is where it was, or goes back there.
 */
export function beginDeployment(service: ServiceRow, ids: Ids, now: number): ServiceRow {
  const [primary, ...others] = service.deployments;
  if (!primary) return service;
  const source = sourceOf(service);
  const isBeside = source !== undefined && usesAlternateGroup(primary, source);
  if (!shiftsTraffic(service.deploymentConfiguration)) {
    const placed: DeploymentRow = { ...primary, ...(isBeside && { usesAlternate: true as const }) };
    return { ...service, deployments: [placed, ...others] };
  }
  const usesAlternate = source !== undefined && !isBeside;
  const { deploymentConfiguration: own } = service;
  // There is nothing that a first deployment could share the traffic with.
  const configuration = source ? own : { ...own, strategy: 'BLUE_GREEN' as const };
  const stage = others.length > 1 ? 'RECONCILE_SERVICE' : 'PRE_SCALE_UP';
  const hooks = newHookRuns(configuration, { stage, shift: 0 }, ids, now);
  const begun: DeploymentRow = {
    ...primary,
    ...(usesAlternate && { usesAlternate: true as const }),
    lifecycle: { stage, sinceMs: now, shift: 0, hooks, configuration },
  };
  const at = source ? (isBeside ? 100 : 0) : allTo(begun);
  // What the rules are is asked anew: they may be others, or have been changed by hand.
  return { ...service, traffic: { wanted: { production: at, test: at } }, deployments: [begun, ...others] };
}

/** Whether the group that a deployment has its tasks in is the alternate one of another deployment. */
function usesAlternateGroup(of: DeploymentRow, before: DeploymentRow): boolean {
  const groups = new Set(before.loadBalancers.map((balancer) => targetGroupOf(balancer, before)));
  return of.loadBalancers.some((one) => groups.has(one.advancedConfiguration?.alternateTargetGroupArn ?? ''));
}

/** The service once its primary deployment has entered the next stage. */
export function entered(
  service: ServiceRow,
  next: NonNullable<ServiceStep['next']>,
  ids: Ids,
  now: number,
): ServiceRow {
  const [primary, ...others] = service.deployments;
  if (!primary?.lifecycle) return service;
  const { lifecycle } = primary;
  const hooks = [...withTimeouts(lifecycle.hooks, now), ...newHookRuns(lifecycle.configuration, next, ids, now)];
  const moved: DeploymentRow = {
    ...primary,
    lifecycle: { ...lifecycle, ...next, sinceMs: now, hooks },
    ...(next.stage === 'BAKE_TIME' && { bakeFromMs: now }),
    updatedAtMs: now,
  };
  const source = sourceOf(service);
  const left = lifecycle.stage === 'RECONCILE_SERVICE' ? others.filter((one) => one.id === source?.id) : others;
  return { ...withShare(service, shareIn(moved, service)), deployments: [moved, ...left] };
}

/** What a stage makes of the shares, on its entry. */
function shareIn(deployment: DeploymentRow, { traffic }: ServiceRow): AlternateShare | undefined {
  const { stage, shift, configuration } = deployment.lifecycle ?? {};
  if (!traffic || !configuration) return undefined;
  if (stage === 'TEST_TRAFFIC_SHIFT') return { ...traffic.wanted, test: allTo(deployment) };
  if (stage !== 'PRODUCTION_TRAFFIC_SHIFT') return undefined;
  const percent = shiftsOf(configuration)[shift ?? 0] ?? 100;
  return { ...traffic.wanted, production: shareOf(deployment, percent) };
}

function withShare(service: ServiceRow, wanted: AlternateShare | undefined): ServiceRow {
  return wanted && service.traffic ? { ...service, traffic: { ...service.traffic, wanted } } : service;
}

/** Where its deployment has failed, and nothing takes its place: what no rule is known to say yet is no longer wanted. */
export function halted(service: ServiceRow): ServiceRow {
  const { applied, wanted } = service.traffic ?? {};
  return applied && !isDeepStrictEqual(wanted, applied) ? { ...service, traffic: { wanted: applied } } : service;
}

/** All traffic goes to one deployment. */
export function givenTo(service: ServiceRow, deployment: Pick<DeploymentRow, 'usesAlternate'>): ServiceRow {
  const share = allTo(deployment);
  return withShare(service, { production: share, test: share });
}
