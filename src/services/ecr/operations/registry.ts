import { replicationRuleView } from '../domain/replication-rules.ts';
import { operation } from '../operation.ts';
import { findRegistry } from '../registries.ts';

/** A registry comes with the account and the region. */
export const DescribeRegistry = operation('DescribeRegistry', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx) => {
    const { replication } = await ctx.read((tx) => findRegistry(tx, ctx));
    const rules = (replication?.rules ?? []).map(replicationRuleView);
    return { registryId: ctx.account, replicationConfiguration: { rules } };
  },
});
