import { invalidParameter } from '../errors.ts';

/** How many items a page has, when the caller may ask for 1 to `most`. */
export function pageLimit(maxResults: number | undefined, fallback: number, most = 100): number {
  const limit = maxResults ?? fallback;
  if (limit < 1 || limit > most) throw invalidParameter(`maxResults must be between 1 and ${most}.`);
  return limit;
}
