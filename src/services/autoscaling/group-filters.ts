import type { Filter } from '@aws-sdk/client-auto-scaling';
import { invalid } from './errors.ts';
import type { GroupRow } from './tables.ts';

/** `tag:KEY`, `tag-key`, `tag-value`: every filter must match. */
export function matchesGroup(row: GroupRow, filters: readonly Filter[]): boolean {
  return filters.every(({ Name = '', Values = [] }) => {
    if (Name.startsWith('tag:')) {
      return row.tags.some(({ key, value }) => key === Name.slice(4) && Values.includes(value));
    }
    if (Name === 'tag-key') return row.tags.some(({ key }) => Values.includes(key));
    if (Name === 'tag-value') return row.tags.some(({ value }) => Values.includes(value));
    throw invalid(`Filter type ${Name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`);
  });
}
