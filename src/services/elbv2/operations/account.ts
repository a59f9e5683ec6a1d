import { ACCOUNT_LIMITS } from '../domain/quotas.ts';
import { sslPolicies } from '../domain/ssl-policies.ts';
import { notInEnum, sslPolicyNotFound } from '../errors.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';

export const DescribeAccountLimits = operation('DescribeAccountLimits', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, input) => {
    const { items, next } = page(ACCOUNT_LIMITS, (limit) => limit.Name, input);
    return { Limits: [...items], ...next };
  },
});

export const DescribeSSLPolicies = operation('DescribeSSLPolicies', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, input) => {
    const { Names: names = [], LoadBalancerType: type = 'application' } = input;
    if (!['application', 'network', 'gateway'].includes(type)) {
      throw notInEnum(type, 'loadBalancerType', ['application', 'network', 'gateway']);
    }
    const all = sslPolicies().filter((policy) => policy.SupportedLoadBalancerTypes?.includes(type));
    const unknown = names.find((name) => !all.some((policy) => policy.Name === name));
    if (unknown !== undefined) throw sslPolicyNotFound(unknown);
    const found = names.length > 0 ? all.filter((policy) => names.includes(policy.Name ?? '')) : all;
    const keyOf = (policy: (typeof all)[number]) => policy.Name ?? '';
    const { items, next } = page(
      found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      keyOf,
      input,
    );
    return { SslPolicies: [...items], ...next };
  },
});
