import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { alternateGroupName, targetGroupName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { managedTags, unless } from '../site.ts';

const CHECKS = {
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 2,
  HealthyThresholdCount: 2,
  UnhealthyThresholdCount: 2,
} as const;
const DEREGISTRATION_DELAY_S = 15;

/** Where the tasks are registered, each on its own port: those of one deployment here, those of the next one there. */
export const targetGroup: PartWork = {
  wish: ({ wish }) => ['two', wish.healthCheckPath],
  async make(site) {
    for (const name of namesOf(site)) await makeGroup(site, name);
    return true;
  },
  async remove(site) {
    for (const name of namesOf(site)) if (!(await removeGroup(site, name))) return false;
    return true;
  },
};

function namesOf({ row }: Pick<Site, 'row'>): readonly string[] {
  return [targetGroupName(row.id), alternateGroupName(row.id)];
}

async function makeGroup(site: Site, name: string): Promise<void> {
  const { call, row, wish } = site;
  const found = await findGroup(site, name);
  const TargetGroupArn = found?.TargetGroupArn ?? (await createTargetGroup(site, name));
  if (found && found.HealthCheckPath !== wish.healthCheckPath) {
    await call('elbv2', 'ModifyTargetGroup', { TargetGroupArn, HealthCheckPath: wish.healthCheckPath });
  }
  if (!found || row.made['target-group'] === undefined) {
    const delay = { Key: 'deregistration_delay.timeout_seconds', Value: String(DEREGISTRATION_DELAY_S) };
    await call('elbv2', 'ModifyTargetGroupAttributes', { TargetGroupArn, Attributes: [delay] });
  }
}

async function createTargetGroup({ call, row, wish }: Site, Name: string): Promise<string | undefined> {
  const { TargetGroups } = await call('elbv2', 'CreateTargetGroup', {
    Name,
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

async function removeGroup(site: Site, name: string): Promise<boolean> {
  const found = await findGroup(site, name);
  if (!found) return true;
  const deleted = site.call('elbv2', 'DeleteTargetGroup', { TargetGroupArn: found.TargetGroupArn });
  return (await unless(deleted, 'ResourceInUseException')) !== undefined;
}

async function findGroup({ call }: Site, name: string): Promise<TargetGroup | undefined> {
  const asked = call('elbv2', 'DescribeTargetGroups', { Names: [name] });
  return (await unless(asked, 'TargetGroupNotFoundException'))?.TargetGroups?.[0];
}

/** The ARNs of both groups; undefined until both are there. */
export async function targetGroups(site: Site): Promise<{ own: string; alternate: string } | undefined> {
  const own = (await findGroup(site, targetGroupName(site.row.id)))?.TargetGroupArn;
  const alternate = (await findGroup(site, alternateGroupName(site.row.id)))?.TargetGroupArn;
  return own !== undefined && alternate !== undefined ? { own, alternate } : undefined;
}
