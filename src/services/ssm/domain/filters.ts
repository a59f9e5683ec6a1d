import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import { invalid, invalidFilterKey, invalidFilterOption, invalidFilterValue, invalidPath, unfit } from '../errors.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { ParameterRow } from '../tables.ts';
import { labelsOf } from './labels.ts';

/** The two operations that filter; each knows other keys. */
export type FilteringOperation = 'DescribeParameters' | 'GetParametersByPath';

const KEYS: Readonly<Record<FilteringOperation, readonly string[]>> = {
  DescribeParameters: ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType'],
  GetParametersByPath: ['Type', 'KeyId', 'Label'],
};
const VALUES: Readonly<Record<string, readonly string[]>> = {
  Type: ['String', 'StringList', 'SecureString'],
  Tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
};
const MAX_VALUES = 50;

interface Filter {
  readonly key: string;
  readonly option: string;
  readonly values: readonly string[];
}

/**
 * Whether a parameter matches every filter.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 * @throws InvalidFilterKey, InvalidFilterOption, InvalidFilterValue, ValidationException
 */
export function parameterFilter(
  input: readonly ParameterStringFilter[] | undefined,
  operation: FilteringOperation,
): (row: ParameterRow) => boolean {
  const filters = (input ?? []).map((filter) => checkFilter(filter, operation));
  const repeated = filters.find(({ key }, index) => filters.findIndex((other) => other.key === key) < index);
  if (repeated) {
    throw invalidFilterKey(
      `The following filter is duplicated in the request: ${repeated.key}. A request can contain only one occurrence of a specific filter.`,
    );
  }
  return (row) => filters.every((filter) => matches(row, filter));
}

function checkFilter(filter: ParameterStringFilter, operation: FilteringOperation): Filter {
  const { Key: key = '', Values: values = [] } = filter;
  const isTag = operation === 'DescribeParameters' && /^tag:.+/.test(key);
  if (!isTag && !KEYS[operation].includes(key)) {
    const valid = KEYS[operation].join(', ');
    throw invalidFilterKey(`The following filter key is not valid: ${key}. Valid filter keys include: [${valid}].`);
  }
  const options = optionsOf(key);
  const option = filter.Option ?? options[0] ?? '';
  if (!options.includes(option)) throw invalidFilterOption(option, options.toSorted());
  if (values.length > MAX_VALUES) {
    throw unfit(
      'parameterFilters',
      `[${values.join(', ')}]`,
      `Member must have length less than or equal to ${MAX_VALUES}`,
    );
  }
  if (values.length === 0 && !isTag) {
    throw invalidFilterValue(`The following filter values are missing : null for filter key ${key}.`);
  }
  for (const value of values) checkValue(key, value);
  return { key, option, values };
}

/** The default first. */
function optionsOf(key: string): readonly string[] {
  if (key === 'Path') return ['OneLevel', 'Recursive'];
  if (key === 'Label') return ['Equals'];
  return key === 'Name' ? ['Equals', 'BeginsWith', 'Contains'] : ['Equals', 'BeginsWith'];
}

function checkValue(key: string, value: string): void {
  const valid = VALUES[key];
  if (valid && !valid.includes(value)) {
    throw invalidFilterValue(
      `The following filter value is not valid: ${value}. Valid values include: [${valid.join(', ')}].`,
    );
  }
  if (key !== 'Path') return;
  if (/^\/(?:aws|ssm)/i.test(value)) {
    throw invalid(
      'Filters for common parameters can\'t be prefixed with "aws" or "ssm" (case-insensitive). When using global parameters, please specify within a global namespace.',
    );
  }
  checkPath(value);
}

/** @throws ValidationException */
export function checkPath(path: string): void {
  if (!/^\/[\w./-]*$/.test(path) || path.includes('//')) throw invalidPath();
}

/** `path` with or without a slash at its end; one level of it, or all. */
export function isUnder(name: string, path: string, recursive: boolean): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`;
  const full = withSlash(name);
  return full.startsWith(folder) && (recursive || !full.slice(folder.length).includes('/'));
}

function matches(row: ParameterRow, { key, option, values }: Filter): boolean {
  if (key === 'Path') return values.some((path) => isUnder(row.name, path, option === 'Recursive'));
  if (key === 'Name') return values.some((value) => nameMatches(row.name, option, value));
  if (key.startsWith('tag:')) return tagMatches(row.tags, key.slice('tag:'.length), { option, values });
  if (key === 'Label') return labelsOf(row, row.current.version).some((label) => values.includes(label));
  return values.some((value) => textMatches(fieldOf(row, key), option, value));
}

function nameMatches(name: string, option: string, value: string): boolean {
  if (option === 'Contains') return withSlash(name).includes(value);
  return textMatches(withSlash(name), option, withSlash(value));
}

/** Without values: whether there is such a tag. */
function tagMatches(tags: Tags, name: string, { option, values }: Omit<Filter, 'key'>): boolean {
  if (!Object.hasOwn(tags, name)) return false;
  return values.length === 0 || values.some((value) => textMatches(tags[name], option, value));
}

function textMatches(text: string | undefined, option: string, value: string): boolean {
  if (text === undefined) return false;
  return option === 'BeginsWith' ? text.startsWith(value) : text === value;
}

function fieldOf({ current }: ParameterRow, key: string): string | undefined {
  if (key === 'Type') return current.type;
  if (key === 'KeyId') return current.keyId;
  return key === 'Tier' ? current.tier : current.dataType;
}

function withSlash(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}
