import type { Permission } from '../../api/operation.ts';
import { formatArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tag } from '@aws-sdk/client-acm';
import { checkTags, type Tags } from '../../kernel/tags.ts';
import { badTags } from './errors.ts';

/** Input tags as rows keep them, after AWS's rules; `present` are those that stay beside them. */
export function tagsFrom(input: readonly Tag[] | undefined, present: Tags = {}): Tags {
  const added = Object.fromEntries((input ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  const tags = { ...present, ...added };
  const problem = checkTags(tags);
  if (problem) throw badTags(problem);
  return tags;
}

/** A certificate whose id is not known yet. */
export function anyCertificate(scope: Scope): string {
  return formatArn('acm', scope, 'certificate/*');
}

/** https://docs.aws.amazon.com/acm/latest/userguide/tags-restrictions.html: tags on a new certificate are a permission of their own. */
export function tagOnCreate(input: { readonly Tags?: readonly unknown[] | undefined }, scope: Scope): Permission[] {
  return input.Tags?.length ? [{ action: 'acm:AddTagsToCertificate', resources: [anyCertificate(scope)] }] : [];
}
