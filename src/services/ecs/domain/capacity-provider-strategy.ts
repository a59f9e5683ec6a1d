import type { CapacityProviderStrategyItem } from '@aws-sdk/client-ecs';
import { invalidParameter } from '../errors.ts';
import { FARGATE_PROVIDERS } from '../tables.ts';
import type { FargateProvider } from '../tables.ts';

const MOST_ITEMS = 20;
const MOST_WEIGHT = 1000;
const MOST_BASE = 100_000;

type Strategy = readonly CapacityProviderStrategyItem[];

export function isFargateProvider(name: string | undefined): name is FargateProvider {
  return FARGATE_PROVIDERS.some((one) => one === name);
}

/**
 * @param known the account's own
 * @throws InvalidParameterException for a provider that neither Fargate nor the account has
 */
export function checkProviders(names: readonly string[], known: readonly string[] = []): void {
  for (const name of names) {
    if (!isFargateProvider(name) && !known.includes(name)) {
      throw invalidParameter(
        `The specified capacity provider '${name}' was not found. Specify a valid name or ARN and try again.`,
      );
    }
  }
}

interface Providers {
  /** The account's own. */
  readonly known?: readonly string[];
  /** Those of Managed Instances. */
  readonly managed?: readonly string[] | undefined;
}

/**
 * What a strategy may be on a cluster, without asking whether it can place a task: a default strategy may have weights
 * of zero only.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
 */
export function checkStrategy(
  strategy: Strategy,
  associated: readonly string[],
  { known = associated, managed = [] }: Providers = {},
): void {
  if (strategy.length > MOST_ITEMS) {
    throw invalidParameter(`A capacity provider strategy can contain a maximum of ${MOST_ITEMS} capacity providers.`);
  }
  for (const { weight = 0, base = 0 } of strategy) {
    if (weight < 0 || weight > MOST_WEIGHT) throw invalidParameter(`weight must be between 0 and ${MOST_WEIGHT}.`);
    if (base < 0 || base > MOST_BASE) throw invalidParameter(`base must be between 0 and ${MOST_BASE}.`);
  }
  const names = strategy.map((item) => item.capacityProvider ?? '');
  checkProviders(names, known);
  if (new Set(names).size < names.length) {
    throw invalidParameter('A capacity provider strategy cannot contain the same capacity provider more than once.');
  }
  if (names.some((name) => !associated.includes(name))) {
    throw invalidParameter(
      'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the ' +
        'cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.',
    );
  }
  if (names.some(isFargateProvider) && !names.every(isFargateProvider)) {
    throw invalidParameter(
      'The specified capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and ' +
        'Fargate capacity providers. Specify a valid capacity provider strategy and try again.',
    );
  }
  if (names.some((name) => managed.includes(name)) && !names.every((name) => managed.includes(name))) {
    throw invalidParameter(
      'The specified capacity provider strategy cannot contain a mix of Managed Instances capacity providers and other ' +
        'capacity providers. Specify a valid capacity provider strategy and try again.',
    );
  }
  if (strategy.filter((item) => (item.base ?? 0) > 0).length > 1) {
    throw invalidParameter('Only one capacity provider in a capacity provider strategy can have a base defined.');
  }
}

/** @throws InvalidParameterException for a strategy that cannot place a task, since all its weights are zero */
export function checkPlacing(strategy: Strategy, isDefault: boolean): void {
  if (strategy.some((item) => (item.weight ?? 0) > 0)) return;
  const which = isDefault ? 'default capacity provider strategy' : 'capacity provider strategy';
  const mend = isDefault ? "Update the cluster's default capacity provider strategy or specify" : 'Specify';
  throw invalidParameter(
    `There are no capacity providers with a weight value greater than zero defined in the ${which}. At least one ` +
      `capacity provider must have a weight value greater than zero specified. ${mend} a valid capacity provider ` +
      'strategy and try again.',
  );
}

/**
 * Where the next task goes when these many are placed: first the base is filled, then each provider gets its share by
 * weight, so that every prefix of the placements is within one task of it.
 */
export function nextProvider(strategy: Strategy, placed: readonly (string | undefined)[]): string {
  const count = (item: CapacityProviderStrategyItem) => placed.filter((one) => one === item.capacityProvider).length;
  const short = strategy.find((item) => count(item) < (item.base ?? 0));
  const weighted = strategy.filter((item) => (item.weight ?? 0) > 0);
  const shareAfter = (item: CapacityProviderStrategyItem) => (count(item) - (item.base ?? 0) + 1) / (item.weight ?? 1);
  const chosen = short ?? weighted.toSorted((a, b) => shareAfter(a) - shareAfter(b))[0];
  return chosen?.capacityProvider ?? 'FARGATE';
}

/** With ECS's defaults filled in, as it shows them. */
export function strategyView(strategy: Strategy): CapacityProviderStrategyItem[] {
  return strategy.map(({ capacityProvider, weight = 0, base = 0 }) => ({ capacityProvider, weight, base }));
}
