import type { Attachment, CapacityProvider, Cluster } from '@aws-sdk/client-ecs';
import type { Scope } from '../../../kernel/arn.ts';
import { capacityProviderArn } from '../authorization.ts';
import { DRAINING_HOOK, policyNameOf } from '../capacity-provider-tables.ts';
import type { CapacityAttachmentRow, CapacityProviderRow } from '../capacity-provider-tables.ts';
import { tagList } from '../domain/tag-list.ts';
import type { FargateProvider } from '../tables.ts';

export function fargateProviderView(scope: Scope, name: FargateProvider): CapacityProvider {
  return {
    capacityProviderArn: capacityProviderArn(scope, name),
    name,
    status: 'ACTIVE',
    tags: [],
    type: name,
  };
}

export function capacityProviderView(row: CapacityProviderRow, include: readonly string[] = []): CapacityProvider {
  return {
    capacityProviderArn: row.arn,
    name: row.name,
    status: row.status,
    ...providedBy(row),
    tags: include.includes('TAGS') ? tagList(row.tags) : [],
    ...(row.updateStatus && { updateStatus: row.updateStatus }),
    ...(row.updateStatusReason !== undefined && { updateStatusReason: row.updateStatusReason }),
  };
}

function providedBy(row: CapacityProviderRow): Partial<CapacityProvider> {
  if (!row.managedInstances) {
    return {
      autoScalingGroupProvider: { autoScalingGroupArn: row.groupArn, ...row.settings },
      type: 'EC2_AUTOSCALING',
    };
  }
  const { template, scaleInAfter, ...settings } = row.managedInstances;
  return {
    cluster: row.clusterArn,
    managedInstancesProvider: {
      ...settings,
      instanceLaunchTemplate: template,
      ...(scaleInAfter === undefined ? {} : { infrastructureOptimization: { scaleInAfter } }),
    },
    type: 'MANAGED_INSTANCES',
  };
}

/** What a cluster's providers have on their groups. */
export function attachmentViews(rows: readonly CapacityAttachmentRow[]): Attachment[] {
  return rows.flatMap((row) => {
    const status = row.isLeaving ? 'DELETING' : row.failure === undefined ? 'CREATED' : 'FAILED';
    const detail = (name: string, value: string) => [
      { name: 'capacityProviderName', value: row.providerName },
      { name, value },
    ];
    const policy = { id: row.policyId, type: 'as_policy', details: detail('scalingPolicyName', policyNameOf(row)) };
    const hook = {
      id: row.hookId,
      type: 'managed_draining',
      details: detail('autoScalingLifecycleHookName', DRAINING_HOOK),
    };
    return [...(row.hasPolicy ? [policy] : []), ...(row.hasHook ? [hook] : [])].map((one) => ({ ...one, status }));
  });
}

/** Nothing of a cluster that has no providers over groups. */
export function attachmentsStatus(rows: readonly CapacityAttachmentRow[]): Pick<Cluster, 'attachmentsStatus'> {
  if (rows.length === 0) return {};
  if (rows.some((row) => row.isDue && row.failure === undefined)) return { attachmentsStatus: 'UPDATE_IN_PROGRESS' };
  return { attachmentsStatus: rows.some((row) => row.failure !== undefined) ? 'UPDATE_FAILED' : 'UPDATE_COMPLETE' };
}
