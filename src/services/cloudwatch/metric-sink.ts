import type { Scope } from '../../kernel/arn.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { bucketOfValues, type Bucket } from './domain/bucket.ts';
import { metricFrom } from './domain/metric.ts';
import { writeSamples } from './metric-store.ts';

/** One of the house's own measurements. */
export interface Measurement {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** One value, or what is known of several. */
  readonly value: number | Bucket;
  /** One of CloudWatch's units, e.g. `Percent`; left out: None. */
  readonly unit?: string;
  /** ms since the epoch; left out: now. */
  readonly atMs?: number;
  /** One of several in its minute: periods of less than a minute tell them apart. */
  readonly isHighResolution?: boolean;
}

/** Takes the measurements of services of the house: AWS/ECS, AWS/ApplicationELB. */
export interface MetricSink {
  /** One transaction, however many there are; they are durable once it resolves. */
  put(scope: Scope, namespace: string, measurements: readonly Measurement[]): Promise<void>;
}

export function metricSink(store: Store, clock: Clock): MetricSink {
  return {
    async put(scope, namespace, measurements) {
      const samples = measurements.map(({ name, dimensions, value, unit, atMs, isHighResolution = false }) => ({
        metric: metricFrom({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        }),
        atMs: atMs ?? clock.now(),
        bucket: typeof value === 'number' ? bucketOfValues([value], [1]) : value,
        fine: isHighResolution,
        ...(unit !== undefined && unit !== 'None' && { unit }),
      }));
      if (samples.length > 0) await store.write((tx) => writeSamples(tx, scope, samples));
    },
  };
}
