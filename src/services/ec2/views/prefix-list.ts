import type { ManagedPrefixList } from '@aws-sdk/client-ec2';
import { arnOf, KINDS } from '../domain/resource-kind.ts';
import type { PrefixListRow } from '../tables.ts';
import { tagList } from './tags.ts';

export function prefixListView(row: PrefixListRow): ManagedPrefixList {
  return {
    PrefixListId: row.id,
    PrefixListArn: arnOf(KINDS.prefixList, row, row.id),
    PrefixListName: row.name,
    AddressFamily: 'IPv4',
    State: row.state,
    MaxEntries: row.maxEntries,
    Version: row.versions.length,
    OwnerId: row.account,
    Tags: tagList(row.tags),
  };
}
