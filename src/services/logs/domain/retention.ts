const DAY_MS = 86_400_000;

/** Events before this have expired; 0 for a group that keeps everything. */
export function expiryMs(group: { readonly retentionInDays?: number }, now: number): number {
  return group.retentionInDays === undefined ? 0 : now - group.retentionInDays * DAY_MS;
}
