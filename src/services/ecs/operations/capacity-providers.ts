import type { CapacityProvider } from '@aws-sdk/client-ecs';
import type { Scope } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import { capacityProviderArn } from '../authorization.ts';
import { pageLimit } from '../domain/page-limit.ts';
import { badToken, invalidParameter } from '../errors.ts';
import { findCluster } from '../lookups.ts';
import { operation } from '../operation.ts';
import { FARGATE_PROVIDERS } from '../tables.ts';
import type { FargateProvider } from '../tables.ts';

function providerView(scope: Scope, name: FargateProvider): CapacityProvider {
  return {
    capacityProviderArn: capacityProviderArn(scope, name),
    name,
    status: 'ACTIVE',
    tags: [],
    type: name,
  };
}

/** Fargate's two, which every account has; with a cluster, those that are associated with it. */
export const DescribeCapacityProviders = operation('DescribeCapacityProviders', {
  readOnly: true,
  resources: (input, scope) =>
    (input.capacityProviders?.length ? input.capacityProviders : ['*']).map((one) => capacityProviderArn(scope, one)),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = input.cluster === undefined ? undefined : await findCluster(tx, ctx, input.cluster);
      const wanted = input.capacityProviders ?? [];
      if (wanted.length > 100) throw invalidParameter('Capacity providers can have at most 100 items.');
      const known = FARGATE_PROVIDERS.filter((name) => cluster?.capacityProviders.includes(name) ?? true);
      const arns = wanted.map((one) => capacityProviderArn(ctx, one));
      const found = known.filter((name) => arns.length === 0 || arns.includes(capacityProviderArn(ctx, name)));
      const missing = arns.filter((arn) => !found.some((name) => capacityProviderArn(ctx, name) === arn));
      const page = paginate(found, (name) => name, {
        limit: pageLimit(input.maxResults, 10),
        token: input.nextToken,
        onBadToken: badToken,
      });
      return {
        capacityProviders: page.items.map((name) => providerView(ctx, name)),
        failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
        ...(page.nextToken ? { nextToken: page.nextToken } : {}),
      };
    }),
});
