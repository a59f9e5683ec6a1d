import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import { invalidParameter } from '../errors.ts';
import { LIFECYCLE_STAGES } from '../traffic-tables.ts';

const MOST_MINUTES = 1440;
const WITHOUT_HOOKS = new Set(['SCALE_UP', 'BAKE_TIME', 'CLEAN_UP']);
const WITHOUT_PAUSE = new Set(['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']);
const TASK_DEFINITION = /^arn:[^:]+:ecs:[^:]+:\d{12}:task-definition\/[^/:]+:\d+$/;

type ShiftConfiguration = Pick<
  DeploymentConfiguration,
  'linearConfiguration' | 'canaryConfiguration' | 'lifecycleHooks'
>;

/** What a strategy that shifts traffic is configured by, with ECS's defaults; what another strategy has is refused. */
export function shiftConfigurationOf(
  input: DeploymentConfiguration | undefined,
  wanted: DeploymentConfiguration,
): ShiftConfiguration {
  const { strategy = 'ROLLING' } = wanted;
  refuseForeign(input, strategy);
  const hooks = strategy === 'ROLLING' ? [] : (wanted.lifecycleHooks ?? []);
  hooks.forEach(checkHook);
  return {
    ...(hooks.length > 0 && { lifecycleHooks: hooks }),
    ...(strategy === 'LINEAR' && { linearConfiguration: linearOf(wanted) }),
    ...(strategy === 'CANARY' && { canaryConfiguration: canaryOf(wanted) }),
  };
}

function refuseForeign(input: DeploymentConfiguration | undefined, strategy: string): void {
  if (input?.linearConfiguration && strategy !== 'LINEAR') {
    throw invalidParameter('linearConfiguration is only valid when the deployment strategy is LINEAR.');
  }
  if (input?.canaryConfiguration && strategy !== 'CANARY') {
    throw invalidParameter('canaryConfiguration is only valid when the deployment strategy is CANARY.');
  }
  if (input?.lifecycleHooks?.length && strategy === 'ROLLING') {
    throw invalidParameter('Longshore does not support deploymentConfiguration.lifecycleHooks with ROLLING yet.');
  }
}

function linearOf({ linearConfiguration }: DeploymentConfiguration) {
  const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linearConfiguration ?? {};
  checkPercent('stepPercent', stepPercent, 3);
  checkMinutes('stepBakeTimeInMinutes', stepBakeTimeInMinutes);
  return { stepPercent, stepBakeTimeInMinutes };
}

function canaryOf({ canaryConfiguration }: DeploymentConfiguration) {
  const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = canaryConfiguration ?? {};
  checkPercent('canaryPercent', canaryPercent, 0.1);
  checkMinutes('canaryBakeTimeInMinutes', canaryBakeTimeInMinutes);
  return { canaryPercent, canaryBakeTimeInMinutes };
}

function checkPercent(name: string, percent: number, least: number): void {
  const isTenths = Math.abs(percent * 10 - Math.round(percent * 10)) < 1e-6;
  if (percent < least || percent > 100 || !isTenths) {
    throw invalidParameter(`${name} must be a multiple of 0.1 between ${least.toFixed(1)} and 100.0.`);
  }
}

export function checkMinutes(name: string, minutes: number, least = 0): void {
  if (!Number.isInteger(minutes) || minutes < least || minutes > MOST_MINUTES) {
    throw invalidParameter(`${name} must be between ${least} and ${MOST_MINUTES}.`);
  }
}

function checkHook(hook: DeploymentLifecycleHook): void {
  const { targetType, lifecycleStages = [], timeoutConfiguration } = hook;
  if (lifecycleStages.length === 0) throw invalidParameter('lifecycleStages of a lifecycle hook cannot be empty.');
  for (const stage of lifecycleStages) {
    const isKnown = LIFECYCLE_STAGES.includes(stage) && !WITHOUT_HOOKS.has(stage);
    if (!isKnown) throw invalidParameter(`Invalid lifecycle stage for a lifecycle hook: ${stage}.`);
  }
  const { timeoutInMinutes, action } = timeoutConfiguration ?? {};
  if (timeoutInMinutes !== undefined && (!Number.isInteger(timeoutInMinutes) || timeoutInMinutes < 1)) {
    throw invalidParameter('timeoutInMinutes of a lifecycle hook must be 1 or more.');
  }
  if (action !== undefined && action !== 'CONTINUE' && action !== 'ROLLBACK') {
    throw invalidParameter('The timeout action of a lifecycle hook must be CONTINUE or ROLLBACK.');
  }
  if (targetType === 'PAUSE') checkPause(hook);
  else checkTarget(hook);
}

function checkPause({ lifecycleStages = [], hookTargetArn }: DeploymentLifecycleHook): void {
  const stage = lifecycleStages.find((one) => WITHOUT_PAUSE.has(one));
  if (stage) throw invalidParameter(`PAUSE lifecycle hooks cannot be configured at the ${stage} stage.`);
  if (hookTargetArn) throw invalidParameter('hookTargetArn is not applicable to PAUSE lifecycle hooks.');
}

function checkTarget({ hookTargetArn = '', roleArn, targetType }: DeploymentLifecycleHook): void {
  if (targetType !== undefined && targetType !== 'AWS_LAMBDA') {
    throw invalidParameter(`Invalid targetType of a lifecycle hook: ${targetType}.`);
  }
  if (hookTargetArn === '') throw invalidParameter('hookTargetArn must be specified for a lifecycle hook.');
  if (/^arn:[^:]+:lambda:/.test(hookTargetArn)) {
    throw invalidParameter(
      `Longshore has no Lambda: the lifecycle hook target ${hookTargetArn} is not supported. Give an http(s) URL, the ` +
        'ARN of an ECS task definition, or targetType PAUSE.',
    );
  }
  if (isEndpoint(hookTargetArn)) return;
  if (!isHookTask(hookTargetArn)) throw invalidParameter(`Invalid hookTargetArn: ${hookTargetArn}.`);
  if (!roleArn) throw invalidParameter('roleArn must be specified for a lifecycle hook that runs a task.');
}

export function isEndpoint(target: string): boolean {
  return /^https?:\/\//.test(target) && URL.canParse(target);
}

/** The ARN of one revision of a task definition. */
export function isHookTask(target: string): boolean {
  return TASK_DEFINITION.test(target);
}
