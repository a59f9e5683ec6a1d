import type {
  CreateDaemonCommandInput,
  DaemonDeploymentConfiguration,
  UpdateDaemonCommandInput,
} from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { capacityProviderArn, rolesOf } from '../authorization.ts';
import { capacityProviders } from '../capacity-provider-tables.ts';
import { checkExec } from '../domain/run-task.ts';
import { NAME } from '../domain/task-definition-rules.ts';
import { cannotAssumeRole, invalidParameter, providerNotFound } from '../errors.ts';
import type { EcsPorts } from '../operation.ts';
import type { ClusterRow } from '../tables.ts';
import type { DaemonConfigurationRow, DaemonTaskDefinitionRow } from './tables.ts';

/** What CreateDaemon and UpdateDaemon check of their input. */

const CLIENT_TOKEN = /^[!-~]{1,36}$/;
const DEFAULTS: DaemonConfigurationRow = { drainPercent: 25, bakeTimeInMinutes: 0, alarmNames: [] };
/** As long as AWS lets a deployment bake. */
const LONGEST_BAKE_MINUTES = 1440;
const MOST_ALARMS = 100;

export function checkCreateDaemon(input: CreateDaemonCommandInput): void {
  if (!NAME.test(input.daemonName ?? '')) {
    throw invalidParameter(
      'Daemon name contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.',
    );
  }
  if (input.clientToken !== undefined && !CLIENT_TOKEN.test(input.clientToken)) {
    throw invalidParameter('clientToken can be at most 36 characters, each of the ASCII codes 33 to 126.');
  }
  checkPropagateTags(input);
}

export function checkPropagateTags({ propagateTags }: Pick<UpdateDaemonCommandInput, 'propagateTags'>): void {
  if (propagateTags === undefined || propagateTags === 'DAEMON' || propagateTags === 'NONE') return;
  throw invalidParameter(`Invalid propagateTags: ${String(propagateTags)}.`);
}

/** @param before what stands where nothing is said */
export function configurationOf(
  given: DaemonDeploymentConfiguration | undefined,
  before: DaemonConfigurationRow = DEFAULTS,
): DaemonConfigurationRow {
  const { drainPercent = before.drainPercent, bakeTimeInMinutes = before.bakeTimeInMinutes, alarms } = given ?? {};
  if (!(drainPercent >= 0 && drainPercent <= 100)) {
    throw invalidParameter('drainPercent must be between 0.0 and 100.0.');
  }
  if (!(bakeTimeInMinutes >= 0 && bakeTimeInMinutes <= LONGEST_BAKE_MINUTES)) {
    throw invalidParameter(`bakeTimeInMinutes must be between 0 and ${LONGEST_BAKE_MINUTES}.`);
  }
  const { enable = false, alarmNames = [] } = alarms ?? {};
  if (enable && alarmNames.length === 0) throw invalidParameter('alarmNames cannot be empty when alarms are enabled.');
  if (alarmNames.length > MOST_ALARMS) throw invalidParameter(`alarmNames can have at most ${MOST_ALARMS} items.`);
  return { drainPercent, bakeTimeInMinutes, alarmNames: alarms ? (enable ? alarmNames : []) : before.alarmNames };
}

/** Their ARNs. @throws for one that is not there, or whose instances are not ECS's to replace in this cluster */
export async function checkedProviders(
  tx: ReadTx,
  scope: Scope,
  cluster: ClusterRow,
  references: readonly string[],
): Promise<string[]> {
  if (references.length === 0) throw invalidParameter('capacityProviderArns cannot be empty.');
  const arns = [...new Set(references.map((reference) => capacityProviderArn(scope, reference)))];
  for (const arn of arns) {
    const row = await tx.get(capacityProviders, arn);
    const name = arn.split('/').at(-1) ?? '';
    if (row?.status !== 'ACTIVE') throw providerNotFound(name);
    if (!row.managedInstances) {
      throw invalidParameter(
        'ECS Managed Daemons is only supported for Amazon ECS Managed Instances Capacity Providers.',
      );
    }
    if (row.clusterArn !== cluster.arn) {
      throw invalidParameter(`The capacity provider '${name}' is not associated with the cluster '${cluster.name}'.`);
    }
  }
  return arns;
}

/** Its tasks' roles are handed over, and ECS Exec needs one. */
export async function checkLaunchable(
  ctx: Context<EcsPorts>,
  definition: DaemonTaskDefinitionRow,
  enableExecuteCommand: boolean,
): Promise<void> {
  checkExec({ enableExecuteCommand }, definition);
  for (const roleArn of rolesOf(ctx, definition.definition)) {
    if (!(await ctx.ports.mayAssume(roleArn, ctx))) throw cannotAssumeRole(roleArn);
  }
}
