import { cronField, isTimeZone, MONTH_NAMES, namesFrom, nextCronTime, type CronFields } from '../../../kernel/cron.ts';
import { invalid } from '../errors.ts';
import type { ScheduledRow } from '../tables.ts';

const WEEKDAYS = namesFrom('SUN MON TUE WED THU FRI SAT', 0);

/**
 * Unix cron: minute, hour, day of month, month, day of week. Where both days are restricted, either is enough.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
 */
export function parseRecurrence(text: string): CronFields {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...more] = text.trim().split(/\s+/);
  const [minutes, hours, days, months, weekdays] = [
    cronField(minute, 0, 59),
    cronField(hour, 0, 23),
    cronField(day, 1, 31),
    cronField(month, 1, 12, MONTH_NAMES),
    cronField(weekday, 0, 7, WEEKDAYS),
  ];
  if (!minutes || !hours || !days || !months || !weekdays || more.length > 0) {
    throw invalid(`Given recurrence string:${text} is invalid`);
  }
  const isEvery = (field: string) => field === '*' || field === '?';
  return {
    minutes,
    hours,
    isDay(date) {
      if (!months.includes(date.getUTCMonth() + 1)) return false;
      const onDay = days.includes(date.getUTCDate());
      // Sunday is 0 and 7.
      const onWeekday = weekdays.some((one) => one % 7 === date.getUTCDay());
      return isEvery(day) || isEvery(weekday) ? onDay && onWeekday : onDay || onWeekday;
    },
  };
}

export function checkTimeZone(name: string): string {
  if (!isTimeZone(name)) throw invalid(`The time zone ${name} is not valid.`);
  return name;
}

/** When the action is due next; undefined: never again. */
export function dueAt(row: ScheduledRow): number | undefined {
  const { recurrence, timeZone = 'UTC', startMs, endMs, doneUntilMs } = row;
  if (recurrence === undefined) return startMs !== undefined && startMs > doneUntilMs ? startMs : undefined;
  const afterMs = Math.max(doneUntilMs, (startMs ?? 0) - 1);
  const atMs = nextCronTime(parseRecurrence(recurrence), timeZone, afterMs);
  return atMs === undefined || (endMs !== undefined && atMs > endMs) ? undefined : atMs;
}
