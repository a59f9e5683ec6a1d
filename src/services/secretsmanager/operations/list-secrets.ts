import { operation } from '../operation.ts';
import { listSecrets } from '../secret-list.ts';
import { secretView, stagesView } from '../views.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const ListSecrets = operation('ListSecrets', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const { items, nextToken } = await ctx.read((tx) => listSecrets(tx, ctx, input));
    return {
      SecretList: items.map((row) => {
        const stages = stagesView(row);
        return { ...secretView(row), ...(stages && { SecretVersionsToStages: stages }) };
      }),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  },
});
