import type { PullThroughCacheRule } from '@aws-sdk/client-ecr';
import type { Scope } from '../../kernel/arn.ts';
import type { Upstream, Upstreams } from '../../registry/pull-through/upstream.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { createForUse } from './creation.ts';
import { ROOT, prefixesOf } from './domain/template-prefix.ts';
import { pullThroughRuleNotFound } from './errors.ts';
import { inRegistry } from './repositories.ts';
import { pullThroughRuleKey, pullThroughRules, repositories, repositoryKey } from './tables.ts';
import type { PullThroughRuleRow } from './tables.ts';

/** How the pull-through cache asks ECR. */
export const ecrUpstreams: Upstreams = {
  async find(tx, scope, name) {
    for (const prefix of [...prefixesOf(name), ROOT]) {
      const rule = await tx.get(pullThroughRules, pullThroughRuleKey(scope, prefix));
      if (rule) return upstreamOf(rule, name);
    }
    return undefined;
  },
  async openRepository(tx, scope, name, now) {
    const known = await tx.get(repositories, repositoryKey(scope, name));
    return inRegistry(known ?? (await createForUse(tx, scope, name, { use: 'PULL_THROUGH_CACHE', now })));
  },
};

/**
 * The upstream's repository that one under the rule's prefix is the cache of.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private-wildcards.html
 */
export function upstreamOf(rule: PullThroughRuleRow, name: string): Upstream {
  const rest = rule.prefix === ROOT ? name : name.slice(rule.prefix.length + 1);
  const { upstreamRegistryUrl: url, upstreamPrefix, credentialArn } = rule;
  const repository = upstreamPrefix === ROOT ? rest : `${upstreamPrefix}/${rest}`;
  return { url, repository, ...(credentialArn !== undefined && { credentialArn }) };
}

/** @throws ServiceError PullThroughCacheRuleNotFoundException */
export async function requireRule(tx: ReadTx, scope: Scope, prefix: string): Promise<Stored<PullThroughRuleRow>> {
  const row = await tx.get(pullThroughRules, pullThroughRuleKey(scope, prefix));
  if (!row) throw pullThroughRuleNotFound(prefix, scope);
  return row;
}

export function ruleView(row: PullThroughRuleRow): PullThroughCacheRule {
  return {
    ecrRepositoryPrefix: row.prefix,
    upstreamRegistryUrl: row.upstreamRegistryUrl,
    upstreamRepositoryPrefix: row.upstreamPrefix,
    createdAt: new Date(row.createdAtMs),
    updatedAt: new Date(row.updatedAtMs),
    registryId: row.account,
    ...(row.upstreamRegistry !== undefined && { upstreamRegistry: row.upstreamRegistry }),
    ...(row.credentialArn !== undefined && { credentialArn: row.credentialArn }),
  };
}
