import {
  cronField,
  isTimeZone,
  MONTH_NAMES,
  namesFrom,
  nextCronTime,
  utcOf,
  type CronFields,
  type CronNames,
} from '../../../kernel/cron.ts';
import { invalid, notSupported } from '../errors.ts';

/** When something is due: once, again and again, or by the calendar of a time zone. */
export type Schedule =
  | { readonly kind: 'at'; readonly text: string }
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly fields: CronFields };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const RATE_MS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };
const WEEKDAYS = namesFrom('SUN MON TUE WED THU FRI SAT', 1);
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/** https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html */
export function parseSchedule(text: string): Schedule {
  const [, kind = '', inner = ''] = /^(at|rate|cron)\((.+)\)$/.exec(text.trim()) ?? [];
  if (kind === 'at' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(inner) && !Number.isNaN(Date.parse(`${inner}Z`))) {
    return { kind: 'at', text: inner };
  }
  if (kind === 'rate') {
    const [, count = '', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(inner.trim()) ?? [];
    const everyMs = Number(count) * (RATE_MS[unit] ?? 0);
    if (everyMs > 0) return { kind: 'rate', everyMs };
  }
  if (kind === 'cron') return { kind: 'cron', fields: cronFields(inner) };
  throw unfit();
}

const unfit = () => invalid('Invalid schedule: it must be at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(fields).');

function cronFields(text: string): CronFields {
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', years = '*', ...more] = text
    .trim()
    .split(/\s+/);
  if (weekdays === '' || more.length > 0) throw unfit();
  if (/[LW#]/.test(days.toUpperCase()) || /[#]|\dL|^L$/.test(weekdays.toUpperCase())) {
    throw notSupported('L, W or # in a cron expression');
  }
  const ofDays = field(days, 1, 31);
  const ofMonths = field(months, 1, 12, MONTH_NAMES);
  // Sunday is 1.
  const ofWeekdays = field(weekdays, 1, 7, WEEKDAYS);
  const ofYears = field(years, FIRST_YEAR, LAST_YEAR);
  return {
    minutes: field(minutes, 0, 59),
    hours: field(hours, 0, 23),
    isDay: (date) =>
      ofYears.includes(date.getUTCFullYear()) &&
      ofMonths.includes(date.getUTCMonth() + 1) &&
      ofDays.includes(date.getUTCDate()) &&
      ofWeekdays.includes(date.getUTCDay() + 1),
  };
}

function field(text: string, least: number, most: number, names?: CronNames): readonly number[] {
  const numbers = cronField(text, least, most, names);
  if (!numbers) throw unfit();
  return numbers;
}

export function checkTimezone(name: string): string {
  if (!isTimeZone(name)) throw invalid(`The time zone ${name} is not valid.`);
  return name;
}

/** The first time after `afterMs`; undefined for none any more. `startMs` is what a rate is counted from. */
export function nextTime(schedule: Schedule, zone: string, afterMs: number, startMs: number): number | undefined {
  if (schedule.kind === 'at') {
    const atMs = utcOf(Date.parse(`${schedule.text}Z`), zone);
    return atMs > afterMs ? atMs : undefined;
  }
  if (schedule.kind === 'rate') {
    const passed = Math.max(0, Math.floor((afterMs - startMs) / schedule.everyMs) + 1);
    return startMs + passed * schedule.everyMs;
  }
  return nextCronTime(schedule.fields, zone, afterMs);
}
