import { invalid, notSupported } from '../errors.ts';

/** When something is due: once, again and again, or by the calendar of a time zone. */
export type Schedule =
  | { readonly kind: 'at'; readonly text: string }
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly fields: CronFields };

interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** Sunday is 1. */
  readonly weekdays: readonly number[];
  readonly years: readonly number[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const RATE_MS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;
const MOST_DAYS_AHEAD = 366 * 8;

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
  return {
    minutes: field(minutes, 0, 59),
    hours: field(hours, 0, 23),
    days: field(days, 1, 31),
    months: field(months, 1, 12, MONTHS),
    weekdays: field(weekdays, 1, 7, WEEKDAYS),
    years: field(years, FIRST_YEAR, LAST_YEAR),
  };
}

/** `*`, `?`, `5`, `1,2`, `MON-FRI`, `0/15`, as all the numbers that it means. */
function field(text: string, least: number, most: number, names: readonly string[] = []): readonly number[] {
  const numbers = text
    .toUpperCase()
    .split(',')
    .flatMap((part) => {
      const [range = '', step] = part.split('/');
      const [from = '', to] = range.split('-');
      const isAll = range === '*' || range === '?';
      const first = isAll ? least : numberOf(from, names);
      const last = isAll || (step !== undefined && to === undefined) ? most : numberOf(to ?? from, names);
      const every = step === undefined ? 1 : Number(step);
      if (!(first >= least && last <= most && first <= last && every >= 1 && Number.isInteger(every))) throw unfit();
      return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) => first + index * every);
    });
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

function numberOf(text: string, names: readonly string[]): number {
  const named = names.indexOf(text);
  if (named >= 0) return named + 1;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

export function checkTimezone(name: string): string {
  try {
    Intl.DateTimeFormat('en-US', { timeZone: name });
    return name;
  } catch {
    throw invalid(`The time zone ${name} is not valid.`);
  }
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
  return nextCron(schedule.fields, zone, afterMs);
}

function nextCron(fields: CronFields, zone: string, afterMs: number): number | undefined {
  const localMs = afterMs + offsetMs(afterMs, zone);
  const firstDayMs = localMs - (((localMs % DAY_MS) + DAY_MS) % DAY_MS);
  for (let day = 0; day < MOST_DAYS_AHEAD; day++) {
    const dayMs = firstDayMs + day * DAY_MS;
    if (!isDayOf(fields, new Date(dayMs))) continue;
    for (const hour of fields.hours) {
      for (const minute of fields.minutes) {
        const atMs = utcOf(dayMs + (hour * 60 + minute) * MINUTE_MS, zone);
        if (atMs > afterMs) return atMs;
      }
    }
  }
  return undefined;
}

function isDayOf({ days, months, weekdays, years }: CronFields, date: Date): boolean {
  return (
    years.includes(date.getUTCFullYear()) &&
    months.includes(date.getUTCMonth() + 1) &&
    days.includes(date.getUTCDate()) &&
    weekdays.includes(date.getUTCDay() + 1)
  );
}

/** A zone's clock time, written as if it were UTC, as the time it is. One that the zone skips is the one after. */
function utcOf(localMs: number, zone: string): number {
  const guess = localMs - offsetMs(localMs, zone);
  return localMs - offsetMs(guess, zone);
}

function offsetMs(atMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(atMs);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - (atMs - (((atMs % 1000) + 1000) % 1000));
}
