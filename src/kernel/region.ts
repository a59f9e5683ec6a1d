const REGION = /^[a-z0-9-]{1,32}$/;

/** Regions become parts of keys and names: made-up ones are taken, but only in the form that AWS's have. */
export function isRegion(text: string): boolean {
  return REGION.test(text);
}
