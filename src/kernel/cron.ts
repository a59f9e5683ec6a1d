/** When something is due by the calendar of a time zone: every number that each field means. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** `date` is a day of the zone's calendar, written as if it were UTC. */
  readonly isDay: (date: Date) => boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MOST_DAYS_AHEAD = 366 * 8;

/** What the names of a field stand for. */
export type CronNames = Readonly<Record<string, number>>;

export const MONTH_NAMES: CronNames = namesFrom('JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC', 1);

/** `first` is the number of the first. */
export function namesFrom(names: string, first: number): CronNames {
  return Object.fromEntries(names.split(' ').map((name, index) => [name, index + first]));
}

/** `*`, `?`, `5`, `1,2`, `MON-FRI`, `0/15`, as all the numbers that it means; undefined for what is no field. */
export function cronField(
  text: string,
  least: number,
  most: number,
  names: CronNames = {},
): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.toUpperCase().split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const isAll = range === '*' || range === '?';
    const first = isAll ? least : numberOf(from, names);
    const last = isAll || (step !== undefined && to === undefined) ? most : numberOf(to ?? from, names);
    const every = step === undefined ? 1 : Number(step);
    if (!(first >= least && last <= most && first <= last && every >= 1 && Number.isInteger(every))) return undefined;
    for (let number = first; number <= last; number += every) numbers.push(number);
  }
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

function numberOf(text: string, names: CronNames): number {
  return names[text] ?? (/^\d+$/.test(text) ? Number(text) : Number.NaN);
}

/** The first time after `afterMs`, in ms since the epoch; undefined for none in eight years. */
export function nextCronTime(fields: CronFields, zone: string, afterMs: number): number | undefined {
  const localMs = afterMs + offsetMs(afterMs, zone);
  const firstDayMs = localMs - (((localMs % DAY_MS) + DAY_MS) % DAY_MS);
  for (let day = 0; day < MOST_DAYS_AHEAD; day++) {
    const dayMs = firstDayMs + day * DAY_MS;
    if (!fields.isDay(new Date(dayMs))) continue;
    for (const hour of fields.hours) {
      for (const minute of fields.minutes) {
        const atMs = utcOf(dayMs + (hour * 60 + minute) * MINUTE_MS, zone);
        if (atMs > afterMs) return atMs;
      }
    }
  }
  return undefined;
}

/** Whether the name is a time zone's, e.g. `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A zone's clock time, written as if it were UTC, as the time it is. One that the zone skips is the one after. */
export function utcOf(localMs: number, zone: string): number {
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
