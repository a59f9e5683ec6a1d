import type { AlarmConfiguration, ComparisonOperator, StateValue } from './alarm.ts';
import { breaches, type Verdict } from './alarm-evaluation.ts';

const WORDS: Readonly<Record<ComparisonOperator, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

const MOST_SHOWN = 5;

/** Why an alarm is in a state, in AWS's words. */
export function stateReason(alarm: AlarmConfiguration, verdict: Verdict): string {
  const { state, evaluated, filled } = verdict;
  const unknown = alarm.evaluationPeriods;
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${unknown} ${unknown === 1 ? 'datapoint was' : 'datapoints were'} unknown.`;
  }
  const missing = alarm.missingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  const treated = `${filled} missing ${filled === 1 ? 'datapoint was' : 'datapoints were'} treated as [${missing}]`;
  if (evaluated.length === 0) {
    const periods = `${unknown} ${unknown === 1 ? 'period' : 'periods'}`;
    return `Threshold Crossed: no datapoints were received for ${periods} and ${treated}.`;
  }
  const isAlarm = state === 'ALARM';
  const counted = evaluated.filter((point) => breaches(alarm, point.value ?? 0) === isAlarm);
  const shown = counted.slice(0, MOST_SHOWN).map((point) => `${double(point.value ?? 0)} (${shortDate(point.atMs)})`);
  const needed = isAlarm ? alarm.datapointsToAlarm : alarm.evaluationPeriods - alarm.datapointsToAlarm + 1;
  const many = counted.length === 1 ? 'was' : 'were';
  const crossed = `${many}${isAlarm ? '' : ' not'} ${WORDS[alarm.comparison]} the threshold (${double(alarm.threshold)})`;
  const turn = isAlarm ? 'OK -> ALARM' : 'ALARM -> OK';
  const most = counted.length > MOST_SHOWN ? 'The most recent datapoints which crossed the threshold: ' : '';
  const points = `${most}[${shown.join(', ')}]`;
  const also = filled > 0 ? ` and ${treated}` : '';
  return `Threshold Crossed: ${counted.length} out of the last ${alarm.evaluationPeriods} datapoints ${points} ${crossed} (minimum ${needed} ${needed === 1 ? 'datapoint' : 'datapoints'} for ${turn} transition)${also}.`;
}

/** The same as JSON. Auto scaling reads the datapoints from it. */
export function stateReasonData(alarm: AlarmConfiguration, verdict: Verdict, now: number): string {
  const [single] = alarm.queries;
  const { evaluated } = verdict;
  const oldest = evaluated.at(-1);
  return doubles({
    version: '1.0',
    queryDate: longDate(now),
    ...(oldest && { startDate: longDate(oldest.atMs) }),
    ...(alarm.isSingleMetric && single?.stat?.unit !== undefined && { unit: single.stat.unit }),
    ...(alarm.isSingleMetric && single?.stat && { statistic: single.stat.statistic }),
    period: alarm.periodMs / 1000,
    recentDatapoints: evaluated.toReversed().map((point) => DOUBLE + double(point.value ?? 0)),
    threshold: DOUBLE + double(alarm.threshold),
    evaluatedDatapoints: evaluated.map((point) => ({
      timestamp: longDate(point.atMs),
      ...(point.sampleCount !== undefined && { sampleCount: DOUBLE + double(point.sampleCount) }),
      value: DOUBLE + double(point.value ?? 0),
    })),
  });
}

/** What DescribeAlarmHistory shows of a change of state. */
export function stateChange(
  before: { readonly stateValue: StateValue; readonly stateReason: string; readonly stateReasonData?: string },
  after: { readonly stateValue: StateValue; readonly stateReason: string; readonly stateReasonData?: string },
): string {
  const part = (state: typeof before) =>
    `{"stateValue":"${state.stateValue}","stateReason":${JSON.stringify(state.stateReason)}${
      state.stateReasonData === undefined ? '' : `,"stateReasonData":${asJson(state.stateReasonData)}`
    }}`;
  return `{"version":"1.0","oldState":${part(before)},"newState":${part(after)}}`;
}

/** SetAlarmState takes any text. */
function asJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

const DOUBLE = '\u0000';

/** JSON in which whole numbers that are no counts stand as `70.0`, as AWS's servers write them. */
function doubles(value: object): string {
  return JSON.stringify(value).replace(/"\\u0000([^"]*)"/g, '$1');
}

function double(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? `${value}.0` : String(value);
}

/** `2014-04-09T18:59:06.419+0000` */
function longDate(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+0000');
}

/** `06/03/15 17:43:27` */
function shortDate(atMs: number): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
