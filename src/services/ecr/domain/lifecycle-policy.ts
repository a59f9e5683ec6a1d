import { invalidParameter, lifecyclePolicyInvalid } from '../errors.ts';
import { arrayOf, integerFrom, object, oneOf, text } from './lifecycle-schema.ts';

/** A lifecycle policy's rules, in the order in which they apply. */
export type LifecyclePolicy = readonly LifecycleRule[];

export interface LifecycleRule {
  /** From 1; unique within a policy. The lowest applies first. */
  readonly priority: number;
  readonly tags: TagSelection;
  readonly storageClass: 'STANDARD' | 'ARCHIVE';
  readonly count: Count;
  readonly action: 'EXPIRE' | 'ARCHIVE';
}

export type TagSelection =
  | { readonly status: 'untagged' | 'any' }
  /** Each filter must fit some tag of the image. */
  | { readonly status: 'tagged'; readonly filters: readonly TagFilter[] };

/** In a pattern `*` stands for any characters, none too. */
export type TagFilter = { readonly prefix: string } | { readonly pattern: string };

export type CountType = 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';

/** Images, or days. */
export interface Count {
  readonly type: CountType;
  readonly number: number;
}

const LENGTH = { least: 100, most: 30_720 };
const MOST_RULES = 50;
/** How long AWS keeps an archived image at least. */
const LEAST_DAYS_IN_ARCHIVE = 90;
const COUNT_TYPES = ['imageCountMoreThan', 'sinceImagePulled', 'sinceImagePushed', 'sinceImageTransitioned'] as const;
const PATTERN = /^[^*]*(\*[^*]*){0,4}$/;
const NO_SCHEMA = 'instance failed to match exactly one schema (matched 0 out of 2)';

/**
 * Reads a policy's text.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 * @returns `text` as ECR keeps it: without white space between its parts
 * @throws ServiceError InvalidParameterException
 */
export function parseLifecyclePolicy(given: string): { readonly text: string; readonly rules: LifecyclePolicy } {
  if (given.length < LENGTH.least || given.length > LENGTH.most) {
    throw invalidParameter('LifecyclePolicyText', `Member must have length between ${LENGTH.least} and ${LENGTH.most}`);
  }
  const document = readJson(given);
  const { rules: list } = object(document, ['rules'], []);
  const rules = arrayOf(list, 1, MOST_RULES)
    .map(readRule)
    .toSorted((a, b) => a.priority - b.priority);
  checkTogether(rules);
  return { text: JSON.stringify(document), rules };
}

