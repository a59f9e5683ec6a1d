import { paginate } from '../../../kernel/pages.ts';
import { invalidNextToken, noInsights, notSupported, trailNotProvided } from '../errors.ts';
import { operation } from '../operation.ts';
import { trails } from '../tables.ts';
import { requestedArn, trailArn, trailOf, visibleTrails } from '../trails.ts';
import { trailView } from '../views.ts';

const PAGE = 100;

/** Names that nobody has are left out. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html */
export const DescribeTrails = operation('DescribeTrails', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const rows = await ctx.read((tx) => visibleTrails(tx, ctx));
    const named = input.trailNameList ?? [];
    if (named.length === 0) {
      const shown = input.includeShadowTrails === false ? rows.filter(({ region }) => region === ctx.region) : rows;
      return { trailList: shown.map(trailView) };
    }
    const arns = new Set(named.map((name) => (name.startsWith('arn:') ? name : trailArn(ctx, name))));
    const all = await ctx.read((tx) => tx.list(trails, { where: ['account', ctx.account] }));
    return { trailList: all.filter(({ arn }) => arns.has(arn)).map(trailView) };
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html */
export const GetTrail = operation('GetTrail', {
  resources: (input, scope) => [requestedArn(input.Name, scope)],
  readOnly: true,
  handle: async (ctx, input) => ({
    Trail: trailView(await ctx.read((tx) => trailOf(tx, ctx, input.Name ?? ''))),
  }),
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html */
export const ListTrails = operation('ListTrails', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const rows = await ctx.read((tx) => tx.list(trails, { where: ['account', ctx.account] }));
    const page = paginate(rows, (row) => row.arn, {
      limit: PAGE,
      token: input.NextToken,
      onBadToken: invalidNextToken,
    });
    return {
      Trails: page.items.map((row) => ({ TrailARN: row.arn, Name: row.name, HomeRegion: row.region })),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html */
export const GetInsightSelectors = operation('GetInsightSelectors', {
  resources: (input, scope) => [requestedArn(input.TrailName, scope)],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.EventDataStore !== undefined) throw notSupported('EventDataStore');
    const name = input.TrailName;
    if (name === undefined) throw trailNotProvided();
    throw noInsights((await ctx.read((tx) => trailOf(tx, ctx, name))).name);
  },
});
