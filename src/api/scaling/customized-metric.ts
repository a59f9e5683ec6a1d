import type { MetricDataQuery, Statistic } from '@aws-sdk/client-cloudwatch';
import { messageOf, ServiceError } from '../../kernel/errors.ts';
import type { Call } from '../context.ts';
import type { MetricQuestion } from './tracked-metric.ts';

const STATISTICS: readonly string[] = ['Average', 'Minimum', 'Maximum', 'SampleCount', 'Sum'] satisfies Statistic[];
const PERIODS_S: readonly number[] = [10, 30, 60];
const MOST_METRICS = 10;
const LOOK_MS = 60_000;

/**
 * What is wrong with a customized metric; undefined: nothing. Its alarms are made later, when nobody can be told any more
 * that CloudWatch refuses them: so it is asked for the metric first.
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CustomizedMetricSpecification.html
 */
export async function customizedProblem(
  call: Call,
  question: MetricQuestion,
  now: number,
): Promise<string | undefined> {
  const queries = queriesOf(question);
  const problem = shapeProblem(question, queries);
  if (problem !== undefined) return problem;
  try {
    const { MetricDataResults = [] } = await call('cloudwatch', 'GetMetricData', {
      MetricDataQueries: queries,
      StartTime: new Date(now - LOOK_MS),
      EndTime: new Date(now),
    });
    return MetricDataResults.length === 1 ? undefined : 'Exactly one time series of the metrics must be returned.';
  } catch (error) {
    if (error instanceof ServiceError && error.httpStatus < 500) return messageOf(error);
    throw error;
  }
}

function queriesOf({ MetricName, Namespace, Dimensions, Period, Statistic: Stat, Unit, Metrics }: MetricQuestion) {
  const single: MetricDataQuery = {
    Id: 'm1',
    MetricStat: { Metric: { MetricName, Namespace, Dimensions }, Period, Stat, ...(Unit && { Unit }) },
  };
  return Metrics ?? [single];
}

function shapeProblem({ Statistic: stat }: MetricQuestion, queries: readonly MetricDataQuery[]): string | undefined {
  if (stat !== undefined && !STATISTICS.includes(stat)) return `Statistic must be one of ${STATISTICS.join(', ')}.`;
  if (queries.length > MOST_METRICS) return `At most ${MOST_METRICS} metrics can be specified.`;
  if (!queries.some(({ MetricStat }) => MetricStat)) return 'At least one metric must have a MetricStat.';
  const periods = queries.flatMap((one) => one.MetricStat?.Period ?? one.Period ?? []);
  return periods.every((one) => PERIODS_S.includes(one)) ? undefined : `Period must be one of ${PERIODS_S.join(', ')}.`;
}
