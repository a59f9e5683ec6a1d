import type { Stored } from '../../../store/store.ts';
import type { DeploymentFailure, ServiceRow, TaskRow } from '../tables.ts';
import type { LifecycleStage } from '../traffic-tables.ts';
import type { ServiceFacts } from './service-facts.ts';

/** All that a step of a service changes in the rows: written in one transaction, or not at all. */
export interface ServiceStep {
  readonly type: 'step';
  readonly serviceArn: string;
  readonly revision: number;
  /** Tasks of the primary deployment that stopped by themselves, soon after their start, since the last step. */
  readonly failures: readonly string[];
  /** Tasks that are now found unhealthy, each said and counted once. */
  readonly sick: readonly { readonly taskArn: string; readonly event: string }[];
  /** How many tasks of the primary deployment failed: the failures above, and its tasks that are now unhealthy. */
  readonly failed: number;
  /** How many of the failures never ran. */
  readonly startFailures: number;
  /** Tasks of the primary deployment that are healthy now, after others have failed. */
  readonly recovered: readonly string[];
  readonly stops: readonly TaskStop[];
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
  /** How many of these stand in for unhealthy ones. */
  readonly replaced: number;
  readonly rebalance?: 'started' | 'stopped' | 'completed';
  /** Tasks of which the events have yet to say that they joined, or left, their target groups. */
  readonly registered: readonly string[];
  readonly deregistered: readonly string[];
  readonly rollout?: 'baking' | 'completed' | 'failed';
  /** A deployment that shifts traffic goes on to this stage. */
  readonly next?: { readonly stage: LifecycleStage; readonly shift: number };
  /** How many tasks to start of the deployment that is being replaced. */
  readonly sourceStart?: number;
  readonly failure?: DeploymentFailure;
  /** The deployment's percentages let no task start and none stop; said once. */
  readonly blocked: boolean;
  /** Of a DAEMON service: one for each instance that should have one. */
  readonly desiredCount?: number;
  /** None of its tasks waits for an instance any more. */
  readonly isPlaced?: true;
  readonly steady: boolean;
  /** It is said that the service is steady. */
  readonly saysSteady: boolean;
  /** A service that is being deleted has no task left. */
  readonly gone: boolean;
}

export interface TaskStop {
  readonly taskArn: string;
  readonly reason: string;
  /** Not done to a task that is protected. */
  readonly sparesProtected?: true;
}

export type ServiceAction =
  | ServiceStep
  | { readonly type: 'check-targets'; readonly service: ServiceRow; readonly tasks: readonly TaskRow[] }
  | { readonly type: 'check-alarms'; readonly service: ServiceRow }
  | { readonly type: 'shift-traffic'; readonly service: ServiceRow }
  | { readonly type: 'run-hook'; readonly service: ServiceRow; readonly hookId: string };

/** A step that changes nothing. */
export function nothing(service: Stored<ServiceRow>): ServiceStep {
  return {
    type: 'step',
    serviceArn: service.arn,
    revision: service.revision,
    failures: [],
    sick: [],
    failed: 0,
    startFailures: 0,
    recovered: [],
    stops: [],
    start: 0,
    replaced: 0,
    registered: [],
    deregistered: [],
    blocked: false,
    steady: false,
    saysSteady: false,
    gone: false,
  };
}

/** A step that says and counts what has been seen of the tasks, and changes nothing else. */
export function noted({ service, failures, newlySick, ...facts }: ServiceFacts): ServiceStep {
  return {
    ...nothing(service),
    failures: failures.map((task) => task.arn),
    sick: newlySick.map(({ task, event }) => ({ taskArn: task.arn, event })),
    failed: facts.failed,
    startFailures: failures.filter((task) => task.stopCode === 'TaskFailedToStart').length,
    recovered: facts.recovered,
    registered: facts.registered,
    deregistered: facts.deregistered,
  };
}

export function changes(step: ServiceStep, service: ServiceRow): boolean {
  return (
    [step.failures, step.sick, step.recovered, step.stops, step.registered, step.deregistered].some(
      (list) => list.length > 0,
    ) ||
    step.start > 0 ||
    (step.sourceStart ?? 0) > 0 ||
    step.next !== undefined ||
    step.rollout !== undefined ||
    step.rebalance !== undefined ||
    (step.desiredCount ?? service.desiredCount) !== service.desiredCount ||
    (step.isPlaced && service.unplaced !== undefined) ||
    step.blocked ||
    step.saysSteady ||
    step.steady !== service.steady
  );
}
