const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const pad = (value: number): string => String(value).padStart(2, '0');

/** `2026-01-31T09:05:00Z`: events and digests know no milliseconds. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `20260131T0905Z`, in the name of a log file. */
export function fileMinute(ms: number): string {
  return `${compact(ms).slice(0, 13)}Z`;
}

/** `20260131T090507Z`, in the name of a digest file. */
export function fileSecond(ms: number): string {
  return `${compact(ms)}Z`;
}

/** `2026/01/31`, in the key of a file. */
export function dayPath(ms: number): string {
  return isoSeconds(ms).slice(0, 10).replaceAll('-', '/');
}

/** `Jan 31, 2026, 9:05:07 AM`: how CloudTrail writes a date inside of parameters and answers. */
export function wordedDate(date: Date): string {
  const hours = date.getUTCHours();
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  const time = `${hours % 12 || 12}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
  return `${day}, ${time} ${hours < 12 ? 'AM' : 'PM'}`;
}

function compact(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
}
