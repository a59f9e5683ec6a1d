import { policyAlarmsReconciler } from '../../../api/scaling/policy-alarms.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { alarmsOf } from '../domain/tracked-metric.ts';
import type { AutoscalingPorts } from '../operation.ts';
import { policies, policyArn, retiredAlarms } from '../tables.ts';

/** The alarms of target tracking policies. */
export function groupPolicyAlarms(env: ServiceEnvironment<AutoscalingPorts>) {
  const { managedScaleInPeriods } = env.ports;
  return policyAlarmsReconciler(env, {
    name: 'autoscaling.policy-alarms',
    policies,
    retired: retiredAlarms,
    alarmsOf: (row) => {
      const { rules, groupName, alarms } = row;
      if (rules.kind !== 'tracking') return [];
      return alarmsOf({ tracked: rules.tracked, groupName, alarms, policyArn: policyArn(row), managedScaleInPeriods });
    },
  });
}
