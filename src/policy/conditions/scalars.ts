const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const EPOCH = /^[+-]?\d+$/;
/** The forms of https://www.w3.org/TR/NOTE-datetime, with a time zone like +0100 besides; without one it is UTC. */
const ISO_8601 =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export function parseNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** A date as ms since the epoch. Digits alone are seconds since the epoch, so a year by itself is not a date. */
export function parseDate(text: string): number | undefined {
  if (EPOCH.test(text)) return Number(text) * 1000;
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '0', zone] = match;
  const offset = !zone || /^z$/i.test(zone) ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const ms = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`,
  );
  return Number.isNaN(ms) ? undefined : ms;
}

/** Base64 in its one canonical form, so that two spellings of the same bytes are equal. */
export function parseBinary(text: string): string | undefined {
  const bare = text.trim();
  return BASE64.test(bare) ? Buffer.from(bare, 'base64').toString('base64') : undefined;
}
