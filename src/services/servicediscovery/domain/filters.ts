import { invalidInput } from '../errors.ts';

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
  readonly Condition?: string | undefined;
}

/** By filter name: the conditions it takes, the first its default, and what it looks at. */
export type FilterRules<T> = Readonly<
  Record<string, { readonly conditions: readonly string[]; readonly of: (item: T) => string }>
>;

/** Whether an item matches all filters. @throws InvalidInput for a filter or condition that the operation does not know */
export function filtered<T>(filters: readonly Filter[] | undefined, rules: FilterRules<T>): (item: T) => boolean {
  const tests = (filters ?? []).map((filter) => testOf(filter, rules));
  return (item) => tests.every((test) => test(item));
}

function testOf<T>({ Name = '', Values = [], Condition }: Filter, rules: FilterRules<T>): (item: T) => boolean {
  const rule = rules[Name];
  if (!rule) throw invalidInput(`The filter name ${Name} is not valid.`);
  const condition = Condition ?? rule.conditions[0] ?? 'EQ';
  if (!rule.conditions.includes(condition)) {
    throw invalidInput(`The condition ${condition} is not valid for the filter ${Name}.`);
  }
  const [first = ''] = Values;
  if (condition === 'IN') return (item) => Values.includes(rule.of(item));
  if (condition === 'BETWEEN') {
    if (Values.length !== 2) throw invalidInput(`The filter ${Name} needs a start and an end.`);
    return (item) => Number(rule.of(item)) >= Number(first) && Number(rule.of(item)) <= Number(Values[1]);
  }
  if (Values.length !== 1) throw invalidInput(`The filter ${Name} needs one value for the condition ${condition}.`);
  return condition === 'BEGINS_WITH' ? (item) => rule.of(item).startsWith(first) : (item) => rule.of(item) === first;
}

const MAX_RESULTS = 100;

/** @throws InvalidInput */
export function pageLimit(maxResults: number | undefined, most = MAX_RESULTS): number {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > most)) {
    throw invalidInput(`MaxResults must be between 1 and ${most}.`);
  }
  return maxResults ?? MAX_RESULTS;
}

export function badToken(): never {
  throw invalidInput('The NextToken is not valid.');
}
