import { historyReconciler } from '../../api/scaling/history.ts';
import type { Service } from '../../api/service.ts';
import type { AutoscalingPorts } from './operation.ts';
import * as activityOperations from './operations/activities.ts';
import * as attachOperations from './operations/attach-instances.ts';
import * as capacityOperations from './operations/capacity.ts';
import * as groupOperations from './operations/groups.ts';
import * as refreshOperations from './operations/instance-refreshes.ts';
import {
  DescribeAutoScalingInstances,
  DetachInstances,
  SetInstanceHealth,
  SetInstanceProtection,
  TerminateInstanceInAutoScalingGroup,
} from './operations/instances.ts';
import * as configurationOperations from './operations/launch-configurations.ts';
import * as lifecycleOperations from './operations/lifecycle-actions.ts';
import { DeleteLifecycleHook, DescribeLifecycleHooks, PutLifecycleHook } from './operations/lifecycle-hooks.ts';
import * as metricsOperations from './operations/metrics-collection.ts';
import * as policyOperations from './operations/policies.ts';
import * as processOperations from './operations/processes.ts';
import * as scheduleOperations from './operations/scheduled-actions.ts';
import * as standbyOperations from './operations/standby.ts';
import * as tagOperations from './operations/tags.ts';
import * as targetGroupOperations from './operations/target-groups.ts';
import * as typeOperations from './operations/types.ts';
import { DeleteWarmPool, DescribeWarmPool, PutWarmPool } from './operations/warm-pools.ts';
import { groupReconciler } from './reconcilers/group.ts';
import { metricsReconciler } from './reconcilers/metrics.ts';
import { groupPolicyAlarms } from './reconcilers/policy-alarms.ts';
import {
  activities,
  configurations,
  groups,
  hooks,
  members,
  policies,
  refreshes,
  retiredAlarms,
  scheduledActions,
  signals,
} from './tables.ts';
import { tagsOfArn } from './tagging.ts';

export type { AutoscalingPorts } from './operation.ts';
export { groupScalingSignals } from './scaling-signal.ts';

/** Amazon EC2 Auto Scaling: groups of instances. */
export const autoscaling: Service<AutoscalingPorts> = {
  name: 'autoscaling',
  principal: 'autoscaling.amazonaws.com',
  operations: {
    ...activityOperations,
    ...attachOperations,
    ...capacityOperations,
    ...configurationOperations,
    ...groupOperations,
    ...lifecycleOperations,
    ...metricsOperations,
    ...policyOperations,
    ...processOperations,
    ...refreshOperations,
    ...scheduleOperations,
    ...standbyOperations,
    ...tagOperations,
    ...targetGroupOperations,
    ...typeOperations,
    DeleteLifecycleHook,
    DeleteWarmPool,
    DescribeAutoScalingInstances,
    DescribeLifecycleHooks,
    DescribeWarmPool,
    DetachInstances,
    PutLifecycleHook,
    PutWarmPool,
    SetInstanceHealth,
    SetInstanceProtection,
    TerminateInstanceInAutoScalingGroup,
  },
  tables: [
    groups,
    members,
    activities,
    hooks,
    policies,
    retiredAlarms,
    signals,
    scheduledActions,
    refreshes,
    configurations,
  ],
  reconcilers: (env) => [
    groupReconciler(env),
    groupPolicyAlarms(env),
    metricsReconciler(env),
    historyReconciler(env, 'autoscaling.history', activities),
  ],
  resourceTags: tagsOfArn,
};
