import { scopeKey } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { paginate } from '../../../kernel/pages.ts';
import { badToken, filtered, pageLimit } from '../domain/filters.ts';
import type { FilterRules } from '../domain/filters.ts';
import { operationNotFound } from '../errors.ts';
import { operationOf } from '../lookup.ts';
import { namespaceArn, operation } from '../operation.ts';
import { operations } from '../tables.ts';
import type { OperationRow } from '../tables.ts';
import { operationView } from '../views.ts';

export const GetOperation = operation('GetOperation', {
  resources: async (input, scope, tx) => {
    try {
      return [(await operationOf(tx, scope, input.OperationId)).namespaceArn];
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return [namespaceArn(scope, '*')];
    }
  },
  readOnly: true,
  handle: async (ctx, input) => {
    const { OperationId = '', OwnerAccount = ctx.account } = input;
    if (OwnerAccount !== ctx.account) throw operationNotFound(OperationId);
    return { Operation: operationView(await ctx.read((tx) => operationOf(tx, ctx, OperationId))) };
  },
});

const FILTERS: FilterRules<OperationRow> = {
  NAMESPACE_ID: { conditions: ['EQ'], of: (row) => row.namespaceId },
  SERVICE_ID: { conditions: ['EQ'], of: (row) => row.serviceId ?? '' },
  STATUS: { conditions: ['EQ', 'IN'], of: (row) => row.status },
  TYPE: { conditions: ['EQ', 'IN'], of: (row) => row.type },
  UPDATE_DATE: { conditions: ['BETWEEN'], of: (row) => String(row.updatedAtMs / 1000) },
};

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_ListOperations.html */
export const ListOperations = operation('ListOperations', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const limit = pageLimit(input.MaxResults);
    const matches = filtered(input.Filters, FILTERS);
    const rows = await ctx.read((tx) => tx.list(operations, { prefix: `${scopeKey(ctx)}/` }));
    const page = paginate(rows.filter(matches), operations.key, {
      limit,
      token: input.NextToken,
      onBadToken: badToken,
    });
    return {
      Operations: page.items.map(({ id, status }) => ({ Id: id, Status: status })),
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});
