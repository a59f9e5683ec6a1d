import { formatArn } from '../../../kernel/arn.ts';
import { noSuchChange } from '../errors.ts';
import { bareId, operation } from '../operation.ts';
import { zoneChanges } from '../tables.ts';
import { changeView } from '../views.ts';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html; changes are remembered for 30 days. */
export const GetChange = operation('GetChange', {
  resources: (input) => [formatArn('route53', {}, `change/${bareId(input.Id)}`)],
  readOnly: true,
  handle: async (ctx, input) => {
    const changeId = bareId(input.Id);
    const row = await ctx.read((tx) => tx.get(zoneChanges, `${ctx.account}/${changeId}`));
    if (!row) throw noSuchChange(changeId);
    return { ChangeInfo: changeView(row, 'INSYNC') };
  },
});
