import { invalidParameterValue, prefixListEntryNotFound, prefixListMaxEntriesExceeded } from '../errors.ts';
import type { PrefixListEntry, PrefixListRow } from '../tables.ts';
import { formatCidr, parseCidr } from './cidr.ts';

/** Managed prefix lists: https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html */

const MAX_ENTRIES = 1000;
const MAX_NAME = 255;

interface EntryRequest {
  readonly Cidr?: string | undefined;
  readonly Description?: string | undefined;
}

/** The entries in force. */
export function entriesOf(list: PrefixListRow | undefined): readonly PrefixListEntry[] {
  return list?.versions.at(-1) ?? [];
}

/** `before` with entries removed and then added. One that is there already gets the new description. */
export function changedEntries(
  before: readonly PrefixListEntry[],
  added: readonly EntryRequest[],
  removed: readonly EntryRequest[],
  maxEntries: number,
): readonly PrefixListEntry[] {
  const entries = new Map(before.map((entry) => [entry.cidr, entry]));
  for (const { Cidr } of removed) {
    if (!entries.delete(cidrText(Cidr))) throw prefixListEntryNotFound(cidrText(Cidr));
  }
  const seen = new Set<string>();
  for (const { Cidr, Description: description } of added) {
    const cidr = cidrText(Cidr);
    if (seen.has(cidr)) throw invalidParameterValue(`The entry ${cidr} must not appear multiple times.`);
    seen.add(cidr);
    entries.set(cidr, { cidr, ...(description ? { description } : {}) });
  }
  if (entries.size > maxEntries) throw prefixListMaxEntriesExceeded(maxEntries);
  return [...entries.values()];
}

export function checkMaxEntries(maxEntries: number, inUse = 0): void {
  if (maxEntries < 1 || maxEntries > MAX_ENTRIES) {
    throw invalidParameterValue(`MaxEntries must be between 1 and ${MAX_ENTRIES}.`);
  }
  if (maxEntries < inUse) throw prefixListMaxEntriesExceeded(maxEntries);
}

export function checkListName(name: string): void {
  if (name.length > MAX_NAME) throw invalidParameterValue(`A prefix list's name has up to ${MAX_NAME} characters.`);
  if (name.startsWith('com.amazonaws')) {
    throw invalidParameterValue("The prefix list name cannot start with 'com.amazonaws'.");
  }
}

function cidrText(cidr = ''): string {
  const parsed = parseCidr(cidr);
  if (!parsed) throw invalidParameterValue(`CIDR block ${cidr} is malformed`);
  return formatCidr(parsed);
}
