import { policyAlarmsReconciler } from '../../../api/scaling/policy-alarms.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { alarmsOf } from '../domain/tracked-metric.ts';
import { policies, policyArn, retiredAlarms } from '../tables.ts';

/** The alarms of target tracking policies. */
export const targetPolicyAlarms = (env: ServiceEnvironment<object>) =>
  policyAlarmsReconciler(env, {
    name: 'application-autoscaling.policy-alarms',
    policies,
    retired: retiredAlarms,
    alarmsOf: (row) => {
      const { tracking, resourceId, alarms } = row;
      return tracking ? alarmsOf({ ...tracking, resourceId, alarms, policyArn: policyArn(row) }) : [];
    },
  });
