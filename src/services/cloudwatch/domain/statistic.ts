import { invalidValue, notSupported } from '../errors.ts';
import { percentile, type Bucket } from './bucket.ts';

export type Statistic =
  | 'SampleCount'
  | 'Average'
  | 'Sum'
  | 'Minimum'
  | 'Maximum'
  | { readonly percentile: number; readonly text: string };

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: 'SampleCount',
  Average: 'Average',
  Sum: 'Sum',
  Minimum: 'Minimum',
  Maximum: 'Maximum',
};

/**
 * `Average`, `p99.9` and so on. Trimmed means and their kin (`tm99`, `IQM`, `PR(:100)`) are not built.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export function parseStatistic(text: string): Statistic {
  const simple = Object.hasOwn(SIMPLE, text) ? SIMPLE[text] : undefined;
  if (simple) return simple;
  const percent = Number(/^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(text)?.[1] ?? Number.NaN);
  if (percent >= 0 && percent <= 100) return { percentile: percent, text };
  if (/^(?:tm|wm|tc|ts|TM|WM|TC|TS|PR|IQM|iqm)/.test(text)) throw notSupported(`The statistic ${text}`);
  throw invalidValue(`The value ${text} for parameter Stat is not supported.`);
}

/** Undefined for a percentile of samples whose single values are not known. */
export function statisticOf(statistic: Statistic, bucket: Bucket): number | undefined {
  switch (statistic) {
    case 'SampleCount':
      return bucket.count;
    case 'Average':
      return bucket.sum / bucket.count;
    case 'Sum':
      return bucket.sum;
    case 'Minimum':
      return bucket.min;
    case 'Maximum':
      return bucket.max;
    default:
      return percentile(bucket, statistic.percentile);
  }
}
