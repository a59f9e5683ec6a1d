import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { invalidParameter, refuseUnsupported } from '../errors.ts';
import { checkMinutes, shiftConfigurationOf } from './shift-configuration.ts';

const STRATEGIES = ['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'] as const;

/** ECS's defaults filled in; percents checked; strategies that are not built refused by name. */
export function deploymentConfigurationOf(
  input: DeploymentConfiguration | undefined,
  before?: DeploymentConfiguration,
): DeploymentConfiguration {
  const wanted = { ...before, ...input };
  const { strategy = 'ROLLING' } = wanted;
  if (!STRATEGIES.includes(strategy)) throw invalidParameter(`Invalid deployment strategy: ${strategy}.`);
  refuseUnsupported(wanted, ['earlySuccessCriteria'], 'deploymentConfiguration.');
  const { minimumHealthyPercent = 100, maximumPercent = 200, bakeTimeInMinutes, alarms } = wanted;
  checkPercents(minimumHealthyPercent, maximumPercent);
  checkBreaker(wanted);
  if (alarms?.enable && !alarms.alarmNames?.length) throw invalidParameter('Alarm names cannot be empty.');
  if (bakeTimeInMinutes !== undefined) checkMinutes('bakeTimeInMinutes', bakeTimeInMinutes);
  return {
    deploymentCircuitBreaker: wanted.deploymentCircuitBreaker ?? { enable: false, rollback: false },
    maximumPercent,
    minimumHealthyPercent,
    strategy,
    ...shiftConfigurationOf(input, wanted),
    ...(alarms && { alarms }),
    ...(bakeTimeInMinutes === undefined ? {} : { bakeTimeInMinutes }),
  };
}

function checkPercents(minimumHealthyPercent: number, maximumPercent: number): void {
  if (minimumHealthyPercent < 0 || maximumPercent < 0) throw invalidParameter('Deployment percents must be 0 or more.');
  if (minimumHealthyPercent >= maximumPercent) {
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    );
  }
}

function checkBreaker({ deploymentCircuitBreaker }: DeploymentConfiguration): void {
  const { type, value = 50 } = deploymentCircuitBreaker?.thresholdConfiguration ?? {};
  if (type === undefined) return;
  const most = type === 'COUNT' ? 5000 : 100;
  if (value < 1 || value > most) {
    throw invalidParameter(`thresholdConfiguration.value must be between 1 and ${most} for the type ${type}.`);
  }
}
