import type { ParametersFilter, ParameterStringFilter } from '@aws-sdk/client-ssm';
import { paginate } from '../../../kernel/pages.ts';
import { referencedArn } from '../arns.ts';
import { parameterFilter } from '../domain/filters.ts';
import { pageSize } from '../domain/limits.ts';
import { parseReference } from '../domain/parameter-name.ts';
import { badToken, invalid, invalidName } from '../errors.ts';
import { requireParameter, versionsOf } from '../lookup.ts';
import { operation } from '../operation.ts';
import { parameterKey, parameters } from '../tables.ts';
import { historyView, metadataView } from '../views.ts';

const MAX_PAGE = 50;

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html; nobody shares parameters. */
export const DescribeParameters = operation('DescribeParameters', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    if (input.Filters?.length && input.ParameterFilters?.length) {
      throw invalid('You can use either Filters or ParameterFilters in a single request.');
    }
    const limit = pageSize(input.MaxResults, MAX_PAGE);
    const filters = input.ParameterFilters ?? input.Filters?.map(modern);
    const wanted = parameterFilter(filters, 'DescribeParameters');
    const rows = await ctx.read((tx) => tx.list(parameters, { prefix: parameterKey(ctx, '') }));
    const page = paginate(input.Shared ? [] : rows.filter(wanted), (row) => parameterKey(row, row.name), {
      limit,
      token: input.NextToken,
      onBadToken: badToken,
    });
    return {
      Parameters: page.items.map(metadataView),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});

/** The older filters: a name by its beginning, the others whole. */
function modern({ Key, Values }: ParametersFilter): ParameterStringFilter {
  return { Key, Values, Option: Key === 'Name' ? 'BeginsWith' : 'Equals' };
}

/** Every version that is kept, the oldest first. */
export const GetParameterHistory = operation('GetParameterHistory', {
  readOnly: true,
  resources: (input, scope) => [referencedArn(scope, input.Name)],
  handle: async (ctx, input) => {
    const reference = parseReference(input.Name ?? '');
    if (reference.selector !== undefined) throw invalidName();
    const limit = pageSize(input.MaxResults, MAX_PAGE);
    const { row, versions } = await ctx.read(async (tx) => {
      const row = await requireParameter(tx, ctx, reference);
      return { row, versions: await versionsOf(tx, row) };
    });
    const page = paginate(versions, ({ version }) => String(version).padStart(10, '0'), {
      limit,
      token: input.NextToken,
      onBadToken: badToken,
    });
    return {
      Parameters: page.items.map((version) => historyView(row, version, ctx.ports.box, input.WithDecryption)),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});
