import { isDeepStrictEqual } from 'node:util';
import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Call } from '../../../api/context.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { alarmsSeen } from '../domain/deployment-alarms.ts';
import type { EcsPorts } from '../operation.ts';
import { putService } from '../service-records.ts';
import { services } from '../tables.ts';
import type { ServiceRow } from '../tables.ts';

/** Asks CloudWatch about the alarms of the deployment that is in progress, and writes down what changed. */
export async function checkAlarms(env: ServiceEnvironment<EcsPorts>, service: ServiceRow): Promise<void> {
  const names = service.deploymentConfiguration.alarms?.alarmNames ?? [];
  const { metric, composite, beneath } = await alarmsNow(env.callIn(service), names);
  const id = service.deployments[0]?.id;
  await env.store.write(async (tx) => {
    const row = await tx.get(services, service.arn);
    const [primary, ...others] = row?.deployments ?? [];
    if (!row || !primary || primary.id !== id || primary.rolloutState !== 'IN_PROGRESS') return;
    const alarms = alarmsSeen(primary.alarms, metric, composite, beneath);
    if (isDeepStrictEqual(alarms, primary.alarms)) return;
    await putService(tx, { ...row, deployments: [{ ...primary, alarms }, ...others] }, env.clock.now());
  });
}

const MOST_NAMES = 100;

export interface AlarmsNow {
  readonly metric: readonly MetricAlarm[];
  readonly composite: readonly CompositeAlarm[];
  /** The metric alarms that the composite ones go by. */
  readonly beneath: readonly MetricAlarm[];
}

export async function alarmsNow(call: Call, names: readonly string[]): Promise<AlarmsNow> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await describeAlarms(call, names);
  const beneath = await alarmsBeneath(call, namesOf(CompositeAlarms));
  return { metric: MetricAlarms, composite: CompositeAlarms, beneath };
}

function describeAlarms(call: Call, names: readonly string[]) {
  return call('cloudwatch', 'DescribeAlarms', {
    AlarmNames: [...names],
    AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    MaxRecords: MOST_NAMES,
  });
}

function namesOf(alarms: readonly { readonly AlarmName?: string | undefined }[]): readonly string[] {
  return alarms.map((alarm) => alarm.AlarmName ?? '');
}

/** The metric alarms that composite ones go by, however deep. */
async function alarmsBeneath(call: Call, composites: readonly string[]): Promise<readonly MetricAlarm[]> {
  const seen = new Set<string>();
  const found: MetricAlarm[] = [];
  const next = [...composites];
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const { MetricAlarms = [], CompositeAlarms = [] } = await call('cloudwatch', 'DescribeAlarms', {
      ChildrenOfAlarmName: name,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: MOST_NAMES,
    });
    next.push(...namesOf(CompositeAlarms));
    if (MetricAlarms.length > 0)
      found.push(...((await describeAlarms(call, namesOf(MetricAlarms))).MetricAlarms ?? []));
  }
  return found;
}
