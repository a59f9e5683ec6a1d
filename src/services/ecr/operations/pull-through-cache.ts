import { scopeKey } from '../../../kernel/arn.ts';
import { ROOT } from '../domain/template-prefix.ts';
import { checkRulePrefix, upstreamPrefixOf, upstreamRegistryOf } from '../domain/upstream-registry.ts';
import {
  invalidParameter,
  pullThroughRuleAlreadyExists,
  secretInaccessible,
  tooManyPullThroughRules,
  unsupported,
} from '../errors.ts';
import { operation } from '../operation.ts';
import { pageOf, refusePaging } from '../pagination.ts';
import { requireRule, ruleView } from '../pull-through-rules.ts';
import { registryOf } from '../scope.ts';
import { pullThroughRuleKey, pullThroughRules } from '../tables.ts';
import type { PullThroughRuleRow } from '../tables.ts';

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const MOST_RULES = 50;
const MEMBER = 'ecrRepositoryPrefix';
const nothing = () => ['*'];

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html */
export const CreatePullThroughCacheRule = operation('CreatePullThroughCacheRule', {
  resources: nothing,
  handle: async (ctx, input) => {
    const { account, region } = registryOf(ctx, 'CreatePullThroughCacheRule', input);
    const prefix = checkRulePrefix(MEMBER, input.ecrRepositoryPrefix);
    const upstreamPrefix = upstreamPrefixOf(prefix, input.upstreamRepositoryPrefix);
    const registry = upstreamRegistryOf(input);
    refuseCredentials(input);
    const times = { createdAtMs: ctx.now, updatedAtMs: ctx.now };
    const row: PullThroughRuleRow = { account, region, prefix, ...registry, upstreamPrefix, ...times };
    await ctx.write(async (tx) => {
      if (await tx.get(pullThroughRules, pullThroughRuleKey(row, prefix))) {
        throw pullThroughRuleAlreadyExists(prefix, row);
      }
      const rules = await tx.list(pullThroughRules, { where: ['scope', scopeKey(row)] });
      if (rules.length >= MOST_RULES) throw tooManyPullThroughRules(MOST_RULES);
      await tx.put(pullThroughRules, row);
    });
    const { updatedAt: _, ...view } = ruleView(row);
    return view;
  },
});

/** Only credentials can be changed, and none can be given yet. */
export const UpdatePullThroughCacheRule = operation('UpdatePullThroughCacheRule', {
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'UpdatePullThroughCacheRule', input);
    const prefix = checkRulePrefix(MEMBER, input.ecrRepositoryPrefix);
    const row = await ctx.write(async (tx) => {
      const found = await requireRule(tx, scope, prefix);
      refuseCredentials(input);
      return tx.put(pullThroughRules, { ...found, updatedAtMs: ctx.now });
    });
    const { ecrRepositoryPrefix, registryId, updatedAt, upstreamRepositoryPrefix } = ruleView(row);
    return { ecrRepositoryPrefix, registryId, updatedAt, upstreamRepositoryPrefix };
  },
});

/** The repositories that the rule made stay, with what is in them. */
export const DeletePullThroughCacheRule = operation('DeletePullThroughCacheRule', {
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DeletePullThroughCacheRule', input);
    const prefix = checkRulePrefix(MEMBER, input.ecrRepositoryPrefix);
    const row = await ctx.write(async (tx) => {
      const found = await requireRule(tx, scope, prefix);
      await tx.delete(pullThroughRules, pullThroughRuleKey(scope, prefix));
      return found;
    });
    const { updatedAt: _, upstreamRegistry: __, ...view } = ruleView(row);
    return view;
  },
});

export const DescribePullThroughCacheRules = operation('DescribePullThroughCacheRules', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'DescribePullThroughCacheRules', input);
    const prefixes = input.ecrRepositoryPrefixes?.map((prefix) => checkRulePrefix('ecrRepositoryPrefixes', prefix));
    if (prefixes !== undefined) refusePaging(input, 'ecrRepositoryPrefixes');
    if (prefixes !== undefined && (prefixes.length < 1 || prefixes.length > 100)) {
      throw invalidParameter('ecrRepositoryPrefixes', 'Member must have length between 1 and 100');
    }
    const rows = await ctx.read((tx) =>
      prefixes
        ? Promise.all([...new Set(prefixes)].map((prefix) => requireRule(tx, scope, prefix)))
        : tx.list(pullThroughRules, { where: ['scope', scopeKey(scope)] }),
    );
    const { items, nextToken } = prefixes ? { items: rows } : pageOf(rows, (row) => row.prefix, input);
    return { pullThroughCacheRules: items.map(ruleView), ...(nextToken !== undefined && { nextToken }) };
  },
});

/** Asks the upstream registry whether it lets us in. */
export const ValidatePullThroughCacheRule = operation('ValidatePullThroughCacheRule', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'ValidatePullThroughCacheRule', input);
    const prefix = checkRulePrefix(MEMBER, input.ecrRepositoryPrefix);
    const row = await ctx.read((tx) => requireRule(tx, scope, prefix));
    const failure = await ctx.ports.pullThrough.check(row.upstreamRegistryUrl);
    const { ecrRepositoryPrefix, registryId, upstreamRegistryUrl, upstreamRepositoryPrefix = ROOT } = ruleView(row);
    return {
      ecrRepositoryPrefix,
      registryId,
      upstreamRegistryUrl,
      upstreamRepositoryPrefix,
      isValid: failure === undefined,
      ...(failure !== undefined && { failure }),
    };
  },
});

function refuseCredentials(input: {
  readonly credentialArn?: string | undefined;
  readonly customRoleArn?: string | undefined;
}): void {
  if (input.customRoleArn !== undefined) throw unsupported('customRoleArn', 'A role for a private registry of ECR');
  if (input.credentialArn !== undefined) throw secretInaccessible(input.credentialArn);
}
