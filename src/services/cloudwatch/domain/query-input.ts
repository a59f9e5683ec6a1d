import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { invalid, invalidValue, missing, notSupported } from '../errors.ts';
import type { MetricQuery } from './alarm.ts';
import { parseExpression, type Expression } from './expression-syntax.ts';
import { metricFrom } from './metric.ts';
import { parseStatistic } from './statistic.ts';
import { checkUnit } from './units.ts';

const MOST_EXPRESSIONS = 30;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html */
const MOST_CHARACTERS = 2048;
const FINE_PERIODS: readonly number[] = [1, 5, 10, 20, 30];

/** Seconds, in ms. */
export function periodFrom(seconds: number | undefined): number {
  if (seconds === undefined) throw missing('Period');
  if (!FINE_PERIODS.includes(seconds) && !(seconds > 0 && seconds % 60 === 0 && seconds <= 604_800)) {
    throw invalidValue('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
  }
  return seconds * 1000;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html */
export function queriesFrom(inputs: readonly MetricDataQuery[], limit: number): readonly MetricQuery[] {
  if (inputs.length === 0 || inputs.length > limit) {
    throw invalid(`The collection MetricDataQueries must have a size between 1 and ${limit}.`);
  }
  const queries = inputs.map(queryFrom);
  const ids = new Set(queries.map(({ id }) => id));
  if (ids.size < queries.length) throw invalid('The values for parameter id in MetricDataQueries are not unique.');
  for (const query of queries) checkReferences(query, ids);
  checkNoCircle(queries);
  return queries;
}

function queryFrom(input: MetricDataQuery): MetricQuery {
  const { Id = '', MetricStat, Expression: expression, Label } = input;
  if (!/^[a-z][a-zA-Z0-9_]{0,254}$/.test(Id)) {
    throw invalid(`The value ${Id} for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`);
  }
  if (input.AccountId !== undefined) throw notSupported('AccountId');
  if ((MetricStat === undefined) === (expression === undefined)) {
    throw invalid(`Exactly one of MetricStat and Expression must be specified for the query ${Id}.`);
  }
  const unit = checkUnit(MetricStat?.Unit);
  if (MetricStat) parseStatistic(MetricStat.Stat ?? '');
  if (expression !== undefined && expression.length > MOST_CHARACTERS) {
    throw invalid(`The expression of the query ${Id} can have at most ${MOST_CHARACTERS} characters.`);
  }
  if (expression !== undefined) parseExpression(expression);
  return {
    id: Id,
    returnData: input.ReturnData ?? true,
    ...(Label !== undefined && { label: Label }),
    ...(MetricStat && {
      stat: {
        metric: metricFrom(MetricStat.Metric ?? {}),
        periodMs: periodFrom(MetricStat.Period),
        statistic: MetricStat.Stat ?? '',
        ...(unit !== undefined && { unit }),
      },
    }),
    ...(expression !== undefined && { expression }),
    ...(expression !== undefined && input.Period !== undefined && { periodMs: periodFrom(input.Period) }),
  };
}

function checkReferences({ expression }: MetricQuery, ids: ReadonlySet<string>): void {
  if (expression === undefined) return;
  const unknown = [...referencesOf(parseExpression(expression))].find((id) => !ids.has(id));
  if (unknown !== undefined) {
    throw invalid(`Error in expression '${expression}': Undefined variable '${unknown}'`);
  }
}

function referencesOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'id':
      return [expression.id];
    case 'list':
      return expression.items.flatMap(referencesOf);
    case 'binary':
      return [...referencesOf(expression.left), ...referencesOf(expression.right)];
    case 'call':
      return expression.arguments.flatMap(referencesOf);
    default:
      return [];
  }
}

function checkNoCircle(queries: readonly MetricQuery[]): void {
  if (queries.filter(({ expression }) => expression !== undefined).length > MOST_EXPRESSIONS) {
    throw notSupported(`More than ${MOST_EXPRESSIONS} expressions in one request`);
  }
  const references = new Map(
    queries.map(({ id, expression }) => [
      id,
      expression === undefined ? [] : referencesOf(parseExpression(expression)),
    ]),
  );
  const path = new Set<string>();
  // Each once: the ways through expressions that name each other can be without number.
  const checked = new Set<string>();
  const visit = (id: string): void => {
    if (path.has(id)) throw invalid(`The expression ${id} refers to itself.`);
    if (checked.has(id)) return;
    path.add(id);
    for (const other of references.get(id) ?? []) visit(other);
    path.delete(id);
    checked.add(id);
  };
  for (const { id } of queries) visit(id);
}
