import type { PolicyGrantingServiceAccess } from '@aws-sdk/client-iam';
import { grantedServices } from '../domain/granted-services.ts';
import { operation } from '../operation.ts';
import { pageInOrder } from '../ordered-page.ts';
import { entityByArn, policiesOfEntity, type OwnedPolicy } from '../policy-source.ts';
import { checkService } from '../service-namespace.ts';

const ENTITY_TYPES = { user: 'USER', group: 'GROUP', role: 'ROLE' } as const;

/**
 * Of a user with the policies of its groups, of a group or of a role.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html
 */
export const ListPoliciesGrantingServiceAccess = operation('ListPoliciesGrantingServiceAccess', {
  resources: ({ Arn = '' }) => [Arn],
  readOnly: true,
  handle: async (ctx, { Arn = '', ServiceNamespaces = [], Marker }) => {
    const services = await Promise.all(ServiceNamespaces.map(checkService));
    const policies = await ctx.read(async (tx) => policiesOfEntity(tx, await entityByArn(tx, ctx.account, Arn)));
    const { items, page } = pageInOrder([...new Set(services)], { Marker });
    const entries = items.map(async (service) => ({
      ServiceNamespace: service,
      Policies: (await granting(policies, service)).map(policyView),
    }));
    return { PoliciesGrantingServiceAccess: await Promise.all(entries), ...page };
  },
});

async function granting(policies: readonly OwnedPolicy[], service: string): Promise<OwnedPolicy[]> {
  const granted = await Promise.all(policies.map(({ document }) => grantedServices([document], [service])));
  return policies.filter((_, index) => granted[index]?.length === 1);
}

/** Only of an inline policy it is said whose it is. */
function policyView({ type, name, arn, owner }: OwnedPolicy): PolicyGrantingServiceAccess {
  if (type === 'managed')
    return { PolicyName: name, PolicyType: 'MANAGED', ...(arn !== undefined && { PolicyArn: arn }) };
  return {
    PolicyName: name,
    PolicyType: 'INLINE',
    EntityType: ENTITY_TYPES[owner.kind],
    EntityName: owner.row.name,
  };
}
