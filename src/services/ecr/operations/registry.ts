import { operation } from '../operation.ts';

/** A registry comes with the account; this one replicates nowhere. */
export const DescribeRegistry = operation('DescribeRegistry', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx) => ({ registryId: ctx.account, replicationConfiguration: { rules: [] } }),
});
