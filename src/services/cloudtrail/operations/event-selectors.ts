import { advancedSelectors, advancedView, basicSelectors, basicView, type Selectors } from '../domain/selectors.ts';
import { invalidSelectors } from '../errors.ts';
import { operation } from '../operation.ts';
import { trails } from '../tables.ts';
import { homeTrailOf, requestedArn, trailOf } from '../trails.ts';

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html */
export const PutEventSelectors = operation('PutEventSelectors', {
  resources: (input, scope) => [requestedArn(input.TrailName, scope)],
  handle: async (ctx, input) => {
    const { EventSelectors: basic, AdvancedEventSelectors: advanced } = input;
    if ((basic === undefined) === (advanced === undefined)) {
      throw invalidSelectors('Specify either EventSelectors or AdvancedEventSelectors.');
    }
    const selectors = advanced ? advancedSelectors(advanced, refuse) : basicSelectors(basic ?? [], refuse);
    const arn = await ctx.write(async (tx) => {
      const trail = await homeTrailOf(tx, ctx, input.TrailName ?? '');
      await tx.put(trails, { ...trail, selectors });
      return trail.arn;
    });
    return { TrailARN: arn, ...selectorsView(selectors) };
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html */
export const GetEventSelectors = operation('GetEventSelectors', {
  resources: (input, scope) => [requestedArn(input.TrailName, scope)],
  readOnly: true,
  handle: async (ctx, input) => {
    const trail = await ctx.read((tx) => trailOf(tx, ctx, input.TrailName ?? ''));
    return { TrailARN: trail.arn, ...selectorsView(trail.selectors) };
  },
});

function selectorsView({ kind, selectors }: Selectors) {
  return kind === 'advanced'
    ? { AdvancedEventSelectors: selectors.map(advancedView) }
    : { EventSelectors: selectors.map(basicView) };
}

function refuse(message: string): never {
  throw invalidSelectors(message);
}
