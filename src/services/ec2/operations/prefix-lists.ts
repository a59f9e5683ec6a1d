import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { type Described, describe, nextTokenOf, pageOf } from '../describe.ts';
import { awsPrefixLists } from '../domain/aws-prefix-lists.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { changedEntries, checkListName, checkMaxEntries, entriesOf } from '../domain/prefix-list.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnOf, arnsOf, checkId, KINDS, newId, notFoundOf } from '../domain/resource-kind.ts';
import { checkAdded } from '../domain/security-rule.ts';
import { tagsFor } from '../domain/tags.ts';
import {
  incorrectState,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  prefixListVersionMismatch,
  unsupportedValue,
} from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { requireRow } from '../lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { requirePrefixList } from '../prefix-list-lookup.ts';
import { listSizesOf } from '../rule-requests.ts';
import { prefixLists, type PrefixListRow, resourceKey, securityGroups } from '../tables.ts';
import { prefixListView } from '../views/prefix-list.ts';

/** https://docs.aws.amazon.com/vpc/latest/userguide/working-with-managed-prefix-lists.html */

const namedList = (input: { readonly PrefixListId?: string | undefined }, scope: { account: string; region: string }) =>
  arnsOf(KINDS.prefixList, scope, [input.PrefixListId]);

export const CreateManagedPrefixList = operation('CreateManagedPrefixList', {
  resources: (_, scope) => arnsOf(KINDS.prefixList, scope, [undefined]),
  creates: KINDS.prefixList,
  handle: async (ctx, input) => {
    const { PrefixListName: name, MaxEntries: maxEntries, AddressFamily: family } = input;
    if (!name) throw missingParameter('PrefixListName');
    if (maxEntries === undefined) throw missingParameter('MaxEntries');
    if (family !== 'IPv4') {
      if (family === 'IPv6') throw unsupportedValue(family, 'AddressFamily', 'There is no IPv6 here.');
      throw invalidParameterValue(`Value (${family}) for parameter AddressFamily is invalid.`);
    }
    checkListName(name);
    checkMaxEntries(maxEntries);
    const entries = changedEntries([], input.Entries ?? [], [], maxEntries);
    const tags = tagsFor(KINDS.prefixList, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const once = idempotencyOf(input);
    const row = await writeRegion(ctx, async (tx) => {
      const [made] = await madeBefore(tx, prefixLists, ctx, once.idempotency);
      if (made) return made;
      return tx.put<PrefixListRow>(prefixLists, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.prefixList.prefix, ctx.ids),
        tags,
        name,
        maxEntries,
        versions: [entries],
        state: 'create-complete',
        ...once,
      });
    });
    return { PrefixList: prefixListView(row) };
  },
});

export const ModifyManagedPrefixList = operation('ModifyManagedPrefixList', {
  resources: namedList,
  unsupported: ['IpamPrefixListResolverSyncEnabled'],
  handle: async (ctx, input) => {
    const { AddEntries: added = [], RemoveEntries: removed = [], MaxEntries: maxEntries } = input;
    const changesEntries = added.length + removed.length > 0;
    if (changesEntries && maxEntries !== undefined) {
      throw invalidParameterCombination(
        'You cannot modify the entries and the size of a prefix list at the same time.',
      );
    }
    const row = await writeRegion(ctx, async (tx) => {
      const before = await requireList(tx, ctx, input.PrefixListId);
      const version = before.versions.length;
      if (input.CurrentVersion === undefined ? changesEntries : input.CurrentVersion !== version) {
        if (input.CurrentVersion === undefined) throw missingParameter('CurrentVersion');
        throw prefixListVersionMismatch(before.id);
      }
      if (input.PrefixListName !== undefined) checkListName(input.PrefixListName);
      if (maxEntries !== undefined) checkMaxEntries(maxEntries, entriesOf(before).length);
      const entries = changedEntries(entriesOf(before), added, removed, before.maxEntries);
      const after = await tx.put<PrefixListRow>(prefixLists, {
        ...before,
        name: input.PrefixListName ?? before.name,
        maxEntries: maxEntries ?? before.maxEntries,
        versions: changesEntries ? [...before.versions, entries] : before.versions,
        state: 'modify-complete',
      });
      // In the same write: where a group cannot take the new size, nothing has changed.
      for (const group of await groupsOf(tx, after)) {
        checkAdded(group.rules, [], await listSizesOf(tx, group, group.rules));
      }
      if (changesEntries) await touchGroupsOf(tx, after);
      return after;
    });
    return { PrefixList: prefixListView(row) };
  },
});

