import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import type { Ids } from '../../../kernel/ids.ts';
import type { DeploymentFailure, DeploymentRow, ServiceRow } from '../tables.ts';
import type { HookRunRow, LifecycleRow, LifecycleStage } from '../traffic-tables.ts';
import { percentOf, sourceOf } from './traffic-shift.ts';

const MINUTE_MS = 60_000;
const DEFAULT_TIMEOUT_MINUTES = 1440;

/** A run of each hook that the configuration has for a stage. */
export function newHookRuns(
  { lifecycleHooks = [] }: DeploymentConfiguration,
  at: { readonly stage: LifecycleStage; readonly shift: number },
  ids: Ids,
  now: number,
): HookRunRow[] {
  return lifecycleHooks.flatMap((hook, index) => {
    const stage = hook.lifecycleStages?.find((one) => one === at.stage);
    return stage ? [newRun(hook, index, { stage, shift: at.shift }, ids, now)] : [];
  });
}

function newRun(
  hook: DeploymentLifecycleHook,
  index: number,
  at: Pick<HookRunRow, 'stage' | 'shift'>,
  ids: Ids,
  now: number,
): HookRunRow {
  const pauses = hook.targetType === 'PAUSE';
  const { timeoutInMinutes = DEFAULT_TIMEOUT_MINUTES, action = 'ROLLBACK' } = hook.timeoutConfiguration ?? {};
  const id = Buffer.from(ids.bytes(33)).toString('base64url').slice(0, 43);
  return {
    id: `ecs-${pauses ? 'pause' : 'hook'}-${id}`,
    hook: index,
    ...at,
    status: pauses ? 'AWAITING_ACTION' : 'IN_PROGRESS',
    expiresAtMs: now + timeoutInMinutes * MINUTE_MS,
    timeoutAction: action,
    ...(!pauses && { nextAtMs: now }),
  };
}

/** The runs that the stage waits for. */
export function openRuns({ hooks }: Pick<LifecycleRow, 'hooks'>): readonly HookRunRow[] {
  return hooks.filter(isOpen);
}

function isOpen({ status }: HookRunRow): boolean {
  return status === 'AWAITING_ACTION' || status === 'IN_PROGRESS';
}

export function hooksAreDone({ hooks }: LifecycleRow, now: number): boolean {
  return hooks.every((run) => !isOpen(run) || (run.expiresAtMs <= now && run.timeoutAction === 'CONTINUE'));
}

/** Why the hooks fail their deployment, if they do. */
export function hookFailureOf({ lifecycle }: DeploymentRow, now: number): DeploymentFailure | undefined {
  for (const run of lifecycle?.hooks ?? []) {
    if (run.isRefused) return 'hook-refused';
    if (run.status === 'FAILED') return 'hook-failed';
    if (isOpen(run) && run.expiresAtMs <= now && run.timeoutAction === 'ROLLBACK') return 'hook-timed-out';
  }
  return undefined;
}

/** Those that nobody has answered in time. */
export function withTimeouts(hooks: readonly HookRunRow[], now: number): HookRunRow[] {
  return hooks.map((run) => (isOpen(run) && run.expiresAtMs <= now ? { ...run, status: 'TIMED_OUT' } : run));
}

/** A run in the primary deployment of a service. */
export function findRun(service: ServiceRow, id: string): HookRunRow | undefined {
  return service.deployments[0]?.lifecycle?.hooks.find((run) => run.id === id);
}

/** The service with one run changed. */
export function withRun(service: ServiceRow, run: HookRunRow, now: number): ServiceRow {
  const [primary, ...others] = service.deployments;
  if (!primary?.lifecycle) return service;
  const hooks = primary.lifecycle.hooks.map((one) => (one.id === run.id ? run : one));
  const changed = { ...primary, lifecycle: { ...primary.lifecycle, hooks }, updatedAtMs: now };
  return { ...service, deployments: [changed, ...others] };
}

/**
 * What a hook's target is told, as AWS tells a Lambda function.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
export function hookEvent(service: ServiceRow, run: HookRunRow): Record<string, unknown> {
  const [primary] = service.deployments;
  const { traffic } = service;
  if (!primary || !traffic) return {};
  const source = sourceOf(service);
  const told = [primary, ...(source ? [source] : [])];
  const weights = (kind: 'production' | 'test') =>
    Object.fromEntries(told.map((one) => [one.revisionArn, percentOf(one, kind, traffic)]));
  const configured = primary.lifecycle?.configuration.lifecycleHooks?.[run.hook]?.hookDetails;
  const hookDetails: unknown = run.details === undefined ? configured : JSON.parse(run.details);
  return {
    executionDetails: {
      serviceArn: service.arn,
      targetServiceRevisionArn: primary.revisionArn,
      testTrafficWeights: weights('test'),
      productionTrafficWeights: weights('production'),
    },
    executionId: run.id,
    lifecycleStage: run.stage,
    resourceArn: primary.serviceDeploymentArn,
    ...(hookDetails !== undefined && { hookDetails }),
  };
}

/** What the target of a hook answers. */
export interface HookAnswer {
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  /** In how many seconds it is asked again. */
  readonly callBackDelay?: number;
  readonly hookDetails?: unknown;
  readonly taskArn?: string;
}

const DEFAULT_DELAY_S = 30;

/** A run once its target has answered. */
export function answered(run: HookRunRow, answer: HookAnswer, now: number): HookRunRow {
  const { nextAtMs: _next, ...rest } = run;
  const { hookStatus, callBackDelay = DEFAULT_DELAY_S, hookDetails, taskArn } = answer;
  if (hookStatus !== 'IN_PROGRESS') return { ...rest, status: hookStatus };
  return {
    ...rest,
    nextAtMs: now + callBackDelay * 1000,
    ...(hookDetails !== undefined && { details: JSON.stringify(hookDetails) }),
    ...(taskArn !== undefined && { taskArn }),
  };
}

/** @throws Error for anything but an object with a `hookStatus` that ECS knows */
export function hookAnswerOf(body: unknown): HookAnswer {
  const { hookStatus, callBackDelay, hookDetails } = (typeof body === 'object' && body ? body : {}) as {
    hookStatus?: unknown;
    callBackDelay?: unknown;
    hookDetails?: unknown;
  };
  if (hookStatus !== 'SUCCEEDED' && hookStatus !== 'FAILED' && hookStatus !== 'IN_PROGRESS') {
    throw new Error('The answer has no valid hookStatus.');
  }
  const delays = typeof callBackDelay === 'number' && callBackDelay >= 0;
  return {
    hookStatus,
    ...(delays && { callBackDelay: Math.max(1, callBackDelay) }),
    ...(hookDetails !== undefined && { hookDetails }),
  };
}
