import { historyReconciler } from '../../api/scaling/history.ts';
import type { Service } from '../../api/service.ts';
import type { ApplicationAutoscalingPorts } from './operation.ts';
import {
  DeregisterScalableTarget,
  DescribeScalableTargets,
  RegisterScalableTarget,
} from './operations/scalable-targets.ts';
import { DescribeScalingActivities } from './operations/scaling-activities.ts';
import { DeleteScalingPolicy, DescribeScalingPolicies, PutScalingPolicy } from './operations/scaling-policies.ts';
import { DeleteScheduledAction, DescribeScheduledActions, PutScheduledAction } from './operations/scheduled-actions.ts';
import { ListTagsForResource, TagResource, UntagResource } from './operations/tags.ts';
import { demandReconciler } from './reconcilers/demand.ts';
import { targetPolicyAlarms } from './reconcilers/policy-alarms.ts';
import { targetReconciler } from './reconcilers/target.ts';
import { activities, demands, policies, retiredAlarms, scheduledActions, signals, targets } from './tables.ts';
import { tagsOfArn } from './tagged.ts';

export type { ApplicationAutoscalingPorts } from './operation.ts';
export { demandSignals } from './demand-signal.ts';
export { scalingSignals } from './scaling-signal.ts';

/** Application Auto Scaling, of the desired count of ECS services. */
export const applicationAutoscaling: Service<ApplicationAutoscalingPorts> = {
  name: 'application-autoscaling',
  principal: 'application-autoscaling.amazonaws.com',
  operations: {
    DeleteScalingPolicy,
    DeleteScheduledAction,
    DeregisterScalableTarget,
    DescribeScalableTargets,
    DescribeScalingActivities,
    DescribeScalingPolicies,
    DescribeScheduledActions,
    ListTagsForResource,
    PutScalingPolicy,
    PutScheduledAction,
    RegisterScalableTarget,
    TagResource,
    UntagResource,
  },
  tables: [targets, policies, scheduledActions, activities, signals, demands, retiredAlarms],
  reconcilers: (env) => [
    targetReconciler(env),
    targetPolicyAlarms(env),
    demandReconciler(env),
    historyReconciler(env, 'application-autoscaling.history', activities),
  ],
  resourceTags: tagsOfArn,
};
