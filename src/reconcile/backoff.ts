const FIRST_MS = 50;
const MOST_MS = 30_000;

/** How long to wait after the n-th failure in a row (from 1): doubling, from 50 ms to 30 s. */
export function backoffMs(failures: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
}
