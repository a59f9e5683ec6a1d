/*
 * Conditional requests (RFC 9110, 13). What a digest names never changes, so the digest is the strong entity tag; that
 * of a tag is the digest which the tag points to now.
 */

/** `If-None-Match`: whether the client has what it asks for. */
export function isHeld(ifNoneMatch: string | undefined, digest: string): boolean {
  const held = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return held.includes('*') || held.includes(`"${digest}"`);
}

/** `If-Range`: whether the client's range is one of these bytes. */
export function isRangeOf(ifRange: string | undefined, digest: string): boolean {
  return ifRange === undefined || ifRange.trim() === `"${digest}"`;
}
