import type { ReplicationRule } from '@aws-sdk/client-ecr';
import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { invalidParameter } from '../errors.ts';
import type { ReplicationRuleRow, ReplicationSettings } from '../tables.ts';
import { earlierRules } from './earlier-rules.ts';

const MEMBER = 'replicationConfiguration';
const MOST_RULES = 10;
const MOST_DESTINATIONS = 25;
const MOST_FILTERS = 100;
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;
const FILTER = /^(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/;

/**
 * A configuration as it is kept.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutReplicationConfiguration.html
 * @param before what it said that is still said goes on from when it was first put
 * @throws ServiceError InvalidParameterException
 */
export function replicationOf(
  given: readonly ReplicationRule[],
  registry: Scope,
  { before, now }: { readonly before: ReplicationSettings | undefined; readonly now: number },
): ReplicationSettings {
  if (given.length > MOST_RULES)
    throw invalidParameter(`${MEMBER}.rules`, `Member must have ${MOST_RULES} items at most`);
  const rules = given.map((rule) => ({
    destinations: destinationsIn(rule, registry),
    prefixes: prefixesOf(rule),
    sinceMs: now,
  }));
  const places = new Set(rules.flatMap((rule) => rule.destinations.map(scopeKey)));
  if (places.size > MOST_DESTINATIONS) {
    throw invalidParameter(`${MEMBER}.rules`, `Rules must have ${MOST_DESTINATIONS} unique destinations at most`);
  }
  return { rules, earlier: earlierRules(before, rules) };
}

export function replicationRuleView({ destinations, prefixes }: ReplicationRuleRow): ReplicationRule {
  return {
    destinations: destinations.map(({ account, region }) => ({ region, registryId: account })),
    ...(prefixes.length > 0 && {
      repositoryFilters: prefixes.map((filter) => ({ filter, filterType: 'PREFIX_MATCH' as const })),
    }),
  };
}

/** Where images of a repository go, and from when on, each destination once. */
export function destinationsOf(
  { rules, earlier = [] }: ReplicationSettings,
  name: string,
): readonly (Scope & { readonly sinceMs: number })[] {
  const found = new Map<string, Scope & { readonly sinceMs: number }>();
  for (const { destinations, prefixes, sinceMs } of [...rules, ...earlier]) {
    if (prefixes.length > 0 && !prefixes.some((prefix) => name.startsWith(prefix))) continue;
    for (const destination of destinations) {
      const first = Math.min(sinceMs, found.get(scopeKey(destination))?.sinceMs ?? sinceMs);
      found.set(scopeKey(destination), { ...destination, sinceMs: first });
    }
  }
  return [...found.values()];
}

function destinationsIn({ destinations = [] }: ReplicationRule, registry: Scope): Scope[] {
  if (destinations.length > MOST_DESTINATIONS) {
    throw invalidParameter(`${MEMBER}.rules.destinations`, `Member must have ${MOST_DESTINATIONS} items at most`);
  }
  return destinations.map(({ region, registryId }) => destinationOf(region, registryId, registry));
}

function destinationOf(region = '', account = '', registry: Scope): Scope {
  const where = `${MEMBER}.rules.destinations`;
  if (!REGION.test(region) || region.length > 25) throw invalidParameter(`${where}.region`, `'${region}' is no Region`);
  if (!/^\d{12}$/.test(account)) {
    throw invalidParameter(`${where}.registryId`, 'Member must satisfy regular expression pattern: [0-9]{12}');
  }
  if (account === registry.account && region === registry.region) {
    throw invalidParameter(where, 'A registry cannot be a destination of itself');
  }
  return { account, region };
}

function prefixesOf({ repositoryFilters = [] }: ReplicationRule): string[] {
  const where = `${MEMBER}.rules.repositoryFilters`;
  if (repositoryFilters.length > MOST_FILTERS)
    throw invalidParameter(where, `Member must have ${MOST_FILTERS} items at most`);
  return repositoryFilters.map(({ filter = '', filterType }) => {
    if (filterType !== 'PREFIX_MATCH') {
      throw invalidParameter(`${where}.filterType`, 'Member must satisfy enum value set: [PREFIX_MATCH]');
    }
    if (filter.length < 2 || filter.length > 256 || !FILTER.test(filter)) {
      throw invalidParameter(`${where}.filter`, `'${filter}' is not the beginning of a repository name`);
    }
    return filter;
  });
}
