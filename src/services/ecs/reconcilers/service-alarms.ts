import { isDeepStrictEqual } from 'node:util';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { alarmsSeen } from '../domain/deployment-alarms.ts';
import type { EcsPorts } from '../operation.ts';
import { putService } from '../service-records.ts';
import { services } from '../tables.ts';
import type { ServiceRow } from '../tables.ts';

/** Asks CloudWatch about the alarms of the deployment that is in progress, and writes down what changed. */
export async function checkAlarms(env: ServiceEnvironment<EcsPorts>, service: ServiceRow): Promise<void> {
  const names = service.deploymentConfiguration.alarms?.alarmNames ?? [];
  const { MetricAlarms = [], CompositeAlarms = [] } = await env.callIn(service)('cloudwatch', 'DescribeAlarms', {
    AlarmNames: names,
    AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
  });
  const id = service.deployments[0]?.id;
  await env.store.write(async (tx) => {
    const row = await tx.get(services, service.arn);
    const [primary, ...others] = row?.deployments ?? [];
    if (!row || !primary || primary.id !== id || primary.rolloutState !== 'IN_PROGRESS') return;
    const alarms = alarmsSeen(primary.alarms, MetricAlarms, CompositeAlarms);
    if (isDeepStrictEqual(alarms, primary.alarms)) return;
    await putService(tx, { ...row, deployments: [{ ...primary, alarms }, ...others] }, env.clock.now());
  });
}
