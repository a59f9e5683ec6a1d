import type { MonitoringConfiguration } from '@aws-sdk/client-ecs';
import { invalidParameter } from '../errors.ts';

const METRICS: readonly string[] = ['CPUUtilization', 'MemoryUtilization'];
const HIGH_RESOLUTION_S = 20;
const RESOLUTIONS: readonly number[] = [HIGH_RESOLUTION_S, 60];

/** How finely a service's metrics are measured; undefined: each minute. */
export interface MonitoringRow {
  readonly metricConfigurations: readonly {
    readonly metricNames: readonly string[];
    readonly resolutionSeconds: number;
  }[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MetricConfiguration.html */
export function monitoringOf(input: MonitoringConfiguration | undefined): MonitoringRow | undefined {
  const metricConfigurations = (input?.metricConfigurations ?? []).map(
    ({ metricNames = [], resolutionSeconds = 60 }) => {
      const unknown = metricNames.find((name) => !METRICS.includes(name));
      if (unknown !== undefined) {
        throw invalidParameter(`Invalid metric name: ${unknown}. Supported metric names are ${METRICS.join(' and ')}.`);
      }
      if (metricNames.length === 0) throw invalidParameter('metricNames must have at least 1 item.');
      if (!RESOLUTIONS.includes(resolutionSeconds)) {
        throw invalidParameter(`Invalid resolutionSeconds: ${resolutionSeconds}. Valid values are 20 and 60.`);
      }
      return { metricNames, resolutionSeconds };
    },
  );
  const named = metricConfigurations.flatMap(({ metricNames }) => metricNames);
  if (new Set(named).size < named.length) throw invalidParameter('Each metric can be configured once only.');
  return metricConfigurations.length > 0 ? { metricConfigurations } : undefined;
}

/** The metrics that are measured every 20 seconds. */
export function highResolution(monitoring: MonitoringRow | undefined): readonly string[] {
  return (monitoring?.metricConfigurations ?? [])
    .filter(({ resolutionSeconds }) => resolutionSeconds === HIGH_RESOLUTION_S)
    .flatMap(({ metricNames }) => metricNames);
}

export function monitoringView(monitoring: MonitoringRow | undefined): { monitoring?: MonitoringConfiguration } {
  if (!monitoring) return {};
  return {
    monitoring: {
      metricConfigurations: monitoring.metricConfigurations.map(({ metricNames, resolutionSeconds }) => ({
        metricNames: [...metricNames],
        resolutionSeconds,
      })),
    },
  };
}
