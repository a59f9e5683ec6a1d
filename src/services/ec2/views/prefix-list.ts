import type { ManagedPrefixList } from '@aws-sdk/client-ec2';
import { arnOf, KINDS } from '../domain/resource-kind.ts';
import type { PrefixListRow } from '../tables.ts';
import { tagList } from './tags.ts';

export function prefixListView(row: PrefixListRow): ManagedPrefixList {
  const { isAws = false } = row;
  return {
    PrefixListId: row.id,
    PrefixListArn: arnOf(KINDS.prefixList, isAws ? { ...row, account: 'aws' } : row, row.id),
    PrefixListName: row.name,
    AddressFamily: 'IPv4',
    State: row.state,
    // AWS's own have neither a size nor versions.
    ...(isAws ? {} : { MaxEntries: row.maxEntries, Version: row.versions.length }),
    OwnerId: isAws ? 'AWS' : row.account,
    Tags: tagList(row.tags),
  };
}
