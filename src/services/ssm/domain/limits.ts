import { unfit } from '../errors.ts';

/** How many items a page holds: as asked, or the most. */
export function pageSize(maxResults: number | undefined, most: number): number {
  if (maxResults === undefined) return most;
  if (maxResults < 1) {
    throw unfit('maxResults', String(maxResults), 'Member must have value greater than or equal to 1');
  }
  if (maxResults > most) {
    throw unfit('maxResults', String(maxResults), `Member must have value less than or equal to ${most}`);
  }
  return maxResults;
}

/** One to ten, which GetParameters, DeleteParameters and labels allow. */
export function oneToTen(member: string, items: readonly string[]): readonly string[] {
  const shown = `[${items.join(', ')}]`;
  if (items.length === 0) throw unfit(member, shown, 'Member must have length greater than or equal to 1');
  if (items.length > 10) throw unfit(member, shown, 'Member must have length less than or equal to 10');
  return items;
}