export const DeleteManagedPrefixList = operation('DeleteManagedPrefixList', {
  resources: namedList,
  handle: async (ctx, input) => {
    const row = await writeRegion(ctx, async (tx) => {
      const list = await requireList(tx, ctx, input.PrefixListId);
      if ((await groupsOf(tx, list)).length > 0) throw incorrectState(`The prefix list '${list.id}' is in use.`);
      await tx.delete(prefixLists, resourceKey(ctx, list.id));
      return list;
    });
    return { PrefixList: { ...prefixListView(row), State: 'delete-complete' as const } };
  },
});

const PREFIX_LISTS: Described<PrefixListRow> = {
  kind: KINDS.prefixList,
  table: prefixLists,
  builtIn: awsPrefixLists,
  fields: {
    'owner-id': (row) => (row.isAws ? 'AWS' : row.account),
    'prefix-list-id': (row) => row.id,
    'prefix-list-name': (row) => row.name,
  },
};

export const DescribeManagedPrefixLists = operation('DescribeManagedPrefixLists', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, PREFIX_LISTS, input.PrefixListIds, input);
    return { PrefixLists: page.items.map(prefixListView), ...nextTokenOf(page) };
  },
});

export const GetManagedPrefixListEntries = operation('GetManagedPrefixListEntries', {
  readOnly: true,
  resources: namedList,
  handle: async (ctx, input) => {
    const row = await readRegion(ctx, (tx) => requirePrefixList(tx, ctx, namedId(input.PrefixListId)));
    const entries = input.TargetVersion === undefined ? entriesOf(row) : row.versions[input.TargetVersion - 1];
    if (!entries) throw invalidParameterValue(`Version ${input.TargetVersion} of '${row.id}' does not exist.`);
    const page = pageOf(entries, (entry) => entry.cidr, input);
    return {
      Entries: page.items.map(({ cidr, description }) => ({
        Cidr: cidr,
        ...(description === undefined ? {} : { Description: description }),
      })),
      ...nextTokenOf(page),
    };
  },
});

export const GetManagedPrefixListAssociations = operation('GetManagedPrefixListAssociations', {
  readOnly: true,
  resources: namedList,
  handle: async (ctx, input) => {
    const groups = await readRegion(ctx, async (tx) =>
      groupsOf(tx, await requirePrefixList(tx, ctx, namedId(input.PrefixListId))),
    );
    const page = pageOf(groups, (group) => group.id, input);
    return {
      PrefixListAssociations: page.items.map((group) => ({
        ResourceId: arnOf(KINDS.securityGroup, group, group.id),
        ResourceOwner: group.account,
      })),
      ...nextTokenOf(page),
    };
  },
});

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html: AWS's own alone. */
export const DescribePrefixLists = operation('DescribePrefixLists', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const ids = [...new Set(input.PrefixListIds)];
    const fields: FilterFields<PrefixListRow> = {
      'prefix-list-id': (row) => row.id,
      'prefix-list-name': (row) => row.name,
    };
    const matches = matcher(fields, input.Filters);
    const lists = awsPrefixLists(ctx);
    for (const id of ids) checkId(KINDS.prefixList, id);
    const unknown = ids.find((id) => lists.every((list) => list.id !== id));
    if (unknown !== undefined) throw notFoundOf(KINDS.prefixList, unknown);
    const named = lists.filter((list) => ids.length === 0 || ids.includes(list.id));
    const page = pageOf(named.filter(matches), (list) => list.id, input);
    return {
      PrefixLists: page.items.map((list) => ({
        PrefixListId: list.id,
        PrefixListName: list.name,
        Cidrs: entriesOf(list).map((entry) => entry.cidr),
      })),
      ...nextTokenOf(page),
    };
  },
});

/** Of the account's own, which alone can be changed. */
async function requireList(tx: ReadTx, ctx: Ec2Context, id: string | undefined): Promise<Stored<PrefixListRow>> {
  return requireRow(tx, prefixLists, KINDS.prefixList, ctx, namedId(id));
}

function namedId(id: string | undefined): string {
  if (!id) throw missingParameter('PrefixListId');
  return id;
}

function groupsOf(tx: ReadTx, list: PrefixListRow) {
  return tx.list(securityGroups, { where: ['prefixLists', resourceKey(list, list.id)] });
}

/** Written anew, so that their VPCs get the new entries. */
async function touchGroupsOf(tx: WriteTx, list: PrefixListRow): Promise<void> {
  for (const group of await groupsOf(tx, list)) await tx.put(securityGroups, group);
}