function readJson(given: string): object {
  try {
    const document: unknown = JSON.parse(given);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw lifecyclePolicyInvalid('Could not map policyString into LifecyclePolicy.');
}

function readRule(value: unknown): LifecycleRule {
  const rule = object(value, ['action', 'rulePriority', 'selection'], ['description']);
  if (rule['description'] !== undefined) text(rule['description']);
  const priority = integerFrom(1, rule['rulePriority']);
  const selection = object(
    rule['selection'],
    ['countNumber', 'countType', 'tagStatus'],
    ['countUnit', 'storageClass', 'tagPatternList', 'tagPrefixList'],
  );
  const tags = readTags(selection);
  const count = readCount(selection);
  const storageClass = readStorageClass(selection['storageClass'], count.type);
  return { priority, tags, storageClass, count, action: readAction(rule['action'], count.type) };
}

type Members = Readonly<Record<string, unknown>>;

function readTags({ tagStatus, tagPrefixList, tagPatternList }: Members): TagSelection {
  const status = oneOf(['any', 'tagged', 'untagged'], tagStatus);
  const prefixes = tagPrefixList === undefined ? undefined : arrayOf(tagPrefixList, 1).map(text);
  const patterns = tagPatternList === undefined ? undefined : arrayOf(tagPatternList, 1).map(text);
  if (status !== 'tagged') {
    if (!prefixes && !patterns) return { status };
    throw lifecyclePolicyInvalid(
      `tagPrefixList and tagPatternList can only be specified when tagStatus=TAGGED, not ${status.toUpperCase()}.`,
    );
  }
  if (prefixes && patterns) {
    throw lifecyclePolicyInvalid('Only one of tagPrefixList and tagPatternList can be specified in a rule.');
  }
  for (const pattern of patterns ?? []) {
    if (PATTERN.test(pattern)) continue;
    throw lifecyclePolicyInvalid(`ECMA 262 regex "${PATTERN.source}" does not match input string "${pattern}"`);
  }
  const filters = patterns?.map((pattern) => ({ pattern })) ?? prefixes?.map((prefix) => ({ prefix }));
  if (!filters) {
    throw lifecyclePolicyInvalid('Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.');
  }
  return { status, filters };
}

function readCount({ countType, countUnit, countNumber }: Members): Count {
  const type = COUNT_TYPES.find((known) => known === countType);
  if (!type) throw lifecyclePolicyInvalid(NO_SCHEMA);
  const isOfDays = type !== 'imageCountMoreThan';
  if (countUnit !== undefined) oneOf(['days'], countUnit);
  if (isOfDays !== (countUnit !== undefined)) throw lifecyclePolicyInvalid(NO_SCHEMA);
  return { type, number: integerFrom(type === 'sinceImageTransitioned' ? LEAST_DAYS_IN_ARCHIVE : 1, countNumber) };
}

/** Archived images are told by their time in the archive, and by nothing else. */
function readStorageClass(value: unknown, type: CountType): LifecycleRule['storageClass'] {
  const named = value === undefined ? 'standard' : oneOf(['archive', 'standard'], value);
  if ((named === 'archive') !== (type === 'sinceImageTransitioned')) throw lifecyclePolicyInvalid(NO_SCHEMA);
  return named === 'archive' ? 'ARCHIVE' : 'STANDARD';
}

/** What was not pulled can only be archived, what is archived only be expired. */
function readAction(value: unknown, type: CountType): LifecycleRule['action'] {
  const action = object(value, ['type'], ['targetStorageClass']);
  const isTransition = oneOf(['expire', 'transition'], action['type']) === 'transition';
  const target = action['targetStorageClass'];
  const fits = isTransition
    ? target === 'archive' && type !== 'sinceImageTransitioned'
    : target === undefined && type !== 'sinceImagePulled';
  if (!fits) throw lifecyclePolicyInvalid(NO_SCHEMA);
  return isTransition ? 'ARCHIVE' : 'EXPIRE';
}

/** @param rules by priority */
function checkTogether(rules: LifecyclePolicy): void {
  if (new Set(rules.map(({ priority }) => priority)).size < rules.length) {
    throw lifecyclePolicyInvalid('Rule priorities must be unique.');
  }
  for (const ofClass of Map.groupBy(rules, ({ storageClass }) => storageClass).values()) {
    const withStatus = (status: TagSelection['status']) => ofClass.filter(({ tags }) => tags.status === status);
    if (withStatus('untagged').length > 1) {
      throw lifecyclePolicyInvalid('Only one rule can select Untagged images per storage class.');
    }
    const [any, another] = withStatus('any');
    if (another) throw lifecyclePolicyInvalid('Only one rule can select Any images per storage class.');
    if (any && any !== ofClass.at(-1)) {
      throw lifecyclePolicyInvalid('Rule for tagStatus=ANY must have the lowest priority per storage class');
    }
    const filters = ofClass.flatMap(({ tags }) =>
      tags.status === 'tagged'
        ? [
            tags.filters
              .map((filter) => JSON.stringify(filter))
              .toSorted()
              .join(),
          ]
        : [],
    );
    if (new Set(filters).size < filters.length) {
      throw lifecyclePolicyInvalid('Rules must have unique sets of tag prefixes and patterns per storage class.');
    }
  }
}
