import { pageOf } from '../domain/pages.ts';
import { namespaceNotFound } from '../errors.ts';
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
    const page = pageOf(rows, (row) => row.arn, input, { size: 10 });
    return {
      serviceArns: page.items.map((row) => row.arn),
      ...page.next,
    };
  },
});
