import type { RegistryScanningRule, ScanFrequency, ScanningRepositoryFilter } from '@aws-sdk/client-ecr';
import { invalidParameter, unsupported } from '../errors.ts';
import type { RegistryRow, RepositoryRow } from '../tables.ts';
import { fitsWildcard } from './wildcard.ts';

export type ScanningSettings = NonNullable<RegistryRow['scanning']>;
type ScanningRule = ScanningSettings['rules'][number];
type ScanningFilter = ScanningRule['filters'][number];

const MOST_RULES = 2;
const MOST_FILTERS = 100;
const MOST_FILTER_CHARACTERS = 255;
/** As AWS prints it. It can backtrack without end: what takes the same filters and cannot stands in for it. */
const FILTER_PATTERN = String.raw`^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$`;
const FILTER = /^[a-z0-9*](?:[a-z0-9*]|[._\-/](?=[a-z0-9*]))*$/;

/**
 * The registry's scanning settings that a call asks for. ENHANCED scanning is Amazon Inspector's.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html
 * @throws ServiceError InvalidParameterException
 */
export function scanningOf(input: {
  readonly scanType?: string | undefined;
  readonly rules?: readonly RegistryScanningRule[] | undefined;
}): ScanningSettings {
  const { scanType = 'BASIC', rules = [] } = input;
  if (scanType === 'ENHANCED') throw unsupported('scanType', 'ENHANCED scanning, which is Amazon Inspector,');
  if (scanType !== 'BASIC') throw invalidParameter('scanType', 'Member must satisfy enum value set: [BASIC, ENHANCED]');
  if (rules.length > MOST_RULES) {
    throw invalidParameter('rules', `Member must have length less than or equal to ${MOST_RULES}`);
  }
  const frequencies = rules.map((rule) => rule.scanFrequency);
  if (new Set(frequencies).size < frequencies.length) {
    throw invalidParameter('rules', 'Member must not have more than one rule for a scanFrequency');
  }
  return { scanType, rules: rules.map(ruleOf) };
}

function ruleOf({ scanFrequency, repositoryFilters = [] }: RegistryScanningRule): ScanningRule {
  if (scanFrequency !== 'SCAN_ON_PUSH' && scanFrequency !== 'MANUAL') {
    throw invalidParameter(
      'rules.scanFrequency',
      'Member must satisfy enum value set: [SCAN_ON_PUSH, MANUAL] of the scanType BASIC',
    );
  }
  if (repositoryFilters.length > MOST_FILTERS) {
    throw invalidFilters(`Member must have length less than or equal to ${MOST_FILTERS}`);
  }
  return { scanFrequency, filters: repositoryFilters.map(filterOf) };
}

function filterOf({ filter = '', filterType }: ScanningRepositoryFilter): ScanningFilter {
  if (filterType !== 'WILDCARD') throw invalidFilters('Member must satisfy enum value set: [WILDCARD]');
  if (filter.length > MOST_FILTER_CHARACTERS || !FILTER.test(filter)) {
    throw invalidFilters(`Member must satisfy regular expression pattern: '${FILTER_PATTERN}'`);
  }
  return { filter, filterType };
}

function invalidFilters(constraint: string) {
  return invalidParameter('rules.repositoryFilters', constraint);
}

/** How one repository is scanned. */
export interface RepositoryScanning {
  readonly scanOnPush: boolean;
  readonly scanFrequency: ScanFrequency;
  /** The registry's filters that its name fits. */
  readonly appliedScanFilters: readonly ScanningFilter[];
}

/** What the registry's rules make of a repository; one that no rule is about goes by its own setting. */
export function repositoryScanning(
  { name, scanOnPush }: Pick<RepositoryRow, 'name' | 'scanOnPush'>,
  settings: ScanningSettings | undefined,
): RepositoryScanning {
  const applied = (settings?.rules ?? []).flatMap(({ scanFrequency, filters }) => {
    const fitting = filters.filter(({ filter }) => fits(filter, name));
    return fitting.length > 0 ? [{ scanFrequency, fitting }] : [];
  });
  const onPush = applied.some(({ scanFrequency }) => scanFrequency === 'SCAN_ON_PUSH');
  const isScanned = applied.length > 0 ? onPush : scanOnPush;
  return {
    scanOnPush: isScanned,
    scanFrequency: isScanned ? 'SCAN_ON_PUSH' : 'MANUAL',
    appliedScanFilters: applied.flatMap(({ fitting }) => fitting),
  };
}

/** Without a wildcard a filter fits every name that it is in. */
function fits(filter: string, name: string): boolean {
  return filter.includes('*') ? fitsWildcard(filter, name) : name.includes(filter);
}
