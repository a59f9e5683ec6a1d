import type { ClusterConfiguration, ClusterSetting } from '@aws-sdk/client-ecs';
import type { ConditionValues } from '../../../api/operation.ts';
import { invalidParameter, refuseUnsupported } from '../errors.ts';

export const CONTAINER_INSIGHTS = ['enabled', 'disabled', 'enhanced'];

/** The settings of CreateCluster and its kin, checked; undefined where none are given. */
export function settingsOf(settings: readonly ClusterSetting[] | undefined): ClusterSetting[] | undefined {
  if (!settings?.length) return undefined;
  for (const { name, value } of settings) {
    if (name !== 'containerInsights') throw invalidParameter(`Invalid cluster setting name: ${name}.`);
    if (!CONTAINER_INSIGHTS.includes(value ?? '')) {
      throw invalidParameter(`Invalid value for cluster setting containerInsights: ${value}.`);
    }
  }
  return [...settings];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommandConfiguration.html */
export function checkConfiguration(configuration: ClusterConfiguration | undefined): void {
  if (!configuration) return;
  refuseUnsupported(configuration, ['managedStorageConfiguration'], 'configuration.');
  const { executeCommandConfiguration = {} } = configuration;
  // The channel would be encrypted once more, with a key of AWS KMS: a session without it must not pass for one with it.
  refuseUnsupported(executeCommandConfiguration, ['kmsKeyId'], 'configuration.executeCommandConfiguration.');
  const { logging, logConfiguration } = executeCommandConfiguration;
  if (logging === 'OVERRIDE' && !logConfiguration?.cloudWatchLogGroupName && !logConfiguration?.s3BucketName) {
    throw invalidParameter(
      'If executeCommandConfiguration.logging is OVERRIDE, logConfiguration must name a log group or a bucket.',
    );
  }
  if (logging !== 'OVERRIDE' && logConfiguration) {
    throw invalidParameter('A logConfiguration requires that executeCommandConfiguration.logging is OVERRIDE.');
  }
}

export function storageKeyCondition(configuration: ClusterConfiguration | undefined): ConditionValues {
  const key = configuration?.managedStorageConfiguration?.fargateEphemeralStorageKmsKeyId;
  return key === undefined ? {} : { 'ecs:fargate-ephemeral-storage-kms-key': key };
}
