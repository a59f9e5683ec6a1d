import type {
  CreateManagedInstancesProviderConfiguration,
  InstanceLaunchTemplate,
  UpdateManagedInstancesProviderConfiguration,
} from '@aws-sdk/client-ecs';
import { parseArn } from '../../../kernel/arn.ts';
import type { ManagedInstancesRow } from '../capacity-provider-tables.ts';
import { invalidParameter, refuseUnsupported } from '../errors.ts';
import { checkRequirements } from './instance-requirements.ts';

type Given = CreateManagedInstancesProviderConfiguration | UpdateManagedInstancesProviderConfiguration;

const MOST_SECONDS = 3600;
const LEAST_GIB = 1;
const MOST_GIB = 16_384;

/**
 * What a provider of Managed Instances was given, checked: what an update leaves out stays as it was.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedInstancesProvider.html
 * @throws InvalidParameterException, ClientException for what is not built
 */
export function managedInstancesOf(given: Given, before?: ManagedInstancesRow): ManagedInstancesRow {
  const { infrastructureRoleArn = '', propagateTags = before?.propagateTags ?? 'NONE' } = given;
  if (parseArn(infrastructureRoleArn)?.service !== 'iam') {
    throw invalidParameter('infrastructureRoleArn must be the ARN of an IAM role.');
  }
  if (propagateTags !== 'NONE' && propagateTags !== 'CAPACITY_PROVIDER') {
    throw invalidParameter('propagateTags must be CAPACITY_PROVIDER or NONE.');
  }
  const repair = given.autoRepairConfiguration?.actionsStatus;
  // Nothing tells whether an instance is impaired.
  if (repair === 'ENABLED') refuseUnsupported({ autoRepairConfiguration: repair }, ['autoRepairConfiguration']);
  if (repair !== undefined && repair !== 'DISABLED') {
    throw invalidParameter('autoRepairConfiguration.actionsStatus must be ENABLED or DISABLED.');
  }
  const autoRepairConfiguration = repair ? { actionsStatus: repair } : before?.autoRepairConfiguration;
  const scaleInAfter = given.infrastructureOptimization
    ? given.infrastructureOptimization.scaleInAfter
    : before?.scaleInAfter;
  if (scaleInAfter !== undefined && !isDelay(scaleInAfter)) {
    throw invalidParameter(`scaleInAfter must be -1, or between 0 and ${MOST_SECONDS}.`);
  }
  const template = { ...before?.template, ...withoutUndefined(given.instanceLaunchTemplate ?? {}) };
  checkTemplate(template);
  return {
    infrastructureRoleArn,
    template: template as InstanceLaunchTemplate,
    propagateTags,
    ...(scaleInAfter === undefined ? {} : { scaleInAfter }),
    ...(autoRepairConfiguration && { autoRepairConfiguration }),
  };
}

function isDelay(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= -1 && seconds <= MOST_SECONDS;
}

function checkTemplate(template: Partial<InstanceLaunchTemplate>): void {
  const { ec2InstanceProfileArn = '', networkConfiguration, capacityOptionType = 'ON_DEMAND', monitoring } = template;
  const profile = parseArn(ec2InstanceProfileArn);
  if (profile?.service !== 'iam' || !profile.resource.startsWith('instance-profile/')) {
    throw invalidParameter('ec2InstanceProfileArn must be the ARN of an instance profile.');
  }
  if (!networkConfiguration?.subnets?.length) throw invalidParameter('networkConfiguration.subnets can not be empty.');
  refuseUnsupported(template, ['fipsEnabled', 'capacityReservations'], 'instanceLaunchTemplate.');
  refuseUnsupported(template.localStorageConfiguration ?? {}, ['useLocalStorage'], 'localStorageConfiguration.');
  if (capacityOptionType === 'RESERVED') refuseUnsupported({ RESERVED: true }, ['RESERVED'], 'capacityOptionType ');
  if (!['ON_DEMAND', 'SPOT'].includes(capacityOptionType)) {
    throw invalidParameter('capacityOptionType must be ON_DEMAND, SPOT or RESERVED.');
  }
  if (monitoring !== undefined && !['BASIC', 'DETAILED'].includes(monitoring)) {
    throw invalidParameter('monitoring must be BASIC or DETAILED.');
  }
  const gib = template.storageConfiguration?.storageSizeGiB;
  if (gib !== undefined && (gib < LEAST_GIB || gib > MOST_GIB)) {
    throw invalidParameter(`storageSizeGiB must be between ${LEAST_GIB} and ${MOST_GIB}.`);
  }
  if (template.instanceRequirements) checkRequirements(template.instanceRequirements);
}

function withoutUndefined<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}
