import type { GetMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { decodePageToken, encodePageToken } from '../../../kernel/pages.ts';
import { answerQueries } from '../data-query.ts';
import type { MetricQuery } from '../domain/alarm.ts';
import type { Series } from '../domain/expression.ts';
import { LEVELS, type Level } from '../domain/levels.ts';
import { queriesFrom } from '../domain/query-input.ts';
import { sampleFrom } from '../domain/sample.ts';
import { badToken, invalidValue, missing, notSupported } from '../errors.ts';
import { writeSamples } from '../metric-store.ts';
import { operation } from '../operation.ts';

const MOST_DATA = 1000;
const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export const PutMetricData = operation('PutMetricData', {
  resources: () => ['*'],
  conditions: (input) => ({ 'cloudwatch:namespace': input.Namespace ?? '' }),
  // AWS records it as a data event.
  dataEvent: true,
  handle: async (ctx, input) => {
    if (input.EntityMetricData !== undefined) throw notSupported('EntityMetricData');
    const data = input.MetricData ?? [];
    if (data.length === 0) throw missing('MetricData');
    if (data.length > MOST_DATA) {
      throw invalidValue(`The collection MetricData must not have a size greater than ${MOST_DATA}.`);
    }
    const samples = data.map((datum) => sampleFrom(input.Namespace, datum, ctx.now));
    await ctx.write((tx) => writeSamples(tx, ctx, samples));
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
export const GetMetricData = operation('GetMetricData', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const queries = queriesFrom(input.MetricDataQueries ?? [], MOST_QUERIES);
    const range = rangeOf(input.StartTime, input.EndTime, ctx.now);
    if (input.LabelOptions !== undefined) throw notSupported('LabelOptions');
    const answers = await ctx.read((tx) => answerQueries(tx, ctx, queries, range, ctx.now));
    const results = queries.flatMap((query) =>
      (answers.series.get(query.id) ?? []).map((series) => resultOf(query, series, input.ScanBy)),
    );
    return { ...pageOf(results, input), Messages: [] };
  },
});

/** Start times are rounded down: to minutes, from 15 days back on to 5 minutes, and from 63 days back on to hours. */
export function rangeOf(start: Date | undefined, end: Date | undefined, now: number) {
  const [startMs, untilMs] = [start?.getTime() ?? Number.NaN, end?.getTime() ?? Number.NaN];
  if (!(startMs < untilMs)) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const { bucketMs } = levelOf(now - startMs, untilMs - startMs);
  return { fromMs: startMs - (startMs % bucketMs), untilMs };
}

function levelOf(ageMs: number, lengthMs: number): Level {
  if (ageMs > LEVELS.f.keptMs) return LEVELS.h;
  if (ageMs > LEVELS.m.keptMs) return LEVELS.f;
  return lengthMs < LEVELS.m.bucketMs ? LEVELS.s : LEVELS.m;
}

interface Result {
  readonly Id: string;
  readonly Label: string;
  readonly Timestamps: Date[];
  readonly Values: number[];
}

function resultOf(query: MetricQuery, series: Series, scanBy: string | undefined): Result {
  const points = [...series].toSorted(([a], [b]) => (scanBy === 'TimestampAscending' ? a - b : b - a));
  return {
    Id: query.id,
    Label: query.label ?? query.stat?.metric.name ?? query.id,
    Timestamps: points.map(([at]) => new Date(at)),
    Values: points.map(([, value]) => value),
  };
}

/** The datapoints of all answers are counted through; a token says how many have been seen. */
function pageOf(results: readonly Result[], { MaxDatapoints, NextToken }: GetMetricDataInput) {
  const limit = MaxDatapoints ?? MOST_DATAPOINTS;
  if (!(limit >= 1 && limit <= MOST_DATAPOINTS)) {
    throw invalidValue(`The value ${limit} for parameter MaxDatapoints is not between 1 and ${MOST_DATAPOINTS}.`);
  }
  const seen = NextToken === undefined ? 0 : Number(decodePageToken(NextToken) ?? Number.NaN);
  if (!Number.isInteger(seen) || seen < 0) throw badToken();
  let skip = seen;
  let left = limit;
  const page = results.map((result) => {
    const from = Math.min(skip, result.Values.length);
    skip -= from;
    const count = Math.min(left, result.Values.length - from);
    left -= count;
    const isWhole = from + count === result.Values.length;
    return {
      ...result,
      Timestamps: result.Timestamps.slice(from, from + count),
      Values: result.Values.slice(from, from + count),
      Messages: [],
      StatusCode: isWhole ? ('Complete' as const) : ('PartialData' as const),
    };
  });
  const total = results.reduce((all, result) => all + result.Values.length, 0);
  const next = seen + limit;
  return { MetricDataResults: page, ...(next < total && { NextToken: encodePageToken(String(next)) }) };
}
