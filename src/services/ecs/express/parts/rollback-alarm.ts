import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { services } from '../../tables.ts';
import { rollbackAlarmName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { managedTags } from '../site.ts';
import { findBalancer } from './load-balancer.ts';
import { targetGroups } from './target-group.ts';

const BAKE_MINUTES = 3;
const COUNTS = { requests: 'RequestCount', refused: 'HTTPCode_Target_4XX_Count', failed: 'HTTPCode_Target_5XX_Count' };

/**
 * Later deployments go back when more than one percent of the answers are 4xx and 5xx, in two of three minutes; and they
 * are watched for three minutes once they have all of the traffic.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-update-full.html
 */
export const rollbackAlarm: PartWork = {
  wish: ({ row }) => rollbackAlarmName(row.id),
  async make(site) {
    const { call, own, row, env } = site;
    const found = await env.store.read((tx) => tx.get(services, row.arn));
    const isDeployed = found?.status === 'ACTIVE' && found.deployments[0]?.rolloutState === 'COMPLETED';
    const Metrics = isDeployed ? await shareOfErrors(site) : undefined;
    if (!Metrics) return false;
    const AlarmName = rollbackAlarmName(row.id);
    await call('cloudwatch', 'PutMetricAlarm', {
      AlarmName,
      AlarmDescription: `Rolls back deployments of the Express service ${row.name}.`,
      Metrics,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      Tags: managedTags(row),
    });
    await own('ecs', 'UpdateService', {
      cluster: row.clusterArn,
      service: row.arn,
      deploymentConfiguration: {
        bakeTimeInMinutes: BAKE_MINUTES,
        alarms: { alarmNames: [AlarmName], enable: true, rollback: true },
      },
    });
    return true;
  },
  async remove({ call, row }) {
    await call('cloudwatch', 'DeleteAlarms', { AlarmNames: [rollbackAlarmName(row.id)] });
    return true;
  },
};

/** In percent of the requests, over both target groups. */
async function shareOfErrors(site: Site): Promise<MetricDataQuery[] | undefined> {
  const LoadBalancer = (await findBalancer(site))?.LoadBalancerArn?.split(':loadbalancer/')[1];
  const groups = await targetGroups(site);
  if (LoadBalancer === undefined || !groups) return undefined;
  const counted = [groups.own, groups.alternate].flatMap((group, at) =>
    Object.entries(COUNTS).map(([name, MetricName]): MetricDataQuery => ({
      Id: `${name}${at + 1}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/ApplicationELB',
          MetricName,
          Dimensions: [
            { Name: 'TargetGroup', Value: group.split(':').at(-1) },
            { Name: 'LoadBalancer', Value: LoadBalancer },
          ],
        },
        Period: 60,
        Stat: 'Sum',
      },
      ReturnData: false,
    })),
  );
  const sum = (...ids: readonly string[]) => `(${ids.map((id) => `FILL(${id}, 0)`).join(' + ')})`;
  const errors = sum('refused1', 'failed1', 'refused2', 'failed2');
  return [
    ...counted,
    { Id: 'errors', Expression: `100 * ${errors} / ${sum('requests1', 'requests2')}`, ReturnData: true },
  ];
}
