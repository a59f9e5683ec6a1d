import type { AdvancedEventSelector, AdvancedFieldSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import type { CloudTrailEvent } from './event.ts';

/** Which management events a trail takes: by basic selectors or by advanced ones, never by both. */
export type Selectors =
  | { readonly kind: 'basic'; readonly selectors: readonly BasicSelector[] }
  | { readonly kind: 'advanced'; readonly selectors: readonly AdvancedSelector[] };

export interface BasicSelector {
  readonly readWrite: 'All' | 'ReadOnly' | 'WriteOnly';
  readonly management: boolean;
  readonly excludedSources: readonly string[];
}

export interface AdvancedSelector {
  readonly name?: string;
  /** Every one must hold. */
  readonly fields: readonly FieldSelector[];
}

type Comparison = 'Equals' | 'StartsWith' | 'EndsWith' | 'NotEquals' | 'NotStartsWith' | 'NotEndsWith';
export type FieldSelector = { readonly field: string } & { readonly [C in Comparison]?: readonly string[] };

type SelectedEvent = Pick<CloudTrailEvent, 'readOnly' | 'eventSource'>;

export const DEFAULT_SELECTORS: Selectors = {
  kind: 'basic',
  selectors: [{ readWrite: 'All', management: true, excludedSources: [] }],
};

const MOST_BASIC = 5;
const MOST_VALUES = 500;
const EXCLUDABLE = ['kms.amazonaws.com', 'rdsdata.amazonaws.com'];
const COMPARISONS: Readonly<Record<Comparison, (found: string, value: string) => boolean>> = {
  Equals: (found, value) => found === value,
  StartsWith: (found, value) => found.startsWith(value),
  EndsWith: (found, value) => found.endsWith(value),
  NotEquals: (found, value) => found !== value,
  NotStartsWith: (found, value) => !found.startsWith(value),
  NotEndsWith: (found, value) => !found.endsWith(value),
};
const OPERATORS = Object.keys(COMPARISONS) as Comparison[];

export function isSelected(event: SelectedEvent, { kind, selectors }: Selectors): boolean {
  if (kind === 'advanced') return selectors.some(({ fields }) => fields.every((field) => holds(event, field)));
  return selectors.some(
    ({ readWrite, management, excludedSources }) =>
      management &&
      (readWrite === 'All' || event.readOnly === (readWrite === 'ReadOnly')) &&
      !excludedSources.includes(event.eventSource),
  );
}

/** Of several values one must fit; of several that must not, none may. */
function holds(event: SelectedEvent, selector: FieldSelector): boolean {
  const found = { eventCategory: 'Management', readOnly: String(event.readOnly), eventSource: event.eventSource };
  const value = found[selector.field as keyof typeof found];
  return OPERATORS.every((operator) => {
    const values = selector[operator];
    if (!values) return true;
    const fits = (one: string) => COMPARISONS[operator](value, one);
    return operator.startsWith('Not') ? values.every(fits) : values.some(fits);
  });
}

/**
 * The rules of https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html for management
 * events; data events are refused by name.
 * @param fail throws InvalidEventSelectorsException
 */
export function basicSelectors(given: readonly EventSelector[], fail: (message: string) => never): Selectors {
  if (given.length === 0 || given.length > MOST_BASIC) {
    fail(`A trail must have between 1 and ${MOST_BASIC} event selectors.`);
  }
  return { kind: 'basic', selectors: given.map((selector) => basicSelector(selector, fail)) };
}

function basicSelector(given: EventSelector, fail: (message: string) => never): BasicSelector {
  if (given.DataResources?.length) fail('DataResources is not supported by this server: it records no data events.');
  const readWrite = given.ReadWriteType ?? 'All';
  if (readWrite !== 'All' && readWrite !== 'ReadOnly' && readWrite !== 'WriteOnly') {
    return fail(`ReadWriteType ${String(readWrite)} is not valid: All, ReadOnly or WriteOnly.`);
  }
  const excludedSources = given.ExcludeManagementEventSources ?? [];
  const other = excludedSources.find((source) => !EXCLUDABLE.includes(source));
  if (other !== undefined) fail(`The event source ${other} cannot be excluded: ${EXCLUDABLE.join(' or ')}.`);
  return { readWrite, management: given.IncludeManagementEvents ?? true, excludedSources };
}

/** As `basicSelectors`, for advanced ones. */
export function advancedSelectors(
  given: readonly AdvancedEventSelector[],
  fail: (message: string) => never,
): Selectors {
  const selectors = given.map((selector) => ({
    ...(selector.Name !== undefined && { name: selector.Name }),
    fields: fieldSelectors(selector, fail),
  }));
  const values = selectors.flatMap(({ fields }) =>
    fields.flatMap((field) => OPERATORS.flatMap((one) => field[one] ?? [])),
  );
  if (selectors.length === 0) fail('A trail must have at least one advanced event selector.');
  if (values.length > MOST_VALUES) fail(`Advanced event selectors may have ${MOST_VALUES} values at most.`);
  return { kind: 'advanced', selectors };
}

function fieldSelectors(given: AdvancedEventSelector, fail: (message: string) => never): readonly FieldSelector[] {
  if ((given.Name?.length ?? 0) > 1000) fail('The name of an advanced event selector has 1000 characters at most.');
  const fields = (given.FieldSelectors ?? []).map((field) => fieldSelector(field, fail));
  const category = fields.filter(({ field }) => field === 'eventCategory');
  if (category.length !== 1) fail('An advanced event selector must have one field selector of eventCategory.');
  if (new Set(fields.map(({ field }) => field)).size < fields.length) {
    fail('A field may stand once only in an advanced event selector.');
  }
  return fields;
}

function fieldSelector(given: AdvancedFieldSelector, fail: (message: string) => never): FieldSelector {
  const field = given.Field ?? '';
  const used = OPERATORS.filter((operator) => given[operator] !== undefined);
  if (used.length === 0 || used.some((operator) => given[operator]?.length === 0)) {
    fail(`The field selector of ${field} has no values.`);
  }
  const equals = given.Equals ?? [];
  const onlyEquals = used.length === 1 && used[0] === 'Equals';
  if (field === 'eventCategory') {
    if (!onlyEquals || equals.length !== 1) fail('eventCategory takes Equals with one value.');
    if (equals[0] !== 'Management') {
      fail(`The event category ${equals[0]} is not supported by this server: it records management events.`);
    }
  } else if (field === 'readOnly') {
    if (!onlyEquals || equals.some((value) => value !== 'true' && value !== 'false')) {
      fail('readOnly takes Equals with true or false.');
    }
  } else if (field !== 'eventSource') {
    fail(`The field ${field} is not supported by this server: eventCategory, readOnly or eventSource.`);
  }
  return { field, ...Object.fromEntries(used.map((operator) => [operator, given[operator]])) };
}

export function basicView({ readWrite, management, excludedSources }: BasicSelector): EventSelector {
  return {
    ReadWriteType: readWrite,
    IncludeManagementEvents: management,
    DataResources: [],
    ExcludeManagementEventSources: [...excludedSources],
  };
}

export function advancedView({ name, fields }: AdvancedSelector): AdvancedEventSelector {
  return {
    ...(name !== undefined && { Name: name }),
    FieldSelectors: fields.map(({ field, ...operators }) => ({
      Field: field,
      ...Object.fromEntries(Object.entries(operators).map(([operator, values]) => [operator, [...values]])),
    })),
  };
}
