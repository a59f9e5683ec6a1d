import { isDeepStrictEqual } from 'node:util';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { alarmsSeen } from '../domain/deployment-alarms.ts';
import type { EcsPorts } from '../operation.ts';
import { alarmsNow } from '../reconcilers/service-alarms.ts';
import { isEnded } from './records.ts';
import { daemonDeployments } from './tables.ts';
import type { DaemonDeploymentRow } from './tables.ts';

/** Asks CloudWatch about the alarms of a deployment that is in progress, and writes down what changed. */
export async function checkDaemonAlarms(
  env: ServiceEnvironment<EcsPorts>,
  { arn, configuration, ...scope }: DaemonDeploymentRow,
): Promise<void> {
  const { metric, composite, beneath } = await alarmsNow(env.callIn(scope), configuration.alarmNames);
  await env.store.write(async (tx) => {
    const row = await tx.get(daemonDeployments, arn);
    if (!row || isEnded(row) || row.rollback) return;
    const alarms = alarmsSeen(row.alarms, metric, composite, beneath);
    if (!isDeepStrictEqual(alarms, row.alarms)) await tx.put(daemonDeployments, { ...row, alarms });
  });
}
