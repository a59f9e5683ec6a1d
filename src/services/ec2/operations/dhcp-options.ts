import { writeRegion } from '../default-vpc.ts';
import { type Described, describe, listRegion, nextTokenOf } from '../describe.ts';
import { NO_OPTIONS, optionsOf } from '../domain/dhcp-options.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import { hasDependencies, missingParameter } from '../errors.ts';
import { requireRow, requireVpc } from '../lookup.ts';
import { operation } from '../operation.ts';
import { dhcpOptions, type DhcpOptionsRow, resourceKey, vpcs } from '../tables.ts';
import { dhcpOptionsView } from '../views/vpc.ts';

const DHCP_OPTIONS: Described<DhcpOptionsRow> = {
  kind: KINDS.dhcpOptions,
  table: dhcpOptions,
  fields: {
    'dhcp-options-id': (row) => row.id,
    key: (row) => Object.keys(row.options),
    'owner-id': (row) => row.account,
    value: (row) => Object.values(row.options).flat(),
  },
};

export const DescribeDhcpOptions = operation('DescribeDhcpOptions', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, DHCP_OPTIONS, input.DhcpOptionsIds, input);
    return { DhcpOptions: page.items.map(dhcpOptionsView), ...nextTokenOf(page) };
  },
});

export const CreateDhcpOptions = operation('CreateDhcpOptions', {
  resources: (_, scope) => arnsOf(KINDS.dhcpOptions, scope, [undefined]),
  creates: KINDS.dhcpOptions,
  handle: async (ctx, input) => {
    const options = optionsOf(input.DhcpConfigurations);
    const tags = tagsFor(KINDS.dhcpOptions, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const row = await writeRegion(ctx, (tx) =>
      tx.put<DhcpOptionsRow>(dhcpOptions, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.dhcpOptions.prefix, ctx.ids),
        tags,
        options,
        isOwn: true,
      }),
    );
    return { DhcpOptions: dhcpOptionsView(row) };
  },
});

/** Tasks and instances that start from now on get them: those that run keep what they have, as until a lease ends. */
export const AssociateDhcpOptions = operation('AssociateDhcpOptions', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.dhcpOptions, scope, input.DhcpOptionsId === NO_OPTIONS ? [] : [input.DhcpOptionsId]),
    ...arnsOf(KINDS.vpc, scope, [input.VpcId]),
  ],
  handle: async (ctx, input) => {
    const { DhcpOptionsId: id, VpcId: vpcId } = input;
    if (!id) throw missingParameter('dhcpOptionsId');
    if (!vpcId) throw missingParameter('vpcId');
    await writeRegion(ctx, async (tx) => {
      if (id !== NO_OPTIONS) await requireRow(tx, dhcpOptions, KINDS.dhcpOptions, ctx, id);
      await tx.put(vpcs, { ...(await requireVpc(tx, ctx, vpcId)), dhcpOptionsId: id });
    });
    return {};
  },
});

export const DeleteDhcpOptions = operation('DeleteDhcpOptions', {
  resources: (input, scope) => arnsOf(KINDS.dhcpOptions, scope, [input.DhcpOptionsId]),
  handle: async (ctx, input) => {
    const id = input.DhcpOptionsId;
    if (!id) throw missingParameter('dhcpOptionsId');
    await writeRegion(ctx, async (tx) => {
      await requireRow(tx, dhcpOptions, KINDS.dhcpOptions, ctx, id);
      const used = (await listRegion(tx, vpcs, ctx)).some((vpc) => vpc.dhcpOptionsId === id);
      if (used) throw hasDependencies('dhcpOptions', id);
      await tx.delete(dhcpOptions, resourceKey(ctx, id));
    });
    return {};
  },
});
