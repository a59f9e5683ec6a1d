import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { targetGroupName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { managedTags, unless } from '../site.ts';

const CHECKS = {
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 2,
  HealthyThresholdCount: 2,
  UnhealthyThresholdCount: 2,
} as const;
const DEREGISTRATION_DELAY_S = 15;

/** Where the tasks are registered, each on its own port. */
export const targetGroup: PartWork = {
  wish: ({ wish }) => wish.healthCheckPath,
  async make(site) {
    const { call, row, wish } = site;
    const found = await findTargetGroup(site);
    const TargetGroupArn = found?.TargetGroupArn ?? (await createTargetGroup(site));
    if (found && found.HealthCheckPath !== wish.healthCheckPath) {
      await call('elbv2', 'ModifyTargetGroup', { TargetGroupArn, HealthCheckPath: wish.healthCheckPath });
    }
    if (row.made['target-group'] === undefined) {
      const delay = { Key: 'deregistration_delay.timeout_seconds', Value: String(DEREGISTRATION_DELAY_S) };
      await call('elbv2', 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes: [delay] });
    }
    return true;
  },
  async remove(site) {
    const found = await findTargetGroup(site);
    if (!found) return true;
    const deleted = site.call('elbv2', 'DeleteTargetGroup', { TargetGroupArn: found.TargetGroupArn });
    return (await unless(deleted, 'ResourceInUseException')) !== undefined;
  },
};

async function createTargetGroup({ call, row, wish }: Site): Promise<string | undefined> {
  const { TargetGroups } = await call('elbv2', 'CreateTargetGroup', {
    Name: targetGroupName(row.id),
    Protocol: 'HTTP',
    Port: 80,
    VpcId: row.vpcId,
    TargetType: 'ip',
    HealthCheckPath: wish.healthCheckPath,
    ...CHECKS,
    Tags: managedTags(row),
  });
  return TargetGroups?.[0]?.TargetGroupArn;
}

export async function findTargetGroup({ call, row }: Site): Promise<TargetGroup | undefined> {
  const asked = call('elbv2', 'DescribeTargetGroups', { Names: [targetGroupName(row.id)] });
  return (await unless(asked, 'TargetGroupNotFoundException'))?.TargetGroups?.[0];
}
