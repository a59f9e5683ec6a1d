import { paginate } from '../../../kernel/pages.ts';
import { badToken, constraint, notSupported } from '../errors.ts';
import { metricsOf } from '../metric-store.ts';
import { operation } from '../operation.ts';
import type { MetricRow } from '../tables.ts';
import { metricView } from '../views.ts';

const PAGE = 500;
const HOUR_MS = 3_600_000;
const LISTED_MS = 14 * 24 * HOUR_MS;
const RECENT_MS = 3 * HOUR_MS;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
export const ListMetrics = operation('ListMetrics', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.OwningAccount !== undefined) throw notSupported('OwningAccount');
    if (input.RecentlyActive !== undefined && input.RecentlyActive !== 'PT3H') {
      throw constraint(input.RecentlyActive, 'recentlyActive', 'satisfy enum value set: [PT3H]');
    }
    const sinceMs = ctx.now - (input.RecentlyActive ? RECENT_MS : LISTED_MS);
    const rows = await ctx.read((tx) => metricsOf(tx, ctx, input.Namespace));
    const wanted = (row: MetricRow) =>
      row.lastMs >= sinceMs &&
      (input.MetricName === undefined || row.name === input.MetricName) &&
      (input.Dimensions ?? []).every((filter) =>
        row.dimensions.some(
          ([name, value]) => name === filter.Name && (filter.Value === undefined || value === filter.Value),
        ),
      );
    const page = paginate(rows.filter(wanted), (row) => row.id, {
      limit: PAGE,
      token: input.NextToken,
      onBadToken: () => {
        throw badToken();
      },
    });
    return {
      Metrics: page.items.map(metricView),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});
