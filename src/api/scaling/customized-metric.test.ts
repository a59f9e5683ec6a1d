import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { fakeCall, TEST_SCOPE } from '../testing.ts';
import { customizedProblem } from './customized-metric.ts';
import type { MetricQuestion } from './tracked-metric.ts';

const NOW = Date.UTC(2026, 0, 1);
const named = { MetricName: 'Backlog', Namespace: 'Mine', Statistic: 'Average', Period: 60 } as const;
const stat = { Metric: { MetricName: 'Backlog', Namespace: 'Mine' }, Stat: 'Sum', Period: 60 };

/** CloudWatch answers with one series for each query that returns data, or with this error. */
async function problem(question: MetricQuestion, error?: ServiceError): Promise<string | undefined> {
  const answer = ({ MetricDataQueries }: { MetricDataQueries: readonly { ReturnData?: boolean }[] }) => {
    if (error) throw error;
    return { MetricDataResults: MetricDataQueries.filter(({ ReturnData = true }) => ReturnData) };
  };
  return customizedProblem(fakeCall({ 'cloudwatch:GetMetricData': answer }, TEST_SCOPE), question, NOW);
}

test('a metric that CloudWatch can answer is no problem', async () => {
  assert.equal(await problem(named), undefined);
  const Metrics = [
    { Id: 'm', MetricStat: stat, ReturnData: false },
    { Id: 'e', Expression: 'm / 2' },
  ];
  assert.equal(await problem({ Metrics }), undefined);
});

test('what no alarm can be made of is told', async () => {
  assert.match((await problem({ ...named, Statistic: 'Avg' as 'Sum' })) ?? '', /^Statistic must be one of Average/);
  assert.match((await problem({ ...named, Period: 90 })) ?? '', /^Period must be one of 10, 30, 60/);
  const both = [
    { Id: 'm', MetricStat: stat },
    { Id: 'e', Expression: 'm / 2' },
  ];
  assert.match((await problem({ Metrics: both })) ?? '', /^Exactly one time series/);
  assert.match((await problem({ Metrics: [{ Id: 'e', Expression: 'IF(0, 1)' }] })) ?? '', /^At least one metric/);
  const many = Array.from({ length: 11 }, (_, at) => ({ Id: `m${at}`, MetricStat: stat }));
  assert.match((await problem({ Metrics: many })) ?? '', /^At most 10/);
  const refusal = new ServiceError('ValidationError', "Undefined variable 'missing'");
  assert.equal(await problem(named, refusal), "Undefined variable 'missing'");
});

test('a failure of CloudWatch says nothing of the metric', async () => {
  const failure = new ServiceError('InternalFailure', 'no', { httpStatus: 500 });
  await assert.rejects(problem(named, failure), failure);
});
