import type { AutoScalingGroupProvider, ManagedScaling } from '@aws-sdk/client-ecs';
import type { GroupSettingsRow, ManagedScalingRow } from '../capacity-provider-tables.ts';
import { clientError, invalidParameter } from '../errors.ts';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const RESERVED = /^(aws|ecs|fargate)/i;
const MOST_INSTANCES = 10_000;

type Settings = Omit<AutoScalingGroupProvider, 'autoScalingGroupArn'>;

/** @throws ClientException for what no capacity provider may be called */
export function checkProviderName(name: string): void {
  if (NAME.test(name) && !RESERVED.test(name)) return;
  throw clientError(
    'The specified capacity provider name is invalid. Up to 255 characters are allowed. They include letters (both ' +
      'upper and lowercase letters), numbers, underscores (_), and hyphens (-). The name can\'t be prefixed with "aws", ' +
      '"ecs", or "fargate". Specify a valid name and try again.',
  );
}

const SCALING: ManagedScalingRow = {
  status: 'DISABLED',
  targetCapacity: 100,
  minimumScalingStepSize: 1,
  maximumScalingStepSize: MOST_INSTANCES,
  instanceWarmupPeriod: 300,
};
const SETTINGS: GroupSettingsRow = {
  managedScaling: SCALING,
  managedTerminationProtection: 'DISABLED',
  managedDraining: 'ENABLED',
};

/**
 * What a provider does with its group: what is left out stays as it is, or has ECS's defaults.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AutoScalingGroupProvider.html
 * @throws InvalidParameterException, ClientException
 */
export function groupSettings(input: Settings, before: GroupSettingsRow = SETTINGS): GroupSettingsRow {
  const settings = {
    managedScaling: input.managedScaling
      ? scalingOf(input.managedScaling, before.managedScaling)
      : before.managedScaling,
    managedTerminationProtection: oneOf(
      'managedTerminationProtection',
      input.managedTerminationProtection ?? before.managedTerminationProtection,
    ),
    managedDraining: oneOf('managedDraining', input.managedDraining ?? before.managedDraining),
  };
  if (settings.managedTerminationProtection === 'ENABLED' && settings.managedScaling.status === 'DISABLED') {
    throw clientError(
      'The managed termination protection setting for the capacity provider is invalid. To enable managed termination ' +
        'protection for a capacity provider, managed scaling must be enabled.',
    );
  }
  return settings;
}

function scalingOf(input: ManagedScaling, before: ManagedScalingRow): ManagedScalingRow {
  const row = {
    status: oneOf('managedScaling.status', input.status ?? before.status),
    targetCapacity: within('targetCapacity', input.targetCapacity ?? before.targetCapacity, 1, 100),
    minimumScalingStepSize: steps('minimumScalingStepSize', input.minimumScalingStepSize, before),
    maximumScalingStepSize: steps('maximumScalingStepSize', input.maximumScalingStepSize, before),
    instanceWarmupPeriod: within(
      'instanceWarmupPeriod',
      input.instanceWarmupPeriod ?? before.instanceWarmupPeriod,
      0,
      MOST_INSTANCES,
    ),
  };
  if (row.minimumScalingStepSize > row.maximumScalingStepSize) {
    throw invalidParameter('minimumScalingStepSize cannot be greater than maximumScalingStepSize.');
  }
  return row;
}

type StepSize = 'minimumScalingStepSize' | 'maximumScalingStepSize';

function steps(name: StepSize, value: number | undefined, before: ManagedScalingRow): number {
  return within(name, value ?? before[name], 1, MOST_INSTANCES);
}

function within(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidParameter(`${name} must be between ${least} and ${most}.`);
}

function oneOf(name: string, value: string): 'ENABLED' | 'DISABLED' {
  if (value === 'ENABLED' || value === 'DISABLED') return value;
  throw invalidParameter(`${name} must be ENABLED or DISABLED.`);
}
