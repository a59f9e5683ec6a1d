import type { Datapoint, StandardUnit } from '@aws-sdk/client-cloudwatch';
import { metricFrom } from '../domain/metric.ts';
import { periodFrom } from '../domain/query-input.ts';
import { parseStatistic, statisticOf } from '../domain/statistic.ts';
import { checkUnit } from '../domain/units.ts';
import { invalidCombination, invalidValue, missing } from '../errors.ts';
import { readSeries, type Point } from '../metric-store.ts';
import { operation } from '../operation.ts';
import { rangeOf } from './metric-data.ts';

const MOST_DATAPOINTS = 1440;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
export const GetMetricStatistics = operation('GetMetricStatistics', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const metric = metricFrom(input);
    const periodMs = periodFrom(input.Period);
    const range = rangeOf(input.StartTime, input.EndTime, ctx.now);
    const requested = Math.ceil((range.untilMs - range.fromMs) / periodMs);
    if (requested > MOST_DATAPOINTS) {
      throw invalidCombination(
        `You have requested up to ${requested} datapoints, which exceeds the limit of ${MOST_DATAPOINTS.toLocaleString('en-US')}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      );
    }
    const { Statistics = [], ExtendedStatistics = [] } = input;
    if (Statistics.length === 0 && ExtendedStatistics.length === 0) throw missing('Statistics');
    const simple = Statistics.map((name) => {
      if (typeof parseStatistic(name) !== 'string')
        throw invalidValue(`The value ${name} for parameter Statistics is not supported.`);
      return name;
    });
    const unit = checkUnit(input.Unit);
    const points = await ctx.read((tx) => readSeries(tx, ctx, { metric, periodMs, ...range, unit }, ctx.now));
    return {
      Label: metric.name,
      Datapoints: points.map((point) => datapoint(point, simple, ExtendedStatistics)),
    };
  },
});

function datapoint({ atMs, unit, bucket }: Point, simple: readonly string[], extended: readonly string[]): Datapoint {
  const values = simple.map((name) => [name, statisticOf(parseStatistic(name), bucket)]);
  const percentiles = extended
    .map((name) => [name, statisticOf(parseStatistic(name), bucket)] as const)
    .filter(([, value]) => value !== undefined);
  return {
    Timestamp: new Date(atMs),
    ...Object.fromEntries(values),
    Unit: unit as StandardUnit,
    ...(percentiles.length > 0 && { ExtendedStatistics: Object.fromEntries(percentiles) }),
  };
}
