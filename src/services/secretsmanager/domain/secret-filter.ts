import type { Filter } from '@aws-sdk/client-secrets-manager';
import { constraint, invalidParameter, validation } from '../errors.ts';
import type { SecretRow } from '../tables.ts';

const MOST_FILTERS = 10;
const MOST_VALUES = 10;
const MOST_CHARACTERS = 512;
const VALUE = /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/;

type Matcher = (row: SecretRow, value: string) => boolean;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
const MATCHERS: ReadonlyMap<string, Matcher> = new Map<string, Matcher>([
  ['name', ({ name }, value) => name.startsWith(value)],
  ['description', ({ description = '' }, value) => description.toLowerCase().startsWith(value.toLowerCase())],
  ['tag-key', ({ tags = {} }, value) => Object.keys(tags).some((key) => key.startsWith(value))],
  ['tag-value', ({ tags = {} }, value) => Object.values(tags).some((each) => each.startsWith(value))],
  // No secret here is a replica, and none is another service's.
  ['primary-region', () => false],
  ['owning-service', () => false],
  ['all', hasEveryWord],
]);

/**
 * Which secrets a list is to have: every filter must let it through, by one of its values and none of those with a `!`.
 * @throws ServiceError ValidationException, InvalidParameterException
 */
export function secretFilter(filters: readonly Filter[]): (row: SecretRow) => boolean {
  if (filters.length > MOST_FILTERS) {
    throw constraint('filters', `have length less than or equal to ${MOST_FILTERS}`);
  }
  const tests = filters.map(testOf);
  return (row) => tests.every((test) => test(row));
}

function testOf({ Key: key, Values: given = [] }: Filter): (row: SecretRow) => boolean {
  if (key === undefined) throw invalidParameter('Invalid filter key');
  const matches = MATCHERS.get(key);
  if (!matches) {
    throw constraint('filters.1.member.key', `satisfy enum value set: [${[...MATCHERS.keys()].join(', ')}]`, key);
  }
  if (given.length === 0) throw invalidParameter('Invalid filter values');
  if (given.length > MOST_VALUES || given.some((value) => value.length > MOST_CHARACTERS || !VALUE.test(value))) {
    throw validation(`Invalid values for the filter ${key}.`);
  }
  const wanted = given.filter((value) => !value.startsWith('!'));
  const unwanted = given.filter((value) => value.startsWith('!')).map((value) => value.slice(1));
  return (row) =>
    !unwanted.some((value) => matches(row, value)) &&
    (wanted.length === 0 || wanted.some((value) => matches(row, value)));
}

function hasEveryWord({ name, description = '', tags = {} }: SecretRow, value: string): boolean {
  const text = [name, description, ...Object.entries(tags).flat()].join('\n').toLowerCase();
  const words = value.toLowerCase().split(/[^a-z0-9]+/);
  return words.every((word) => text.includes(word));
}
