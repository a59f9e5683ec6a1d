import { paginate } from '../../../kernel/pages.ts';
import { pageLimit } from '../domain/page-limit.ts';
import { badToken, namespaceNotFound } from '../errors.ts';
import { operation } from '../operation.ts';
import { connectedServices, findNamespace } from '../service-connect.ts';

/**
 * Services of all clusters that are in a namespace, by Service Connect.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServicesByNamespace.html
 */
export const ListServicesByNamespace = operation('ListServicesByNamespace', {
  readOnly: true,
  resources: () => ['*'],
  conditions: (input) => ({ 'ecs:namespace': input.namespace ?? '' }),
  async handle(ctx, input) {
    const namespace = await findNamespace(ctx.call, input.namespace ?? '');
    if (!namespace) throw namespaceNotFound();
    const rows = await ctx.read((tx) => connectedServices(tx, namespace.arn));
    const page = paginate(rows, (row) => row.arn, {
      limit: pageLimit(input.maxResults, 10),
      token: input.nextToken,
      onBadToken: badToken,
    });
    return {
      serviceArns: page.items.map((row) => row.arn),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    };
  },
});
