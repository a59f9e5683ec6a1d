import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { invalidCombination, invalidValue, missing } from '../errors.ts';
import { bucketOfValues, type Bucket } from './bucket.ts';
import { metricFrom, type Metric } from './metric.ts';
import { checkUnit } from './units.ts';

/** What one datum says. */
export interface Sample {
  readonly metric: Metric;
  readonly atMs: number;
  readonly bucket: Bucket;
  /** `None` is left out. */
  readonly unit?: string;
  /** Kept by the second. */
  readonly fine: boolean;
}

const HOUR_MS = 3_600_000;
const OLDEST_MS = 14 * 24 * HOUR_MS;
const NEWEST_MS = 2 * HOUR_MS;
const MOST_VALUES = 150;
const LARGEST = 2 ** 360;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
export function sampleFrom(namespace: string | undefined, datum: MetricDatum, now: number): Sample {
  const metric = metricFrom({ Namespace: namespace, MetricName: datum.MetricName, Dimensions: datum.Dimensions });
  const unit = checkUnit(datum.Unit);
  const resolution = datum.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60) {
    throw invalidValue(`The parameter MetricData.member.1.StorageResolution must be 1 or 60, not ${resolution}.`);
  }
  return {
    metric,
    atMs: checkTime(datum.Timestamp?.getTime() ?? now, now),
    bucket: bucketFrom(datum),
    fine: resolution === 1,
    ...(unit !== undefined && unit !== 'None' && { unit }),
  };
}

function checkTime(atMs: number, now: number): number {
  if (atMs < now - OLDEST_MS || atMs > now + NEWEST_MS) {
    throw invalidValue(
      'The parameter MetricData.member.1.Timestamp must specify a time no more than two weeks in the past and no more than two hours in the future.',
    );
  }
  return atMs;
}

function bucketFrom({ Value, Values, Counts, StatisticValues }: MetricDatum): Bucket {
  if (Value !== undefined && (StatisticValues || Values)) {
    throw invalidCombination(
      'The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive and you have specified both.',
    );
  }
  if (StatisticValues && Values) {
    throw invalidCombination(
      'The parameters MetricData.member.1.Values and MetricData.member.1.StatisticValues are mutually exclusive and you have specified both.',
    );
  }
  if (StatisticValues) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: min = 0, Maximum: max = 0 } = StatisticValues;
    for (const number of [count, sum, min, max]) checkNumber(number);
    if (count <= 0 || min > max) throw invalidValue('The parameter MetricData.member.1.StatisticValues is not valid.');
    return { count, sum, min, max };
  }
  if (Value !== undefined) return bucketOfValues([checkNumber(Value)], [1]);
  if (!Values || Values.length === 0) throw missing('MetricData.member.1.Value');
  if (Values.length > MOST_VALUES)
    throw invalidValue(`The collection Values must not have a size greater than ${MOST_VALUES}.`);
  if (Counts && Counts.length !== Values.length) {
    throw invalidCombination('The parameters Values and Counts must have the same size.');
  }
  const counts = Counts ?? Values.map(() => 1);
  if (!counts.some((count) => count > 0) || counts.some((count) => !(count >= 0))) {
    throw invalidValue('The parameter Counts must hold numbers of samples.');
  }
  return bucketOfValues(Values.map(checkNumber), counts.map(checkNumber));
}

function checkNumber(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) > LARGEST) {
    throw invalidValue(`The value ${value} for parameter MetricData.member.1.Value is invalid.`);
  }
  return value;
}
