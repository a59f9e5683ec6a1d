import type {
  EncryptionConfigurationForRepositoryCreationTemplate,
  ImageTagMutabilityExclusionFilter,
  RepositoryCreationTemplate,
  Tag,
} from '@aws-sdk/client-ecr';
import { invalidParameter } from '../errors.ts';
import { tagsView, withTags } from '../tags.ts';
import type { CreationTemplateRow, TemplateUse } from '../tables.ts';
import { encryptionOf, encryptionView } from './encryption.ts';
import { parseLifecyclePolicy } from './lifecycle-policy.ts';
import { exclusionFilters, mutabilityOf } from './mutability-setting.ts';
import { checkRepositoryPolicy } from './policy-text.ts';

const USES: readonly TemplateUse[] = ['REPLICATION', 'PULL_THROUGH_CACHE', 'CREATE_ON_PUSH'];
const MOST_DESCRIPTION_CHARACTERS = 256;
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** What a template's calls say of it besides its prefix. An empty text takes away what was there. */
export interface TemplateInput {
  readonly description?: string | undefined;
  readonly encryptionConfiguration?: EncryptionConfigurationForRepositoryCreationTemplate | undefined;
  readonly resourceTags?: readonly Tag[] | undefined;
  readonly imageTagMutability?: string | undefined;
  readonly imageTagMutabilityExclusionFilters?: readonly ImageTagMutabilityExclusionFilter[] | undefined;
  readonly repositoryPolicy?: string | undefined;
  readonly lifecyclePolicy?: string | undefined;
  readonly appliedFor?: readonly string[] | undefined;
  readonly customRoleArn?: string | undefined;
}

type Fields = Omit<CreationTemplateRow, 'account' | 'region' | 'prefix' | 'createdAtMs' | 'updatedAtMs'>;

/**
 * A template with what a call says of it; what the call leaves out stays.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html
 * @throws ServiceError InvalidParameterException
 */
export function templateWith<T extends Fields>(template: T, input: TemplateInput, account: string): T {
  const { resourceTags, appliedFor } = input;
  const encryption = encryptionOf(input.encryptionConfiguration);
  const { mutabilityExclusions, ...rest } = template;
  const changed: T = {
    ...(rest as T),
    ...(namesMutability(input) ? mutabilityOf(input) : mutabilityExclusions && { mutabilityExclusions }),
    ...(appliedFor && { appliedFor: usesOf(appliedFor) }),
    ...(resourceTags && { tags: withTags({}, resourceTags) }),
    ...(encryption && { encryption }),
    ...text('description', input.description, checkDescription),
    ...text('policy', input.repositoryPolicy, checkRepositoryPolicy),
    ...text('lifecyclePolicy', input.lifecyclePolicy, (given) => parseLifecyclePolicy(given).text),
    ...text('roleArn', input.customRoleArn, (given) => checkRole(given, account)),
  };
  const needsRole =
    Object.keys(changed.tags).length > 0 || (changed.encryption ?? { type: 'AES256' }).type !== 'AES256';
  if (!needsRole || changed.roleArn) return withoutEmpty(changed);
  throw invalidParameter('customRoleArn', 'Member must not be null where resourceTags or a KMS encryption are set');
}

export function templateView(row: CreationTemplateRow): RepositoryCreationTemplate {
  const { prefix, description, tags, imageTagMutability, policy, lifecyclePolicy, appliedFor, roleArn } = row;
  return {
    prefix,
    ...(description !== undefined && { description }),
    encryptionConfiguration: encryptionView(row.encryption),
    resourceTags: tagsView(tags),
    imageTagMutability,
    ...exclusionFilters(row),
    ...(policy !== undefined && { repositoryPolicy: policy }),
    ...(lifecyclePolicy !== undefined && { lifecyclePolicy }),
    appliedFor: [...appliedFor],
    ...(roleArn !== undefined && { customRoleArn: roleArn }),
    createdAt: new Date(row.createdAtMs),
    updatedAt: new Date(row.updatedAtMs),
  };
}

function namesMutability({ imageTagMutability, imageTagMutabilityExclusionFilters }: TemplateInput): boolean {
  return imageTagMutability !== undefined || imageTagMutabilityExclusionFilters !== undefined;
}

function usesOf(given: readonly string[]): TemplateUse[] {
  const uses = USES.filter((use) => given.includes(use));
  if (uses.length > 0 && given.every((one) => USES.some((use) => use === one))) return uses;
  throw invalidParameter('appliedFor', `Member must satisfy enum value set: [${USES.join(', ')}]`);
}

/** An empty text is not checked: it takes the old one away. */
function text(member: string, given: string | undefined, check: (given: string) => string): Record<string, string> {
  if (given === undefined) return {};
  return { [member]: given === '' ? '' : check(given) };
}

function withoutEmpty<T extends object>(template: T): T {
  return Object.fromEntries(Object.entries(template).filter(([, value]) => value !== '')) as T;
}

function checkDescription(description: string): string {
  if (description.length <= MOST_DESCRIPTION_CHARACTERS) return description;
  throw invalidParameter('description', `Member must have length less than or equal to ${MOST_DESCRIPTION_CHARACTERS}`);
}

function checkRole(arn: string, account: string): string {
  if (ROLE.test(arn) && arn.includes(`:${account}:`)) return arn;
  throw invalidParameter('customRoleArn', 'Member must be the ARN of a role of the account of the registry');
}
