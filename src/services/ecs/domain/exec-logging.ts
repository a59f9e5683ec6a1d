import type { ClusterConfiguration } from '@aws-sdk/client-ecs';
import type { Scope } from '../../../kernel/arn.ts';
import type { TaskDefinitionRow, TaskRow } from '../tables.ts';
import { roleArnOf } from './role-arn.ts';

/** Where what a session of ECS Exec prints is logged once it ends, and in whose name. */
export interface ExecLogging extends Scope {
  /** The task's own: what its policies do not allow is not logged. */
  readonly role: { readonly arn: string; readonly sessionName: string };
  readonly logGroup?: {
    readonly name: string;
    readonly region: string;
    /** By a key of one's own, or no session starts. */
    readonly mustBeEncrypted: boolean;
  };
  readonly bucket?: {
    readonly name: string;
    /** In front of `/SESSION-ID.log`; may be empty. */
    readonly keyPrefix: string;
    readonly mustBeEncrypted: boolean;
  };
}

type LoggedTask = Pick<TaskRow, 'account' | 'region' | 'id' | 'overrides'>;

/**
 * NONE: nowhere. OVERRIDE: where the cluster says. DEFAULT, or nothing said: into the log group of the container's
 * awslogs driver, if it has one.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-logging
 */
export function execLogging(
  task: LoggedTask,
  containerName: string,
  definition: TaskDefinitionRow['definition'] | undefined,
  configuration: ClusterConfiguration | undefined,
): ExecLogging | undefined {
  // Only a task with a role starts with ECS Exec enabled.
  const roleArn = task.overrides.taskRoleArn ?? definition?.taskRoleArn;
  const { account, region, id: sessionName } = task;
  const to = destinations(region, containerName, definition, configuration);
  if (!roleArn || !to) return undefined;
  return { account, region, role: { arn: roleArnOf(task, roleArn), sessionName }, ...to };
}

function destinations(
  region: string,
  containerName: string,
  definition: TaskDefinitionRow['definition'] | undefined,
  configuration: ClusterConfiguration | undefined,
): Pick<ExecLogging, 'logGroup' | 'bucket'> | undefined {
  const { logging = 'DEFAULT', logConfiguration: given = {} } = configuration?.executeCommandConfiguration ?? {};
  if (logging === 'NONE') return undefined;
  if (logging === 'OVERRIDE') {
    const { cloudWatchLogGroupName: name, s3BucketName: bucket, s3KeyPrefix: keyPrefix = '' } = given;
    const { cloudWatchEncryptionEnabled = false, s3EncryptionEnabled = false } = given;
    return {
      ...(name && { logGroup: { name, region, mustBeEncrypted: cloudWatchEncryptionEnabled } }),
      ...(bucket && { bucket: { name: bucket, keyPrefix, mustBeEncrypted: s3EncryptionEnabled } }),
    };
  }
  const container = definition?.containerDefinitions?.find(({ name }) => name === containerName);
  const { logDriver, options } = container?.logConfiguration ?? {};
  const name = logDriver === 'awslogs' ? options?.['awslogs-group'] : undefined;
  if (!name) return undefined;
  return { logGroup: { name, region: options?.['awslogs-region'] ?? region, mustBeEncrypted: false } };
}
