import type { Permission } from '../../../api/operation.ts';
import { parseArn, scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { checkRulePrefix, knownUpstream, upstreamPrefixOf, upstreamRegistryOf } from '../domain/upstream-registry.ts';
import {
  invalidParameter,
  pullThroughRuleAlreadyExists,
  pullThroughRuleNotFound,
  secretInaccessible,
  tooManyPullThroughRules,
  unsupported,
} from '../errors.ts';
import type { EcrContext } from '../operation.ts';
import { operation } from '../operation.ts';
import { pageOf, refusePaging } from '../pagination.ts';
import { requireRule, ruleView, upstreamOf } from '../pull-through-rules.ts';
import { registryOf } from '../scope.ts';
import { pullThroughRuleKey, pullThroughRules } from '../tables.ts';
import type { PullThroughRuleRow } from '../tables.ts';

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const MOST_RULES = 50;
const CREDENTIAL_ARN = /^arn:aws:secretsmanager:[a-zA-Z0-9-:]+:secret:ecr-pullthroughcache\/[a-zA-Z0-9/_+=.@-]+$/;
const MEMBER = 'ecrRepositoryPrefix';
const nothing = () => ['*'];

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html */
export const CreatePullThroughCacheRule = operation('CreatePullThroughCacheRule', {
  resources: nothing,
  also: ({ credentialArn, upstreamRegistryUrl }) => secretUse(credentialArn, upstreamRegistryUrl),
  handle: async (ctx, input) => {
    const { account, region } = registryOf(ctx, 'CreatePullThroughCacheRule', input);
    const prefix = checkRulePrefix(MEMBER, input.ecrRepositoryPrefix);
    const upstreamPrefix = upstreamPrefixOf(prefix, input.upstreamRepositoryPrefix);
    const registry = upstreamRegistryOf(input);
    const credentials = await credentialsOf(ctx, { account, region }, input);
    const times = { createdAtMs: ctx.now, updatedAtMs: ctx.now };
    const row: PullThroughRuleRow = { account, region, prefix, ...registry, upstreamPrefix, ...credentials, ...times };
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

/** Only credentials can be changed. */
export const UpdatePullThroughCacheRule = operation('UpdatePullThroughCacheRule', {
  resources: nothing,
  also: async ({ credentialArn, ecrRepositoryPrefix = '' }, scope, tx) => {
    const rule = await tx.get(pullThroughRules, pullThroughRuleKey(scope, ecrRepositoryPrefix.replace(/\/$/, '')));
    return secretUse(credentialArn, rule?.upstreamRegistryUrl);
  },
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'UpdatePullThroughCacheRule', input);
    const prefix = checkRulePrefix(MEMBER, input.ecrRepositoryPrefix);
    const { upstreamRegistryUrl } = await ctx.read((tx) => requireRule(tx, scope, prefix));
    const credentials = await credentialsOf(ctx, scope, input);
    // Not of the rule that was here at authorization, but of the one that gets the secret.
    if (secretUse(credentials.credentialArn, upstreamRegistryUrl).length > 0) {
      await ctx.callAsCaller('secretsmanager', 'GetSecretValue', { SecretId: credentials.credentialArn });
    }
    const row = await ctx.write(async (tx) => {
      const found = await requireRule(tx, scope, prefix);
      if (found.upstreamRegistryUrl !== upstreamRegistryUrl) throw pullThroughRuleNotFound(prefix, scope);
      return tx.put(pullThroughRules, { ...found, ...credentials, updatedAtMs: ctx.now });
    });
    const { createdAt: _, upstreamRegistry: __, upstreamRegistryUrl: ___, ...view } = ruleView(row);
    return view;
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

/**
 * Asks the upstream registry whether it lets us in, with what the secret holds now.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working-validating.html
 */
export const ValidatePullThroughCacheRule = operation('ValidatePullThroughCacheRule', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx, input) => {
    const scope = registryOf(ctx, 'ValidatePullThroughCacheRule', input);
    const prefix = checkRulePrefix(MEMBER, input.ecrRepositoryPrefix);
    const row = await ctx.read((tx) => requireRule(tx, scope, prefix));
    const failure = await ctx.ports.pullThrough.check(upstreamOf(row, ''));
    const { createdAt: _, updatedAt: __, upstreamRegistry: ___, ...view } = ruleView(row);
    return {
      ...view,
      isValid: failure === undefined,
      ...(failure !== undefined && { failure }),
    };
  },
});

/**
 * AWS sends a secret to the registries that it knows only. Here it may go to any, so who sends it elsewhere must be one who
 * may read it.
 */
function secretUse(credentialArn: string | undefined, url = ''): Permission[] {
  if (credentialArn === undefined || knownUpstream(url) !== undefined) return [];
  return [{ action: 'secretsmanager:GetSecretValue', resources: [credentialArn] }];
}

/** The secret must be there, readable, and of the rule's account and Region; what it holds is for validation to say. */
async function credentialsOf(
  ctx: EcrContext,
  scope: Scope,
  {
    credentialArn,
    customRoleArn,
  }: { readonly credentialArn?: string | undefined; readonly customRoleArn?: string | undefined },
): Promise<Pick<PullThroughRuleRow, 'credentialArn'>> {
  if (customRoleArn !== undefined) throw unsupported('customRoleArn', 'A role for a private registry of ECR');
  if (credentialArn === undefined) return {};
  if (credentialArn.length < 50 || credentialArn.length > 612 || !CREDENTIAL_ARN.test(credentialArn)) {
    throw invalidParameter(
      'credentialArn',
      `Member must satisfy regular expression pattern: '${CREDENTIAL_ARN.source}'`,
    );
  }
  const { account = '', region = '' } = parseArn(credentialArn) ?? {};
  if (scopeKey({ account, region }) !== scopeKey(scope)) throw secretInaccessible();
  await ctx.ports.upstreamCredentials(credentialArn).catch((error: unknown) => {
    if (!(error instanceof ServiceError) || error.code !== 'InvalidParameterException') throw error;
  });
  return { credentialArn };
}
