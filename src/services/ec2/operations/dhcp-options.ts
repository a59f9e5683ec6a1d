import { type Described, describe, nextTokenOf } from '../describe.ts';
import { KINDS } from '../domain/resource-kind.ts';
import { operation } from '../operation.ts';
import { dhcpOptions, type DhcpOptionsRow } from '../tables.ts';
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
